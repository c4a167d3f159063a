// What is sent: made of what was typed and of the form, and checked by the form's rules before the API is asked.

import { characters } from "../../core/format.js";
import { text } from "../../core/texts.js";
import { asNumber, brokenRule, valueOf } from "../../parts/schema_fields.js";

/**
 * What is typed and may be stored.
 * @typedef {{ custom_id: string, product_id: string, product_name: string, product_business_id: string,
 *   problem_type_name: string, name: string, description: string, email?: string, region_id?: string,
 *   severity?: string, severity_id?: string, cc: string, contact: Record<string, string>,
 *   extra: Record<string, string> }} Values
 */
/** What is typed and is stored nowhere. @typedef {{ secret_info: string, extra: Record<string, string> }} Secrets */
/** @typedef {Record<string, any>} Form the schema of `GET /catalog/form` */

/** The limits of any vendor, before the form is known. */
export const ANY_FORM = {
  properties: { name: { type: "string", maxLength: 500 }, description: { type: "string", maxLength: 60_000 } },
  required: ["custom_id", "name", "description", "product_id", "product_business_id"],
};

/**
 * Beside name and description a text without a title of its own has a line end between them and two before the marker.
 */
const LINE_ENDS = 3;
const MARKER_CHARS = "ref ".length + 26;

/** The API takes no larger body. */
const MAX_BODY_BYTES = 64 * 1024;

/** Fields that stand in the body as they are typed. */
const PLAIN = ["email", "region_id", "severity", "severity_id"];

/** Whether the form leaves a choice of severity: a vendor without one has a single value. @param {Form} form */
export function hasSeverity({ properties }) {
  return properties.severity?.enum?.length > 1;
}

/** @param {Form} form */
function plainFields(form) {
  return PLAIN.filter((name) => form.properties[name] && (name !== "severity" || hasSeverity(form)));
}

/** @returns {Values} */
export function emptyValues() {
  return {
    custom_id: "",
    product_id: "",
    product_name: "",
    product_business_id: "",
    problem_type_name: "",
    name: "",
    description: "",
    cc: "",
    contact: {},
    extra: {},
  };
}

/** @returns {Secrets} */
export function noSecrets() {
  return { secret_info: "", extra: {} };
}

/** @param {Values} values */
export function isEmpty({ name, description, product_id, extra }) {
  return !name && !description && !product_id && Object.keys(extra).length === 0;
}

/** The addresses in a text that separates them by lines, commas or blanks. @param {string} cc */
export function addresses(cc) {
  return cc.split(/[\s,;，；、]+/).filter(Boolean);
}

/**
 * The most characters of the description, beside the present name and the marker where they share one text.
 * @param {Form} form
 * @param {{ title: boolean, max_text_chars?: number } | undefined} capability
 * @param {string} name
 */
export function maxDescription(form, capability, name) {
  const most = form.properties.description.maxLength;
  if (capability?.max_text_chars === undefined) return most;
  const shared = MARKER_CHARS + (capability.title ? LINE_ENDS - 1 : LINE_ENDS + characters(name));
  return Math.max(0, Math.min(most, capability.max_text_chars - shared));
}

/**
 * The body of `POST /tickets`, without files.
 * @param {Values} values
 * @param {Secrets} secrets
 * @param {Form} form
 */
export function bodyOf(values, secrets, form) {
  const { properties } = form;
  const { custom_id, product_id, product_business_id, name, description } = values;
  /** @type {Record<string, any>} */
  const body = { custom_id, product_id, product_business_id, name, description };
  for (const field of plainFields(form)) {
    const value = valueOf(properties[field], /** @type {any} */ (values)[field]).trim();
    if (value && value !== properties[field].default) body[field] = value;
  }
  const cc = properties.cc ? addresses(values.cc) : [];
  if (cc.length > 0) body.cc = cc;
  const contact = Object.keys(properties.contact?.properties ?? {}).map((key) => [key, values.contact[key]?.trim()]);
  if (contact.some(([, value]) => value)) body.contact = Object.fromEntries(contact.filter(([, value]) => value));
  /** @type {Record<string, any>} */
  const extra = {};
  for (const [key, schema] of Object.entries(properties.extra?.properties ?? {})) {
    const value = valueOf(schema, (schema.writeOnly ? secrets : values).extra[key]);
    if (value.trim()) extra[key] = asNumber(schema, value);
  }
  if (Object.keys(extra).length > 0) body.extra = extra;
  if (properties.secret_info && secrets.secret_info.trim()) body.secret_info = secrets.secret_info;
  return body;
}

