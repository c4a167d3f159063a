// A chart over the days or weeks of a range, and its table: the newest first, those and vendors without numbers left
// out.

import { html, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { dayText, needsYear, periodText } from "./amounts.js";
import { Chart } from "./chart.js";
import { DAY_STEPS, WEEK_STEPS } from "./describe.js";
import { NumbersSection } from "./section.js";
import { Legend } from "./series.js";
import { byPeriod, isByWeek, periodsOf } from "./weeks.js";

/**
 * @typedef {{ count: number, median_ms?: number, p90_ms?: number }} Durations
 * @typedef {{ day: string, type: string, opened: number, closed: number, first_response: Durations,
 *   resolution: Durations }} Entry of a vendor and a day or week; without `day` where it is of all days
 * @typedef {(type: string, day: string) => Entry | undefined} EntryOf
 * @typedef {{ xText: (index: number) => string, xSteps: number[], count: number }} DayAxis
 * @typedef {(days: string[], entryOf: EntryOf, axis: DayAxis)
 *   => { values: (number | null)[][], describe: import("./chart.js").Describe }} Draw
 */

/**
 * @param {{ title: string, about: string[], none: string, range: import("./range.js").Range, statistics: any,
 *   series: import("./series.js").Series[], draw: Draw, inputs: unknown[], has: (entry: Entry) => boolean,
 *   head: (columns: string[]) => any, cells: (type: string, entry?: Entry) => any, reading: (entry?: Entry) => string,
 *   isBars?: boolean, more?: string }} props `draw` is called anew when one of `inputs` changes; `has`: the entry has
 *   numbers of this section; `cells` and `reading` get only entries that have
 */
export function DaySection(props) {
  const { title, about, none, range, statistics, series, isBars, more } = props;
  const { draw, inputs, has, head, cells, reading } = props;
  const text = useTexts();
  const byWeek = isByWeek(range);
  const { periods, days, entryOf, data, describe } = useMemo(() => {
    const periods = periodsOf(range);
    const days = periods.map(({ from }) => from);
    const entries = byPeriod(statistics.days, range);
    /** @type {EntryOf} */
    const entryOf = (type, day) => entries.get(day + type);
    /** @param {number} index */
    const xText = (index) => dayText(days[index]);
    const { values, describe } = draw(days, entryOf, {
      xText,
      xSteps: byWeek ? WEEK_STEPS : DAY_STEPS,
      count: days.length,
    });
    return { periods, days, entryOf, data: [days.map((_, index) => index), ...values], describe };
  }, [statistics, range.from, range.to, series, ...inputs]);
  const year = needsYear(range);
  /** @param {string} type @param {string} day */
  const known = (type, day) => {
    const entry = entryOf(type, day);
    return entry && has(entry) ? entry : undefined;
  };
  const columns = series.map(({ type }) => type).filter((type) => days.some((day) => known(type, day)));
  const filled = periods.filter(({ from }) => columns.some((type) => known(type, from)));
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
        return [periodText(periods[index], { year }), ...ofVendors].join(" · ");
      }} />`}
    head=${head(columns)}
    rows=${filled.toReversed().map((period) => html`<tr key=${period.from}>
      <th scope="row">${periodText(period, { year: year && !byWeek })}</th>
      ${columns.map((type) => cells(type, known(type, period.from)))}
    </tr>`)}
    foot=${html`<tr>
      <th scope="row">${text("numbers.whole_range")}</th>
      ${columns.map((type) => cells(type, whole(type)))}
    </tr>`}
    notes=${[
      left > 0 && text(byWeek ? "numbers.weeks_left_out" : "numbers.days_left_out", { count: left }),
      without.length > 0 && text("numbers.without", { vendors: without.join(text("numbers.list_mark")) }),
    ].filter(Boolean)} />`;
}
