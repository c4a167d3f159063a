// Reads that repeat themselves while the page is visible.

import { call } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./html.js";

/** After failures the interval doubles up to this. */
const LONGEST_INTERVAL_MS = 60_000;

/**
 * @typedef {{ data: any, etag: string | null, error: Error | null, loading: boolean, refresh: () => Promise<void> }} Polled
 *   `data` stays when a later read fails, which `error` then says
 */

/**
 * Reads a path at once and then again and again, by `If-None-Match`; not while the page is hidden.
 * @param {string | null} path nothing reads nothing
 * @param {number} intervalMs
 * @returns {Polled}
 */
export function usePolled(path, intervalMs) {
  const [state, setState] = useState(
    /** @type {{ path: string | null, data: any, etag: string | null, error: Error | null, loading: boolean }} */
    ({ path, data: null, etag: null, error: null, loading: path !== null }),
  );
  const known = useRef({ path, etag: /** @type {string | null} */ (null) });
  const read = useCallback(
    /** @param {AbortSignal} [signal] */
    async (signal) => {
      if (path === null) return true;
      const etag = known.current.path === path ? known.current.etag : null;
      try {
        const answer = await call("GET", path, { etag, signal });
        if (signal?.aborted) return true;
        if (answer.status === 304) setState((now) => (now.error ? { ...now, error: null } : now));
        else {
          known.current = { path, etag: answer.etag };
          setState({ path, data: answer.body, etag: answer.etag, error: null, loading: false });
        }
        return true;
      } catch (error) {
        if (signal?.aborted) return true;
        const failure = /** @type {Error} */ (error);
        setState((now) => ({ ...(now.path === path ? now : { path, data: null, etag: null }), error: failure, loading: false }));
        return false;
      }
    },
    [path],
  );
  useEffect(() => {
    const stopped = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let wait = intervalMs;
    setState((now) => (now.path === path ? now : { path, data: null, etag: null, error: null, loading: path !== null }));
    const repeat = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      const succeeded = await read(stopped.signal);
      if (stopped.signal.aborted) return;
      wait = succeeded ? intervalMs : Math.min(wait * 2, LONGEST_INTERVAL_MS);
      clearTimeout(timer);
      timer = setTimeout(repeat, wait);
    };
    const again = () => {
      if (!document.hidden) repeat();
    };
    repeat();
    document.addEventListener("visibilitychange", again);
    addEventListener("online", again);
    return () => {
      stopped.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
      removeEventListener("online", again);
    };
  }, [path, intervalMs, read]);
  const refresh = useCallback(async () => void (await read()), [read]);
  const current = state.path === path ? state : { data: null, etag: null, error: null, loading: path !== null };
  const { data, etag, error, loading } = current;
  return { data, etag, error, loading, refresh };
}
