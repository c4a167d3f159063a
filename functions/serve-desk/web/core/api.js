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
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.problem = problem;
  }
}

/** No answer came: offline, or the stack is not reached. Whether a write took effect is not known. */
export class NoAnswer extends Error {}

/** Whether the last call was answered: `offline` none was, `failing` with 5xx. */
export const connection = observable(/** @type {"ok" | "offline" | "failing"} */ ("ok"));

addEventListener("offline", () => connection.set("offline"));

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
  connection.set(response.status >= 500 ? "failing" : "ok");
  if (response.status === 401) refused();
  const parsed = parse(text);
  if (response.status >= 400) {
    const code = response.status === 401 ? "unauthorized" : response.status === 403 ? "forbidden" : "no_problem";
    throw new ApiError({ code, detail: parsed?.message, ...parsed, status: response.status });
  }
  return {
    status: response.status,
    body: parsed,
    etag: response.headers.get("etag"),
    replayed: response.headers.get("idempotency-replayed") === "true",
  };
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
 * A path with these values in its query; empty ones are left out.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} values
 */
export function withQuery(path, values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
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
