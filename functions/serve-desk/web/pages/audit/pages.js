// A list that is read page by page, as the person asks for more.

import { get } from "../../core/api.js";
import { useEffect, useRef, useState } from "../../core/html.js";

/** A filter may leave pages empty: so many are read at once until one holds something. */
const PAGES_AT_ONCE = 5;

/**
 * @typedef {{ path: string | null, items: any[], cursor: string, loading: boolean, error: Error | null }} State
 * @typedef {{ items: any[], hasMore: boolean, loading: boolean, error: Error | null, more: () => void,
 *   again: () => void }} Pages
 */

/**
 * The path of one page of a list, beside the list's own filters.
 * @param {string} path
 * @param {number} limit
 * @param {string} cursor
 */
export function pageOf(path, limit, cursor) {
  const url = new URL(path, location.origin);
  url.searchParams.set("limit", String(limit));
  if (cursor) url.searchParams.set("cursor", cursor);
  return url.pathname + url.search;
}

/**
 * @param {string | null} path nothing reads nothing
 * @param {{ limit?: number, delayMs?: number }} [options] `delayMs`: how long the path must stay, while it is typed
 * @returns {Pages}
 */
export function usePages(path, { limit = 50, delayMs = 0 } = {}) {
  const [state, setState] = useState(/** @type {State} */ ({ path: null, items: [], cursor: "", loading: false,
    error: null }));
  const stopped = useRef(new AbortController());
  /** @param {string} from @param {any[]} before */
  const read = async (from, before) => {
    const { signal } = stopped.current;
    setState({ path, items: before, cursor: from, loading: true, error: null });
    let [cursor, items] = [from, before];
    try {
      for (let page = 0; page < PAGES_AT_ONCE; page++) {
        const answer = await get(pageOf(/** @type {string} */ (path), limit, cursor), { signal });
        if (signal.aborted) return;
        [cursor, items] = [answer.next_cursor ?? "", [...items, ...answer.items]];
        if (!cursor || items.length > before.length) break;
      }
      setState({ path, items, cursor, loading: false, error: null });
    } catch (error) {
      if (!signal.aborted) setState({ path, items, cursor, loading: false, error: /** @type {Error} */ (error) });
    }
  };
  const restart = () => {
    stopped.current.abort();
    stopped.current = new AbortController();
    return path === null ? undefined : read("", []);
  };
  useEffect(() => {
    const timer = setTimeout(restart, delayMs);
    return () => {
      clearTimeout(timer);
      stopped.current.abort();
    };
  }, [path, limit]);
  const isCurrent = state.path === path;
  return {
    items: isCurrent ? state.items : [],
    hasMore: isCurrent && state.cursor !== "",
    loading: path !== null && (!isCurrent || state.loading),
    error: isCurrent ? state.error : null,
    more: () => void (state.loading || read(state.cursor, state.items)),
    // What failed on the way goes on from there.
    again: () => void (state.items.length > 0 && state.error ? read(state.cursor, state.items) : restart()),
  };
}
