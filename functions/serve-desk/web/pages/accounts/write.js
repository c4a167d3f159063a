// Writes that a person repeats with the same button.

import { ApiError, call, newKey } from "../../core/api.js";
import { useRef, useState } from "../../core/html.js";
import { mayHaveTakenEffect } from "../../core/problems.js";

/** How often a change is tried again where only what the sync writes has changed meanwhile. */
const ATTEMPTS = 4;

/** Somebody else changed what the person saw; nothing was done. */
export class ChangedMeanwhile extends Error {}

/**
 * Whether the API has certainly done nothing, and the key is free again. What API Gateway refuses has no code of a
 * problem, and says nothing about an earlier attempt with the key.
 * @param {unknown} error
 */
function isRefused(error) {
  if (!(error instanceof ApiError) || mayHaveTakenEffect(error)) return error instanceof ChangedMeanwhile;
  return !["idempotency_key_in_use", "unauthorized", "forbidden", "no_problem"].includes(error.problem.code);
}

/**
 * @returns {{ busy: boolean, error: unknown, clear: () => void,
 *   run: (work: (key: string) => Promise<any>, intent?: string) => Promise<{ result: any } | null> }}
 *   `run` gives the work its idempotency key, the same one until the intent is settled or is another one, and answers
 *   nothing after a failure, which `error` then says
 */
export function useWrite() {
  const kept = useRef({ key: "", intent: "" });
  const [state, setState] = useState({ busy: false, error: /** @type {unknown} */ (null) });
  /** @param {(key: string) => Promise<any>} work */
  const run = async (work, intent = "") => {
    if (!kept.current.key || kept.current.intent !== intent) kept.current = { key: newKey(), intent };
    setState({ busy: true, error: null });
    try {
      const result = await work(kept.current.key);
      kept.current.key = "";
      setState({ busy: false, error: null });
      return { result };
    } catch (error) {
      if (isRefused(error)) kept.current.key = "";
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
