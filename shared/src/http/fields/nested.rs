//! Objects and lists of texts within a request.

use serde_json::{Map, Value};

use super::Fields;
use crate::error::FieldError;

impl Fields {
    /// The fields of an object that may be absent. Errors name the place in it.
    pub fn nested<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Fields) -> T) -> Option<T> {
        let mut inner = Fields::new(self.object(name)?, false);
        let value = read(&mut inner);
        inner.refuse_unknown();
        let at_place = |error: FieldError| FieldError { pointer: format!("/{name}{}", error.pointer), ..error };
        self.errors.extend(inner.errors.into_iter().map(at_place));
        Some(value)
    }

    /// An object that may be absent, with any members.
    pub fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        match self.take(name)? {
            Value::Object(members) => Some(members),
            _ => {
                self.refuse(name, "must be an object");
                None
            }
        }
    }

    /// Texts with a rule of their own, at most `most`; none where the field is absent. An error names the place in the
    /// list.
    pub fn texts<T>(
        &mut self,
        name: &'static str,
        most: usize,
        read: impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Vec<T> {
        let values = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) if values.len() <= most => values,
            Some(_) => {
                self.refuse(name, format!("must be a list of at most {most} texts"));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for (place, value) in values.iter().enumerate() {
            match value.as_str().ok_or_else(|| "must be a string".to_owned()).and_then(&read) {
                Ok(text) => texts.push(text),
                Err(detail) => self.errors.push(FieldError { pointer: format!("/{name}/{place}"), detail }),
            }
        }
        texts
    }
}
