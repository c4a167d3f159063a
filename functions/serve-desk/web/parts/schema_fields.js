// Fields of a JSON Schema: each property with its label, hint, limits and the characters that are left.

import { characters } from "../core/format.js";
import { html } from "../core/html.js";
import { text as textNow, useTexts } from "../core/texts.js";
import { Field } from "./field.js";
import { SecretInput } from "./secret_input.js";

/** Texts that may be longer than this have several lines. */
const ONE_LINE = 200;

/** Of texts of one line, such as an address, the characters that are left are told from here on. */
const NEAR_END = 20;

/** @typedef {Record<string, any>} Schema of one property */

/**
 * The values that a property may have, each with its name.
 * @param {Schema} schema
 * @returns {[string, string][] | null} nothing where it is free
 */
export function choicesOf(schema) {
  if (Array.isArray(schema.oneOf))
    return schema.oneOf.map((one) => [String(one.const), one.title ?? String(one.const)]);
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => [String(one), String(one)]);
  return null;
}

/**
 * The value of a field, or its default where nobody has touched it.
 * @param {Schema} schema
 * @param {string | undefined} value
 */
export function valueOf(schema, value) {
  return value ?? (schema.default === undefined || schema.default === null ? "" : String(schema.default));
}

/**
 * The rule that a value breaks, in the chosen language.
 * @param {Schema} schema
 * @param {string} value
 * @param {boolean} required
 * @returns {string | null}
 */
export function brokenRule(schema, value, required) {
  if (value.trim() === "") return required ? textNow("new.rule.required") : null;
  const choices = choicesOf(schema);
  if (choices && !choices.some(([id]) => id === value)) return textNow("new.rule.choice");
  const count = [...value].length;
  if (schema.maxLength !== undefined && count > schema.maxLength) {
    return textNow("new.rule.too_long", { max: schema.maxLength, over: count - schema.maxLength });
  }
  if (schema.format === "email" && !/^[^\s@<>]+@[^\s@<>]+$/.test(value)) return textNow("new.rule.email");
  const number = asNumber(schema, value);
  if (typeof number === "number" && (number < schema.minimum || number > schema.maximum)) {
    return textNow("new.rule.range", { low: schema.minimum, high: schema.maximum });
  }
  return null;
}

/**
 * A number where the schema has a range and the text is one; the vendor decides about any other text.
 * @param {Schema} schema
 * @param {string} value
 * @returns {string | number}
 */
export function asNumber(schema, value) {
  const isNumber = schema.minimum !== undefined && /^\s*-?\d+(\.\d+)?\s*$/.test(value);
  return isNumber ? Number(value) : value;
}

/** @param {Schema} schema @param {string | undefined} own */
function hintOf(schema, own) {
  const range =
    schema.minimum !== undefined && textNow("new.rule.range", { low: schema.minimum, high: schema.maximum });
  const values = schema["x-vendor-choices"] && textNow("new.field.values", { values: schema["x-vendor-choices"] });
  return [own, schema.description, range, values].filter(Boolean).join(" ") || undefined;
}

/**
 * @param {{ schema: Schema, label: string, hint?: string, value: string | undefined, error?: string,
 *   required?: boolean, placeholder?: string, multiline?: boolean, names?: (value: string, name: string) => string,
 *   onChange: (value: string) => void, onBlur?: () => void, [more: string]: any }} props
 *   `names`: what a choice is called, where the vendor does not name it
 */
export function SchemaField({
  schema,
  label,
  hint,
  value,
  error,
  required = false,
  names,
  multiline,
  onChange,
  onBlur,
  ...more
}) {
  const text = useTexts();
  const choices = choicesOf(schema);
  const current = valueOf(schema, value);
  const max = choices ? undefined : schema.maxLength;
  const isCounted = max > ONE_LINE || max - characters(current) < NEAR_END;
  const input = /** @param {any} event */ (event) => onChange(event.currentTarget.value);
  const control = /** @param {any} ids */ (ids) => {
    if (schema.writeOnly && !choices) {
      return html`<${SecretInput} ids=${ids} value=${current} required=${required} multiline=${multiline}
        onChange=${onChange} onBlur=${onBlur} />`;
    }
    const common = {
      id: ids.id,
      value: current,
      "aria-describedby": ids.describedBy,
      "aria-invalid": ids.invalid ? "true" : undefined,
      "aria-required": required ? "true" : undefined,
      onBlur,
      ...more,
    };
    if (choices) {
      const isEmptyAllowed = schema.default === undefined;
      return html`<select ...${common} onChange=${input}>
        ${isEmptyAllowed && html`<option value="">${required ? text("new.choose") : text("new.choose_none")}</option>`}
        ${choices.map(([id, name]) => html`<option key=${id} value=${id}>${names ? names(id, name) : name}</option>`)}
      </select>`;
    }
    if ((max ?? 0) > ONE_LINE) return html`<textarea ...${common} rows="3" onInput=${input}></textarea>`;
    return html`<input ...${common} type=${schema.format === "email" ? "email" : "text"} autocomplete="off"
      inputmode=${schema.minimum === undefined ? undefined : "decimal"} onInput=${input} />`;
  };
  return html`<${Field} label=${label} hint=${hintOf(schema, hint)} error=${error} value=${current}
    max=${isCounted ? max : undefined} required=${required}>
    ${control}
  <//>`;
}

/**
 * Every property of an object's schema.
 * @param {{ schema: Schema, values: Record<string, string | undefined>, errors: Record<string, string>, prefix: string,
 *   onChange: (key: string, value: string) => void, onBlur: (name: string) => void }} props
 *   `errors` are by `prefix` and key
 */
export function SchemaFields({ schema, values, errors, prefix, onChange, onBlur }) {
  return Object.entries(schema.properties ?? {}).map(
    ([key, field]) => html`<${SchemaField} key=${key} schema=${field} label=${field.title ?? key} value=${values[key]}
      error=${errors[prefix + key]} required=${(schema.required ?? []).includes(key)} multiline
      onChange=${/** @param {string} value */ (value) => onChange(key, value)} onBlur=${() => onBlur(prefix + key)} />`,
  );
}
