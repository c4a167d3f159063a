//! Who calls: the holder of the access key, or a test identity of a file of tokens.
//!
//! The file is JSON: an object of tokens, each with the claims that a JWT authoriser would find in it. It is read for
//! each request, so that a change counts at once.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value, json};

/// The claims that the functions of a local stack read besides `sub`: the name of the caller, and its accounts.
const NAME_CLAIM: &str = "name";
const ACCOUNTS_CLAIM: &str = "accounts";
/// Who calls with the access key of this start.
const USER_ARN: &str = "arn:aws:iam::123456789012:user/local";

/// A file with the claims of each token.
#[derive(Clone, Debug)]
pub struct TokenFile(PathBuf);

/// A caller.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Caller {
    /// The authoriser's part of an event.
    pub authorizer: Value,
    /// The scopes of the token; `None`: every one.
    pub scopes: Option<Vec<String>>,
}

impl TokenFile {
    /// The file, if it can be read as one.
    ///
    /// # Errors
    ///
    /// It can't be read, or is no JSON object of objects.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = Self(path.to_owned());
        file.read().map(|_| file)
    }

    fn read(&self) -> io::Result<BTreeMap<String, Map<String, Value>>> {
        Ok(serde_json::from_slice(&std::fs::read(&self.0)?)?)
    }

    /// The caller with this token; nobody where the file can't be read.
    pub(super) fn caller(&self, token: &str) -> Option<Caller> {
        let mut tokens = self
            .read()
            .inspect_err(|error| tracing::error!(%error, "The file of tokens can't be read; no token counts."))
            .ok()?;
        let claims = tokens.remove(token)?;
        let scopes = claims.get("scope").or(claims.get("scp")).map(text).unwrap_or_default();
        let scopes: Vec<_> = scopes.trim_matches(['[', ']']).split_whitespace().map(str::to_owned).collect();
        // API Gateway hands every claim over as text.
        let claims: Map<String, Value> =
            claims.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
        let authorizer = json!({"jwt": {"claims": claims, "scopes": scopes}});
        Some(Caller { authorizer, scopes: Some(scopes) })
    }
}

/// The holder of the access key. Where there are tokens, it is one that may do everything.
pub(super) fn key_holder(has_tokens: bool) -> Caller {
    let claims = json!({"sub": "local", ACCOUNTS_CLAIM: "*"});
    let authorizer = match has_tokens {
        true => json!({"jwt": {"claims": claims, "scopes": null}}),
        false => json!({"iam": {"accountId": super::event::ACCOUNT_ID, "userArn": USER_ARN}}),
    };
    Caller { authorizer, scopes: None }
}

/// Anybody, on a route that asks nobody who calls.
pub(super) fn anybody() -> Caller {
    Caller { authorizer: Value::Null, scopes: None }
}

/// The stage's variables, as the parameters `ActorNameClaim` and `AccountsClaim` make them.
pub(super) fn stage_variables() -> Value {
    json!({"actor_name_claim": NAME_CLAIM, "accounts_claim": ACCOUNTS_CLAIM})
}

/// A claim as API Gateway hands it over: a list as `[a b]`.
fn text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(values) => format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}
