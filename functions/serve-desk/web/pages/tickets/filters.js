// The filters of the list of tickets. They stand in the address, so that a link shows the same list.

import { html } from "../../core/html.js";
import { address, go } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { AGES } from "./list.js";

const STATES = ["open", "creating", "unknown", "indeterminate", "closing", "closed"];

/** @param {{ filters: import("./list.js").Filters, accounts: any[] }} props */
export function TicketFilters({ filters, accounts }) {
  const text = useTexts();
  const set = /** @param {Record<string, string>} change */ (change) =>
    go(address("/tickets", { ...filters, ...change }), { replace: true });
  /** @param {keyof import("./list.js").Filters} name @param {[string, string][]} options @param {string} all */
  const choice = (name, options, all) => html`<label>
    <span class="visually-hidden">${text(`filter.${name}`)}</span>
    <select value=${filters[name]} data-set=${filters[name] ? "" : undefined}
      onChange=${/** @param {any} event */ (event) => set({ [name]: event.currentTarget.value })}>
      <option value="">${all}</option>
      ${options.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}
    </select>
  </label>`;
  /** @param {string[]} values @param {string} prefix @returns {[string, string][]} */
  const named = (values, prefix) => values.map((value) => [value, text(`${prefix}.${value}`)]);
  const accountsOfVendor = accounts.filter((account) => !filters.type || account.type === filters.type);
  const isFiltered = Object.values(filters).some(Boolean);
  return html`<search class="filters">
    <label class="search">
      <span class="visually-hidden">${text("filter.q")}</span>
      <input type="search" data-search value=${filters.q} placeholder=${text("filter.q")} autocomplete="off"
        onInput=${/** @param {any} event */ (event) => set({ q: event.currentTarget.value })} />
    </label>
    ${choice("type", named(["ALIBABA", "HUAWEI", "TENCENT"], "vendor"), text("filter.all_vendors"))}
    ${choice("custom_id", accountsOfVendor.map((account) => [account.id, nameOf(account, text)]), text("filter.all_accounts"))}
    ${choice("state", named(STATES, "state"), text("filter.all_states"))}
    ${choice("awaiting", named(["support", "customer"], "awaiting"), text("filter.all_awaiting"))}
    ${choice("age", named(Object.keys(AGES), "age"), text("filter.all_ages"))}
    ${isFiltered &&
    html`<button type="button" class="quiet" onClick=${() => go("/tickets", { replace: true })}>
      ${text("filter.clear")}
    </button>`}
  </search>`;
}

/** Accounts have long ids: both ends tell them apart. @param {any} account */
function customerOf({ customer_id, region_id }) {
  if (!customer_id) return region_id;
  return customer_id.length > 20 ? `${customer_id.slice(0, 8)}…${customer_id.slice(-4)}` : customer_id;
}

/**
 * How rows name their accounts, beside the vendor: of two of one customer, with the end of the account's id.
 * @param {any[]} accounts
 * @returns {Map<string, string>} by the account's id
 */
export function customersOf(accounts) {
  const names = accounts.map(customerOf);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return new Map(accounts.map(({ id }, index) => {
    const name = names[index];
    return [id, repeated.has(name) ? `${name} · …${id.slice(-4)}` : name];
  }));
}

/** @param {any} account @param {(key: string) => string} text */
export function nameOf(account, text) {
  return `${text(`vendor.${account.type}`)} · ${account.customer_id ?? account.region_id} · …${account.id.slice(-4)}`;
}
