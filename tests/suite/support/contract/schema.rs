//! The document's schemas, compiled once each.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::DOCUMENT;

static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// The schemas as requests must fit them.
static OPEN: LazyLock<Value> = LazyLock::new(|| DOCUMENT["components"]["schemas"].clone());

/// The same for answers: a field that no schema names breaks them.
static CLOSED: LazyLock<Value> = LazyLock::new(|| {
    let mut schemas = OPEN.clone();
    schemas.as_object_mut().unwrap().values_mut().for_each(close);
    schemas
});

/// What of `value` breaks the schema, if anything. `closed`: unlisted fields do.
pub(super) fn fits(schema: &Value, value: &Value, closed: bool) -> Option<String> {
    let validator = compiled(schema, closed);
    validator.iter_errors(value).next().map(|error| format!("{error} at {}", error.instance_path()))
}

fn compiled(schema: &Value, closed: bool) -> Arc<Validator> {
    let key = format!("{closed} {schema}");
    if let Some(validator) = COMPILED.lock().unwrap().get(&key) {
        return validator.clone();
    }
    let mut whole = schema.clone();
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["components"] = json!({"schemas": if closed { &*CLOSED } else { &*OPEN }});
    let built = jsonschema::options().should_validate_formats(true).build(&whole);
    let validator = Arc::new(built.unwrap_or_else(|error| panic!("{error} in {schema}")));
    COMPILED.lock().unwrap().entry(key).or_insert(validator).clone()
}

fn close(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    if members.contains_key("properties") {
        members.insert("additionalProperties".into(), json!(false));
    }
    members.values_mut().for_each(close);
}
