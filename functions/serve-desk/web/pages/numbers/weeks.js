// Days put together to weeks, for a range with too many days to tell them apart in a chart.

import { addDays, daysOf } from "./range.js";

/** A chart has no more days than this. */
const MOST_DAYS = 120;

/**
 * @typedef {import("./day_section.js").Entry} Entry
 * @typedef {import("./day_section.js").Durations} Durations
 * @typedef {{ from: string, to: string }} Period a day, or the days of a week that are in the range
 */

/** @param {import("./range.js").Range} range */
export function isByWeek({ length }) {
  return length > MOST_DAYS;
}

/** The Monday of its week. @param {string} day */
function mondayOf(day) {
  return addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
}

/** The days or weeks of a range, the first one first. @param {import("./range.js").Range} range @returns {Period[]} */
export function periodsOf(range) {
  const days = daysOf(range);
  if (!isByWeek(range)) return days.map((day) => ({ from: day, to: day }));
  const starts = days.filter((day) => day === range.from || day === mondayOf(day));
  return starts.map((from, index) => {
    const next = starts[index + 1];
    return { from, to: next ? addDays(next, -1) : range.to };
  });
}

/**
 * The entries by vendor and the first day of their period.
 * @param {Entry[]} entries of days
 * @param {import("./range.js").Range} range
 * @returns {Map<string, Entry>}
 */
export function byPeriod(entries, range) {
  /** @type {Map<string, Entry[]>} */
  const groups = new Map();
  for (const entry of entries) {
    const monday = mondayOf(entry.day);
    const from = !isByWeek(range) ? entry.day : monday < range.from ? range.from : monday;
    const key = from + entry.type;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return new Map([...groups].map(([key, group]) => [key, group.length === 1 ? group[0] : sumOf(group)]));
}

/** @param {Entry[]} entries of one vendor @returns {Entry} */
function sumOf(entries) {
  const count = /** @param {"opened" | "closed"} name */ (name) => entries.reduce((sum, entry) => sum + entry[name], 0);
  return {
    ...entries[0],
    opened: count("opened"),
    closed: count("closed"),
    first_response: meanOf(entries.map((entry) => entry.first_response)),
    resolution: meanOf(entries.map((entry) => entry.resolution)),
  };
}

/**
 * A median of several days can't be made of their medians: this is their mean, in which each ticket counts once.
 * @param {Durations[]} durations
 * @returns {Durations}
 */
function meanOf(durations) {
  const known = durations.filter(({ count }) => count > 0);
  const count = known.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return { count };
  const mean = /** @param {"median_ms" | "p90_ms"} name */ (name) =>
    Math.round(known.reduce((sum, one) => sum + (one[name] ?? 0) * one.count, 0) / count);
  return { count, median_ms: mean("median_ms"), p90_ms: mean("p90_ms") };
}
