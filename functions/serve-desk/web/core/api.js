// Calls of Polydesk's API.

import { observable } from "./observable.js";
import { authorization, refused } from "./session.js";

/**
 * @typedef {{ pointer?: string, code?: string, detail: string }} FieldError
 * @typedef {{ status: number, code: string, title?: string, detail?: string, errors?: FieldError[],
 *   vendor?: { type: string, code?: string, request_id?: string }, [more: string]: unknown }} Problem
 * @typedef {{ status: number, body: any, etag: string | null, replayed: boolean }} Answer
 */

/** The API answered with a problem (RFC 9457), or with an error status. */
export class ApiError extends Error {
  /**
   * @param {Problem} problem
   * @param {number} [retryAfterMs] what the answer says
   */
  constructor(problem, retryAfterMs = 0) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** How long a repetition is to wait at least. @param {unknown} error */
export function retryAfterMs(error) {
  return error instanceof ApiError ? error.retryAfterMs : 0;
}

/** No answer came: offline, or the stack is not reached. Whether a write took effect is not known. */
export class NoAnswer extends Error {}

/** Whether the last call was answered: `offline` none was, `failing` with 5xx by the server itself. */
export const connection = observable(/** @type {"ok" | "offline" | "failing"} */ ("ok"));

addEventListener("offline", () => connection.set("offline"));
// What is read again says more; not every page reads by itself.
addEventListener("online", () => connection.get() === "offline" && connection.set("ok"));

/**
 * @param {string} method
 * @param {string} path
 * @param {{ body?: unknown, key?: string, etag?: string | null, seen?: string | null, signal?: AbortSignal }} [options]
 *   `key`: the idempotency key; `etag`: a `GET` answers 304 where this is still the answer's tag; `seen`: a write is done
 *   only to the version with this tag
 * @returns {Promise<Answer>}
 * @throws {ApiError | NoAnswer}
 */
export async function call(method, path, { body, key, etag, seen, signal } = {}) {
  const token = await authorization();
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (token) headers.authorization = token;
  if (method !== "GET") headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  if (etag) headers["if-none-match"] = etag;
  if (seen) headers["if-match"] = seen;
  let response, text;
  try {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    response = await fetch(path, { method, headers, body: sent, signal, cache: "no-store" });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    connection.set("offline");
    throw new NoAnswer(String(error));
  }
  const parsed = parse(text);
  noteClock(response.headers.get("date"));
  // A failure of a vendor is no failure of the server.
  connection.set(response.status >= 500 && !parsed?.vendor ? "failing" : "ok");
  if (response.status >= 400) throw errorOf(response, parsed, token);
  return {
    status: response.status,
    body: parsed,
    etag: response.headers.get("etag"),
    replayed: response.headers.get("idempotency-replayed") === "true",
  };
}

/** By how much the server's clock is ahead of the browser's. */
let clockDifferenceMs = 0;

/** @param {string | null} date of an answer */
function noteClock(date) {
  const difference = Date.parse(date ?? "") - Date.now();
  if (!Number.isNaN(difference)) clockDifferenceMs = difference;
}

/** The time by the server's clock, to some seconds, once it has answered. */
export function serverNow() {
  return Date.now() + clockDifferenceMs;
}

/**
 * The error of an answer; a 401 is told to the session.
 * @param {Response} response
 * @param {any} parsed the body, where it is JSON
 * @param {string | null} token that was sent
 */
export function errorOf({ status, headers }, parsed, token) {
  if (status === 401) refused(token);
  const code = status === 401 ? "unauthorized" : status === 403 ? "forbidden" : "no_problem";
  const problem = { code, detail: parsed?.message, ...parsed, status };
  return new ApiError(problem, Number(headers.get("retry-after")) * 1000 || 0);
}

/** @param {string} text */
function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @param {{ signal?: AbortSignal }} [options]
 */
export async function get(path, options) {
  return (await call("GET", path, options)).body;
}

/**
 * A path, which may have a query, with these values in its query; empty ones are left out.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} values
 */
export function withQuery(path, values) {
  const [bare, before] = path.split("?");
  const query = new URLSearchParams(before);
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${bare}?${text}` : bare;
}

/** A new idempotency key. Keep it for every repetition of the same write. */
export function newKey() {
  return crypto.randomUUID();
}

/**
 * The pages of a list, each read when it is asked for.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<{ items: any[], next_cursor?: string }>}
 */
export async function* pagesOf(path, signal) {
  let cursor = "";
  do {
    const url = new URL(path, location.origin);
    url.searchParams.set("limit", "100");
    if (cursor) url.searchParams.set("cursor", cursor);
    const page = await get(url.pathname + url.search, { signal });
    yield page;
    cursor = page.next_cursor ?? "";
  } while (cursor);
}

/**
 * All items of a list, page by page.
 * @param {string} path
 * @param {(items: any[]) => void} [onPage] is told of the items so far
 * @param {AbortSignal} [signal]
 */
export async function getAll(path, onPage, signal) {
  const items = [];
  for await (const page of pagesOf(path, signal)) {
    items.push(...page.items);
    onPage?.([...items]);
  }
  return items;
}
