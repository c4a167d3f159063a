// Reads that repeat themselves while the page is visible.

import { call, retryAfterMs } from "./api.js";
import { useCallback, useEffect, useRef, useState } from "./html.js";

/** After failures the interval doubles up to this, where it is shorter. */
const LONGEST_INTERVAL_MS = 60_000;

/**
 * @typedef {{ data: any, etag: string | null, error: Error | null, loading: boolean, refresh: () => Promise<void> }} Polled
 *   `data` stays when a later read fails, which `error` then says
 * @typedef {{ path: string | null, data: any, etag: string | null, error: Error | null }} Known
 */

/** @param {string | null} path @returns {Known} */
const nothingOf = (path) => ({ path, data: null, etag: null, error: null });

/**
 * Runs at once and then again and again while the page is visible: later after failures.
 * @param {((signal: AbortSignal) => Promise<unknown>) | null} run gives the failure, if it is one
 * @param {number} intervalMs
 */
export function useRepeated(run, intervalMs) {
  useEffect(() => {
    if (!run) return;
    const stopped = new AbortController();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let wait = intervalMs;
    let notBefore = 0;
    const repeat = async () => {
      clearTimeout(timer);
      if (document.hidden) return;
      const early = notBefore - Date.now();
      if (early > 0) {
        timer = setTimeout(repeat, early);
        return;
      }
      const failure = await run(stopped.signal);
      if (stopped.signal.aborted) return;
      notBefore = Date.now() + retryAfterMs(failure);
      wait = failure ? Math.max(intervalMs, Math.min(wait * 2, LONGEST_INTERVAL_MS)) : intervalMs;
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
  }, [run, intervalMs]);
}

/**
 * Reads a path at once and then again and again, by `If-None-Match`; not while the page is hidden.
 * @param {string | null} path nothing reads nothing
 * @param {number} intervalMs
 * @returns {Polled}
 */
export function usePolled(path, intervalMs) {
  // Not a state: what a read adds to is what was applied last, rendered or not.
  const known = useRef(nothingOf(path));
  if (known.current.path !== path) known.current = nothingOf(path);
  const [, render] = useState(known.current);
  /** The number of the last read, and of the one whose answer is known. */
  const reads = useRef({ begun: 0, applied: 0 });
  const read = useCallback(
    /**
     * @param {AbortSignal} [signal]
     * @returns {Promise<unknown>} the failure, if it is one
     */
    async (signal) => {
      if (path === null) return null;
      const number = ++reads.current.begun;
      /** An older answer says nothing, nor does one of another path. @param {Partial<Known>} change */
      const apply = (change) => {
        if (signal?.aborted || known.current.path !== path || number < reads.current.applied) return;
        // A failure leaves what is known, and an answer under way may still be newer than that.
        if (!change.error) reads.current.applied = number;
        render((known.current = { ...known.current, ...change }));
      };
      try {
        const etag = known.current.path === path ? known.current.etag : null;
        const answer = await call("GET", path, { etag, signal });
        apply(answer.status === 304 ? { error: null } : { data: answer.body, etag: answer.etag, error: null });
        return null;
      } catch (error) {
        apply({ error: /** @type {Error} */ (error) });
        return error;
      }
    },
    [path],
  );
  useRepeated(path === null ? null : read, intervalMs);
  const refresh = useCallback(async () => void (await read()), [read]);
  const { data, etag, error } = known.current;
  return { data, etag, error, loading: path !== null && data === null && error === null, refresh };
}
