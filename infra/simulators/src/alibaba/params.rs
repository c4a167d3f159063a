//! Parameters of a call by their place: query or form.

use bytes::Bytes;
use http::{Method, Request};
use serde_json::Value;

use super::AlibabaFailure;
use crate::wire::{header, pairs};

/// The parameters of one call.
pub(super) struct CallParams {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

impl CallParams {
    /// Reads both places. With GET the query counts as the form too; a body that is not a form has no
    /// parameters.
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        let query = pairs(request.uri().query().unwrap_or_default(), true);
        let is_form = header(request, "content-type")
            .is_some_and(|kind| kind.split(';').next() == Some("application/x-www-form-urlencoded"));
        let form = match (request.method() == Method::GET, std::str::from_utf8(request.body())) {
            (true, _) => query.clone(),
            (false, Ok(text)) if is_form => pairs(text, true),
            _ => Vec::new(),
        };
        Self { query, form }
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        find(&self.query, name)
    }

    pub(super) fn form(&self, name: &str) -> Option<&str> {
        find(&self.form, name)
    }

    /// A form parameter that must be there and not empty.
    pub(super) fn required(&self, name: &str) -> Result<&str, AlibabaFailure> {
        required(self.form(name), name)
    }

    /// A query parameter that must be there and not empty.
    pub(super) fn required_query(&self, name: &str) -> Result<&str, AlibabaFailure> {
        required(self.query(name), name)
    }

    /// The `Content` of `SecretInfo`: JSON in the query. In the form it is not read.
    pub(super) fn secret_info(&self) -> Result<Option<String>, AlibabaFailure> {
        let Some(json) = self.query("SecretInfo") else { return Ok(None) };
        let object: Value = serde_json::from_str(json).map_err(|_| invalid("SecretInfo"))?;
        let content = object.get("Content").and_then(Value::as_str).ok_or_else(|| invalid("SecretInfo"))?;
        Ok(Some(content.to_owned()))
    }

    /// An array in the form as `Name.1`, `Name.2` and so on.
    pub(super) fn repeated(&self, name: &str) -> Vec<&str> {
        (1..).map_while(|n| self.form(&format!("{name}.{n}"))).collect()
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, AlibabaFailure> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        AlibabaFailure::gateway(400, &format!("Missing{name}"), &format!("{name} is mandatory for this action."))
    })
}

/// Reads a whole number within bounds.
pub(super) fn number(value: &str, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Result<i64, AlibabaFailure> {
    let number = value.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| invalid(name))
}

/// The refusal of a parameter of the wrong type or out of bounds.
pub(super) fn invalid(name: &str) -> AlibabaFailure {
    AlibabaFailure::gateway(400, &format!("Invalid{name}"), &format!("The specified parameter {name} is not valid."))
}
