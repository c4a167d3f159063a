//! An action's parameters by location, as the vendor's metadata has them.

use crate::vendors::encoding;

/// The parameters of one action: text by name, in the query and in the form.
///
/// Absent parameters are never put in; an empty text is kept as `Name=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

impl Params {
    /// With a scalar in the query.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// With a scalar in the form.
    pub fn form(mut self, name: &str, value: impl ToString) -> Self {
        self.form.push((name.to_owned(), value.to_string()));
        self
    }

    /// The query string in the vendor's canonical form; empty where there is none.
    pub fn query_string(&self) -> String {
        encoding::query(self.query.clone())
    }

    /// The body; empty where there is no form field.
    pub fn body(&self) -> String {
        encoding::form(self.form.clone())
    }
}
