// Every account, with its health and what its keys may do.

import { getAll, withQuery } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useEffect, useState } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { usePolled } from "../../core/polling.js";
import { address, go, usePlace } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { HealthBadges, healthOf } from "./health.js";
import { RegisterDialog } from "./register.js";
import { RightsSummary } from "./rights.js";

const POLL_MS = 15_000;

/** The first page is polled; what follows it, in a stack with many accounts, is read when the first page changes. */
export function useAccounts() {
  const first = usePolled("/accounts?limit=100", POLL_MS);
  const [rest, setRest] = useState(/** @type {any[]} */ ([]));
  useEffect(() => {
    const cursor = first.data?.next_cursor;
    if (!cursor) return setRest([]);
    const stopped = new AbortController();
    getAll(withQuery("/accounts", { cursor }), undefined, stopped.signal).then(setRest, () => {});
    return () => stopped.abort();
  }, [first.data]);
  return { ...first, accounts: first.data ? /** @type {any[]} */ ([...first.data.items, ...rest]) : null };
}

export function AccountsPage() {
  const text = useTexts();
  const mayChange = allows(useObservable(session), "admin");
  const registers = usePlace().query.get("do") === "register";
  const { accounts, error, loading, refresh } = useAccounts();
  const register = () => go(address("/accounts", { do: "register" }), { replace: true });
  const close = () => go("/accounts", { replace: true });
  const count = accounts?.length ?? 0;
  const bad = accounts?.filter((account) => healthOf(account)[0] !== "good").length ?? 0;
  return html`<div class="admin">
    <div class="page-head">
      <h1>${text("nav.accounts")}</h1>
      <p class="count" role="status">
        ${loading && !accounts ? text("list.loading") : text("accounts.count", { count, shown: number(count) })}
        ${bad > 0 && html` · <strong>${text("accounts.need_care", { count: bad, shown: number(bad) })}</strong>`}
      </p>
      ${mayChange &&
      html`<button type="button" class="primary" onClick=${register}>
        ${text("accounts.register")}
      </button>`}
    </div>
    ${error && html`<${Failure} error=${error} retry=${refresh} />`}
    ${accounts?.length === 0 &&
    html`<p class="empty">
      ${text("accounts.none")} ${text(mayChange ? "accounts.none_register" : "accounts.none_ask")}
    </p>`}
    ${accounts && accounts.length > 0 && html`<${AccountTable} accounts=${accounts} />`}
    ${registers && mayChange && html`<${RegisterDialog} onClose=${close} onDone=${refresh} />`}
  </div>`;
}

/**
 * Roles are said again because phones show the rows as cards, which takes the table's own.
 * @param {{ accounts: any[] }} props
 */
function AccountTable({ accounts }) {
  const text = useTexts();
  const head = ["accounts.account", "accounts.health", "accounts.rights", "accounts.adoption"];
  return html`<table class="card-table" role="table" aria-label=${text("nav.accounts")}>
    <thead role="rowgroup">
      <tr role="row">${head.map((key) => html`<th key=${key} role="columnheader" scope="col">${text(key)}</th>`)}</tr>
    </thead>
    <tbody role="rowgroup">
      ${accounts.map(
        (account) => html`<tr key=${account.id} role="row">
          <th role="rowheader" scope="row" class="account-name">
            <${Link} to=${`/accounts/${encodeURIComponent(account.id)}`}>${account.customer_id ?? account.id}<//>
            <span>
              <${VendorBadge} vendor=${account.type} /> ${text(`accounts.site.${account.site}`)} · ${account.region_id}
            </span>
          </th>
          <td role="cell" data-label=${text("accounts.health")}><${HealthBadges} account=${account} />
            ${account.health.last_error && html`<code>${account.health.last_error.code}</code>`}</td>
          <td role="cell" data-label=${text("accounts.rights")} class="stacked">
            <${RightsSummary} account=${account} />
          </td>
          <td role="cell" data-label=${text("accounts.adoption")}
            class=${account.adopt_since === undefined ? "quiet-text" : undefined}>
            ${text(account.adopt_since === undefined ? "accounts.adoption_off" : "accounts.adoption_on")}
          </td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}
