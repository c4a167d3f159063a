//! Why a stack could not be started.

use std::io;

use crate::{
    stream::StreamError,
    template::{CreateTableFailed, TemplateError},
};

/// A stack could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port, or a file beside the database.
    #[error("{what}: {source}")]
    Io {
        /// What failed.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The database.
    #[error("the database could not be opened: {0}")]
    Database(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] CreateTableFailed),
    /// The template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The table's stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The settings.
    #[error("{0}")]
    Config(shared::error::Error),
}

pub(super) fn failed(what: &'static str) -> impl FnOnce(io::Error) -> StartError {
    move |source| StartError::Io { what, source }
}
