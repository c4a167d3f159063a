// The tickets that are open now, by age and vendor.

import { number } from "../../core/format.js";
import { html, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { COUNT_STEPS, durationText } from "./amounts.js";
import { Chart } from "./chart.js";
import { bars, stacked } from "./describe.js";
import { NumbersSection } from "./section.js";
import { Legend } from "./series.js";

const DAY_MS = 86_400_000;

/** Where the next age begins, in days. */
const LIMITS = [1, 3, 7, 14, 30];
const PLACES = [0, ...LIMITS].map((_, index) => index);

/** The axis shows so many tickets at least. */
const LEAST = 3;

/** @param {number} ms how old a ticket is */
function placeOf(ms) {
  const place = LIMITS.findIndex((days) => ms < days * DAY_MS);
  return place < 0 ? LIMITS.length : place;
}

/** In days, without the word. @param {number} place */
function shortName(place) {
  if (place === 0) return `< ${number(LIMITS[0])}`;
  const from = number(LIMITS[place - 1]);
  return place === LIMITS.length ? `≥ ${from}` : `${from}–${number(LIMITS[place])}`;
}

/** @param {{ open: import("./data.js").OpenTickets, series: import("./series.js").Series[] }} props */
export function Ages({ open, series }) {
  const text = useTexts();
  const { tickets, readTime } = open;
  const { counts, data, describe } = useMemo(() => {
    const counts = series.map(({ type }) => {
      const own = PLACES.map(() => 0);
      for (const ticket of tickets ?? []) if (ticket.type === type) own[placeOf(readTime - ticket.create_time)] += 1;
      return own;
    });
    const describe = bars(series.toReversed(), {
      xText: shortName,
      xSteps: [1],
      xSpace: 40,
      count: PLACES.length,
      ySteps: COUNT_STEPS,
      yText: (count) => number(count),
      least: LEAST,
    });
    return { counts, data: [PLACES, ...stacked(counts)], describe };
  }, [tickets, readTime, series]);
  /** @param {number} place */
  const name = (place) => {
    const [from, to] = [number(LIMITS[place - 1] ?? 0), number(LIMITS[place] ?? 0)];
    const key = place === 0 ? "first" : place === LIMITS.length ? "last" : "between";
    return text(`numbers.age.${key}`, { from, to });
  };
  const columns = series
    .map(({ type }, index) => ({ type, counts: counts[index], total: sum(counts[index]) }))
    .filter(({ total }) => total > 0);
  /** @param {number} place */
  const reading = (place) => {
    const ofVendors = columns.map(({ type, counts }) => `${text(`vendor.${type}`)} ${number(counts[place])}`);
    return [name(place), ...ofVendors].join(" · ");
  };
  const oldest = tickets?.reduce((found, ticket) => (found?.create_time < ticket.create_time ? found : ticket), null);
  return html`<${NumbersSection} title=${text("numbers.ages")} about=${[text("numbers.ages.about")]}
    status=${statusOf(open, text)}
    chart=${html`<${Legend} series=${series} isBars more=${text("numbers.ages.unit")}
        isEmpty=${/** @param {string} type */ (type) => !columns.some((column) => column.type === type)}
        emptyText=${text("numbers.ages.vendor_none")} />
      <${Chart} data=${data} describe=${describe} reading=${reading} />
      ${oldest && html`<p class="oldest">
        ${text("numbers.oldest", { age: durationText(Math.max(0, readTime - oldest.create_time)) })}${" "}
        <${Link} to=${`/tickets/${encodeURIComponent(oldest.id)}`}>
          <span dir="auto">${oldest.name || oldest.cloud_id || oldest.id}</span>
        <//>
      </p>`}`}
    head=${html`<tr>
      <th scope="col">${text("numbers.age")}</th>
      ${columns.map(({ type }) => html`<th key=${type} scope="col" class="number">${text(`vendor.${type}`)}</th>`)}
      <th scope="col" class="number">${text("numbers.total")}</th>
    </tr>`}
    rows=${PLACES.map((place) => html`<tr key=${place}>
      <th scope="row">${name(place)}</th>
      ${columns.map(({ type, counts }) => html`<td key=${type} class="number">${number(counts[place])}</td>`)}
      <td class="number">${number(sum(columns.map(({ counts }) => counts[place])))}</td>
    </tr>`)}
    foot=${html`<tr>
      <th scope="row">${text("numbers.total")}</th>
      ${columns.map(({ type, total }) => html`<td key=${type} class="number">${number(total)}</td>`)}
      <td class="number">${number(tickets?.length ?? 0)}</td>
    </tr>`} />`;
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((all, value) => all + value, 0);
}

/**
 * What is said instead of a chart.
 * @param {import("./data.js").OpenTickets} open
 * @param {(key: string) => string} text
 */
function statusOf({ tickets, error, retry }, text) {
  if (error && !tickets) return html`<${Failure} error=${error} retry=${retry} />`;
  if (!tickets) return html`<p class="empty" role="status">${text("list.loading")}</p>`;
  return tickets.length === 0 && html`<p class="empty">${text("numbers.ages.none")}</p>`;
}
