//! Makes an answer that is stored for replay.

use serde::Serialize;

use super::StoredAnswer;
use crate::error::{Error, Result};

impl StoredAnswer {
    /// An answer with that HTTP status, `Location` and JSON body.
    ///
    /// # Errors
    /// `Unexpected` where the body can't be written as JSON.
    pub fn new(status: u16, location: Option<String>, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_string(body)
            .map_err(|source| Error::unexpected("The answer could not be written.").with_source(source))?;
        Ok(Self { status, location, body })
    }
}
