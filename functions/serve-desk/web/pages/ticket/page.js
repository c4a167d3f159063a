// The page of one ticket.

import { html, useCallback, useEffect, useState } from "../../core/html.js";
import { useShortcuts } from "../../core/keyboard.js";
import { useObservable } from "../../core/observable.js";
import { go, listAddress, usePlace } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { StateBadge, VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { notify } from "../../parts/notices.js";
import { ActionBar, ClosingNote, StateNote } from "./actions.js";
import { ArchivePanel, RetentionPanel } from "./archive.js";
import { Conversation } from "./conversation.js";
import { consoleOf, useAccount, useCapability, useCatalogNames, useTicket } from "./data.js";
import { CloseDialog, RateDialog, ReasonDialog, ReopenDialog, WithdrawDialog } from "./dialogs.js";
import { decideReply, settleReplies, useDraft } from "./drafts.js";
import { Facts } from "./facts.js";
import { useMessages } from "./messages.js";
import { TicketPath } from "./path.js";
import { TicketDecision } from "./pending.js";
import { ReplyBox } from "./reply_box.js";

/** A title up to this many characters stays in view while the page is scrolled. */
const SHORT_TITLE = 120;

/** @param {{ id: string }} props */
export function TicketPage({ id }) {
  const text = useTexts();
  const current = useObservable(session);
  const { data: ticket, etag, error, loading, gone, refresh } = useTicket(id);
  const { capability, ...vendors } = useCapability(ticket?.type);
  const account = useAccount(ticket?.custom_id);
  const names = useCatalogNames(ticket, account?.site);
  const feed = useMessages(ticket);
  const [dialog, setDialog] = useState(/** @type {{ name: string, message?: any } | null} */ (null));
  const reply = useDraft("reply", id);
  const reopening = useDraft("reopening", id);
  // While the person signs in again, what is typed and chosen stays.
  const mayWrite = current.state !== "signed-in" || allows(current, "write");
  const isAdmin = allows(current, "admin");
  const consoleUrl = consoleOf(capability, account);
  const changed = useCallback(() => {
    refresh();
    feed.refresh().catch(() => {});
  }, [refresh, feed.refresh]);

  const isOpen = ticket?.state === "open";
  const canReopen = Boolean(ticket?.state === "closed" && !ticket.erased && capability?.reopening && mayWrite);
  const isReopening =
    reopening.followed.length > 0 || feed.replies.some((one) => one.reopening && one.state !== "sent");
  useEffect(() => {
    if (ticket && feed.complete && !feed.error) settleReplies(ticket, feed);
  }, [ticket?.state, feed.messages, feed.replies, feed.complete, feed.error, reply, reopening]);
  const open = /** @param {string} action */ (action) => {
    if (!mayWrite || !ticket) return;
    if (action === "close" && isOpen) setDialog({ name: "close" });
    if (action === "reply" && isOpen) focusReply();
    if (action === "reply" && canReopen && !isReopening) setDialog({ name: "reopen" });
  };
  const wanted = usePlace().query.get("do");
  useEffect(() => {
    if (!wanted || !ticket || !capability) return;
    open(wanted);
    // Once only: not again when the page is reloaded.
    go(`/tickets/${encodeURIComponent(id)}`, { replace: true });
  }, [wanted, Boolean(ticket), Boolean(capability)]);
  useShortcuts({
    r: () => open("reply"),
    c: () => open("close"),
    u: () => go(listAddress()),
    j: () => moveTo(1),
    k: () => moveTo(-1),
  });
  useEffect(() => {
    if (ticket) document.title = `${ticket.name || text("ticket.erased_title")} · Polydesk`;
  }, [ticket?.name]);

  if (gone) {
    return html`<div class="ticket"><${BackLink} /><h1>${text("ticket.gone")}</h1>
      <p>${text(ticket && ticket.state !== "open" ? "ticket.gone_removed" : "ticket.gone_why")}</p></div>`;
  }
  if (!ticket) {
    return html`<div class="ticket"><${BackLink} />
      ${loading && html`<h1>${text("list.loading")}</h1>`}
      ${error && html`<h1>${text("ticket.unread")}</h1><${Failure} error=${error} retry=${refresh} />`}</div>`;
  }
  const closeDialog = () => setDialog(null);
  /** @param {string} done @param {string} [unknown] the text of a 202 */
  const dialogProps = (done, unknown = done) => ({
    ticket, seen: etag, capability, onClose: closeDialog, onStale: changed,
    onDone: (/** @type {any} */ answer) => {
      closeDialog();
      notify("done", text(answer.status === 202 ? unknown : done));
      changed();
    },
  });
  const vendor = text(`vendor.${ticket.type}`);
  const actions = {
    ticket, seen: etag, capability, mayWrite, isReopening, onStale: changed, onChanged: changed,
    onDialog: (/** @type {string} */ name) => setDialog({ name }),
  };
  const uncertainReplies = feed.pending.filter((reply) => reply.state !== "sent").length;
  return html`<div class="ticket">
    <div class="ticket-head" data-short=${ticket.name.length <= SHORT_TITLE ? "" : undefined}>
      <${BackLink} />
      <h1 dir="auto">${ticket.name || text("ticket.erased_title")}</h1>
      <p class="marks"><${VendorBadge} vendor=${ticket.type} /> <${StateBadge} ticket=${ticket} />
        ${ticket.cloud_id && html` <code>${ticket.cloud_id}</code>`}
        ${ticket.hold && html` <span class="badge">${text("ticket.on_hold")}</span>`}</p>
      <${ActionBar} ...${actions} onReply=${() => open("reply")} />
    </div>
    ${error && html`<${Failure} error=${error} retry=${refresh} />`}
    ${Boolean(vendors.error) && html`<${Failure} error=${vendors.error} retry=${vendors.retry} />`}
    <${TicketPath} ticket=${ticket} />
    <${StateNote} ticket=${ticket} />
    <${ClosingNote} ...${actions} />
    ${ticket.state === "indeterminate" && html`<${TicketDecision} ticket=${ticket} seen=${etag} mayWrite=${mayWrite}
      consoleUrl=${consoleUrl} onStale=${changed} onDecided=${(/** @type {boolean} */ present) => {
        notify("done", text(present ? "ticket.decided_present" : "ticket.decided_absent"));
        if (present) changed();
        else go(listAddress());
      }} />`}
    <div class="ticket-columns">
      <div class="main-column">
        <${Conversation} ticket=${ticket} feed=${feed} mayWrite=${mayWrite} consoleUrl=${consoleUrl}
          onSettled=${(/** @type {any} */ decided, /** @type {boolean} */ present) => {
            decideReply(id, decided, present);
            changed();
          }} onWithdraw=${mayWrite && isOpen && capability?.withdrawing
            ? (/** @type {any} */ message) => setDialog({ name: "withdraw", message })
            : undefined} />
        ${ticket.cloud_id && !ticket.erased && mayWrite && capability?.replies && html`<${ReplyBox} ticket=${ticket}
          capability=${capability} onSent=${changed} />`}
        ${isOpen && !mayWrite && html`<p class="hint">${text("ticket.read_only")}</p>`}
        ${ticket.state === "closed" && !ticket.erased && html`<${ClosedNote} canReopen=${canReopen} vendor=${vendor}
          isReopening=${isReopening} hasReturned=${Boolean(reopening.returned)} capability=${capability}
          consoleUrl=${consoleUrl} mayWrite=${mayWrite} onReopen=${() => open("reply")} />`}
      </div>
      <div class="side-column">
        <${Facts} ticket=${ticket} account=${account} capability=${capability} names=${names} />
        <${ArchivePanel} ticket=${ticket} />
        <${RetentionPanel} ...${actions} isAdmin=${isAdmin} />
      </div>
    </div>
    ${dialog?.name === "close" && html`<${CloseDialog}
      ...${dialogProps("ticket.closed_notice", "ticket.closing_notice")}
      pendingReplies=${uncertainReplies} hasDraft=${reply.content !== ""} />`}
    ${dialog?.name === "reopen" && html`<${ReopenDialog}
      ...${dialogProps("ticket.reopened_notice", "ticket.reopening_notice")} />`}
    ${dialog?.name === "rate" && html`<${RateDialog}
      ...${dialogProps("ticket.rated_notice", "ticket.rating_unknown_notice")} />`}
    ${dialog?.name === "hold" && html`<${ReasonDialog} ...${dialogProps("ticket.held_notice")} erases=${false} />`}
    ${dialog?.name === "erase" && html`<${ReasonDialog} ...${dialogProps("ticket.erased_notice")} erases />`}
    ${dialog?.name === "withdraw" && html`<${WithdrawDialog} ...${dialogProps("ticket.withdrawn_notice")}
      message=${dialog.message} />`}
  </div>`;
}

function BackLink() {
  const text = useTexts();
  return html`<p class="back"><${Link} to=${listAddress()}>← ${text("help.back")}<//></p>`;
}

/**
 * In place of the reply box, below a closed conversation.
 * @param {{ canReopen: boolean, isReopening: boolean, hasReturned: boolean, capability: any, vendor: string,
 *   consoleUrl?: string, mayWrite: boolean, onReopen: () => void }} props
 */
function ClosedNote({ canReopen, isReopening, hasReturned, capability, vendor, consoleUrl, mayWrite, onReopen }) {
  const text = useTexts();
  return html`<div class="panel closed-note">
    <p>${text("ticket.closed_note")}</p>
    ${capability && !capability.reopening && html`<p class="hint">${text("ticket.no_reopening", { vendor })}
      ${consoleUrl && html` <a href=${consoleUrl} target="_blank" rel="noopener noreferrer">
        ${text("ticket.console", { vendor })} ↗
      </a>`}</p>`}
    ${isReopening && html`<p class="caution" role="status">${text("ticket.reopening_notice")}</p>`}
    ${hasReturned && html`<p class="caution" role="status">${text("ticket.reply_returned")}</p>`}
    ${mayWrite && html`<div class="actions start">
      ${canReopen && !isReopening && html`<button type="button" onClick=${onReopen}>${text("ticket.reopen")}</button>`}
      <${Link} to="/new" class="button">${text("nav.new")}<//>
    </div>`}
  </div>`;
}

function focusReply() {
  const area = document.querySelector("textarea[data-reply]");
  if (!(area instanceof HTMLElement)) return;
  area.focus({ preventScroll: true });
  area.closest("form")?.scrollIntoView({ block: "end" });
}

/** Moves to the next or the previous message. @param {1 | -1} step */
function moveTo(step) {
  const all = [...document.querySelectorAll("[data-message]")];
  const at = all.findIndex((entry) => entry.contains(document.activeElement));
  const nearest = () => (step > 0 ? all.find(isBelowTop) : all.findLast((entry) => !isBelowTop(entry)));
  const next = at < 0 ? nearest() : all[at + step];
  if (next instanceof HTMLElement) {
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}

/** @param {Element} element */
function isBelowTop(element) {
  return element.getBoundingClientRect().top >= 0;
}
