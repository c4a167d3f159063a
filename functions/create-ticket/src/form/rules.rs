//! The rules of one field of a vendor's form, each as JSON Schema and as a check.

use serde_json::{Value, json};
use shared::domain::ticket_form::ExtraField;

/// The field as JSON Schema (2020-12).
pub fn schema(field: &ExtraField) -> Value {
    let mut schema = json!({"title": field.name, "type": ["string", "number", "boolean", "array", "object"]});
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema[name] = value;
        }
    };
    set("description", field.description.clone().map(Value::from));
    set("default", field.default.clone().map(Value::from));
    set("maxLength", field.max_chars.map(Value::from));
    set("minimum", field.range.map(|(low, _)| low.into()));
    set("maximum", field.range.map(|(_, high)| high.into()));
    set("enum", (!field.choices.is_empty()).then(|| field.choices.clone().into()));
    set("pattern", field.required.then(|| r"\S".into()));
    set("writeOnly", field.sensitive.then(|| true.into()));
    set("x-vendor-choices", field.vendor_choices.clone().map(Value::from));
    schema
}

/// Checks a value that is there. The error is the rule that is broken, without the value.
pub fn check(field: &ExtraField, value: &Value) -> Result<(), String> {
    if !field.choices.is_empty() && !field.choices.iter().any(|choice| value == choice) {
        return Err(format!("must be one of: {}", field.choices.join(", ")));
    }
    match value {
        Value::String(text) => check_text(field, text),
        Value::Number(number) => check_number(field, number.as_f64()),
        _ => Ok(()),
    }
}

fn check_text(field: &ExtraField, text: &str) -> Result<(), String> {
    if field.required && text.trim().is_empty() {
        return Err("must not be empty".to_owned());
    }
    let chars = text.chars().count();
    match field.max_chars {
        Some(max) if chars > max => Err(format!("must be at most {max} characters; it has {chars}")),
        _ => Ok(()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a limit above 2^53 is none in practice")]
fn check_number(field: &ExtraField, number: Option<f64>) -> Result<(), String> {
    match (field.range, number) {
        (Some((low, high)), Some(number)) if !(low as f64..=high as f64).contains(&number) => {
            Err(format!("must be a number from {low} to {high}"))
        }
        _ => Ok(()),
    }
}
