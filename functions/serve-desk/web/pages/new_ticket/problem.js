// Why a new ticket was refused, or could not be checked, with the way out.

import { ApiError } from "../../core/api.js";
import { html } from "../../core/html.js";
import { knownText, useTexts } from "../../core/texts.js";
import { ErrorWords } from "../../parts/failure.js";
import { Link } from "../../parts/link.js";

/** The page on which a person mends it. */
const WAYS_OUT = /** @type {Record<string, { to: string, text: string }>} */ ({
  catalog_not_refreshed: { to: "/catalog", text: "new.way.catalog" },
  product_not_found: { to: "/catalog", text: "new.way.catalog" },
  account_keys_refused: { to: "/accounts", text: "new.way.accounts" },
  vendor_permission_denied: { to: "/accounts", text: "new.way.accounts" },
  account_not_found: { to: "/accounts", text: "new.way.accounts" },
});

/**
 * @param {{ error: unknown, retry?: () => void, unplaced?: string[] }} props `unplaced`: errors of fields that the page
 *   does not show
 */
export function Problem({ error, retry, unplaced = [] }) {
  const text = useTexts();
  const problem = error instanceof ApiError ? error.problem : null;
  const wayOut = problem && WAYS_OUT[problem.code];
  const known = problem && knownText(`new.problem.${problem.code}`);
  return html`<div class="failure" role="alert">
    <div>
      <p><${ErrorWords} error=${error} known=${known} /></p>
      ${unplaced.map((detail) => html`<p class="detail" lang="en">${detail}</p>`)}
      <${VendorSays} error=${error} />
    </div>
    <div class="actions">
      ${wayOut && html`<${Link} to=${wayOut.to} class="button">${text(wayOut.text)}<//>`}
      ${retry && html`<button type="button" onClick=${retry}>${text("action.retry")}</button>`}
    </div>
  </div>`;
}

/** The vendor's own code and request id, for its support. @param {{ error: unknown }} props */
export function VendorSays({ error }) {
  const text = useTexts();
  const vendor = error instanceof ApiError ? error.problem.vendor : undefined;
  if (!vendor?.code && !vendor?.request_id) return null;
  return html`<p class="detail">
    ${text("new.vendor_says", { vendor: text(`vendor.${vendor.type}`) })} <code>${vendor.code ?? "—"}</code>
    ${vendor.request_id && html` · ${text("new.request_id")} <code>${vendor.request_id}</code>`}
  </p>`;
}
