// Which page is shown, by the address.

import { observable, useObservable } from "./observable.js";

/** Every page's address begins with it. */
export const BASE = "/desk";

/** @typedef {{ path: string, query: URLSearchParams }} Place */

/** @returns {Place} */
function current() {
  const path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) : location.pathname;
  // One path for the list: a filter that is set at the base must not make another page of it.
  return { path: path === "" || path === "/" ? "/tickets" : path, query: new URLSearchParams(location.search) };
}

/** @type {import("./observable.js").Observable<Place>} */
export const place = observable(current());

addEventListener("popstate", () => place.set(current()));

/** The list of tickets that was shown last, with its filters. */
let lastList = "/tickets";
const rememberList = () => {
  const { path, query } = place.get();
  if (path === "/tickets") lastList = `/tickets${query.size ? `?${query}` : ""}`;
};
rememberList();
place.follow(rememberList);

/** The address of the list of tickets, as it was shown last. */
export function listAddress() {
  return lastList;
}

export function usePlace() {
  return useObservable(place);
}

/**
 * Goes to a page.
 * @param {string} path below [`BASE`], with its query
 * @param {{ replace?: boolean }} [options] `replace` keeps the history as it is
 */
export function go(path, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", BASE + path);
  else history.pushState(null, "", BASE + path);
  const before = place.get().path;
  place.set(current());
  if (!replace && before !== place.get().path) scrollTo(0, 0);
}

/**
 * The address of a page with these values in its query; empty ones are left out.
 * @param {string} path
 * @param {Record<string, string | null | undefined>} [query]
 */
export function address(path, query = {}) {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) values.set(name, value);
  const text = values.toString();
  return text ? `${path}?${text}` : path;
}

/**
 * The handler of a click on a link to a page: a new tab and the like are left to the browser.
 * @param {MouseEvent} event
 */
export function followLink(event) {
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(link.pathname.slice(BASE.length) + link.search);
}

/**
 * The values in a path that fits a pattern like `/tickets/{id}`, or nothing.
 * @param {string} pattern
 * @param {string} path
 * @returns {Record<string, string> | null}
 */
export function match(pattern, path) {
  const [names, parts] = [pattern.split("/"), path.split("/")];
  if (names.length !== parts.length) return null;
  /** @type {Record<string, string>} */
  const values = {};
  for (const [index, name] of names.entries()) {
    if (name.startsWith("{")) {
      try {
        values[name.slice(1, -1)] = decodeURIComponent(parts[index]);
      } catch {
        return null;
      }
    } else if (name !== parts[index]) return null;
  }
  return values;
}
