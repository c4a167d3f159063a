//! The template as a YAML document: resources by type, and values with intrinsic functions. Knows no resource type.

use serde_json::{Map, Value};

use super::TemplateError;

/// A parsed template.
#[derive(Clone, Debug)]
pub struct TemplateDocument {
    root: Value,
}

impl TemplateDocument {
    /// Parses YAML.
    ///
    /// # Errors
    ///
    /// The text is not YAML, has a key twice, or has no `Resources`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let root: Value = serde_saphyr::from_str(text).map_err(|error| TemplateError::Yaml(error.to_string()))?;
        if !root["Resources"].is_object() {
            return Err(TemplateError::of("Resources", "the section is missing"));
        }
        Ok(Self { root })
    }

    /// The value at a JSON pointer, as `/Parameters/LogLevel/Default`.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// The resources of one type, with their logical ids, in the order of those.
    pub fn resources_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let resources = self.root["Resources"].as_object().into_iter().flat_map(Map::iter);
        resources.filter(move |(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.as_str(), resource))
    }

    /// The resource `logical_id`, if there is one.
    #[must_use]
    pub fn resource(&self, logical_id: &str) -> Option<&Value> {
        self.root["Resources"].get(logical_id)
    }

    /// A value as one text: `Ref` and `Fn::GetAtt` become `${…}` as inside `Fn::Sub`, lists in `Fn::Join` are joined.
    ///
    /// `None` for a list, and for an intrinsic function that is not supported.
    #[must_use]
    pub fn text(value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Object(object) => intrinsic(object),
            Value::Null | Value::Array(_) => None,
        }
    }
}

fn intrinsic(object: &Map<String, Value>) -> Option<String> {
    let mut members = object.iter();
    let (Some((name, argument)), None) = (members.next(), members.next()) else {
        return None;
    };
    match (name.as_str(), argument) {
        ("Ref", Value::String(id)) => Some(format!("${{{id}}}")),
        ("Fn::GetAtt", Value::String(path)) => Some(format!("${{{path}}}")),
        ("Fn::GetAtt", Value::Array(path)) => {
            let path: Option<Vec<&str>> = path.iter().map(Value::as_str).collect();
            Some(format!("${{{}}}", path?.join(".")))
        }
        ("Fn::Sub", Value::String(text)) => Some(text.clone()),
        ("Fn::Join", Value::Array(join)) => {
            let [Value::String(separator), Value::Array(parts)] = join.as_slice() else {
                return None;
            };
            let parts: Option<Vec<String>> = parts.iter().map(TemplateDocument::text).collect();
            Some(parts?.join(separator))
        }
        _ => None,
    }
}

/// The logical id that `text` refers to: `${Table.Arn}` and `${Table}` give `Table`; anything else `None`.
#[must_use]
pub fn reference(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    if inner.contains(['$', '{', '}']) {
        return None;
    }
    Some(inner.split('.').next().unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn intrinsics_become_text() {
        let cases = [
            (json!("plain"), Some("plain")),
            (json!(30), Some("30")),
            (json!({"Ref": "Table"}), Some("${Table}")),
            (json!({"Fn::GetAtt": ["Table", "Arn"]}), Some("${Table.Arn}")),
            (json!({"Fn::GetAtt": "Table.Arn"}), Some("${Table.Arn}")),
            (json!({"Fn::Sub": "${Table.Arn}/index/GSI1"}), Some("${Table.Arn}/index/GSI1")),
            (json!({"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}), Some("integrations/${I}")),
            (json!({"Fn::If": ["A", "b", "c"]}), None),
            (json!({"Ref": "A", "Fn::Sub": "b"}), None),
            (json!(["a"]), None),
        ];
        for (value, expected) in cases {
            assert_eq!(TemplateDocument::text(&value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn references_name_a_resource() {
        assert_eq!(reference("${Table.Arn}"), Some("Table"));
        assert_eq!(reference("${Table}"), Some("Table"));
        assert_eq!(reference("${Table.Arn}/index/GSI1"), None);
        assert_eq!(reference("${A}${B}"), None);
        assert_eq!(reference("Table"), None);
    }

    #[test]
    fn a_repeated_key_is_an_error() {
        assert!(TemplateDocument::parse("Resources: {}\nResources: {}\n").is_err());
        assert!(TemplateDocument::parse("Resources: [").is_err());
        assert!(TemplateDocument::parse("Outputs: {}\n").is_err());
    }
}
