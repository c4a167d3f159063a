// What a failed call says to a person.

import { ApiError, NoAnswer } from "./api.js";
import { knownText, text } from "./texts.js";

/**
 * What happened, in the page's language, and the API's own sentence, which is always English.
 * @param {unknown} error
 * @returns {{ main: string, detail?: string }}
 */
export function wordsOf(error) {
  if (error instanceof NoAnswer) return { main: text("problem.no_answer") };
  if (!(error instanceof ApiError)) return { main: String(error instanceof Error ? error.message : error) };
  const { code, status, type } = error.problem;
  const known = knownText(`problem.${code}`);
  if (status >= 500 && !known) return { main: text("problem.server", { status }) };
  // What is no problem of the API itself has no more than the status in words.
  const detail = known && type === undefined ? undefined : error.problem.detail;
  return { main: known ?? text("problem.other"), detail };
}

/**
 * The same as one text, for where there is no room for two.
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  const { main, detail } = wordsOf(error);
  return [main, detail].filter(Boolean).join(" ");
}

/**
 * The details of each bad field, by its JSON pointer without the slash.
 * @param {unknown} error
 * @returns {Record<string, string>}
 */
export function fieldErrors(error) {
  /** @type {Record<string, string>} */
  const fields = {};
  if (error instanceof ApiError) {
    for (const { pointer, detail } of error.problem.errors ?? []) fields[(pointer ?? "").replace(/^#?\//, "")] = detail;
  }
  return fields;
}

/**
 * Whether a write may have taken effect: it is repeated with its key, and never without.
 * @param {unknown} error
 */
export function mayHaveTakenEffect(error) {
  return error instanceof NoAnswer || (error instanceof ApiError && error.problem.status >= 500);
}

/** Of an attempt before, these say nothing: they come before the key is looked at, or from another server. */
const SILENT_STATUSES = [401, 403, 412, 429];
const SILENT_CODES = ["account_keys_refused", "account_not_found", "no_problem", "store_contention"];

/**
 * Whether a write with an idempotency key may have taken effect, by this attempt or one before.
 * @param {unknown} error of this attempt
 * @param {boolean} before whether an attempt before may have
 */
export function staysUncertain(error, before) {
  if (mayHaveTakenEffect(error)) return true;
  if (!(error instanceof ApiError)) return before;
  const { code, status } = error.problem;
  if (code === "idempotency_key_in_use") return true;
  return before && (SILENT_STATUSES.includes(status) || SILENT_CODES.includes(code));
}
