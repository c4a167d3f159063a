// The list of tickets over all accounts and vendors.

import { getAll } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { useShortcuts } from "../../core/keyboard.js";
import { useObservable } from "../../core/observable.js";
import { go, usePlace } from "../../core/router.js";
import { isUnread, seenTimes } from "../../core/seen.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { StateBadge, VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";
import { WindowedList } from "../../parts/windowed_list.js";
import { TicketFilters, customersOf } from "./filters.js";
import { filtersOf, useTickets } from "./list.js";

const NARROW = matchMedia("(max-width: 720px)");

/** The height of a row, which the style sheet fills, in CSS pixels. */
function useRowHeight() {
  const [narrow, setNarrow] = useState(NARROW.matches);
  useEffect(() => {
    const change = () => setNarrow(NARROW.matches);
    NARROW.addEventListener("change", change);
    return () => NARROW.removeEventListener("change", change);
  }, []);
  return narrow ? 92 : 64;
}

export function TicketsPage() {
  const text = useTexts();
  const filters = filtersOf(usePlace().query);
  const { tickets, loading, complete, error, retry } = useTickets(filters);
  const seen = useObservable(seenTimes);
  const mayWrite = allows(useObservable(session), "write");
  const [accounts, setAccounts] = useState(/** @type {any[]} */ ([]));
  const [selectedId, setSelectedId] = useState(/** @type {string | null} */ (null));
  const rowHeight = useRowHeight();
  useEffect(() => {
    const stopped = new AbortController();
    // Without them the filter has no accounts; the list itself says what is wrong.
    getAll("/accounts", undefined, stopped.signal).then(setAccounts, () => {});
    return () => stopped.abort();
  }, []);
  const selected = tickets.findIndex((ticket) => ticket.id === selectedId);
  const select = /** @param {number} index */ (index) => {
    const ticket = tickets[Math.max(0, Math.min(index, tickets.length - 1))];
    if (ticket) setSelectedId(ticket.id);
  };
  const open = /** @param {string} [action] */ (action) => {
    if (selectedId) go(`/tickets/${selectedId}${action ? `?do=${action}` : ""}`);
  };
  useShortcuts({
    j: () => select(selected + 1),
    k: () => select(selected < 0 ? 0 : selected - 1),
    Enter: () => open(),
    r: () => open("reply"),
    c: () => open("close"),
  });
  const accountNames = customersOf(accounts);
  const unread = tickets.filter((ticket) => isUnread(ticket, seen)).length;
  return html`<div class="tickets">
    <div class="page-head">
      <h1>${text("nav.tickets")}</h1>
      <p class="count" role="status">
        ${loading ? text("list.loading") : text("tickets.count", { count: tickets.length, shown: number(tickets.length) })}
        ${!loading && !complete && !error && html` · ${text("list.reading")}`}
        ${unread > 0 && html` · <strong>${text("tickets.unread", { count: unread, shown: number(unread) })}</strong>`}
      </p>
      ${mayWrite && html`<${Link} to="/new" class="button primary">${text("nav.new")}<//>`}
    </div>
    <${TicketFilters} filters=${filters} accounts=${accounts} />
    ${error && html`<${Failure} error=${error} retry=${retry} />`}
    ${!loading && complete && tickets.length === 0 && html`<p class="empty">${text("tickets.none")}</p>`}
    <${WindowedList} items=${tickets} rowHeight=${rowHeight} selected=${selected} label=${text("nav.tickets")}
      keyOf=${/** @param {any} ticket */ (ticket) => ticket.id}
      row=${/** @param {any} ticket @param {number} index */ (ticket, index) => html`<${TicketRow} ticket=${ticket}
        account=${accountNames.get(ticket.custom_id)} isSelected=${index === selected} isUnread=${isUnread(ticket, seen)} />`} />
    <${UnreadAnnouncement} count=${unread} ready=${complete} />
  </div>`;
}

/** @param {{ ticket: any, account?: string, isSelected: boolean, isUnread: boolean }} props */
function TicketRow({ ticket, account, isSelected, isUnread: unread }) {
  const text = useTexts();
  return html`<${Link} to=${`/tickets/${ticket.id}`} class="ticket-row" data-selected=${isSelected ? "" : undefined}
    data-unread=${unread ? "" : undefined}>
    <span class="title">
      ${unread && html`<span class="unread" title=${text("tickets.new_answer")}><span class="visually-hidden">${text("tickets.new_answer")}</span></span>`}
      <span class="name" dir="auto">${ticket.name}</span>
    </span>
    <span class="marks"><${VendorBadge} vendor=${ticket.type} /> <${StateBadge} ticket=${ticket} /></span>
    <span class="detail">${[ticket.cloud_id, account].filter(Boolean).join(" · ")}</span>
    <span class="when"><${Time} ms=${ticket.update_time ?? ticket.create_time} relative /></span>
  <//>`;
}

/** Tells of new answers while the list is open. @param {{ count: number, ready: boolean }} props */
function UnreadAnnouncement({ count, ready }) {
  const text = useTexts();
  const before = useRef(/** @type {number | null} */ (null));
  const [message, setMessage] = useState("");
  useEffect(() => {
    if (!ready) return;
    if (before.current !== null && count > before.current) setMessage(text("tickets.unread", { count, shown: number(count) }));
    before.current = count;
  }, [count, ready]);
  useEffect(() => {
    if (ready) document.title = `${count > 0 ? `(${count}) ` : ""}${text("nav.tickets")} · Polydesk`;
  }, [count, ready]);
  return html`<p class="visually-hidden" role="status" aria-live="polite">${message}</p>`;
}
