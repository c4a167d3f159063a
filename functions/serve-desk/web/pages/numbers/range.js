// The range of days that is shown. Days are of UTC, as the statistics count them.

const DAY_MS = 86_400_000;

/** The most days that the statistics answer at once. */
const MOST_DAYS = 366;

/** Ranges up to today, in days; the middle one is shown where nothing is chosen. */
export const LENGTHS = ["7", "30", "90"];
const USUAL_LENGTH = "30";

/** The choice of the first and the last day. */
export const OWN = "own";

/**
 * @typedef {{ from: string, to: string, length: number, chosen: string,
 *   error: "day" | "order" | "length" | null }} Range
 *   days as `2026-01-15`; `length` counts them; `chosen` is one of `LENGTHS` or `OWN`
 */

/** @param {number} ms Unix milliseconds */
function dayOf(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

/** @param {string} day */
function isDay(day) {
  const ms = Date.parse(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(ms) && dayOf(ms) === day;
}

/** @param {string} day @param {number} count */
export function addDays(day, count) {
  return dayOf(Date.parse(day) + count * DAY_MS);
}

/** @param {number} [now] Unix milliseconds */
export function today(now = Date.now()) {
  return dayOf(now);
}

/**
 * The range of an address.
 * @param {URLSearchParams} query
 * @param {string} today
 * @returns {Range}
 */
export function rangeOf(query, today) {
  const [from, to] = [query.get("from"), query.get("to")];
  if (from === null && to === null) {
    const asked = query.get("days") ?? "";
    const chosen = LENGTHS.includes(asked) ? asked : USUAL_LENGTH;
    const length = Number(chosen);
    return { from: addDays(today, 1 - length), to: today, length, chosen, error: null };
  }
  const own = { from: from ?? "", to: to ?? "", chosen: OWN };
  if (!isDay(own.from) || !isDay(own.to)) return { ...own, length: 0, error: "day" };
  const length = Math.round((Date.parse(own.to) - Date.parse(own.from)) / DAY_MS) + 1;
  return { ...own, length, error: length < 1 ? "order" : length > MOST_DAYS ? "length" : null };
}

/** The values of a range in an address. @param {Range} range @returns {Record<string, string>} */
export function queryOf({ from, to, chosen }) {
  if (chosen === OWN) return { from, to };
  return chosen === USUAL_LENGTH ? {} : { days: chosen };
}

/** Every day of it, the first one first. @param {Range} range */
export function daysOf({ from, length }) {
  return Array.from({ length }, (_, index) => addDays(from, index));
}

/** As many days just before it. @param {Range} range */
export function before({ from, length }) {
  return { from: addDays(from, -length), to: addDays(from, -1) };
}
