// The tickets of a filter: read page by page, kept new by conditional polling, and narrowed in the browser by title.

import { getAll, withQuery } from "../../core/api.js";
import { useEffect, useMemo, useState } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";

/** How often new and changed tickets are looked for among those that are not closed. */
const POLL_MS = 10_000;

/** The same among all tickets, most of which are closed: the API reads each of them for it. */
const POLL_ALL_MS = 180_000;

/** The browser's clock may differ from that of the API by this. */
const CLOCK_DIFFERENCE_MS = 60_000;

/** The age filters, in milliseconds. */
export const AGES = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000, month: 30 * 86_400_000 };

/**
 * The filters of an address.
 * @typedef {{ type: string, custom_id: string, state: string, awaiting: string, age: string, q: string }} Filters
 */

/**
 * @param {URLSearchParams} query
 * @returns {Filters}
 */
export function filtersOf(query) {
  const value = /** @param {string} name */ (name) => query.get(name) ?? "";
  return {
    type: value("type"),
    custom_id: value("custom_id"),
    state: value("state"),
    awaiting: value("awaiting"),
    age: value("age"),
    q: value("q"),
  };
}

/**
 * The route's own filters; the age and the title are applied here.
 * @param {Filters} filters
 */
function apiQuery({ type, custom_id, state, awaiting }) {
  return { type, custom_id, state, awaiting };
}

/** Newest first, as the API lists them. @param {any[]} tickets */
function sorted(tickets) {
  return tickets.sort((a, b) => b.create_time - a.create_time || (a.id < b.id ? 1 : -1));
}

/**
 * @param {Filters} filters
 * @returns {{ tickets: any[], loading: boolean, complete: boolean, error: Error | null, retry: () => void }}
 *   `complete`: every page was read
 */
export function useTickets(filters) {
  const [state, setState] = useState(
    /** @type {{ path: string, byId: Map<string, any>, complete: boolean, error: Error | null }} */
    ({ path: "", byId: new Map(), complete: false, error: null }),
  );
  const [attempt, setAttempt] = useState(0);
  const path = withQuery("/tickets", apiQuery(filters));
  useEffect(() => {
    const stopped = new AbortController();
    /** @param {any[]} items @param {boolean} complete */
    const show = (items, complete) =>
      !stopped.signal.aborted &&
      setState((now) => ({ path, byId: merged(now.path === path ? now.byId : new Map(), items, filters), complete, error: null }));
    getAll(path, (items) => show(items, false), stopped.signal).then(
      (items) => show(items, true),
      (error) =>
        !stopped.signal.aborted &&
        setState((now) => ({ path, byId: now.path === path ? now.byId : new Map(), complete: false, error })),
    );
    return () => stopped.abort();
  }, [path, attempt]);

  const since = useMemo(() => Date.now() - CLOCK_DIFFERENCE_MS, [path]);
  const { type, custom_id } = filters;
  const changes = { type, custom_id, updated_since: since, limit: 100 };
  const open = usePolled(withQuery("/tickets", { ...changes, status: 1 }), POLL_MS);
  const all = usePolled(state.complete ? withQuery("/tickets", changes) : null, POLL_ALL_MS);
  useEffect(() => {
    const news = [...(open.data?.items ?? []), ...(all.data?.items ?? [])];
    if (news.length > 0) {
      setState((now) => (now.path === path ? { ...now, byId: merged(now.byId, news, filters) } : now));
    }
  }, [open.data, all.data, path]);

  const known = state.path === path;
  const tickets = useMemo(
    () => (known ? narrowed(sorted([...state.byId.values()]), filters) : []),
    [state.byId, known, filters.q, filters.age],
  );
  return {
    tickets,
    loading: !known,
    complete: known && state.complete,
    error: state.path === path ? state.error : null,
    retry: () => setAttempt((now) => now + 1),
  };
}

/**
 * The tickets with these, as far as they are newer and fit.
 * @param {Map<string, any>} before
 * @param {any[]} tickets
 * @param {Filters} filters
 */
function merged(before, tickets, { state, awaiting }) {
  const byId = new Map(before);
  for (const ticket of tickets) {
    const known = byId.get(ticket.id);
    if (known && (known.update_time ?? 0) > (ticket.update_time ?? 0)) continue;
    const fits = (!state || ticket.state === state) && (!awaiting || ticket.awaiting === awaiting);
    if (fits) byId.set(ticket.id, ticket);
    else byId.delete(ticket.id);
  }
  return byId;
}

/** @param {any[]} tickets @param {Filters} filters */
function narrowed(tickets, { q, age }) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const after = age in AGES ? Date.now() - AGES[/** @type {keyof typeof AGES} */ (age)] : 0;
  return tickets.filter((ticket) => {
    const name = ticket.name.toLowerCase();
    return ticket.create_time >= after && words.every((word) => name.includes(word) || ticket.cloud_id === word);
  });
}

