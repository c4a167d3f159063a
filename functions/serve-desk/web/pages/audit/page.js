// Who wrote what, and what was refused.

import { ApiError, withQuery } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { fieldErrors } from "../../core/problems.js";
import { usePlace } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { Failure } from "../../parts/failure.js";
import { useAllAccounts } from "../accounts/all.js";
import { nameOf } from "../tickets/filters.js";
import { AuditFilters, changeFilters, filtersOf } from "./filters.js";
import { usePages } from "./pages.js";
import { AuditRow } from "./record.js";

const LIMIT = 50;
const COLUMNS = ["audit.when", "audit.what", "audit.outcome", "audit.who", "audit.about", "audit.ids"];

export function AuditPage() {
  const text = useTexts();
  const isAllowed = allows(useObservable(session), "admin");
  const filters = filtersOf(usePlace().query);
  const { from, to, actor, ticket, account } = filters;
  const path = withQuery("/audit", { from, to, actor, ticket_id: ticket, custom_id: account });
  const { items, hasMore, loading, error, more, again } = usePages(isAllowed ? path : null, { limit: LIMIT });
  const accounts = useAllAccounts(isAllowed);
  const customers = accounts.map(({ customer_id }) => customer_id);
  /** Without the account's id where the customer has no other account. @param {any} one */
  const shortName = (one) => {
    const isOnly = customers.indexOf(one.customer_id) === customers.lastIndexOf(one.customer_id);
    return one.customer_id && isOnly ? `${text(`vendor.${one.type}`)} · ${one.customer_id}` : nameOf(one, text);
  };
  const names = new Map(accounts.map((one) => [one.id, shortName(one)]));
  const isRefused = !isAllowed || (error instanceof ApiError && error.problem.status === 403);
  const errors = fieldErrors(error);
  return html`<div class="admin audit">
    <div class="page-head">
      <h1>${text("nav.audit")}</h1>
      <p class="count" role="status">
        ${!isRefused && (!error || items.length > 0) && (loading && items.length === 0 ? text("list.loading")
          : text("audit.count", { count: items.length, shown: `${number(items.length)}${hasMore ? "+" : ""}` }))}
      </p>
      ${!isRefused && html`<button type="button" disabled=${loading} onClick=${again}>${text("audit.reload")}</button>`}
    </div>
    ${isRefused
      ? html`<${Refused} error=${error} />`
      : html`<p class="hint">${text("audit.about_page")}</p>
          <${AuditFilters} filters=${filters} accounts=${accounts} errors=${errors} />
          ${error && Object.keys(errors).length === 0 && html`<${Failure} error=${error} retry=${again} />`}
          ${items.length > 0 &&
          html`<table class="card-table" role="table" aria-label=${text("nav.audit")}>
            <thead role="rowgroup">
              <tr role="row">${COLUMNS.map(
                (name) => html`<th key=${name} role="columnheader" scope="col">${text(name)}</th>`,
              )}</tr>
            </thead>
            <tbody role="rowgroup">
              ${items.map((record) => html`<${AuditRow} key=${record.id} record=${record}
                accountName=${names.get(record.custom_id)}
                only=${changeFilters} />`)}
            </tbody>
          </table>`}
          ${!loading && !error && items.length === 0 &&
          html`<p class="empty">${text(hasMore ? "list.none_so_far" : "audit.none")}</p>`}
          ${hasMore &&
          html`<p class="more">
            <button type="button" disabled=${loading} onClick=${more}>
              ${text(loading ? "list.loading" : "audit.older")}
            </button>
          </p>`}`}
  </div>`;
}

/** @param {{ error: unknown }} props */
function Refused({ error }) {
  const text = useTexts();
  const detail = error instanceof ApiError ? error.problem.detail : undefined;
  return html`<div class="panel refused" role="alert">
    <h2>${text("audit.refused")}</h2>
    <ul class="plain">
      <li>${text("audit.refused_scope")}</li>
      <li>${text("audit.refused_bound")}</li>
    </ul>
    <p>${text("audit.refused_ask")}</p>
    ${detail && html`<p class="told" lang="en">${detail}</p>`}
  </div>`;
}
