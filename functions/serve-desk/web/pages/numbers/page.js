// Numbers: how fast the vendors answer and end tickets, how many there are, and how old the open ones are.

import { shortTime } from "../../core/format.js";
import { html, useId, useMemo } from "../../core/html.js";
import { address, go, usePlace } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { Failure } from "../../parts/failure.js";
import { useAllAccounts } from "../accounts/all.js";
import { Ages } from "./ages.js";
import { needsYear, periodText } from "./amounts.js";
import { useOpenTickets, useStatistics } from "./data.js";
import { Figures } from "./figures.js";
import { NumbersFilters, queryOfValue, valueOf } from "./filters.js";
import { before, queryOf, rangeOf, today } from "./range.js";
import { seriesOf } from "./series.js";
import { Times } from "./times.js";
import { Volumes } from "./volumes.js";

export function NumbersPage() {
  const text = useTexts();
  const { query } = usePlace();
  const range = rangeOf(query, today());
  const filters = { type: query.get("type") ?? "", custom_id: query.get("custom_id") ?? "" };
  const value = valueOf(query);
  const { now, earlier } = useStatistics(range, filters);
  const open = useOpenTickets(filters);
  const accounts = useAllAccounts();
  const account = accounts.find(({ id }) => id === filters.custom_id);
  const shown = accounts.filter((one) => (!filters.type || one.type === filters.type) && (!account || one === account));
  // A vendor is shown where it has an account, also without numbers.
  const types = [...shown, ...(now.data?.vendors ?? []), ...(open.tickets ?? [])].map(({ type }) => type);
  const names = [...new Set(filters.type ? [...types, filters.type] : types)].sort().join(" ");
  const series = useMemo(() => seriesOf(new Set(names.split(" "))), [names]);
  const setValue = /** @param {import("./filters.js").Value} chosen */ (chosen) =>
    go(address("/numbers", { ...queryOf(range), ...filters, ...queryOfValue(chosen) }), { replace: true });
  const year = needsYear(range);
  const days = !range.error && text("numbers.days", { days: periodText(range, { year }) });
  const daysBefore = range.error ? null : before(range);
  const daysBeforeText = daysBefore && periodText(daysBefore, { year: needsYear({ ...range, ...daysBefore }) });
  const readTime = open.readTime > 0 && text("numbers.read", { time: shortTime(open.readTime) });
  const refresh = () => {
    now.refresh();
    earlier.refresh();
    open.retry();
  };
  return html`<div class="numbers">
    <div class="page-head">
      <h1>${text("nav.numbers")}</h1>
      <p class="count">
        ${[days, readTime].filter(Boolean).join(" · ")}
      </p>
      <button type="button" onClick=${refresh}>${text("numbers.refresh")}</button>
    </div>
    <${NumbersFilters} range=${range} filters=${filters} value=${value} accounts=${accounts} />
    ${now.error && html`<${Failure} error=${now.error} retry=${refresh} />`}
    <${Figures} open=${open} statistics=${now.data} earlier=${earlier.data} range=${range} series=${series}
      filters=${filters} failed=${now.error !== null} />
    ${daysBeforeText && earlier.error && !earlier.data && !now.error && html`<p class="quiet" role="status">
      ${text("numbers.before.failed", { days: daysBeforeText })}
    </p>`}
    ${now.loading && html`<p class="empty" role="status">${text("list.loading")}</p>`}
    ${now.data && html`
      <${ValueSwitch} value=${value} onChange=${setValue} />
      <${Times} measure="first_response" value=${value} statistics=${now.data} range=${range} series=${series} />
      <${Times} measure="resolution" value=${value} statistics=${now.data} range=${range} series=${series} />
      <${Volumes} statistics=${now.data} range=${range} series=${series} />`}
    <${Ages} open=${open} series=${series} />
  </div>`;
}

/**
 * @param {{ value: import("./filters.js").Value, onChange: (value: import("./filters.js").Value) => void }} props
 */
function ValueSwitch({ value, onChange }) {
  const text = useTexts();
  const name = useId();
  return html`<fieldset class="switch">
    <legend>${text("numbers.value")}</legend>
    ${/** @type {const} */ ([
      ["median_ms", "numbers.median_ms"],
      ["p90_ms", "numbers.p90_ms"],
    ]).map(([one, title]) => html`<label key=${one}>
      <input type="radio" name=${name} value=${one} checked=${value === one} onChange=${() => onChange(one)} />
      <span>${text(title)} <span class="quiet">${text(`numbers.${one}.about`)}</span></span>
    </label>`)}
  </fieldset>`;
}
