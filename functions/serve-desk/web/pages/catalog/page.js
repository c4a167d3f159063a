// The catalog of every vendor: its state and refresh, a search, and what changed.

import { html, useState } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { address, go, place, usePlace } from "../../core/router.js";
import { allows, session } from "../../core/session.js";
import { useTexts } from "../../core/texts.js";
import { Failure } from "../../parts/failure.js";
import { useAccounts } from "../accounts/list.js";
import { CatalogChanges, dayOf } from "./changes.js";
import { forgetNames } from "./names.js";
import { RefreshPanel } from "./refresh.js";
import { CatalogSearch } from "./search.js";

const WEEK_MS = 7 * 86_400_000;

/**
 * The page's address. `since`, `changes_type` and `kind` belong to the changes, the others to the search.
 * @typedef {{ q: string, type: string, site: string, product: string, since: string, changes_type: string,
 *   kind: string }} Filters
 */

/** @param {URLSearchParams} query @returns {Filters} */
function filtersOf(query) {
  const value = /** @param {string} name */ (name) => query.get(name) ?? "";
  return {
    q: value("q"),
    type: value("type"),
    site: value("site"),
    product: value("product"),
    since: value("since") || dayOf(Date.now() - WEEK_MS),
    changes_type: value("changes_type"),
    kind: value("kind"),
  };
}

export function CatalogPage() {
  const text = useTexts();
  const mayRefresh = allows(useObservable(session), "write");
  const filters = filtersOf(usePlace().query);
  const { accounts, error, refresh } = useAccounts();
  const [ended, setEnded] = useState(0);
  const set = /** @param {Partial<Filters>} change */ (change) =>
    go(address("/catalog", { ...Object.fromEntries(place.get().query), ...change }), { replace: true });
  const onEnd = () => {
    forgetNames();
    setEnded((now) => now + 1);
  };
  return html`<div class="admin">
    <div class="page-head"><h1>${text("nav.catalog")}</h1></div>
    ${error && html`<${Failure} error=${error} retry=${refresh} />`}
    <div class="stack">
      ${accounts && html`<${RefreshPanel} accounts=${accounts} mayRefresh=${mayRefresh} onEnd=${onEnd} />`}
      ${!accounts && !error && html`<p role="status">${text("list.loading")}</p>`}
      <${CatalogSearch} filters=${filters} set=${set} attempt=${ended} />
      <${CatalogChanges} filters=${filters} set=${set} attempt=${ended} again=${onEnd} />
    </div>
  </div>`;
}
