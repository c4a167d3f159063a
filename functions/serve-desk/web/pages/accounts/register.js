// A new account.

import { ApiError, call } from "../../core/api.js";
import { html, useState } from "../../core/html.js";
import { useObservable } from "../../core/observable.js";
import { fieldErrors } from "../../core/problems.js";
import { go } from "../../core/router.js";
import { isLocal } from "../../core/session.js";
import { language } from "../../core/settings.js";
import { useTexts } from "../../core/texts.js";
import { Dialog } from "../../parts/dialog.js";
import { Field } from "../../parts/field.js";
import { Link } from "../../parts/link.js";
import { notify } from "../../parts/notices.js";
import { KeyFields, showFailure, useKeyInputs } from "./key_fields.js";
import { WriteFailure } from "./write_failure.js";
import { REGIONS, VENDORS } from "./regions.js";
import { hasTickets, useVendors } from "./vendors.js";
import { useWrite } from "./write.js";

/** The choice of a region that is not in the list. */
const OTHER = "other";

const EMPTY = { type: "ALIBABA", region: "cn-hangzhou", other: "", domain_id: "", endpoint: "", adopt: false };

/** @param {unknown} error @returns {string | null} the other account of the customer */
function existingAccount(error) {
  if (!(error instanceof ApiError) || error.problem.code !== "account_exists") return null;
  return error.problem.detail?.match(/\b[0-9A-HJKMNP-TV-Z]{26}\b/)?.[0] ?? null;
}

/** @param {{ onClose: () => void, onDone: () => void }} props */
export function RegisterDialog({ onClose, onDone }) {
  const text = useTexts();
  const [form, setForm] = useState(EMPTY);
  // Offered once the API has named the other account; another vendor is another question.
  const [other, setOther] = useState(/** @type {string | null} */ (null));
  const [allowed, setAllowed] = useState(false);
  const keys = useKeyInputs();
  const write = useWrite();
  const vendors = useVendors();
  const set = /** @param {Partial<typeof form>} change */ (change) => setForm((now) => ({ ...now, ...change }));
  const setVendor = /** @param {string} type */ (type) => {
    set({ type, region: REGIONS[type].china[0].id });
    setOther(null);
    setAllowed(false);
    write.clear();
  };
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    if (write.busy) return;
    const body = {
      type: form.type,
      region_id: form.region === OTHER ? form.other.trim() : form.region,
      ...(form.type === "HUAWEI" && form.domain_id.trim() && { domain_id: form.domain_id.trim() }),
      ...(isLocal() && form.endpoint.trim() && { endpoint: form.endpoint.trim() }),
      ...(form.adopt && hasTickets(vendors, form.type) && { adopt_console_tickets: true }),
      ...(allowed && { allow_same_customer: true }),
    };
    const done = await write.run(async (key) => {
      try {
        return (await call("POST", "/accounts", { body: { ...body, ...keys.read() }, key })).body;
      } catch (error) {
        setOther((now) => existingAccount(error) ?? now);
        throw error;
      } finally {
        keys.clear();
      }
    }, JSON.stringify(body));
    onDone();
    if (!done) return showFailure(keys);
    notify("done", text("accounts.registered", { vendor: text(`vendor.${form.type}`) }));
    onClose();
    go(`/accounts/${encodeURIComponent(done.result.id)}`);
  };
  const errors = fieldErrors(write.error);
  return html`<${Dialog} title=${text("accounts.register")} onClose=${() => write.busy || onClose()}>
    <form onSubmit=${submit} class="account-form">
      <${Field} label=${text("filter.type")} error=${errors.type}>
        ${/** @param {any} ids */ (ids) => html`<select id=${ids.id} value=${form.type} autofocus disabled=${write.busy}
          onChange=${/** @param {any} event */ (event) => setVendor(event.currentTarget.value)}>
          ${VENDORS.map((vendor) => html`<option key=${vendor} value=${vendor}>${text(`vendor.${vendor}`)}</option>`)}
        </select>`}
      <//>
      ${!hasTickets(vendors, form.type) &&
      html`<p class="hint">${text("accounts.no_tickets", { vendor: text(`vendor.${form.type}`) })}</p>`}
      <${RegionFields} form=${form} set=${set} error=${errors.region_id} busy=${write.busy} />
      ${Boolean(write.error) &&
      html`<${WriteFailure} error=${write.error}>
        ${other && existingAccount(write.error) &&
        html`<p><${Link} to=${`/accounts/${encodeURIComponent(other)}`}>${text("accounts.show_other")}<//></p>`}
        <p>${text("accounts.keys_cleared")}</p>
      <//>`}
      ${other &&
      html`<label class="check warn">
        <input type="checkbox" checked=${allowed} disabled=${write.busy}
          onChange=${/** @param {any} event */ (event) => setAllowed(event.currentTarget.checked)} />
        <span>${text("accounts.allow_same")}<small>${text("accounts.allow_same_hint")}</small></span>
      </label>`}
      <${KeyFields} inputs=${keys} vendor=${form.type} busy=${write.busy} errors=${errors} />
      ${form.type === "HUAWEI" &&
      html`<${TextField} name="domain_id" label=${text("accounts.domain_id")}
        form=${form} set=${set} error=${errors.domain_id} busy=${write.busy} />`}
      ${isLocal() &&
      html`<${TextField} name="endpoint" label=${text("accounts.endpoint")}
        form=${form} set=${set} error=${errors.endpoint} busy=${write.busy} />`}
      ${hasTickets(vendors, form.type) &&
      html`<label class="check">
        <input type="checkbox" checked=${form.adopt} disabled=${write.busy}
          onChange=${/** @param {any} event */ (event) => set({ adopt: event.currentTarget.checked })} />
        <span>${text("accounts.adopt")}<small>${text("accounts.adopt_hint")}</small></span>
      </label>`}
      <div class="actions">
        <button type="button" disabled=${write.busy} onClick=${onClose}>${text("action.cancel")}</button>
        <button type="submit" class="primary" disabled=${write.busy}>
          ${write.busy ? text("accounts.checking_keys") : text("accounts.register_now")}
        </button>
      </div>
    </form>
  <//>`;
}

