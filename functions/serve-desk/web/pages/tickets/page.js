// The list of tickets over all accounts and vendors.

import { getAll, withQuery } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useEffect, useRef, useState } from "../../core/html.js";
import { useShortcuts } from "../../core/keyboard.js";
import { useNow } from "../../core/now.js";
import { useObservable } from "../../core/observable.js";
import { go, usePlace } from "../../core/router.js";
import { isUnread, seenTimes } from "../../core/seen.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { useAnnouncement } from "../../parts/announcement.js";
import { StateBadge, VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";
import { WindowedList } from "../../parts/windowed_list.js";
import { TicketFilters, customersOf } from "./filters.js";
import { filtersOf, useTickets } from "./list.js";

/** How often ages are shown anew. */
const A_MINUTE_MS = 60_000;

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
  const { query } = usePlace();
  const filters = filtersOf(query);
  const { tickets, loading, complete, error, retry } = useTickets(filters, useNow(A_MINUTE_MS));
  const seen = useObservable(seenTimes);
  const mayWrite = allows(useObservable(session), "write");
  const [accounts, setAccounts] = useState(/** @type {any[]} */ ([]));
  const [selectedId, setSelectedId] = useState(/** @type {string | null} */ (null));
  const [moves, setMoves] = useState(0);
  const rowHeight = useRowHeight();
  const searches = query.get("do") === "search";
  useEffect(() => {
    if (!searches) return;
    const field = document.querySelector("[data-search]");
    if (field instanceof HTMLElement) field.focus();
    go(withQuery("/tickets", filters), { replace: true });
  }, [searches]);
  useEffect(() => {
    const stopped = new AbortController();
    // Without them the filter has no accounts; the list itself says what is wrong.
    getAll("/accounts", undefined, stopped.signal).then(setAccounts, () => {});
    return () => stopped.abort();
  }, []);
  const selected = tickets.findIndex((ticket) => ticket.id === selectedId);
  const select = /** @param {number} index */ (index) => {
    const ticket = tickets[Math.max(0, Math.min(index, tickets.length - 1))];
    if (!ticket) return;
    setSelectedId(ticket.id);
    setMoves((now) => now + 1);
  };
  const open = /** @param {string} [action] */ (action) => {
    const ticket = tickets[selected];
    if (ticket) go(`/tickets/${encodeURIComponent(ticket.id)}${action ? `?do=${action}` : ""}`);
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
  // Read out when all are read, and not with each page of them.
  const count = text("tickets.count", { count: tickets.length, shown: number(tickets.length) });
  return html`<div class="tickets">
    <div class="page-head">
      <h1>${text("nav.tickets")}</h1>
      <p class="count">
        <span role="status">${complete && count}</span>
        ${!complete && (loading ? text("list.loading") : count)}
        ${!loading && !complete && !error && html` · ${text("list.reading")}`}
        ${unread > 0 && html` · <strong>${text("tickets.unread", { count: unread, shown: number(unread) })}</strong>`}
      </p>
      ${mayWrite && html`<${Link} to="/new" class="button primary">${text("nav.new")}<//>`}
    </div>
    <${TicketFilters} filters=${filters} accounts=${accounts} />
    ${error && html`<${Failure} error=${error} retry=${retry} />`}
    ${!loading && complete && tickets.length === 0 && html`<p class="empty">${text("tickets.none")}</p>`}
    <${WindowedList} items=${tickets} rowHeight=${rowHeight} selected=${selected} moves=${moves}
      label=${text("nav.tickets")}
      keyOf=${/** @param {any} ticket */ (ticket) => ticket.id}
      row=${/** @param {any} ticket @param {number} index */ (ticket, index) => html`<${TicketRow} ticket=${ticket}
        account=${accountNames.get(ticket.custom_id)} isSelected=${index === selected} isUnread=${isUnread(ticket, seen)}
        onSelect=${() => setSelectedId(ticket.id)} />`} />
    <${UnreadAnnouncement} list=${JSON.stringify(filters)} count=${unread} ready=${complete} />
  </div>`;
}

/**
 * @param {{ ticket: any, account?: string, isSelected: boolean, isUnread: boolean, onSelect: () => void }} props
 *   `onSelect`: it has the focus of the keyboard
 */
function TicketRow({ ticket, account, isSelected, isUnread: unread, onSelect }) {
  const text = useTexts();
  return html`<${Link} to=${`/tickets/${ticket.id}`} class="ticket-row" data-selected=${isSelected ? "" : undefined}
    data-unread=${unread ? "" : undefined}
    onFocus=${/** @param {any} event */ (event) => event.currentTarget.matches(":focus-visible") && onSelect()}>
    <span class="title">
      ${unread &&
      html`<span class="unread" title=${text("tickets.new_answer")}>
        <span class="visually-hidden">${text("tickets.new_answer")}</span>
      </span>`}
      <span class="name" dir="auto">${ticket.name || text("ticket.erased_title")}</span>
    </span>
    <span class="marks"><${VendorBadge} vendor=${ticket.type} /> <${StateBadge} ticket=${ticket} /></span>
    <span class="detail">${[ticket.cloud_id, account].filter(Boolean).join(" · ")}</span>
    <span class="when"><${Time} ms=${ticket.update_time ?? ticket.create_time} relative /></span>
  <//>`;
}

/**
 * Tells of new answers while a list is open.
 * @param {{ list: string, count: number, ready: boolean }} props `list`: its filters
 */
function UnreadAnnouncement({ list, count, ready }) {
  const text = useTexts();
  const before = useRef({ list, count: Infinity });
  const [region, announce] = useAnnouncement();
  useEffect(() => {
    if (!ready) return;
    const grew = before.current.list === list && count > before.current.count;
    if (grew) announce(text("tickets.unread", { count, shown: number(count) }));
    before.current = { list, count };
  }, [list, count, ready]);
  useEffect(() => {
    if (ready) document.title = `${count > 0 ? `(${count}) ` : ""}${text("nav.tickets")} · Polydesk`;
  }, [count, ready]);
  return region;
}
