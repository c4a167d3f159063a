// The times to the first answer and to the end, by vendor and day.

import { number } from "../../core/format.js";
import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { DURATION_STEPS, durationText } from "./amounts.js";
import { DaySection } from "./day_section.js";
import { lines } from "./describe.js";
import { NoNumber } from "./section.js";
import { isByWeek } from "./weeks.js";

/** The axis shows a minute at least. */
const LEAST_MS = 60_000;

/** @typedef {import("./day_section.js").Entry} Entry */

/**
 * @param {{ measure: "first_response" | "resolution", value: "median_ms" | "p90_ms", statistics: any,
 *   range: import("./range.js").Range, series: import("./series.js").Series[] }} props
 */
export function Times({ measure, value, statistics, range, series }) {
  const text = useTexts();
  /** @type {import("./day_section.js").Draw} */
  const draw = (days, entryOf, axis) => ({
    values: series.map(({ type }) => days.map((day) => entryOf(type, day)?.[measure][value] ?? null)),
    describe: lines(series, {
      ...axis,
      ySteps: DURATION_STEPS,
      yText: (ms) => (ms === 0 ? number(0) : durationText(ms, "narrow")),
      least: LEAST_MS,
    }),
  });
  /** @param {Entry} entry */
  const amount = ({ [measure]: durations }) => `${durationText(durations[value] ?? 0)} (${number(durations.count)})`;
  const byWeek = isByWeek(range);
  const titles =
    measure === "first_response"
      ? { days: `numbers.first_response.${value}`, weeks: `numbers.first_response.${value}.weeks` }
      : { days: `numbers.resolution.${value}`, weeks: `numbers.resolution.${value}.weeks` };
  return html`<${DaySection} title=${text(byWeek ? titles.weeks : titles.days)}
    about=${[text(`numbers.${measure}.about`), ...(byWeek ? [text(`numbers.${value}.of_week`)] : [])]}
    none=${text(`numbers.${measure}.none`)} range=${range} statistics=${statistics} series=${series}
    draw=${draw} inputs=${[measure, value]} has=${/** @param {Entry} entry */ (entry) => entry[measure].count > 0}
    reading=${/** @param {Entry} [entry] */ (entry) => (entry ? amount(entry) : "–")}
    head=${/** @param {string[]} columns */ (columns) => html`<tr>
      <th scope="col">${text(byWeek ? "numbers.week" : "numbers.day")}</th>
      ${columns.map((type) => html`<th key=${type} scope="col" class="number">${text(`vendor.${type}`)}</th>`)}
    </tr>`}
    cells=${/** @param {string} type @param {Entry} [entry] */ (type, entry) =>
      entry ? html`<td key=${type} class="number">${amount(entry)}</td>` : html`<${NoNumber} key=${type} />`} />`;
}
