// Lengths of time and days, as people read them.

import { spaced } from "../../core/format.js";
import { language } from "../../core/settings.js";
import { text } from "../../core/texts.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {[string, number][]} */
const UNITS = [["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", SECOND]];

/** From so many of a unit on, the smaller unit is not told. */
const MANY = 10;

/** Steps of an axis of durations. */
export const DURATION_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200].map((count) => count * DAY),
];

/** Steps of an axis of counts: whole numbers only. */
export const COUNT_STEPS = [1, 10, 100, 1000, 10_000, 100_000].flatMap((size) => [size, 2 * size, 5 * size]);

/** @param {number} ms */
function indexOfUnit(ms) {
  return UNITS.findIndex(([, size]) => ms >= size);
}

/**
 * Such as `1 hr 20 min` or `17 min`: more would pretend an exactness that the statistics don't have.
 * @param {number} ms
 * @param {"short" | "narrow"} [unitDisplay]
 */
export function durationText(ms, unitDisplay = "short") {
  if (ms < SECOND) return text("numbers.under_second");
  // Rounded first, so that 59 minutes 40 seconds are an hour and not 60 minutes.
  const [first, smaller] = UNITS.slice(indexOfUnit(ms));
  const step = (ms < MANY * first[1] && smaller ? smaller : first)[1];
  const rounded = Math.round(ms / step) * step;
  const [[unit, size], next] = UNITS.slice(indexOfUnit(rounded));
  const rest = next ? Math.round((rounded % size) / next[1]) : 0;
  const whole = amount(Math.floor(rounded / size), unit, unitDisplay);
  return rest > 0 ? `${whole} ${amount(rest, next[0], unitDisplay)}` : whole;
}

/** @param {number} count @param {string} unit @param {"short" | "narrow"} unitDisplay */
function amount(count, unit, unitDisplay) {
  const words = new Intl.NumberFormat(language.get(), { style: "unit", unit, unitDisplay }).format(count);
  return unitDisplay === "short" ? spaced(words) : words;
}

/** @param {number} share such as 0.2 */
export function percentText(share) {
  return new Intl.NumberFormat(language.get(), { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** @param {boolean} year whether with the year */
function dates(year) {
  const shown = { year: year ? /** @type {const} */ ("numeric") : undefined, timeZone: "UTC" };
  const tag = language.get() === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(tag, { ...shown, month: "short", day: "numeric" });
}

/** @param {string} day such as `2026-01-15` */
export function dayText(day) {
  return dates(false).format(Date.parse(day));
}

/**
 * A day, or the first and the last one of several.
 * @param {{ from: string, to: string }} period
 * @param {{ year?: boolean }} [options]
 */
export function periodText({ from, to }, { year = false } = {}) {
  return dates(year).formatRange(Date.parse(from), Date.parse(to));
}

/** Whether days are written with their year. @param {import("./range.js").Range} range */
export function needsYear({ from, to }) {
  const year = String(new Date().getUTCFullYear());
  return !from.startsWith(year) || !to.startsWith(year);
}
