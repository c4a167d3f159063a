//! `infra/template.yaml` as plain data. Knows no server of this crate.
//!
//! Supports only what the template uses: long-form intrinsic functions, explicit roles, routes and rules. Anything else
//! in a value that is read is an error, so that the local stack never differs silently from AWS.

mod document;
mod function;
mod mapping;
mod route;
mod rule;
mod table;

use std::path::{Path, PathBuf};

pub use document::{TemplateDocument, reference};
pub use function::{LambdaFunction, Statement};
pub use mapping::{EventSource, Mapping};
pub use route::{ApiRoute, RouteAuthorization};
pub use rule::{EventRule, Pattern, Schedule};
pub use table::{CreateTableFailed, TableDefinition, TableIndex};

/// The template, as far as the local stack needs it.
#[derive(Clone, Debug)]
pub struct Template {
    /// The whole document, for resources that have no type here.
    pub document: TemplateDocument,
    /// By logical id.
    pub functions: Vec<LambdaFunction>,
    /// In the order of the logical ids.
    pub routes: Vec<ApiRoute>,
    /// Rules that match events on the project's bus.
    pub rules: Vec<EventRule>,
    /// Rules that fire by time.
    pub schedules: Vec<Schedule>,
    /// The streams and queues that Lambda reads for a function.
    pub mappings: Vec<Mapping>,
    /// The one table.
    pub table: TableDefinition,
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
    /// The text is not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(String),
    /// A resource has a missing or an unsupported value.
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
    ///
    /// # Errors
    ///
    /// The file can't be read, or as [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| TemplateError::Read { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads the template from its text.
    ///
    /// # Errors
    ///
    /// The text is not YAML, or has a missing or unsupported value.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let document = TemplateDocument::parse(text)?;
        let functions = function::read(&document)?;
        let routes = route::read(&document, &functions)?;
        let (rules, schedules) = rule::read(&document, &functions)?;
        let mappings = mapping::read(&document, &functions)?;
        let table = table::read(&document)?;
        Ok(Self { document, functions, routes, rules, schedules, mappings, table })
    }

    /// The same template without the rules that start one of these functions.
    #[must_use]
    pub fn without_rules_for(&self, functions: &[&str]) -> Self {
        let mut template = self.clone();
        template.rules.retain(|rule| !rule.targets.iter().any(|target| functions.contains(&target.as_str())));
        template
    }

    /// The first mapping whose source matches.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn mapping(&self, matches: impl Fn(&EventSource) -> bool) -> Result<&Mapping, TemplateError> {
        let mapping = self.mappings.iter().find(|mapping| matches(&mapping.source));
        mapping.ok_or_else(|| TemplateError::of("Resources", "a mapping is missing"))
    }

    /// The mapping of the table's stream to that function.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn stream_of(&self, function: &str) -> Result<&Mapping, TemplateError> {
        let is_it =
            |mapping: &&Mapping| mapping.function == function && matches!(mapping.source, EventSource::Stream { .. });
        let mapping = self.mappings.iter().find(is_it);
        mapping.ok_or_else(|| TemplateError::of("Resources", format!("{function} has no mapping of the stream")))
    }

    /// The function whose package is called `package`.
    #[must_use]
    pub fn function(&self, package: &str) -> Option<&LambdaFunction> {
        self.functions.iter().find(|function| function.package == package)
    }
}
