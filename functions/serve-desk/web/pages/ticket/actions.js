// What can be done with a ticket, and what its state means.

import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { notify } from "../../parts/notices.js";
import { WriteProblem, useWrite } from "./write.js";

/**
 * @typedef {{ ticket: any, seen: string | null, capability: any, mayWrite: boolean, isReopening: boolean,
 *   onDialog: (name: string) => void, onStale: () => void, onChanged: () => void }} ActionProps
 */

/** @param {ActionProps & { onReply: () => void }} props */
export function ActionBar({ ticket, capability, mayWrite, isReopening, onDialog, onStale, onChanged, onReply }) {
  const text = useTexts();
  const write = useWrite(onStale);
  if (!mayWrite || !capability) return null;
  const isOpen = ticket.state === "open";
  const isClosed = ticket.state === "closed" && !ticket.erased;
  const urge = async () => {
    const answer = await write.run("POST", `/tickets/${encodeURIComponent(ticket.id)}/urge`);
    if (!answer) return;
    notify("done", text(answer.status === 202 ? "ticket.urge_unknown_notice" : "ticket.urged_notice"));
    onChanged();
  };
  return html`
    <div class="action-bar">
      ${isOpen && capability.replies && html`<button type="button" class="primary" onClick=${onReply}>
        ${text("ticket.reply")}
      </button>`}
      ${isOpen && capability.urging && html`<button type="button" disabled=${write.busy} onClick=${urge}>
        ${text(write.busy ? "ticket.working" : "ticket.urge")}
      </button>`}
      ${isClosed && capability.rating && html`<button type="button" onClick=${() => onDialog("rate")}>
        ${text(ticket.rating ? "ticket.rate_again" : "ticket.rate_support")}
      </button>`}
      ${isClosed && capability.reopening && !isReopening && html`<button type="button"
        onClick=${() => onDialog("reopen")}>
        ${text("ticket.reopen")}
      </button>`}
      ${isOpen && html`<button type="button" class="danger" onClick=${() => onDialog("close")}>
        ${text("ticket.close")}
      </button>`}
    </div>
    <div class="problem"><${WriteProblem} write=${write} /></div>
  `;
}

/** What a state of no certain outcome means. @param {{ ticket: any }} props */
export function StateNote({ ticket }) {
  const text = useTexts();
  const message = ["creating", "unknown"].includes(ticket.state) ? text(`ticket.meaning_${ticket.state}`)
    : ticket.vendor_status === "deleted" ? text("ticket.meaning_deleted", { vendor: text(`vendor.${ticket.type}`) })
    : "";
  // The region stands before its text comes, so that it is read out.
  return html`<div role="status" class="state-note">${message && html`<p class="caution">${message}</p>`}</div>`;
}

/** A close that is under way, or was not possible. @param {ActionProps} props */
export function ClosingNote({ ticket, seen, mayWrite, onStale, onChanged }) {
  const text = useTexts();
  const write = useWrite(onStale);
  const { close_error: reason } = ticket;
  const isClosing = ticket.state === "closing";
  const again = async () => {
    const answer = await write.run("POST", `/tickets/${encodeURIComponent(ticket.id)}/close`, { seen });
    if (answer) onChanged();
  };
  return html`<div role="status" class="state-note">
    ${(isClosing || reason) && html`<div class="caution">
      <p>${text(isClosing ? "ticket.meaning_closing" : "ticket.close_failed")}</p>
      ${reason && html`<p><bdi>${reason.detail}</bdi> <code>${reason.code}</code></p>`}
      ${isClosing && mayWrite && html`<button type="button" class="small" disabled=${write.busy} onClick=${again}>
        ${text(write.busy ? "ticket.working" : "ticket.close_go_on")}
      </button>`}
      <${WriteProblem} write=${write} />
    </div>`}
  </div>`;
}
