// The filters of the audit. They stand in the address, so that a link shows the same records.

import { html, useEffect, useState } from "../../core/html.js";
import { address, go, place } from "../../core/router.js";
import { useTexts } from "../../core/texts.js";
import { nameOf } from "../tickets/filters.js";

const MINUTE_MS = 60_000;

/**
 * Times in Unix milliseconds.
 * @typedef {{ from: string, to: string, actor: string, ticket: string, account: string }} Filters
 */

/** @param {URLSearchParams} query @returns {Filters} */
export function filtersOf(query) {
  const value = /** @param {string} name */ (name) => query.get(name) ?? "";
  const time = /** @param {string} name */ (name) => (/^\d{1,13}$/.test(value(name)) ? value(name) : "");
  const [actor, ticket, account] = [value("actor"), value("ticket"), value("account")];
  return { from: time("from"), to: time("to"), actor, ticket, account };
}

/**
 * The same page with some filters changed: those of the address, which may be newer than what is shown.
 * @param {Partial<Filters>} change
 */
export function changeFilters(change) {
  go(address("/audit", { ...filtersOf(place.get().query), ...change }), { replace: true });
}

/** Unix milliseconds as a field for a local time has them. @param {string} ms */
function toField(ms) {
  if (!ms) return "";
  const local = new Date(Number(ms) - new Date(Number(ms)).getTimezoneOffset() * MINUTE_MS);
  return local.toISOString().slice(0, 16);
}

/** @param {string} value of a field for a local time */
function fromField(value) {
  const ms = new Date(value).getTime();
  return Number.isFinite(ms) && ms >= 0 ? String(ms) : "";
}

/**
 * @param {{ filters: Filters, accounts: any[], errors: Record<string, string> }} props `errors` by the API's parameter
 */
export function AuditFilters({ filters, accounts, errors }) {
  const text = useTexts();
  const said = /** @param {string} name */ (name) =>
    errors[name] && html`<span class="error" role="alert" lang="en">${errors[name]}</span>`;
  /** @param {"from" | "to"} name */
  const time = (name) => html`<label>
    <span>${text(`audit.filter.${name}`)}</span>
    <input type="datetime-local" value=${toField(filters[name])} data-set=${filters[name] ? "" : undefined}
      onChange=${/** @param {any} event */ (event) => changeFilters({ [name]: fromField(event.currentTarget.value) })} />
    ${said(name)}
  </label>`;
  /** @param {"actor" | "ticket"} name @param {string} parameter */
  const exact = (name, parameter) => html`<label class="grows">
    <span>${text(`audit.filter.${name}`)}</span>
    <${ExactField} name=${name} value=${filters[name]} />
    ${said(parameter)}
  </label>`;
  const known = accounts.some((account) => account.id === filters.account);
  return html`<search class="filters labelled">
    ${time("from")} ${time("to")} ${exact("actor", "actor")} ${exact("ticket", "ticket_id")}
    <label class="grows">
      <span>${text("filter.custom_id")}</span>
      <select value=${filters.account} data-set=${filters.account ? "" : undefined}
        onChange=${/** @param {any} event */ (event) => changeFilters({ account: event.currentTarget.value })}>
        <option value="">${text("filter.all_accounts")}</option>
        ${filters.account && !known && html`<option value=${filters.account}>${filters.account}</option>`}
        ${accounts.map((one) => html`<option key=${one.id} value=${one.id}>${nameOf(one, text)}</option>`)}
      </select>
      ${said("custom_id")}
    </label>
    ${Object.values(filters).some(Boolean) &&
    html`<button type="button" class="quiet" onClick=${() => go("/audit", { replace: true })}>
      ${text("filter.clear")}
    </button>`}
  </search>`;
}

/**
 * Taken over with Enter or when it is left: every character would ask the API. What is typed until then is kept here,
 * where a rendering finds it.
 * @param {{ name: "actor" | "ticket", value: string }} props
 */
function ExactField({ name, value }) {
  const text = useTexts();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return html`<input type="text" value=${typed} data-search=${name === "actor" ? "" : undefined} autocomplete="off"
    autocapitalize="off" spellcheck=${false} maxlength=${name === "ticket" ? 64 : 2048}
    placeholder=${text(`audit.filter.${name}_hint`)}
    onInput=${/** @param {any} event */ (event) => setTyped(event.currentTarget.value)}
    onChange=${/** @param {any} event */ (event) => changeFilters({ [name]: event.currentTarget.value.trim() })} />`;
}
