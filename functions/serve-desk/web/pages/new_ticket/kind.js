// Whose ticket it is and what it is about: the account, the product and the problem type.

import { html, useEffect, useMemo } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Combobox } from "../../parts/combobox.js";
import { Field } from "../../parts/field.js";
import { Link } from "../../parts/link.js";
import { nameOf } from "../tickets/filters.js";
import { catalogSearch, productName } from "./catalog.js";

/** @param {any} capability @param {any} [account] */
export function consoleOf(capability, account) {
  return account?.site === "international" ? capability.console_international : capability.console;
}

/**
 * @param {{ accounts: any[], vendors: any[], values: import("./body.js").Values, errors: Record<string, string>,
 *   onChange: (change: Partial<import("./body.js").Values>) => void, onBlur: (name: string) => void }} props
 */
export function AccountField({ accounts, vendors, values, errors, onChange, onBlur }) {
  const text = useTexts();
  const capable = new Set(vendors.filter((vendor) => vendor.tickets).map((vendor) => vendor.type));
  const usable = accounts.filter((account) => capable.has(account.type) && !account.deleting);
  const account = usable.find((one) => one.id === values.custom_id);
  const choose = /** @param {string} id */ (id) => {
    const next = usable.find((one) => one.id === id);
    // Accounts of one vendor and site have one catalog, and its forms.
    const isSameCatalog = next && account && next.type === account.type && next.site === account.site;
    onChange({
      custom_id: id,
      ...(isSameCatalog ? {} : { product_id: "", product_name: "", product_business_id: "", problem_type_name: "" }),
      // Before the first account there is what an address has named.
      ...(account && !isSameCatalog && { severity: undefined, severity_id: undefined, region_id: undefined }),
    });
  };
  useEffect(() => {
    // The choice of one is none. An account of a link or a draft that is gone is not shown as chosen.
    if (!account && usable.length === 1) choose(usable[0].id);
    else if (!account && values.custom_id) onChange({ custom_id: "" });
  }, [accounts]);
  const types = [...new Set(usable.map((one) => one.type))];
  if (usable.length === 0) {
    return html`<p>${text("new.account.none")} <${Link} to="/accounts">${text("new.way.accounts")}<//></p>
      <${WithoutTickets} accounts=${accounts} vendors=${vendors} />`;
  }
  return html`<div class="account">
    <${Field} label=${text("new.account")} error=${errors.custom_id} required>
      ${
        /** @param {any} ids */ (
          ids,
        ) => html`<select id=${ids.id} value=${account?.id ?? ""} aria-describedby=${ids.describedBy}
        aria-invalid=${ids.invalid ? "true" : undefined} aria-required="true" onBlur=${() => onBlur("custom_id")}
        onChange=${/** @param {any} event */ (event) => choose(event.currentTarget.value)}>
        <option value="">${text("new.choose")}</option>
        ${types.map(
          (type) => html`<optgroup key=${type} label=${text(`vendor.${type}`)}>
            ${usable
              .filter((one) => one.type === type)
              .map((one) => html`<option key=${one.id} value=${one.id}>${nameOf(one, text)}</option>`)}
          </optgroup>`,
        )}
      </select>`
      }
    <//>
    <${WithoutTickets} accounts=${accounts} vendors=${vendors} />
    <${AccountProblems} account=${account} />
  </div>`;
}

/**
 * What stands against a ticket of the account. The vendor decides, so nothing is forbidden here.
 * @param {{ account: any }} props
 */
function AccountProblems({ account }) {
  const text = useTexts();
  const failed = account?.health?.last_error;
  const missing = (account?.rights?.items ?? []).filter(/** @param {any} right */ (right) => right.state === "missing");
  if (!failed && missing.length === 0) return null;
  return html`<ul class="caution">
    ${failed && html`<li>${text("new.account.unhealthy")} <span lang="en">${failed.detail}</span></li>`}
    ${missing.map(
      /** @param {any} right */
      (right) =>
        html`<li key=${right.name}>${text(`new.right.${right.name}`)}${" "}
          ${right.page && html`<${External} href=${right.page}>${text("new.right.page")}<//>`}</li>`,
    )}
  </ul>`;
}

