//! The parameters of an action by location, as in the vendor's metadata.

use crate::vendors::encoding;

/// The parameters of one action: text by name, in the query and in the form.
///
/// An absent parameter is left out; an empty text is sent as `Name=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlibabaParams {
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
}

impl AlibabaParams {
    /// Adds a scalar to the query.
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a scalar to the form.
    pub fn form(mut self, name: &str, value: impl ToString) -> Self {
        self.form.push((name.to_owned(), value.to_string()));
        self
    }

    /// The query string in the vendor's canonical form; empty without parameters in the query.
    pub fn query_string(&self) -> String {
        encoding::query(self.query.clone())
    }

    /// The body; empty without form fields.
    pub fn body(&self) -> String {
        encoding::form(self.form.clone())
    }
}
