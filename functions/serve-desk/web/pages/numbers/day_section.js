// A chart over the days of a range, and its table: the newest day first, days and vendors without numbers left out.

import { html, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { dayText, needsYear } from "./amounts.js";
import { Chart } from "./chart.js";
import { DAY_STEPS } from "./describe.js";
import { daysOf } from "./range.js";
import { NumbersSection } from "./section.js";
import { Legend } from "./series.js";

/**
 * @typedef {{ count: number, median_ms?: number, p90_ms?: number }} Durations
 * @typedef {{ type: string, opened: number, closed: number, first_response: Durations, resolution: Durations }} Entry
 *   of a vendor and a day, or of all days
 * @typedef {(type: string, day: string) => Entry | undefined} EntryOf
 * @typedef {{ xText: (index: number) => string, xSteps: number[], count: number }} DayAxis
 * @typedef {(days: string[], entryOf: EntryOf, axis: DayAxis)
 *   => { values: (number | null)[][], describe: import("./chart.js").Describe }} Draw
 */

/**
 * @param {{ title: string, about: string, none: string, range: import("./range.js").Range, statistics: any,
 *   series: import("./series.js").Series[], draw: Draw, inputs: unknown[], has: (entry: Entry) => boolean,
 *   head: (columns: string[]) => any, cells: (type: string, entry?: Entry) => any, reading: (entry?: Entry) => string,
 *   isBars?: boolean, more?: string }} props `draw` is called anew when one of `inputs` changes; `has`: the entry has
 *   numbers of this section; `cells` and `reading` get only entries that have
 */
export function DaySection(props) {
  const { title, about, none, range, statistics, series, isBars, more } = props;
  const { draw, inputs, has, head, cells, reading } = props;
  const text = useTexts();
  const { days, entryOf, data, describe } = useMemo(() => {
    const days = daysOf(range);
    /** @type {Map<string, Entry>} */
    const entries = new Map(statistics.days.map(/** @param {any} entry */ (entry) => [entry.day + entry.type, entry]));
    /** @type {EntryOf} */
    const entryOf = (type, day) => entries.get(day + type);
    /** @param {number} index */
    const xText = (index) => dayText(days[index]);
    const { values, describe } = draw(days, entryOf, { xText, xSteps: DAY_STEPS, count: days.length });
    return { days, entryOf, data: [days.map((_, index) => index), ...values], describe };
  }, [statistics, range.from, range.to, series, ...inputs]);
  const year = needsYear(range);
  /** @param {string} type @param {string} day */
  const known = (type, day) => {
    const entry = entryOf(type, day);
    return entry && has(entry) ? entry : undefined;
  };
  const columns = series.map(({ type }) => type).filter((type) => days.some((day) => known(type, day)));
  const filled = days.filter((day) => columns.some((type) => known(type, day)));
  const without = series.filter(({ type }) => !columns.includes(type)).map(({ type }) => text(`vendor.${type}`));
  const left = days.length - filled.length;
  /** @param {string} type @returns {Entry | undefined} */
  const whole = (type) => statistics.vendors.find(/** @param {Entry} entry */ (entry) => entry.type === type);
  return html`<${NumbersSection} title=${title} about=${about}
    status=${columns.length === 0 && html`<p class="empty">${none}</p>`}
    chart=${html`<${Legend} series=${series} isEmpty=${/** @param {string} type */ (type) => !columns.includes(type)}
        isBars=${isBars} more=${more} />
      <${Chart} data=${data} describe=${describe} reading=${/** @param {number} index */ (index) => {
        const ofVendors = columns.map((type) => `${text(`vendor.${type}`)} ${reading(known(type, days[index]))}`);
        return [dayText(days[index], { year }), ...ofVendors].join(" · ");
      }} />`}
    head=${head(columns)}
    rows=${filled.toReversed().map((day) => html`<tr key=${day}>
      <th scope="row">${dayText(day, { year })}</th>
      ${columns.map((type) => cells(type, known(type, day)))}
    </tr>`)}
    foot=${html`<tr>
      <th scope="row">${text("numbers.whole_range")}</th>
      ${columns.map((type) => cells(type, whole(type)))}
    </tr>`}
    note=${[
      left > 0 && text("numbers.days_left_out", { count: left, days: days.length }),
      without.length > 0 && text("numbers.without", { vendors: without.join(text("numbers.list_mark")) }),
    ].filter(Boolean).join(" ")} />`;
}
