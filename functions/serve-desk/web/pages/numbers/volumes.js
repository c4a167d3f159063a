// How many tickets were opened and closed, by vendor and day.

import { number } from "../../core/format.js";
import { html, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { COUNT_STEPS, dayText, needsYear } from "./amounts.js";
import { Chart } from "./chart.js";
import { DAY_STEPS, bars, stacked } from "./describe.js";
import { daysOf } from "./range.js";
import { NoNumber, NumbersSection } from "./section.js";
import { Legend } from "./series.js";

/** The axis shows so many tickets at least. */
const LEAST = 3;

/** @typedef {{ opened: number, closed: number }} Volume */

/**
 * @param {{ statistics: any, range: import("./range.js").Range, series: import("./series.js").Series[] }} props
 */
export function Volumes({ statistics, range, series }) {
  const text = useTexts();
  const { days, data, describe, entries } = useMemo(() => {
    const days = daysOf(range);
    /** @type {Map<string, Volume>} */
    const entries = new Map(statistics.days.map(/** @param {any} entry */ (entry) => [entry.day + entry.type, entry]));
    const values = /** @param {keyof Volume} name */ (name) =>
      stacked(series.map(({ type }) => days.map((day) => entries.get(day + type)?.[name] ?? null)));
    const closed = values("closed").map((tops) => tops.map((top) => top && -top));
    const describe = bars([...series.toReversed(), ...series.toReversed()], {
      xText: (index) => dayText(days[index]),
      xSteps: DAY_STEPS,
      count: days.length,
      ySteps: COUNT_STEPS,
      yText: (count) => number(Math.abs(count)),
      least: LEAST,
    });
    return { days, data: [days.map((_, index) => index), ...values("opened"), ...closed], describe, entries };
  }, [statistics, range.from, range.to, series]);
  const year = needsYear(range);
  const has = /** @param {Volume | undefined} volume */ (volume) => Boolean(volume && (volume.opened || volume.closed));
  const filled = days.filter((day) => series.some(({ type }) => has(entries.get(day + type))));
  const isEmpty = /** @param {string} type */ (type) => !days.some((day) => has(entries.get(day + type)));
  const reading = /** @param {number} index */ (index) =>
    [dayText(days[index], { year }), ...series.map(({ type }) => {
      const volume = entries.get(days[index] + type);
      return `${text(`vendor.${type}`)} ${volume && has(volume) ? `+${number(volume.opened)} −${number(volume.closed)}` : "–"}`;
    })].join(" · ");
  const cells = /** @param {string} type @param {Volume | undefined} volume */ (type, volume) =>
    volume && has(volume)
      ? html`<td key="${type}-opened" class="number">${number(volume.opened)}</td>
          <td key="${type}-closed" class="number">${number(volume.closed)}</td>`
      : html`<${NoNumber} key=${type} span=${2} />`;
  const whole = /** @param {string} type */ (type) =>
    statistics.vendors.find(/** @param {any} vendor */ (vendor) => vendor.type === type);
  return html`<${NumbersSection} title=${text("numbers.volumes")} about=${text("numbers.volumes.about")}
    status=${filled.length === 0 ? html`<p class="empty">${text("numbers.volumes.none")}</p>` : null}
    chart=${html`<${Legend} series=${series} empty=${isEmpty} bars more=${text("numbers.volumes.sides")} />
      <${Chart} data=${data} describe=${describe} reading=${reading} />`}
    head=${html`<tr>
        <th rowspan="2" scope="col">${text("numbers.day")}</th>
        ${series.map(({ type }) => html`<th key=${type} colspan="2" scope="colgroup" class="number">${text(`vendor.${type}`)}</th>`)}
      </tr>
      <tr>
        ${series.map(({ type }) => html`<th key="${type}-opened" scope="col" class="number">${text("numbers.opened")}</th>
          <th key="${type}-closed" scope="col" class="number">${text("numbers.closed")}</th>`)}
      </tr>`}
    rows=${filled.toReversed().map((day) => html`<tr key=${day}>
      <th scope="row">${dayText(day, { year })}</th>
      ${series.map(({ type }) => cells(type, entries.get(day + type)))}
    </tr>`)}
    foot=${html`<tr>
      <th scope="row">${text("numbers.whole_range")}</th>
      ${series.map(({ type }) => cells(type, whole(type)))}
    </tr>`}
    note=${days.length > filled.length &&
    text("numbers.days_left_out", { count: days.length - filled.length, days: days.length })} />`;
}
