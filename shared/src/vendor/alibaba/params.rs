//! An action's parameters, flattened by location and style as the vendor's metadata has them.

use serde_json::Value;

use crate::vendor::encode;

/// Flattened parameters of one action: text by name, in the query and in the form.
///
/// Absent parameters are never put in; an empty text is kept as `Name=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the URL query.
    Query,
    /// In the form body.
    Form,
}

/// How a list or an object becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Items joined with `,` into one value, no escaping.
    Simple,
    /// `Name.1`, `Name.2`, … counting from 1.
    RepeatList,
    /// Compact JSON.
    Json,
}

impl Params {
    /// With a scalar in the query.
    pub fn query(self, name: &str, value: impl ToString) -> Self {
        self.put(Place::Query, name, value.to_string())
    }

    /// With a scalar in the form.
    pub fn form(self, name: &str, value: impl ToString) -> Self {
        self.put(Place::Form, name, value.to_string())
    }

    /// With a list or an object in the vendor's style.
    pub fn styled(self, place: Place, name: &str, style: Style, value: &Value) -> Self {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        match style {
            Style::Simple => {
                let items: Vec<String> = items.iter().map(scalar).collect();
                self.put(place, name, items.join(","))
            }
            Style::RepeatList => items.iter().enumerate().fold(self, |params, (index, item)| {
                params.put(place, &format!("{name}.{}", index + 1), scalar(item))
            }),
            Style::Json => self.put(place, name, value.to_string()),
        }
    }

    fn put(mut self, place: Place, name: &str, value: String) -> Self {
        let pairs = match place {
            Place::Query => &mut self.query,
            Place::Form => &mut self.form,
        };
        pairs.push((name.to_owned(), value));
        self
    }

    /// The query string in the vendor's canonical form; empty where there is none.
    pub fn query_string(&self) -> String {
        encode::query(self.query.clone())
    }

    /// The body; empty where there is no form field.
    pub fn body(&self) -> String {
        encode::form(self.form.clone())
    }

    /// The query parameters by name.
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The form fields by name.
    pub fn form_pairs(&self) -> &[(String, String)] {
        &self.form
    }
}

/// A JSON scalar as the vendor's text: booleans in lower case, whole numbers in decimal.
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
