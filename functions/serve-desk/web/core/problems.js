// What a failed call says to a person.

import { ApiError, NoAnswer } from "./api.js";
import { knownText, text } from "./texts.js";

/**
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  if (error instanceof NoAnswer) return text("problem.no_answer");
  if (!(error instanceof ApiError)) return String(error instanceof Error ? error.message : error);
  const { problem } = error;
  const known = knownText(`problem.${problem.code}`);
  if (problem.status >= 500 && !known) return text("problem.server", { status: problem.status });
  return [known, problem.detail].filter(Boolean).join(" ");
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
