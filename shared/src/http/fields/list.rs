//! Lists of ids.

use serde_json::Value;

use super::{Fields, ID_RULE, read_id};
use crate::error::{Error, FieldError};

impl Fields {
    /// Ids, each once, at most `most`; none where the field is absent. An error names the place in the list.
    pub fn ids<T>(&mut self, name: &'static str, most: usize) -> Vec<T>
    where
        T: TryFrom<String, Error = Error> + PartialEq,
    {
        let values = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(values)) if values.len() <= most => values,
            Some(Value::Array(values)) => {
                self.refuse(name, format!("must have at most {most} ids; it has {}", values.len()));
                return Vec::new();
            }
            Some(_) => {
                self.refuse(name, "must be a list of ids");
                return Vec::new();
            }
        };
        let mut ids = Vec::new();
        for (place, value) in values.into_iter().enumerate() {
            let id = match value {
                Value::String(text) => read_id(&text),
                _ => Err(ID_RULE.to_owned()),
            };
            let broken = match id {
                Ok(id) if ids.contains(&id) => "must stand once in the list".to_owned(),
                Ok(id) => {
                    ids.push(id);
                    continue;
                }
                Err(rule) => rule,
            };
            self.errors.push(FieldError { pointer: format!("/{name}/{place}"), detail: broken });
        }
        ids
    }
}
