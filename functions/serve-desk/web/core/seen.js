// Which answers of the vendors' support this browser has shown: a later one is unread.

import { observable } from "./observable.js";
import { store, stored } from "./settings.js";

/** The most tickets that are remembered. */
const MOST = 2_000;

/**
 * All times in Unix milliseconds.
 * @typedef {{ since: number, times: Record<string, number> }} Seen `since`: what is not after it counts as read, of
 *   every ticket; `times`: up to when the answers of a ticket were shown, by its id
 */

/** @type {import("./observable.js").Observable<Seen>} */
export const seenTimes = observable(read());

/** @returns {Seen} */
function read() {
  try {
    const seen = JSON.parse(stored("seen") ?? "null");
    if (typeof seen?.since === "number" && typeof seen.times === "object") return seen;
  } catch {
    // Nothing was stored by this version.
  }
  return write({ since: Date.now(), times: {} });
}

/** @param {Seen} seen */
function write(seen) {
  store("seen", JSON.stringify(seen));
  return seen;
}

addEventListener("storage", (event) => {
  if (event.key === "polydesk.seen") seenTimes.set(read());
});

/**
 * Up to when the answers of a ticket count as read.
 * @param {string} id
 * @param {Seen} seen
 */
export function seenTime(id, { since, times }) {
  return Math.max(since, times[id] ?? 0);
}

/**
 * Whether support has written since this browser last showed the ticket. Nothing is left to read of an erased one.
 * @param {{ id: string, last_support_time?: number, erased?: unknown }} ticket
 * @param {Seen} seen
 */
export function isUnread({ id, last_support_time, erased }, seen) {
  return !erased && last_support_time !== undefined && last_support_time > seenTime(id, seen);
}

/**
 * The seen times with this one. Where they become too many, the earliest count for all tickets.
 * @param {Seen} seen
 * @param {string} id
 * @param {number} time
 * @returns {Seen}
 */
export function withSeen(seen, id, time) {
  const entries = Object.entries({ ...seen.times, [id]: time }).sort((a, b) => b[1] - a[1]);
  const since = entries.slice(MOST).reduce((latest, [, cut]) => Math.max(latest, cut), seen.since);
  return { since, times: Object.fromEntries(entries.slice(0, MOST)) };
}

/**
 * The ticket's conversation was shown as far as this.
 * @param {string} id
 * @param {number} time Unix milliseconds
 */
export function markSeen(id, time) {
  const seen = read();
  if (seenTime(id, seen) < time) seenTimes.set(write(withSeen(seen, id, time)));
}
