// The tickets of a filter: read page by page, kept new by reading what has changed, and narrowed in the browser by
// title.

import { ApiError, get, getAll, serverNow, withQuery } from "../../core/api.js";
import { useCallback, useEffect, useMemo, useRef, useState } from "../../core/html.js";
import { useRepeated } from "../../core/polling.js";

/** How often new and changed tickets are looked for among those that are not closed. */
const POLL_MS = 10_000;

/** The same among all tickets, most of which are closed: the API reads each of them for it. */
const POLL_ALL_MS = 180_000;

/** How often it is asked whether tickets that may vanish are still there. */
const VANISHED_MS = 60_000;
const MOST_ASKED = 50;

/** A change is found if it can be read this late, or its clock differs by this. */
const LATE_MS = 60_000;

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
 * @param {number} now
 * @returns {{ tickets: any[], loading: boolean, complete: boolean, error: Error | null, retry: () => void }}
 *   `complete`: every page was read
 */
export function useTickets(filters, now) {
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
      setState((now) => {
        const byId = merged(now.path === path ? now.byId : new Map(), items, filters);
        return { path, byId, complete, error: null };
      });
    getAll(path, (items) => show(items, false), stopped.signal).then(
      (items) => show(items, true),
      (error) =>
        !stopped.signal.aborted &&
        setState((now) => ({ path, byId: now.path === path ? now.byId : new Map(), complete: false, error })),
    );
    return () => stopped.abort();
  }, [path, attempt]);

  const known = state.path === path;
  const add = useCallback(
    (/** @type {any[]} */ items) =>
      setState((before) => (before.path === path ? { ...before, byId: merged(before.byId, items, filters) } : before)),
    [path],
  );
  const { type, custom_id } = filters;
  useChanges(known ? withQuery("/tickets", { type, custom_id, status: 1 }) : null, POLL_MS, add);
  useChanges(known && state.complete ? withQuery("/tickets", { type, custom_id }) : null, POLL_ALL_MS, add);
  useVanished(state.byId, (id) =>
    setState((before) => ({ ...before, byId: new Map([...before.byId].filter(([other]) => other !== id)) })),
  );

  const tickets = useMemo(
    () => (known ? narrowed(sorted([...state.byId.values()]), filters, now) : []),
    [state.byId, known, filters.q, filters.age, now],
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
 * Reads what has changed since the last time, again and again.
 * @param {string | null} path of the list, of which nothing reads nothing
 * @param {number} intervalMs
 * @param {(items: any[]) => void} onItems
 */
function useChanges(path, intervalMs, onItems) {
  const since = useRef({ path: /** @type {string | null} */ (null), time: 0 });
  const read = useCallback(
    async (/** @type {AbortSignal} */ signal) => {
      // By the server's clock: the browser's may be wrong by more.
      const begun = serverNow() - LATE_MS;
      if (since.current.path !== path) since.current = { path, time: begun };
      try {
        const changed = withQuery(path ?? "", { updated_since: since.current.time });
        const items = await getAll(changed, undefined, signal);
        if (signal.aborted) return null;
        since.current = { path, time: begun };
        if (items.length > 0) onItems(items);
        return null;
      } catch (error) {
        return error;
      }
    },
    [path, onItems],
  );
  useRepeated(path === null ? null : read, intervalMs);
}

/** Whether nothing may be left of it: no change tells that. @param {any} ticket */
function mayVanish({ state }) {
  return state === "creating" || state === "unknown" || state === "indeterminate";
}

/**
 * Tells of tickets of unknown outcome of which it turned out that the vendor has nothing.
 * @param {Map<string, any>} byId
 * @param {(id: string) => void} onVanished
 */
function useVanished(byId, onVanished) {
  const latest = useRef({ byId, onVanished });
  latest.current = { byId, onVanished };
  const ask = useCallback(async (/** @type {AbortSignal} */ signal) => {
    for (const { id } of [...latest.current.byId.values()].filter(mayVanish).slice(0, MOST_ASKED)) {
      try {
        await get(`/tickets/${encodeURIComponent(id)}`, { signal });
      } catch (error) {
        if (!(error instanceof ApiError && error.problem.status === 404)) return error;
        latest.current.onVanished(id);
      }
    }
    return null;
  }, []);
  const isAny = useMemo(() => [...byId.values()].some(mayVanish), [byId]);
  useRepeated(isAny ? ask : null, VANISHED_MS);
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

/** @param {any[]} tickets @param {Filters} filters @param {number} now */
function narrowed(tickets, { q, age }, now) {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const after = age in AGES ? now - AGES[/** @type {keyof typeof AGES} */ (age)] : 0;
  return tickets.filter((ticket) => {
    const [name, cloudId] = [ticket.name.toLowerCase(), ticket.cloud_id?.toLowerCase()];
    return ticket.create_time >= after && words.every((word) => name.includes(word) || cloudId === word);
  });
}
