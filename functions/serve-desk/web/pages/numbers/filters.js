// Range, vendor and account. They stand in the address, so that a link shows the same numbers.

import { html } from "../../core/html.js";
import { address, go } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { VENDORS } from "../accounts/regions.js";
import { nameOf } from "../tickets/filters.js";
import { LENGTHS, OWN, queryOf, today } from "./range.js";

/** @typedef {"median_ms" | "p90_ms"} Value which of the times is shown */

/** @param {URLSearchParams} query @returns {Value} */
export function valueOf(query) {
  return query.get("value") === "p90" ? "p90_ms" : "median_ms";
}

/** @param {Value} value @returns {Record<string, string>} */
export function queryOfValue(value) {
  return value === "p90_ms" ? { value: "p90" } : {};
}

/**
 * @param {{ range: import("./range.js").Range, filters: import("./data.js").Filters, value: Value,
 *   accounts: any[] }} props
 */
export function NumbersFilters({ range, filters, value, accounts }) {
  const text = useTexts();
  const kept = { ...filters, ...queryOfValue(value) };
  const set = /** @param {Record<string, string>} change */ (change) =>
    go(address("/numbers", { ...queryOf(range), ...kept, ...change }), { replace: true });
  const setRange = /** @param {string} chosen */ (chosen) =>
    go(address("/numbers", { ...queryOf({ ...range, chosen }), ...kept }), { replace: true });
  const chosenValue = /** @param {any} event @returns {string} */ (event) => event.currentTarget.value;
  const shown = accounts.filter((account) => !filters.type || account.type === filters.type);
  const isListed = !filters.custom_id || shown.some((account) => account.id === filters.custom_id);
  /** @param {"from" | "to"} name @param {string} label */
  const day = (name, label) => html`<label>
    <span>${label}</span>
    <input type="date" value=${range[name]} max=${today()} required aria-invalid=${range.error ? "true" : undefined}
      aria-describedby=${range.error ? "numbers-range-error" : undefined}
      onChange=${/** @param {any} event */ (event) => chosenValue(event) && set({ [name]: chosenValue(event) })} />
  </label>`;
  return html`<search class="filters">
    <label>
      <span class="visually-hidden">${text("numbers.range")}</span>
      <select value=${range.chosen} onChange=${/** @param {any} event */ (event) => setRange(chosenValue(event))}>
        ${LENGTHS.map((length) => html`<option key=${length} value=${length}>
          ${text("numbers.last_days", { count: length })}
        </option>`)}
        <option value=${OWN}>${text("numbers.own_range")}</option>
      </select>
    </label>
    ${range.chosen === OWN && html`${day("from", text("numbers.from"))}${day("to", text("numbers.to"))}`}
    <label>
      <span class="visually-hidden">${text("filter.type")}</span>
      <select value=${filters.type} data-set=${filters.type ? "" : undefined}
        onChange=${/** @param {any} event */ (event) => set({ type: chosenValue(event), custom_id: "" })}>
        <option value="">${text("filter.all_vendors")}</option>
        ${VENDORS.map((type) => html`<option key=${type} value=${type}>${text(`vendor.${type}`)}</option>`)}
      </select>
    </label>
    <label>
      <span class="visually-hidden">${text("filter.custom_id")}</span>
      <select value=${filters.custom_id} data-set=${filters.custom_id ? "" : undefined}
        onChange=${/** @param {any} event */ (event) => set({ custom_id: chosenValue(event) })}>
        <option value="">${text("filter.all_accounts")}</option>
        ${!isListed && html`<option value=${filters.custom_id}>…${filters.custom_id.slice(-4)}</option>`}
        ${shown.map((account) => html`<option key=${account.id} value=${account.id}>${nameOf(account, text)}</option>`)}
      </select>
    </label>
    ${range.error && html`<p id="numbers-range-error" class="error" role="alert">
      ${text(`numbers.range.${range.error}`)}
    </p>`}
  </search>`;
}
