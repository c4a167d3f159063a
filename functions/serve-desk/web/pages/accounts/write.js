// Writes that a person repeats with the same button.

import { ApiError, call, newKey } from "../../core/api.js";
import { useRef, useState } from "../../core/html.js";
import { staysUncertain } from "../../core/problems.js";

/** How often a change is tried again where only what the sync writes has changed meanwhile. */
const ATTEMPTS = 4;

/** Somebody else changed what the person saw; nothing was done. */
export class ChangedMeanwhile extends Error {}

/**
 * @returns {{ busy: boolean, error: unknown, clear: () => void,
 *   run: (work: (key: string) => Promise<any>, intent?: string) => Promise<{ result: any } | null> }}
 *   `run` gives the work its idempotency key, the same one until the intent is settled or is another one, and answers
 *   nothing after a failure, which `error` then says
 */
export function useWrite() {
  const kept = useRef({ key: "", intent: "", uncertain: false });
  const [state, setState] = useState({ busy: false, error: /** @type {unknown} */ (null) });
  /** @param {(key: string) => Promise<any>} work */
  const run = async (work, intent = "") => {
    if (!kept.current.key || kept.current.intent !== intent) kept.current = { key: newKey(), intent, uncertain: false };
    setState({ busy: true, error: null });
    try {
      const result = await work(kept.current.key);
      kept.current.key = "";
      setState({ busy: false, error: null });
      return { result };
    } catch (error) {
      kept.current.uncertain = staysUncertain(error, kept.current.uncertain);
      if (!kept.current.uncertain) kept.current.key = "";
      setState({ busy: false, error });
      return null;
    }
  };
  return { ...state, run, clear: () => setState((now) => ({ ...now, error: null })) };
}

/**
 * Changes an account only as the person saw it. The sync changes what an account shows, too: so the account is read
 * just before the write, and again where the sync was faster.
 * @param {any} seen the account as it was shown
 * @param {string[]} fields what of it the person decided by
 * @param {string} method
 * @param {unknown} [body]
 * @throws {ChangedMeanwhile}
 */
export async function changeSeen(seen, fields, method, body) {
  const path = `/accounts/${encodeURIComponent(seen.id)}`;
  for (let attempt = 1; ; attempt++) {
    const now = await call("GET", path);
    if (fields.some((field) => now.body[field] !== seen[field])) throw new ChangedMeanwhile();
    try {
      return (await call(method, path, { body, seen: now.etag })).body;
    } catch (error) {
      const isStale = error instanceof ApiError && error.problem.code === "precondition_failed";
      if (!isStale || attempt === ATTEMPTS) throw error;
    }
  }
}