/** @param {{ form: any, set: (change: any) => void, error?: string, busy: boolean }} props */
function RegionFields({ form, set, error, busy }) {
  const text = useTexts();
  const chosen = useObservable(language);
  const isOther = form.region === OTHER;
  /** @param {"china" | "international"} site */
  const group = (site) => html`<optgroup label=${text(`accounts.site.${site}`)}>
    ${REGIONS[form.type][site].map(
      (region) => html`<option key=${region.id} value=${region.id}>${region[chosen]} · ${region.id}</option>`,
    )}
  </optgroup>`;
  return html`<${Field} label=${text("accounts.region")} hint=${text("accounts.region_hint")}
      error=${isOther ? undefined : error}>
      ${/** @param {any} ids */ (ids) => html`<select id=${ids.id} value=${form.region} disabled=${busy}
        aria-describedby=${ids.describedBy}
        onChange=${/** @param {any} event */ (event) => set({ region: event.currentTarget.value })}>
        ${group("china")} ${group("international")}
        <option value=${OTHER}>${text("accounts.region_other")}</option>
      </select>`}
    <//>
    ${isOther &&
    html`<${Field} label=${text("accounts.region_id")} error=${error} required>
      ${/** @param {any} ids */ (ids) => html`<input id=${ids.id} value=${form.other} required maxlength="64"
        autocomplete="off" autocapitalize="off" spellcheck=${false} disabled=${busy} aria-describedby=${ids.describedBy}
        onInput=${/** @param {any} event */ (event) => set({ other: event.currentTarget.value })} />`}
    <//>`}`;
}

/**
 * @param {{ name: "domain_id" | "endpoint", label: string, form: any, set: (change: any) => void, error?: string,
 *   busy: boolean }} props
 */
function TextField({ name, label, form, set, error, busy }) {
  const text = useTexts();
  return html`<${Field} label=${label} hint=${text(`accounts.${name}_hint`)} error=${error}>
    ${/** @param {any} ids */ (ids) => html`<input id=${ids.id} value=${form[name]} autocomplete="off"
      autocapitalize="off" spellcheck=${false} disabled=${busy} aria-describedby=${ids.describedBy}
      onInput=${/** @param {any} event */ (event) => set({ [name]: event.currentTarget.value })} />`}
  <//>`;
}
