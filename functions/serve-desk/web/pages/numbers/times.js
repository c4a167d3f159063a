// The times to the first answer and to the end, by vendor and day.

import { number } from "../../core/format.js";
import { html, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { DURATION_STEPS, dayText, durationText, needsYear } from "./amounts.js";
import { Chart } from "./chart.js";
import { DAY_STEPS, lines } from "./describe.js";
import { daysOf } from "./range.js";
import { NoNumber, NumbersSection } from "./section.js";
import { Legend } from "./series.js";

/** The axis shows a minute at least. */
const LEAST_MS = 60_000;

/**
 * @typedef {"first_response" | "resolution"} Measure
 * @typedef {"median_ms" | "p90_ms"} Value
 * @typedef {{ count: number, median_ms?: number, p90_ms?: number }} Durations
 */

/**
 * @param {{ measure: Measure, value: Value, statistics: any, range: import("./range.js").Range,
 *   series: import("./series.js").Series[] }} props
 */
export function Times({ measure, value, statistics, range, series }) {
  const text = useTexts();
  const { days, data, describe, entries } = useMemo(() => {
    const days = daysOf(range);
    /** @type {Map<string, Durations>} */
    const entries = new Map(statistics.days.map(/** @param {any} entry */ (entry) => [entry.day + entry.type, entry[measure]]));
    const values = series.map(({ type }) => days.map((day) => entries.get(day + type)?.[value] ?? null));
    const describe = lines(series, {
      xText: (index) => dayText(days[index]),
      xSteps: DAY_STEPS,
      count: days.length,
      ySteps: DURATION_STEPS,
      yText: (ms) => durationText(ms, "narrow"),
      least: LEAST_MS,
    });
    return { days, data: [days.map((_, index) => index), ...values], describe, entries };
  }, [statistics, range.from, range.to, series, measure, value]);
  const year = needsYear(range);
  const filled = days.filter((day) => series.some(({ type }) => entries.get(day + type)?.count));
  const isEmpty = /** @param {string} type */ (type) => !days.some((day) => entries.get(day + type)?.count);
  const reading = /** @param {number} index */ (index) =>
    [dayText(days[index], { year }), ...series.map(({ type }) => `${text(`vendor.${type}`)} ${amount(entries.get(days[index] + type)) ?? "–"}`)]
      .join(" · ");
  const amount = /** @param {Durations | undefined} durations */ (durations) =>
    durations?.count ? `${durationText(durations[value] ?? 0)} (${number(durations.count)})` : null;
  const cell = /** @param {string} type @param {Durations | undefined} durations */ (type, durations) =>
    durations?.count ? html`<td key=${type} class="number">${amount(durations)}</td>` : html`<${NoNumber} key=${type} />`;
  const whole = /** @param {string} type */ (type) =>
    statistics.vendors.find(/** @param {any} vendor */ (vendor) => vendor.type === type)?.[measure];
  const title = text(`numbers.${measure}.${value}`);
  return html`<${NumbersSection} title=${title} about=${text(`numbers.${measure}.about`)}
    status=${filled.length === 0 ? html`<p class="empty">${text(`numbers.${measure}.none`)}</p>` : null}
    chart=${html`<${Legend} series=${series} empty=${isEmpty} />
      <${Chart} data=${data} describe=${describe} reading=${reading} />`}
    head=${html`<tr>
      <th scope="col">${text("numbers.day")}</th>
      ${series.map(({ type }) => html`<th key=${type} scope="col" class="number">${text(`vendor.${type}`)}</th>`)}
    </tr>`}
    rows=${filled.toReversed().map((day) => html`<tr key=${day}>
      <th scope="row">${dayText(day, { year })}</th>
      ${series.map(({ type }) => cell(type, entries.get(day + type)))}
    </tr>`)}
    foot=${html`<tr>
      <th scope="row">${text("numbers.whole_range")}</th>
      ${series.map(({ type }) => cell(type, whole(type)))}
    </tr>`}
    note=${days.length > filled.length &&
    text("numbers.days_left_out", { count: days.length - filled.length, days: days.length })} />`;
}
