// What the page reads: the statistics of the range and of the one before, the accounts and the open tickets.

import { getAll, withQuery } from "../../core/api.js";
import { useCallback, useEffect, useState } from "../../core/html.js";
import { usePolled } from "../../core/polling.js";
import { before } from "./range.js";

/** How often the statistics are asked for: they follow a change after some seconds. */
const POLL_MS = 60_000;

/** How often all open tickets are read again, which may be many pages. */
const OPEN_MS = 5 * 60_000;

/**
 * @typedef {{ type: string, custom_id: string }} Filters
 * @typedef {{ tickets: any[] | null, readTime: number, error: Error | null, retry: () => void }} OpenTickets
 *   `tickets`: nothing until all pages were read; `readTime` in Unix milliseconds
 */

/** @param {import("./range.js").Range} range @param {Filters} filters */
export function useStatistics(range, filters) {
  /** @param {{ from: string, to: string }} days */
  const path = ({ from, to }) => withQuery("/statistics", { from, to, ...filters });
  const now = usePolled(range.error ? null : path(range), POLL_MS);
  const earlier = usePolled(range.error ? null : path(before(range)), 10 * POLL_MS);
  return { now, earlier };
}

/**
 * Every ticket that is not closed.
 * @param {Filters} filters
 * @returns {OpenTickets}
 */
export function useOpenTickets({ type, custom_id }) {
  const path = withQuery("/tickets", { status: 1, type, custom_id });
  const [state, setState] = useState(
    /** @type {{ path: string, tickets: any[] | null, readTime: number, error: Error | null }} */
    ({ path, tickets: null, readTime: 0, error: null }),
  );
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stopped = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let missed = false;
    const read = async () => {
      clearTimeout(timer);
      timer = setTimeout(read, OPEN_MS);
      missed = document.hidden;
      if (missed) return;
      try {
        const tickets = await getAll(path, undefined, stopped.signal);
        if (!stopped.signal.aborted) setState({ path, tickets, readTime: Date.now(), error: null });
      } catch (error) {
        const failure = /** @type {Error} */ (error);
        const nothing = { path, tickets: null, readTime: 0 };
        if (!stopped.signal.aborted) setState((now) => ({ ...(now.path === path ? now : nothing), error: failure }));
      }
    };
    const again = () => {
      if (!document.hidden && missed) read();
    };
    read();
    document.addEventListener("visibilitychange", again);
    return () => {
      stopped.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [path, attempt]);
  const retry = useCallback(() => setAttempt((now) => now + 1), []);
  const { tickets, readTime, error } = state.path === path ? state : { tickets: null, readTime: 0, error: null };
  return { tickets, readTime, error, retry };
}