/** Vendors whose API has no tickets: their console is the way. @param {{ accounts: any[], vendors: any[] }} props */
function WithoutTickets({ accounts, vendors }) {
  const text = useTexts();
  const without = vendors.filter((vendor) => !vendor.tickets);
  return without.map((vendor) => {
    const sites = [
      ...new Set(accounts.filter((account) => account.type === vendor.type).map((account) => account.site)),
    ];
    const account = sites.length === 1 ? { site: sites[0] } : undefined;
    const name = { vendor: text(`vendor.${vendor.type}`) };
    return html`<p key=${vendor.type} class="hint">${text("new.account.console", name)}${" "}
      <${External} href=${consoleOf(vendor, account)}>${text("new.account.console_link", name)}<//></p>`;
  });
}

/** A link that leaves the page, in a tab of its own. @param {{ href: string, children?: any }} props */
export function External({ href, children }) {
  const text = useTexts();
  if (!/^https:\/\//.test(href)) return null;
  return html`<a href=${href} target="_blank" rel="noopener noreferrer">${children}<span
    aria-hidden="true"> ↗</span><span
    class="visually-hidden"> ${text("new.external")}</span></a>`;
}

/**
 * @param {{ account: any, values: import("./body.js").Values, form: any, errors: Record<string, string>,
 *   onChange: (change: Partial<import("./body.js").Values>) => void, onBlur: (name: string) => void }} props
 */
export function KindFields({ account, values, form, errors, onChange, onBlur }) {
  const text = useTexts();
  const filters = { type: account?.type ?? "", site: account?.site ?? "" };
  const products = useMemo(() => catalogSearch("/catalog/products", filters), [filters.type, filters.site]);
  const types = useMemo(
    () => catalogSearch("/catalog/product-types", { ...filters, product_id: values.product_id }),
    [filters.type, filters.site, values.product_id],
  );
  useEffect(() => {
    // What an address named by ids only has names in the form.
    if (!form) return;
    const [product, type] = [form.properties.product_id.title, form.properties.product_business_id.title];
    if (product !== values.product_name || type !== values.problem_type_name)
      onChange({ product_name: product, problem_type_name: type });
  }, [form]);
  const isUnnamed = account && values.product_id && !values.product_name && !values.product_business_id;
  useEffect(() => {
    if (!isUnnamed) return;
    const stopped = new AbortController();
    productName(filters, values.product_id, stopped.signal).then(
      (name) => onChange(name ? { product_name: name } : { product_id: "" }),
      () => {},
    );
    return () => stopped.abort();
  }, [isUnnamed]);
  const product = values.product_id ? { id: values.product_id, label: values.product_name || values.product_id } : null;
  const type = values.product_business_id
    ? { id: values.product_business_id, label: values.problem_type_name || values.product_business_id }
    : null;
  const chooseProduct = /** @param {any} option */ (option) =>
    option?.id !== values.product_id &&
    onChange({
      product_id: option?.id ?? "",
      product_name: option?.label ?? "",
      product_business_id: "",
      problem_type_name: "",
    });
  const chooseType = /** @param {any} option */ (option) =>
    onChange({ product_business_id: option?.id ?? "", problem_type_name: option?.label ?? "" });
  return html`
    <${Field} label=${text("new.product")} hint=${text("new.product.hint")} error=${errors.product_id} required>
      ${
        /** @param {any} ids */ (
          ids,
        ) => html`<${Combobox} ...${ids} required value=${product} disabled=${!account} search=${products}
        placeholder=${text(account ? "new.product.placeholder" : "new.account.first")} onChange=${chooseProduct}
        onBlur=${() => onBlur("product_id")} />`
      }
    <//>
    <${Field} label=${text("new.problem_type")} error=${errors.product_business_id} required>
      ${
        /** @param {any} ids */ (
          ids,
        ) => html`<${Combobox} ...${ids} required value=${type} disabled=${!account || !product} search=${types}
        placeholder=${text(product ? "new.problem_type.placeholder" : "new.product.first")} onChange=${chooseType}
        onBlur=${() => onBlur("product_business_id")} />`
      }
    <//>`;
}
