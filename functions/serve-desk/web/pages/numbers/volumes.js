// How many tickets were opened and closed, by vendor and day.

import { number } from "../../core/format.js";
import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { COUNT_STEPS } from "./amounts.js";
import { DaySection } from "./day_section.js";
import { bars, stacked } from "./describe.js";
import { NoNumber } from "./section.js";
import { isByWeek } from "./weeks.js";

/** The axis shows so many tickets at least. */
const LEAST = 3;

/** @type {("opened" | "closed")[]} */
const NAMES = ["opened", "closed"];
const TITLES = { opened: "numbers.opened", closed: "numbers.closed" };

/** @typedef {import("./day_section.js").Entry} Entry */

/** @param {{ statistics: any, range: import("./range.js").Range, series: import("./series.js").Series[] }} props */
export function Volumes({ statistics, range, series }) {
  const text = useTexts();
  /** @type {import("./day_section.js").Draw} */
  const draw = (days, entryOf, axis) => {
    const [opened, closed] = NAMES.map((name) =>
      stacked(series.map(({ type }) => days.map((day) => entryOf(type, day)?.[name] ?? null))));
    return {
      values: [...opened, ...closed.map((tops) => tops.map((top) => top && -top))],
      describe: bars([...series.toReversed(), ...series.toReversed()], {
        ...axis,
        ySteps: COUNT_STEPS,
        yText: (count) => number(Math.abs(count)),
        least: LEAST,
      }),
    };
  };
  const byWeek = isByWeek(range);
  return html`<${DaySection} title=${text(byWeek ? "numbers.volumes.weeks" : "numbers.volumes")}
    about=${[text(byWeek ? "numbers.volumes.weeks_about" : "numbers.volumes.about")]}
    none=${text("numbers.volumes.none")} range=${range} statistics=${statistics} series=${series}
    draw=${draw} inputs=${[]} has=${/** @param {Entry} entry */ ({ opened, closed }) => opened > 0 || closed > 0}
    isBars more=${text("numbers.volumes.sides")}
    reading=${/** @param {Entry} [entry] */ (entry) =>
      entry ? `+${number(entry.opened)} −${number(entry.closed)}` : "–"}
    head=${/** @param {string[]} columns */ (columns) => html`<tr>
        <th rowspan="2" scope="col">${text(byWeek ? "numbers.week" : "numbers.day")}</th>
        ${columns.map((type) => html`<th key=${type} colspan="2" scope="colgroup" class="number">
          ${text(`vendor.${type}`)}
        </th>`)}
      </tr>
      <tr>
        ${columns.flatMap((type) => NAMES.map((name) => html`<th key=${type + name} scope="col" class="number">
          ${text(TITLES[name])}
        </th>`))}
      </tr>`}
    cells=${/** @param {string} type @param {Entry} [entry] */ (type, entry) =>
      NAMES.map((name) => entry
        ? html`<td key=${type + name} class="number">${number(entry[name])}</td>`
        : html`<${NoNumber} key=${type + name} />`)} />`;
}
