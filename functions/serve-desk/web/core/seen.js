// Which answers of the vendors' support this browser has shown: a later one is unread.

import { observable } from "./observable.js";
import { store, stored } from "./settings.js";

/** The most tickets that are remembered. */
const MOST = 2_000;

/** @type {import("./observable.js").Observable<Record<string, number>>} */
export const seenTimes = observable(read());

/** @returns {Record<string, number>} */
function read() {
  try {
    return JSON.parse(stored("seen") ?? "{}") ?? {};
  } catch {
    return {};
  }
}

addEventListener("storage", (event) => {
  if (event.key === "polydesk.seen") seenTimes.set(read());
});

/**
 * Whether support has written since this browser last showed the ticket.
 * @param {{ id: string, last_support_time?: number }} ticket
 * @param {Record<string, number>} seen
 */
export function isUnread(ticket, seen) {
  return ticket.last_support_time !== undefined && ticket.last_support_time > (seen[ticket.id] ?? 0);
}

/**
 * The ticket's conversation was shown as far as this.
 * @param {string} id
 * @param {number} time Unix milliseconds
 */
export function markSeen(id, time) {
  const seen = read();
  if ((seen[id] ?? 0) >= time) return;
  const entries = Object.entries({ ...seen, [id]: time }).sort((a, b) => b[1] - a[1]).slice(0, MOST);
  store("seen", JSON.stringify(Object.fromEntries(entries)));
  seenTimes.set(Object.fromEntries(entries));
}
