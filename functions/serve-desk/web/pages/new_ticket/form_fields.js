// The fields of the ticket itself: what happened, what the vendor's form asks, secrets, and whom to contact.

import { html } from "../../core/html.js";
import { useTexts } from "../../core/texts.js";
import { Field } from "../../parts/field.js";
import { SchemaField, SchemaFields } from "../../parts/schema_fields.js";
import { hasSeverity } from "./body.js";
import { SimilarTickets } from "./similar.js";

/**
 * @typedef {{ values: import("./body.js").Values, secrets: import("./body.js").Secrets, form: any,
 *   errors: Record<string, string>, warnings: Record<string, string>,
 *   onChange: (change: Partial<import("./body.js").Values>) => void,
 *   onSecret: (change: Partial<import("./body.js").Secrets>) => void, onBlur: (name: string) => void }} FieldsProps
 */

/** @param {FieldsProps & { descriptionMax: number, sharesText: boolean, sentId?: string }} props */
export function TextFields({ values, form, errors, warnings, descriptionMax, sharesText, sentId, onChange, onBlur }) {
  const text = useTexts();
  /** @param {any} ids @param {"name" | "description"} name */
  const common = (ids, name) => ({
    id: ids.id,
    value: values[name],
    "aria-describedby": ids.describedBy,
    "aria-invalid": ids.invalid ? "true" : undefined,
    "aria-required": "true",
    onInput: /** @param {any} event */ (event) => onChange({ [name]: event.currentTarget.value }),
    onBlur: () => onBlur(name),
  });
  const templates = form["x-templates"] ?? [];
  const insert = /** @param {any} event */ (event) => {
    const template = templates[Number(event.currentTarget.value)];
    event.currentTarget.value = "";
    if (template)
      onChange({
        description: values.description ? `${values.description.trimEnd()}\n\n${template.content}` : template.content,
      });
  };
  return html`
    <${Field} label=${text("new.name")} hint=${text("new.name.hint")} error=${errors.name} value=${values.name}
      max=${form.properties.name.maxLength} required>
      ${/** @param {any} ids */ (ids) => html`<input type="text" autocomplete="off" ...${common(ids, "name")} />`}
    <//>
    <${Caution} detail=${warnings.name} />
    <${SimilarTickets} title=${values.name} except=${sentId} />
    ${
      templates.length > 0 &&
      html`<label class="template"><span>${text("new.template")}</span>
      <select onChange=${insert}>
        <option value="">${text("new.choose")}</option>
        ${templates.map(
          /** @param {any} template @param {number} index */ (template, index) =>
            html`<option key=${index} value=${index}>${template.name}</option>`,
        )}
      </select>
    </label>`
    }
    <${Field} label=${text("new.description")}
      hint=${text(sharesText ? "new.description.shared" : "new.description.hint")}
      error=${errors.description} value=${values.description} max=${descriptionMax} required>
      ${/** @param {any} ids */ (ids) => html`<textarea rows="9" ...${common(ids, "description")}></textarea>`}
    <//>
    <${Caution} detail=${warnings.description} />`;
}

/** A text that seems to hold a secret. @param {{ detail?: string }} props */
function Caution({ detail }) {
  const text = useTexts();
  return html`<div role="status">${detail && html`<p class="caution">${text("new.warning.secret")}</p>`}</div>`;
}

/** What the vendor's form asks: region, severity and its own fields. @param {FieldsProps} props */
export function VendorFields({ values, secrets, form, errors, onChange, onSecret, onBlur }) {
  const text = useTexts();
  const { region_id, severity_id, extra } = form.properties;
  const needsRegion = form.required.includes("region_id");
  /** @param {"region_id" | "severity" | "severity_id"} name @param {string} label @param {any} [more] */
  const field = (
    name,
    label,
    more,
  ) => html`<${SchemaField} schema=${form.properties[name]} label=${label} value=${values[name]}
    error=${errors[name]} required=${form.required.includes(name)} onBlur=${() => onBlur(name)}
    onChange=${/** @param {string} value */ (value) => onChange({ [name]: value })} ...${more} />`;
  const setExtra = /** @param {string} key @param {string} value */ (key, value) =>
    extra.properties[key].writeOnly
      ? onSecret({ extra: { ...secrets.extra, [key]: value } })
      : onChange({ extra: { ...values.extra, [key]: value } });
  const all = Object.entries(extra?.properties ?? {});
  const extraValues = Object.fromEntries(
    all.map(([key, schema]) => [key, /** @type {any} */ ((schema).writeOnly ? secrets : values).extra[key]]),
  );
  const hasSecret = all.some(([, schema]) => /** @type {any} */ (schema).writeOnly);
  return html`
    ${region_id && field("region_id", text("new.region_id"), { hint: needsRegion ? text("new.region_id.fault") : undefined })}
    ${
      hasSeverity(form) &&
      field("severity", text("new.severity"), {
        names: /** @param {string} value */ (value) => text(`new.severity.${value}`),
      })
    }
    ${severity_id && field("severity_id", text("new.severity_id"))}
    <${SchemaFields} schema=${extra ?? {}} values=${extraValues} errors=${errors} prefix="extra/" onChange=${setExtra}
      onBlur=${onBlur} />
    ${hasSecret && html`<p class="hint">${text("new.extra.sensitive")}</p>`}`;
}

/** What only the vendor's support may see. @param {FieldsProps} props */
export function SecretField({ secrets, form, errors, onSecret, onBlur }) {
  const text = useTexts();
  return html`<${SchemaField} schema=${form.properties.secret_info} label=${text("new.secret_info")}
    hint=${text("new.secret_info.hint")} multiline
    value=${secrets.secret_info} error=${errors.secret_info} onBlur=${() => onBlur("secret_info")}
    onChange=${/** @param {string} value */ (value) => onSecret({ secret_info: value })} />`;
}

/** Whom the vendor writes to or calls. @param {FieldsProps} props */
export function ContactFields({ values, form, errors, onChange, onBlur }) {
  const text = useTexts();
  const { email, cc, contact } = form.properties;
  return html`
    ${
      email &&
      html`<${SchemaField} schema=${email} label=${text("new.email")} hint=${text("new.email.hint")}
        value=${values.email} error=${errors.email}
      onBlur=${() => onBlur("email")} onChange=${/** @param {string} value */ (value) => onChange({ email: value })} />`
    }
    ${
      cc &&
      html`<${Field} label=${text("new.cc")} hint=${text("new.cc.hint", { max: cc.maxItems })} error=${errors.cc}>
      ${
        /** @param {any} ids */ (
          ids,
        ) => html`<textarea id=${ids.id} class="short" rows="2" value=${values.cc} aria-describedby=${ids.describedBy}
        aria-invalid=${ids.invalid ? "true" : undefined} onBlur=${() => onBlur("cc")}
        onInput=${/** @param {any} event */ (event) => onChange({ cc: event.currentTarget.value })}></textarea>`
      }
    <//>`
    }
    ${
      contact &&
      html`<div class="pair">
      ${["area_code", "phone", "email", "time"]
        .filter((key) => contact.properties[key])
        .map(
          (
            key,
          ) => html`<${SchemaField} key=${key} schema=${contact.properties[key]} label=${text(`new.contact.${key}`)}
            hint=${text(`new.contact.${key}.hint`)}
          value=${values.contact[key]} error=${errors[`contact/${key}`]} onBlur=${() => onBlur(`contact/${key}`)}
          onChange=${/** @param {string} value */ (value) =>
            onChange({ contact: { ...values.contact, [key]: value } })} />`,
        )}
    </div>`
    }`;
}
