// The search of products and problem types: Chinese, English, pinyin and its initials, as the API finds them.

import { withQuery } from "../../core/api.js";
import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { VendorBadge } from "../../parts/badge.js";
import { Failure } from "../../parts/failure.js";
import { Time } from "../../parts/time.js";
import { VENDORS } from "../accounts/regions.js";
import { useVendors } from "../accounts/vendors.js";
import { usePages } from "../audit/pages.js";
import { useProductNames } from "./names.js";

/** `delayMs`: how long the person has stopped typing before the search begins. */
const OPTIONS = { limit: 25, delayMs: 250 };

/**
 * @param {{ filters: import("./page.js").Filters, attempt: number,
 *   set: (change: Partial<import("./page.js").Filters>) => void }} props
 */
export function CatalogSearch({ filters, set, attempt }) {
  const text = useTexts();
  const { q, type, product, site } = filters;
  const asks = Boolean(q.trim() || product);
  const query = { q: q.trim(), type };
  const products = usePages(asks && !product ? withQuery("/catalog/products", query) : null, OPTIONS);
  const ofProduct = { ...query, site, product_id: product };
  const types = usePages(asks ? withQuery("/catalog/product-types", ofProduct) : null, OPTIONS);
  const productName = useProductNames(product ? [{ type, site, product_id: product }] : types.items, attempt);
  const lacksTypes = useVendors()?.some((vendor) => vendor.type === type && !vendor.problem_types) ?? false;
  const choose = /** @param {any} entry */ (entry) => set({ q: "", type: entry.type, site: entry.site,
    product: entry.id });
  return html`<section class="panel" aria-labelledby="catalog-search">
    <h2 id="catalog-search">${text("catalog.search")}</h2>
    <search class="filters flat">
      <label class="search">
        <span class="visually-hidden">${text("catalog.search_label")}</span>
        <input type="search" data-search value=${q} maxlength="100" placeholder=${text("catalog.search_label")}
          autocomplete="off"
          onInput=${/** @param {any} event */ (event) => set({ q: event.currentTarget.value })} />
      </label>
      <label>
        <span class="visually-hidden">${text("filter.type")}</span>
        <select value=${type} data-set=${type ? "" : undefined}
          onChange=${/** @param {any} event */ (event) =>
            set({ type: event.currentTarget.value, product: "", site: "" })}>
          <option value="">${text("filter.all_vendors")}</option>
          ${VENDORS.map((vendor) => html`<option key=${vendor} value=${vendor}>${text(`vendor.${vendor}`)}</option>`)}
        </select>
      </label>
    </search>
    ${product &&
    html`<p class="chosen">
      ${text("catalog.of_product", { product: productName({ type, site, product_id: product }) ?? product })}
      <button type="button" class="quiet" onClick=${() => set({ product: "", site: "" })}>
        ${text("filter.clear")}
      </button>
    </p>`}
    ${!asks && html`<p class="hint">${text("catalog.search_hint")}</p>`}
    ${asks &&
    html`<div class="found">
      ${!product &&
      html`<${Found} title=${text("catalog.products")} pages=${products}
        row=${/** @param {any} entry */ (entry) =>
          html`<${Entry} entry=${entry} onChoose=${() => choose(entry)} />`} />`}
      <${Found} title=${text("catalog.problem_types")} pages=${types}
        none=${lacksTypes ? text("catalog.no_types") : undefined} row=${/** @param {any} entry */ (entry) =>
          html`<${Entry} entry=${entry} product=${product ? undefined : productName(entry) ?? entry.product_id} />`} />
    </div>`}
  </section>`;
}

/**
 * @param {{ title: string, pages: import("../audit/pages.js").Pages, row: (entry: any) => any,
 *   none?: string }} props
 */
function Found({ title, pages, row, none }) {
  const text = useTexts();
  const { items, hasMore, loading, error, more, again } = pages;
  const count = text("catalog.found", { count: items.length, shown: `${items.length}${hasMore ? "+" : ""}` });
  return html`<div>
    <h3>
      ${title}${" "}
      <span class="quiet-text" role="status">${loading && items.length === 0 ? text("list.loading") : count}</span>
    </h3>
    ${error && html`<${Failure} error=${error} retry=${again} />`}
    ${!loading && !error && items.length === 0 &&
    html`<p class="hint">${hasMore ? text("list.none_so_far") : none ?? text("catalog.none_found")}</p>`}
    <ul class="entries">
      ${items.map(
        (entry) => html`<li key=${[entry.type, entry.site, entry.product_id, entry.id].join()}>${row(entry)}</li>`,
      )}
    </ul>
    ${hasMore &&
    html`<button type="button" disabled=${loading} onClick=${more}>
      ${text(loading ? "list.loading" : "catalog.more")}
    </button>`}
  </div>`;
}

/** @param {{ entry: any, product?: string, onChoose?: () => void }} props */
function Entry({ entry, product, onChoose }) {
  const text = useTexts();
  const other = entry.other_name && entry.other_name !== entry.name ? entry.other_name : "";
  return html`<div class="entry" data-removed=${entry.removed_time ? "" : undefined}>
    <p class="entry-head">
      <span class="entry-name" dir="auto">${entry.name}</span>
      ${entry.case_kind && html`<span class="badge">${text(`catalog.case_kind.${entry.case_kind}`)}</span>`}
      ${onChoose &&
      html`<button type="button" class="quiet small" onClick=${onChoose}>${text("catalog.show_types")}</button>`}
    </p>
    ${(other || product) && html`<p class="quiet-text" dir="auto">${[product, other].filter(Boolean).join(" · ")}</p>`}
    <p class="quiet-text meta">
      <${VendorBadge} vendor=${entry.type} />
      <span>${text(`accounts.site.${entry.site}`)}</span>
      <code>${entry.id}</code>
      ${entry.removed_time &&
      html`<span class="bad-text">${text("catalog.removed_since")} <${Time} ms=${entry.removed_time} /></span>`}
    </p>
  </div>`;
}