/**
 * The body without its secrets, and the names of those.
 * @param {any} body
 * @param {Form} form
 * @returns {{ body: any, withheld: string[] }}
 */
export function withoutSecrets(body, form) {
  const { secret_info, ...plain } = body;
  const withheld = secret_info === undefined ? [] : ["secret_info"];
  if (plain.extra) {
    plain.extra = { ...plain.extra };
    for (const key of Object.keys(plain.extra)) {
      if (!form.properties.extra.properties[key].writeOnly) continue;
      delete plain.extra[key];
      withheld.push(`extra/${key}`);
    }
  }
  return { body: plain, withheld };
}

/**
 * The stored body with the secrets that are typed again.
 * @param {import("../../core/drafts.js").Sent} sent
 * @param {Secrets} secrets
 */
export function withSecrets({ body, withheld }, secrets) {
  const whole = { ...body, extra: body.extra && { ...body.extra } };
  for (const field of withheld) {
    if (field === "secret_info") {
      if (secrets.secret_info.trim()) whole.secret_info = secrets.secret_info;
    } else {
      const key = field.slice("extra/".length);
      if (secrets.extra[key]) whole.extra[key] = secrets.extra[key];
    }
  }
  return whole;
}

/**
 * Every rule that is broken, by the field's name.
 * @param {Values} values
 * @param {Secrets} secrets
 * @param {Form} form
 * @param {number} descriptionMax
 * @returns {Record<string, string>}
 */
export function brokenFields(values, secrets, form, descriptionMax) {
  /** @type {Record<string, string>} */
  const broken = {};
  /** @param {string} name @param {string | null} rule */
  const add = (name, rule) => {
    if (rule) broken[name] = rule;
  };
  const isRequired = /** @param {string} name */ (name) => form.required.includes(name);
  const { properties } = form;
  for (const name of ["custom_id", "product_id", "product_business_id"])
    add(name, brokenRule({}, /** @type {any} */ (values)[name], true));
  add("name", brokenRule(properties.name, values.name, true));
  add("description", brokenRule({ maxLength: descriptionMax }, values.description, true));
  for (const name of plainFields(form)) {
    const value = valueOf(properties[name], /** @type {any} */ (values)[name]);
    add(name, brokenRule(properties[name], value, isRequired(name)));
  }
  if (properties.cc) add("cc", brokenCc(addresses(values.cc), properties.cc));
  for (const [key, schema] of Object.entries(properties.contact?.properties ?? {})) {
    const value = values.contact[key]?.trim() ?? "";
    const breaksPattern = value && schema.pattern && !new RegExp(schema.pattern, "u").test(value);
    add(`contact/${key}`, breaksPattern ? text(`new.rule.${key}`) : brokenRule(schema, value, false));
  }
  for (const [key, schema] of Object.entries(properties.extra?.properties ?? {})) {
    const value = valueOf(schema, (schema.writeOnly ? secrets : values).extra[key]);
    add(`extra/${key}`, brokenRule(schema, value, (properties.extra.required ?? []).includes(key)));
  }
  if (properties.secret_info) add("secret_info", brokenRule(properties.secret_info, secrets.secret_info, false));
  const bytes = new TextEncoder().encode(JSON.stringify(bodyOf(values, secrets, form))).length;
  if (bytes > MAX_BODY_BYTES) broken.description ??= text("new.rule.too_many_bytes");
  return broken;
}

/** @param {string[]} cc @param {any} schema */
function brokenCc(cc, schema) {
  if (cc.length > schema.maxItems) return text("new.rule.too_many", { max: schema.maxItems });
  const bad = cc.find((address) => brokenRule(schema.items, address, false));
  return bad ? text("new.rule.address", { address: bad }) : null;
}

/**
 * The field that a name of the API's errors belongs to: a part of a list is shown at the list.
 * @param {Record<string, string>} errors
 */
export function byField(errors) {
  return Object.fromEntries(
    Object.entries(errors).map(([name, detail]) => {
      const plain = name.replaceAll("~1", "/").replaceAll("~0", "~");
      return [/^(cc|attachments)\//.test(plain) ? plain.split("/")[0] : plain, detail];
    }),
  );
}
