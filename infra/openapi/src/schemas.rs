//! The document's schemas: collected from types, and set right where a derive can't know what the code does.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Where the document keeps its schemas.
const PLACE: &str = "/components/schemas";

/// The schemas that were referred to so far.
pub struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
    own: Map<String, Value>,
}

impl Default for Schemas {
    fn default() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = PLACE.into();
                settings.meta_schema = None;
            })
        };
        Self {
            requests: settings().into_generator(),
            answers: settings().for_serialize().into_generator(),
            own: Map::new(),
        }
    }
}

impl Schemas {
    /// A reference to what `T` is read from.
    pub fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// A reference to what `T` is answered as.
    pub fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// Keeps a schema under a name, and gives a reference to it.
    pub fn add(&mut self, name: &str, schema: Value) -> Value {
        self.own.insert(name.to_owned(), schema);
        reference(name)
    }

    /// Every schema by its name.
    pub fn finish(mut self) -> Value {
        let mut all = self.requests.take_definitions(true);
        let mut answers = self.answers.take_definitions(true);
        answers.values_mut().for_each(absent_is_never_null);
        // A type that is both read and answered (ids, names of vendors) has one form.
        all.extend(answers);
        all.values_mut().for_each(plain_numbers);
        all.extend(self.own);
        all.values_mut().for_each(plain_enumerations);
        all.values_mut().for_each(plain_references);
        Value::Object(all)
    }
}

/// A reference to the schema of that name.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#{PLACE}/{name}")})
}

/// A schema that takes `null` too, which counts as absent in a request's body.
pub fn or_null(mut schema: Value) -> Value {
    match schema.get("type").cloned() {
        Some(name) => {
            schema["type"] = json!([name, "null"]);
            schema
        }
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// An answer leaves out what is absent; a derive has it as `null`.
fn absent_is_never_null(schema: &mut Value) {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        if !required.contains(&Value::from(name.as_str())) {
            without_null(property);
        }
    }
}

fn without_null(property: &mut Value) {
    if let Some(types) = property.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|one| one != "null");
        if let [only] = types.as_slice() {
            property["type"] = only.clone();
        }
    }
    let choices = property.get_mut("anyOf").and_then(Value::as_array_mut);
    if let Some([only, Value::Object(null)]) = choices.map(Vec::as_mut_slice)
        && null.get("type") == Some(&Value::from("null"))
    {
        let only = only.take();
        if let (Some(property), Value::Object(only)) = (property.as_object_mut(), only) {
            property.remove("anyOf");
            property.extend(only);
        }
    }
}

/// A choice of constants as one enumeration, with the meanings in its description: generators of clients make a type of
/// each variant of a choice.
fn plain_enumerations(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some((values, meanings)) = members.get("oneOf").and_then(constants) {
                members.remove("oneOf");
                members.insert("type".to_owned(), "string".into());
                members.insert("enum".to_owned(), values.into());
                let description = members.get("description").and_then(Value::as_str).unwrap_or_default();
                members.insert("description".to_owned(), format!("{description}\n\n{meanings}").trim().into());
            }
            members.values_mut().for_each(plain_enumerations);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_enumerations),
        _ => {}
    }
}

/// A reference without a type beside it: what it refers to has one.
fn plain_references(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("$ref") {
                members.remove("type");
            }
            members.values_mut().for_each(plain_references);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_references),
        _ => {}
    }
}

/// The texts of a choice of constants, and a list of their meanings.
fn constants(choice: &Value) -> Option<(Vec<Value>, String)> {
    let choices = choice.as_array()?;
    let values: Option<Vec<_>> = choices.iter().map(|one| one.get("const").filter(|one| one.is_string())).collect();
    let meaning = |one: &Value| Some(format!("- `{}`: {}", one["const"].as_str()?, one["description"].as_str()?));
    let meanings: Vec<_> = choices.iter().filter_map(meaning).collect();
    Some((values?.into_iter().cloned().collect(), meanings.join("\n")))
}

/// Without Rust's own number formats, and without bounds where the values are listed.
fn plain_numbers(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let rusty = members.get("format").and_then(Value::as_str).is_some_and(|f| f.starts_with("uint"));
            if rusty {
                members.remove("format");
            }
            if rusty && members.contains_key("enum") {
                members.retain(|name, _| name != "minimum" && name != "maximum");
            }
            members.values_mut().for_each(plain_numbers);
        }
        Value::Array(items) => items.iter_mut().for_each(plain_numbers),
        _ => {}
    }
}
