//! A form as JSON Schema (2020-12): what a body of `POST /tickets` of this kind must and may have. Keywords that begin
//! with `x-` are ours, and refuse nothing.

use serde_json::{Map, Value, json};
use shared::{
    domain::{
        Account, CaseKind, CatalogEntry, MAX_ATTACHMENTS, TicketForm,
        ticket_form::{FormPart, VendorSeverity},
    },
    vendors::Capability,
};

use super::rules;
use crate::{
    details::{AREA_CODE_PATTERN, MAX_ADDRESS_CHARS, MAX_CC, PHONE_PATTERN, TIME_PATTERN},
    request::{DESCRIPTION_RULE, MAX_EMAIL_CHARS, NAME_RULE},
};

/// What a form is made of.
pub struct FormParts<'a> {
    /// The account whose ticket it is.
    pub account: &'a Account,
    /// What its vendor can do.
    pub capability: &'static Capability,
    /// The product.
    pub product: &'a CatalogEntry,
    /// The problem type.
    pub problem_type: &'a CatalogEntry,
    /// The regions of the catalog that are still listed.
    pub regions: &'a [CatalogEntry],
    /// What the vendor told.
    pub form: Option<&'a TicketForm>,
}

/// The whole schema.
pub fn of(parts: &FormParts<'_>) -> Value {
    let FormParts { account, capability, product, problem_type, form, .. } = parts;
    let mut required = vec!["custom_id", "name", "description", "product_id", "product_business_id"];
    let mut properties = Map::new();
    let mut add = |name: &str, schema: Value| drop(properties.insert(name.to_owned(), schema));
    add("custom_id", json!({"const": account.id}));
    add("product_id", json!({"const": product.id, "title": product.name}));
    add("product_business_id", json!({"const": problem_type.id, "title": problem_type.name}));
    add("name", json!({"type": "string", "minLength": 1, "maxLength": NAME_RULE.max_chars}));
    add("description", description(capability));
    add("email", json!({"type": "string", "format": "email", "maxLength": MAX_EMAIL_CHARS}));
    add("severity", json!({"enum": capability.severities, "default": "normal"}));
    let max_files = capability.files.as_ref().map_or(0, |files| files.max_per_ticket.min(MAX_ATTACHMENTS));
    add("attachments", json!({"type": "array", "items": {"type": "string"}, "maxItems": max_files}));
    add("allow_secrets", json!({"type": "boolean", "default": true}));
    if let Some(max) = capability.max_secret_chars {
        add("secret_info", json!({"type": "string", "minLength": 1, "maxLength": max, "writeOnly": true}));
    }
    if let Some(source) = capability.default_source {
        add("osm_id", json!({"type": "string", "default": source}));
    }
    if capability.regions {
        add("region_id", choice(parts.regions.iter().map(|region| (region.id.as_str(), region.name.as_str()))));
        if problem_type.case_kind == Some(CaseKind::Fault) {
            required.push("region_id");
        }
    }
    if capability.forms {
        for (name, schema) in of_vendor(*form) {
            add(name, schema);
        }
        if form.is_some_and(|form| form.extra.iter().any(|field| field.required)) {
            required.push("extra");
        }
    }
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("{}: {}", product.name, problem_type.name),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if let (true, Some(form)) = (capability.forms, form) {
        schema["x-read-time"] = json!(form.read_time);
        schema["x-unread"] = json!(form.unread);
        schema["x-unreadable"] = json!(form.unreadable);
        schema["x-templates"] = json!(form.templates);
        schema["x-vendor-fields"] = json!(form.common);
    }
    schema
}

fn description(capability: &Capability) -> Value {
    let max = capability.max_text_chars.unwrap_or(DESCRIPTION_RULE.max_chars);
    let mut schema = json!({"type": "string", "minLength": 1, "maxLength": max.min(DESCRIPTION_RULE.max_chars)});
    if let (false, Some(max)) = (capability.title, capability.max_text_chars) {
        let note = format!("The name, this text and a marker of 34 characters share {max} characters.");
        schema["description"] = json!(note);
    }
    schema
}

/// One of these values, each with its name; any text where none is known.
fn choice<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let values: Vec<_> = values.map(|(id, name)| json!({"const": id, "title": name})).collect();
    if values.is_empty() { json!({"type": "string"}) } else { json!({"oneOf": values}) }
}

/// The fields of the vendor's own form.
fn of_vendor(form: Option<&TicketForm>) -> Vec<(&'static str, Value)> {
    let address = json!({"type": "string", "format": "email", "maxLength": MAX_ADDRESS_CHARS});
    let max_cc = form.and_then(|form| form.max_cc).map_or(MAX_CC, |max| max.min(MAX_CC));
    let contact = json!({
        "phone": {"type": "string", "pattern": PHONE_PATTERN},
        "area_code": {"type": "string", "pattern": AREA_CODE_PATTERN},
        "email": address,
        "time": {"type": "string", "pattern": TIME_PATTERN},
    });
    let mut fields = vec![
        ("cc", json!({"type": "array", "items": address, "maxItems": max_cc})),
        ("contact", json!({"type": "object", "properties": contact, "additionalProperties": false})),
        ("extra", extra(form)),
    ];
    let told = form.filter(|form| form.has(FormPart::Severities));
    let severities: Option<&[VendorSeverity]> = told.map(|form| form.severities.as_slice());
    // Where the account has no choice, there is no such field.
    if severities.is_none_or(|severities| !severities.is_empty()) {
        let all = severities.unwrap_or_default().iter().map(|one| (one.id.as_str(), one.name.as_str()));
        fields.push(("severity_id", choice(all)));
    }
    fields
}

fn extra(form: Option<&TicketForm>) -> Value {
    let known = form.filter(|form| form.has(FormPart::Extra)).map_or(&[][..], |form| form.extra.as_slice());
    let properties: Map<String, Value> = known.iter().map(|field| (field.key.clone(), rules::schema(field))).collect();
    let required: Vec<_> = known.iter().filter(|field| field.required).map(|field| field.key.as_str()).collect();
    let is_whole = form.is_some_and(TicketForm::is_whole);
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": !is_whole})
}
