// One account.

import { ApiError } from "../../core/api.js";
import { number } from "../../core/format.js";
import { html, useEffect, useState } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { usePolled } from "../../core/polling.js";
import { address } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";
import { Time } from "../../parts/time.js";
import { Copyable } from "../audit/copyable.js";
import { shortActor } from "../audit/record.js";
import { AdoptionPanel, RemoveDialog, RotateDialog } from "./changes.js";
import { HealthPanel } from "./health.js";
import { RightsPanel } from "./rights.js";
import { hasTickets, useVendors } from "./vendors.js";

const POLL_MS = 15_000;

/** @param {{ id: string }} props */
export function AccountPage({ id }) {
  const text = useTexts();
  const mayChange = allows(useObservable(session), "admin");
  const vendors = useVendors();
  const { data: account, error, loading, refresh } = usePolled(`/accounts/${encodeURIComponent(id)}`, POLL_MS);
  const [dialog, setDialog] = useState(/** @type {"" | "rotate" | "remove"} */ (""));
  const isGone = error instanceof ApiError && error.problem.status === 404;
  useEffect(() => {
    if (account) document.title = `${text(`vendor.${account.type}`)} ${account.customer_id ?? account.id} · Polydesk`;
  }, [account]);
  return html`<div class="admin">
    <p><${Link} to="/accounts">← ${text("nav.accounts")}<//></p>
    ${!account && html`<h1>${text("accounts.account")}</h1>`}
    ${loading && !account && html`<p role="status">${text("list.loading")}</p>`}
    ${isGone && html`<p class="empty">${text("accounts.gone")}</p>`}
    ${error && !isGone && html`<${Failure} error=${error} retry=${refresh} />`}
    ${account && !isGone &&
    html`<div class="page-head account-head">
        <h1>${account.customer_id ?? account.id}</h1>
        <p class="count">
          <${VendorBadge} vendor=${account.type} /> ${text(`accounts.site.${account.site}`)} · ${account.region_id}
        </p>
        <${Link} class="button" to=${address("/tickets", { custom_id: account.id })}>${text("accounts.tickets")}<//>
        ${mayChange &&
        html`<${Link} class="button" to=${address("/audit", { account: account.id })}>${text("nav.audit")}<//>`}
      </div>
      <div class="panels">
        <${HealthPanel} account=${account} />
        <${RightsPanel} account=${account} />
        <${AdoptionPanel} account=${account} mayChange=${mayChange && !account.deleting}
          isPossible=${hasTickets(vendors, account.type)} refresh=${refresh} />
        <${FactsPanel} account=${account} />
        ${mayChange &&
        html`<section class="panel" aria-labelledby="account-keys">
          <h2 id="account-keys">${text("accounts.keys_and_removal")}</h2>
          <p class="hint">${text("accounts.keys_kept")}</p>
          <div class="actions">
            <button type="button" disabled=${Boolean(account.deleting)} onClick=${() => setDialog("rotate")}>
              ${text("accounts.rotate")}…
            </button>
            <button type="button" class="danger" onClick=${() => setDialog("remove")}>
              ${text("accounts.remove")}…
            </button>
          </div>
        </section>`}
      </div>
      ${dialog === "rotate" && html`<${RotateDialog} account=${account} refresh=${refresh}
        onClose=${() => setDialog("")} />`}
      ${dialog === "remove" && html`<${RemoveDialog} account=${account} refresh=${refresh}
        onClose=${() => setDialog("")} />`}`}
  </div>`;
}

/** @param {{ account: any }} props */
function FactsPanel({ account }) {
  const text = useTexts();
  const by = /** @param {any} actor */ (actor) =>
    actor.name ?? html`<span title=${actor.id}>${shortActor(actor.id)}</span>`;
  const fact = /** @param {string} name @param {any} value */ (name, value) =>
    html`<div><dt>${text(name)}</dt><dd class="long">${value}</dd></div>`;
  return html`<section class="panel" aria-labelledby="account-facts">
    <h2 id="account-facts">${text("accounts.facts")}</h2>
    <dl class="facts">
      <div><dt>${text("accounts.id")}</dt><dd><${Copyable} value=${account.id} what=${text("accounts.id")} /></dd></div>
      <div>
        <dt>${text("accounts.registered_time")}</dt>
        <dd class="long">
          <${Time} ms=${account.create_time} />${account.created_by && html` · ${by(account.created_by)}`}
        </dd>
      </div>
      ${account.changed_by && fact("accounts.changed_by", by(account.changed_by))}
      ${account.endpoint && fact("accounts.endpoint_is", account.endpoint)}
      ${account.domain_id && fact("accounts.domain_id_is", account.domain_id)}
      ${account.last_ended && fact("accounts.last_ended", html`<${Time} ms=${account.last_ended} />`)}
      ${fact("accounts.pace", text("accounts.pace_is", { shown: number(account.calls_per_minute ?? 300) }))}
    </dl>
  </section>`;
}
