//! `infra/template.yaml` as plain data. Knows nothing of the servers that follow it.
//!
//! Only what this project writes is understood: long-form intrinsics, explicit roles, routes and rules. Anything else
//! in a place that is read is an error, so that nothing runs here that AWS would run otherwise.

mod document;
mod function;
mod mapping;
mod route;
mod rule;
mod table;

use std::path::{Path, PathBuf};

pub use document::{Document, reference};
pub use function::{Function, Statement};
pub use mapping::{Mapping, Source};
pub use route::{Authorization, Route};
pub use rule::{Pattern, Rule, Schedule};
pub use table::{CreateTableFailed, Index, Table};

/// The stack, as far as one machine needs it.
#[derive(Clone, Debug)]
pub struct Template {
    /// The whole document, for what has no type here.
    pub document: Document,
    /// By logical id.
    pub functions: Vec<Function>,
    /// In the order of the logical ids.
    pub routes: Vec<Route>,
    /// Rules that match events on the project's bus.
    pub rules: Vec<Rule>,
    /// Rules that fire by time.
    pub schedules: Vec<Schedule>,
    /// What Lambda reads for a function: streams and queues.
    pub mappings: Vec<Mapping>,
    /// The one table.
    pub table: Table,
}

/// Why a template could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file could not be read.
    #[error("{path} can't be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The text is no YAML.
    #[error("the template is no YAML: {0}")]
    Yaml(String),
    /// A resource misses something, or holds something that is not understood.
    #[error("{resource}: {problem}")]
    Resource {
        /// The resource's logical id, or the section's name.
        resource: String,
        /// What is wrong.
        problem: String,
    },
}

impl TemplateError {
    pub(crate) fn of(resource: &str, problem: impl Into<String>) -> Self {
        Self::Resource { resource: resource.to_owned(), problem: problem.into() }
    }
}

impl Template {
    /// Reads the template in the file `path`.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads the template out of `text`.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let document = Document::parse(text)?;
        let functions = function::read(&document)?;
        let routes = route::read(&document, &functions)?;
        let (rules, schedules) = rule::read(&document, &functions)?;
        let mappings = mapping::read(&document, &functions)?;
        let table = table::read(&document)?;
        Ok(Self { document, functions, routes, rules, schedules, mappings, table })
    }

    /// The mapping whose source is such a one, if there is one.
    pub fn mapping(&self, is_meant: impl Fn(&Source) -> bool) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| is_meant(&mapping.source))
    }

    /// The function whose package is called `package`.
    #[must_use]
    pub fn function(&self, package: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.package == package)
    }
}
