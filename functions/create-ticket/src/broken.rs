//! Every rule that a ticket breaks, for one answer that names all of them.

use shared::{
    error::{Error, FieldError},
    problem_code::ProblemCode,
};

/// The fields that break a rule, in the order in which they were found.
#[derive(Debug, Default)]
pub struct BrokenFields {
    fields: Vec<FieldError>,
    code: Option<ProblemCode>,
}

impl BrokenFields {
    /// Records a field. The code of the first one is the answer's.
    pub fn add(&mut self, pointer: impl Into<String>, code: ProblemCode, rule: impl Into<String>) {
        self.fields.push(FieldError { pointer: pointer.into(), detail: rule.into() });
        self.code.get_or_insert(code);
    }

    /// Whether no rule is broken.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Adds those of another.
    pub fn extend(&mut self, other: Self) {
        self.fields.extend(other.fields);
        self.code = self.code.or(other.code);
    }

    /// The error that names all of them, if there is one.
    pub fn into_error(self) -> Option<Error> {
        let code = self.code?;
        Some(Error::invalid_fields(self.fields).with_code(code))
    }
}
