// Times, durations, sizes and numbers, in the chosen language and the browser's time zone.

import { language } from "./settings.js";
import { text } from "./texts.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @param {Intl.DateTimeFormatOptions} options */
function dates(options) {
  return new Intl.DateTimeFormat(language.get() === "zh" ? "zh-CN" : "en-GB", options);
}

/**
 * To the second, with the time zone.
 * @param {number} ms Unix milliseconds
 */
export function exactTime(ms) {
  return dates({ dateStyle: "full", timeStyle: "long" }).format(ms);
}

/**
 * A day and a time of day; the time alone today.
 * @param {number} ms Unix milliseconds
 */
export function shortTime(ms) {
  const [then, now] = [new Date(ms), new Date()];
  if (then.toDateString() === now.toDateString()) return dates({ timeStyle: "short" }).format(ms);
  const sameYear = then.getFullYear() === now.getFullYear();
  return dates({ year: sameYear ? undefined : "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" })
    .format(ms);
}

/**
 * How long ago, in one unit.
 * @param {number} ms Unix milliseconds
 */
export function ago(ms, now = Date.now()) {
  const passed = Math.max(0, now - ms);
  if (passed < MINUTE) return text("time.now");
  const [count, unit] = unitOf(-passed);
  const format = new Intl.RelativeTimeFormat(language.get(), { numeric: "always", style: "narrow" });
  return spaced(format.format(Math.round(count), unit));
}

/** With a space between a digit and a Chinese word, as in the page's texts. @param {string} words */
export function spaced(words) {
  return words.replace(/(\d)(?=\p{Script=Han})/gu, "$1 ");
}

/**
 * @param {number} ms
 * @returns {[number, Intl.RelativeTimeFormatUnit]}
 */
function unitOf(ms) {
  const size = Math.abs(ms);
  if (size < HOUR) return [ms / MINUTE, "minute"];
  if (size < 2 * DAY) return [ms / HOUR, "hour"];
  if (size < 60 * DAY) return [ms / DAY, "day"];
  if (size < 730 * DAY) return [ms / (30 * DAY), "month"];
  return [ms / (365 * DAY), "year"];
}

/**
 * A length of time, in one unit, with a digit after the point where it is short.
 * @param {number} ms
 */
export function duration(ms) {
  const [count, unit] = ms < MINUTE ? [Math.round(ms / 1000), "second"] : unitOf(ms);
  const maximumFractionDigits = count < 10 ? 1 : 0;
  const format = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits };
  return spaced(new Intl.NumberFormat(language.get(), /** @type {any} */ (format)).format(count));
}

/** @param {number} bytes */
export function size(bytes) {
  const [value, unit] = bytes < 1024 ? [bytes, "B"] : bytes < 1 << 20 ? [bytes / 1024, "KiB"] : [bytes / (1 << 20), "MiB"];
  return `${number(value, unit === "B" ? 0 : 1)} ${unit}`;
}

/**
 * @param {number} value
 * @param {number} [digits] the most digits after the point
 */
export function number(value, digits = 0) {
  return new Intl.NumberFormat(language.get(), { maximumFractionDigits: digits }).format(value);
}

/** Characters as the API counts them: code points. @param {string} value */
export function characters(value) {
  return [...value].length;
}
