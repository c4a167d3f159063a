// The key figures: what is open now, and the range against as many days before it.

import { number } from "../../core/format.js";
import { html } from "../../core/html.js";
import { address } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { Link } from "../../parts/link.js";
import { durationText, percentText } from "./amounts.js";

/** Two medians are exact to 4.5 % each: a smaller difference says nothing. */
const NO_CHANGE = 0.09;

/**
 * @param {{ open: import("./data.js").OpenTickets, statistics: any, earlier: any, failed: boolean,
 *   range: import("./range.js").Range, series: import("./series.js").Series[],
 *   filters: import("./data.js").Filters }} props
 *   `statistics` and `earlier` are nothing until they are read; `failed`: the last read of the statistics failed
 */
export function Figures({ open, statistics, earlier, failed, range, series, filters }) {
  const text = useTexts();
  const { tickets } = open;
  const waiting = tickets?.filter((ticket) => ticket.awaiting === "customer").length ?? 0;
  const unknown = tickets?.filter((ticket) => ticket.state === "open" && !ticket.awaiting).length ?? 0;
  const known = !range.error && !(failed && !statistics);
  const unread = open.error ? "–" : null;
  const list = address("/tickets", { ...filters, awaiting: "customer" });
  const byVendor = series
    .map(({ type }) => ({ type, count: tickets?.filter((ticket) => ticket.type === type).length ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ type, count }) => `${text(`vendor.${type}`)} ${number(count)}`);
  return html`<dl class="figures">
    <${Figure} name=${text("numbers.open_now")} value=${tickets ? number(tickets.length) : unread}
      note=${byVendor.length > 1 && byVendor.join(" · ")} />
    <${Figure} name=${text("numbers.waiting")}
      value=${tickets ? html`<${Link} to=${list}>${number(waiting)}<//>` : unread}
      note=${unknown > 0 && text("numbers.waiting_unknown", { count: unknown, shown: number(unknown) })} />
    ${known && html`
      ${["opened", "closed"].map((name) => html`<${Volume} key=${name} name=${name} days=${range.length}
        statistics=${statistics} earlier=${earlier} />`)}`}
  </dl>
  ${known && series.length > 0 && html`<dl class="figures of-vendors">
    ${series.map(({ type }) => html`<${FirstAnswer} key=${type} type=${type} days=${range.length}
      now=${statistics && durationsOf(statistics, type)} before=${earlier && durationsOf(earlier, type)} />`)}
  </dl>`}`;
}

/** @typedef {import("./day_section.js").Durations} Durations */

/** @param {any} statistics @param {string} type @returns {Durations} */
function durationsOf(statistics, type) {
  /** @type {import("./day_section.js").Entry | undefined} */
  const entry = statistics.vendors.find(/** @param {any} vendor */ (vendor) => vendor.type === type);
  return entry?.first_response ?? { count: 0 };
}

/** @param {{ name: string, value: any, note?: any }} props */
function Figure({ name, value, note }) {
  const text = useTexts();
  return html`<div>
    <dt>${name}</dt>
    <dd class="value">
      ${value ?? html`<span class="visually-hidden">${text("list.loading")}</span><span aria-hidden="true">…</span>`}
    </dd>
    ${note && html`<dd class="quiet">${note}</dd>`}
  </div>`;
}

/** @param {{ name: string, statistics: any, earlier: any, days: number }} props */
function Volume({ name, statistics, earlier, days }) {
  const text = useTexts();
  const title = text(`numbers.${name}_in_range`);
  if (!statistics) return html`<${Figure} name=${title} value=${null} />`;
  // Without any ticket it is not known whether there were none, or Polydesk was not in use.
  const known = /** @param {any} from */ (from) => from.vendors.length > 0;
  const sum = /** @param {any} from */ (from) =>
    number(from.vendors.reduce(/** @param {number} all @param {any} vendor */ (all, vendor) => all + vendor[name], 0));
  const note = !known(statistics) ? text("numbers.no_tickets")
    : !earlier ? null
    : known(earlier) ? text("numbers.before.count", { count: days, before: sum(earlier) })
    : text("numbers.before.no_tickets", { count: days });
  return html`<${Figure} name=${title} value=${known(statistics) ? sum(statistics) : "–"} note=${note} />`;
}

/** @param {{ type: string, now: Durations | null, before: Durations | null, days: number }} props */
function FirstAnswer({ type, now, before, days }) {
  const text = useTexts();
  const name = text("numbers.first_answer_of", { vendor: text(`vendor.${type}`) });
  if (!now) return html`<${Figure} name=${name} value=${null} />`;
  if (!now.count) return html`<${Figure} name=${name} value="–" note=${text("numbers.first_response.none")} />`;
  const median = now.median_ms ?? 0;
  return html`<${Figure} name=${name} value=${durationText(median)} note=${before && change(median, before)} />`;

  /** @param {number} median @param {Durations} before */
  function change(median, before) {
    if (!before.count || !before.median_ms) return text("numbers.before.no_answers", { count: days });
    const share = median / before.median_ms - 1;
    const key = Math.abs(share) < NO_CHANGE ? "same" : share > 0 ? "longer" : "shorter";
    return text(`numbers.before.${key}`, {
      count: days,
      percent: percentText(Math.abs(share)),
      before: durationText(before.median_ms),
    });
  }
}
