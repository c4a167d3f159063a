//! What an answer tells the caller of its request beside the result. Made of the request alone and never stored, so
//! that a replayed answer has it too.

use ::http::Response;
use serde::Serialize;
use serde_json::{Map, Value};

use super::respond;
use crate::{
    domain::secret_text::{SecretKind, find_secret},
    error::{Error, FieldError, Result},
    problem_code::ProblemCode,
    store::StoredAnswer,
};

/// The field that refuses texts with secrets.
pub const ALLOW_SECRETS: &str = "allow_secrets";

/// Something in the request that was done all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Warning {
    /// JSON pointer into the body (`/description`).
    pub pointer: String,
    /// What it is; stable.
    pub code: WarningCode,
    /// What was found, and what to do. Never the text itself.
    pub detail: String,
}

/// The stable name of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// A text seems to hold a secret. It is sent and stored as it is.
    SecretInText,
}

/// An answer with its warnings, as the document shows it.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "New{T}Answer"))]
pub struct Warned<T> {
    /// The result.
    #[serde(flatten)]
    pub answer: T,
    /// What should be known of the request; absent where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
}

/// Searches these texts of the body, each with its field, for secrets: a warning for each one. With `"allow_secrets":
/// false` each is a bad field.
///
/// # Errors
/// `secret_in_text` where none is allowed, with every field that holds one.
pub fn check_secrets(is_allowed: Option<bool>, texts: &[(&str, &str)]) -> Result<Vec<Warning>> {
    let found: Vec<_> = texts.iter().filter_map(|(name, text)| Some((*name, find_secret(text)?))).collect();
    if is_allowed == Some(false) && !found.is_empty() {
        let refused = found.into_iter().map(|(name, kind)| FieldError {
            pointer: format!("/{name}"),
            detail: format!("holds {}; take it out, or leave allow_secrets out to send it all the same", kind.as_str()),
        });
        return Err(Error::invalid_fields(refused.collect()).with_code(ProblemCode::SecretInText));
    }
    Ok(found.into_iter().map(|(name, kind)| secret_in_text(name, kind)).collect())
}

fn secret_in_text(name: &str, kind: SecretKind) -> Warning {
    let detail = format!(
        "holds {}; whoever may read the ticket can read it, at the vendor and here, so change that secret. \
         \"{ALLOW_SECRETS}\": false refuses such texts.",
        kind.as_str()
    );
    Warning { pointer: format!("/{name}"), code: WarningCode::SecretInText, detail }
}

/// Sends an answer, first or `replayed`, with the warnings about its request beside it.
///
/// # Errors
/// [`ErrorKind::Unexpected`](crate::error::ErrorKind::Unexpected) where the stored answer is no JSON object.
pub fn respond_warned(answer: StoredAnswer, replayed: bool, warnings: &[Warning]) -> Result<Response<String>> {
    if warnings.is_empty() {
        return respond(answer, replayed);
    }
    let unreadable = |source| Error::unexpected("A stored answer is no JSON object.").with_source(source);
    let body: Map<String, Value> = serde_json::from_str(&answer.body).map_err(unreadable)?;
    let warned = Warned { answer: body, warnings: warnings.to_vec() };
    respond(StoredAnswer::new(answer.status, answer.location, &warned)?, replayed)
}
