//! How people sign in, by the variables of the API's stage: with OpenID Connect at the stack's issuer, or, on one
//! machine, with the access key.

use std::collections::{BTreeSet, HashMap};

use http::Uri;
use serde::Serialize;
use shared::{
    error::{Error, Result},
    http::HttpCall,
};

const ISSUER: &str = "desk_issuer";
const CLIENT_ID: &str = "desk_client_id";
const SCOPES: &str = "desk_scopes";
/// The scope of the API for reads, with the prefix that each of its scopes has; only where the API wants scopes.
const READ_SCOPE: &str = "desk_read_scope";
const ORIGINS: &str = "desk_sign_in_origins";

/// What the page must know of its stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum SignIn {
    /// With the code flow of OpenID Connect and PKCE.
    Oidc {
        /// The issuer of the tokens, as it stands in them.
        issuer: String,
        /// The page's own id there: that of a public client, which has no secret.
        client_id: String,
        /// The scopes to ask for, with spaces between them.
        scope: String,
        /// What stands before the names of the API's scopes in a token. Absent where the API wants no scopes: then what a
        /// token names says nothing about what its holder may do.
        #[serde(skip_serializing_if = "Option::is_none")]
        scope_prefix: Option<String>,
        /// The version of the program.
        version: &'static str,
        /// The origins that the page may call there.
        #[serde(skip)]
        origins: BTreeSet<String>,
    },
    /// With the access key, or a token of the file of tokens.
    Local {
        /// The version of the program.
        version: &'static str,
        /// Whose key or token came with the call; absent without one.
        #[serde(skip_serializing_if = "Option::is_none")]
        caller: Option<LocalCaller>,
    },
}

/// The holder of an access key or of a token of the file of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LocalCaller {
    /// The name to show, or the subject of the token; absent with the access key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the token allows; absent: everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
}

impl SignIn {
    /// Reads the variables of the stage, whose values are separated by commas, and on one machine the caller.
    ///
    /// # Errors
    /// `config_invalid`: one of issuer and client id is missing, or an origin is none.
    pub fn read(call: &HttpCall) -> Result<Self> {
        Self::of_stage(&call.stage_variables, || local_caller(call))
    }

    fn of_stage(variables: &HashMap<String, String>, caller: impl FnOnce() -> Option<LocalCaller>) -> Result<Self> {
        let variable = |name: &str| variables.get(name).map(String::as_str).filter(|value| !value.is_empty());
        let version = shared::version!();
        let (issuer, client_id) = match (variable(ISSUER), variable(CLIENT_ID)) {
            (None, None) => return Ok(Self::Local { version, caller: caller() }),
            (Some(issuer), Some(client_id)) => (issuer.to_owned(), client_id.to_owned()),
            _ => return Err(Error::config(format!("The stage has one of {ISSUER} and {CLIENT_ID} only."))),
        };
        let others = variable(ORIGINS).into_iter().flat_map(|list| list.split(','));
        let origins = std::iter::once(&*issuer).chain(others).map(origin).collect::<Result<_>>()?;
        let scope_prefix = variable(READ_SCOPE).map(prefix).transpose()?;
        let mut scope = variable(SCOPES).unwrap_or("openid").replace(',', " ");
        if let Some(prefix) = &scope_prefix {
            scope += &["read", "write", "admin"].map(|name| format!(" {prefix}{name}")).concat();
        }
        Ok(Self::Oidc { issuer, client_id, scope, scope_prefix, version, origins })
    }

    /// The origins that the page may call to sign in, each once.
    pub(crate) fn origins(&self) -> Vec<&str> {
        match self {
            Self::Oidc { origins, .. } => origins.iter().map(String::as_str).collect(),
            Self::Local { .. } => Vec::new(),
        }
    }

    /// What `config.json` says.
    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|source| Error::unexpected("The page's settings are no JSON.").with_source(source))
    }
}

fn prefix(read_scope: &str) -> Result<String> {
    let invalid = || Error::config(format!("{READ_SCOPE} is {read_scope}, which does not end with read."));
    read_scope.strip_suffix("read").map(str::to_owned).ok_or_else(invalid)
}

fn local_caller(call: &HttpCall) -> Option<LocalCaller> {
    let actor = call.invocation.actor.as_ref()?;
    let name = actor.name.as_ref().or(call.scopes.as_ref().map(|_| &actor.id));
    Some(LocalCaller { name: name.cloned(), scopes: call.scopes.clone() })
}

/// The origin of a URL. It becomes part of a header that lists what the page may call, so that it must be no more.
pub(crate) fn origin(url: &str) -> Result<String> {
    let invalid = || Error::config(format!("{url} is no URL with https that the page could call."));
    let read: Uri = url.parse().map_err(|_| invalid())?;
    let (scheme, authority) = read.scheme_str().zip(read.authority()).ok_or_else(invalid)?;
    let is_plain = authority.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    let is_allowed = scheme == "https" || scheme == "http" && ["127.0.0.1", "localhost"].contains(&authority.host());
    if is_plain && is_allowed { Ok(format!("{scheme}://{authority}")) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER_URL: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A1";

    fn read(variables: &[(&str, &str)]) -> Result<SignIn> {
        SignIn::of_stage(
            &variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            || None,
        )
    }

    #[test]
    fn a_stage_without_a_client_is_one_on_this_machine() {
        for variables in [&[][..], &[(ISSUER, ""), (CLIENT_ID, "")], &[("accounts_claim", "accounts")]] {
            let sign_in = read(variables).unwrap();
            assert_eq!(sign_in.to_json().unwrap(), format!(r#"{{"mode":"local","version":"{}"}}"#, shared::version!()));
            assert!(sign_in.origins().is_empty());
        }
    }

    #[test]
    fn the_page_learns_issuer_client_and_scopes() {
        let variables = [(ISSUER, ISSUER_URL), (CLIENT_ID, "c1"), (SCOPES, "openid,https://x.example/read")];
        let expected = serde_json::json!({
            "mode": "oidc",
            "issuer": ISSUER_URL,
            "client_id": "c1",
            "scope": "openid https://x.example/read",
            "version": shared::version!(),
        });
        let sign_in = read(&variables).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&sign_in.to_json().unwrap()).unwrap(), expected);
        assert_eq!(sign_in.origins(), ["https://cognito-idp.eu-central-1.amazonaws.com"]);
    }

    #[test]
    fn the_page_asks_for_the_scopes_that_the_api_wants() {
        let scopes = |read_scope: &str| {
            let sign_in = read(&[(ISSUER, ISSUER_URL), (CLIENT_ID, "c1"), (READ_SCOPE, read_scope)]).unwrap();
            let config: serde_json::Value = serde_json::from_str(&sign_in.to_json().unwrap()).unwrap();
            (config["scope"].clone(), config.get("scope_prefix").cloned())
        };
        assert_eq!(scopes(""), ("openid".into(), None));
        assert_eq!(scopes("read"), ("openid read write admin".into(), Some("".into())));
        assert_eq!(scopes("x/read"), ("openid x/read x/write x/admin".into(), Some("x/".into())));
        assert!(read(&[(ISSUER, ISSUER_URL), (CLIENT_ID, "c1"), (READ_SCOPE, "x/")]).is_err());
    }

    #[test]
    fn origins_are_read_out_of_urls_and_named_once() {
        let others =
            "https://desk.auth.eu-central-1.amazoncognito.com,https://desk.auth.eu-central-1.amazoncognito.com/";
        let sign_in = read(&[(ISSUER, "http://127.0.0.1:9000/realm"), (CLIENT_ID, "c"), (ORIGINS, others)]).unwrap();
        assert_eq!(sign_in.origins(), ["http://127.0.0.1:9000", "https://desk.auth.eu-central-1.amazoncognito.com"]);
    }

    #[test]
    fn half_a_client_and_what_is_no_origin_are_refused() {
        assert!(read(&[(ISSUER, ISSUER_URL)]).is_err());
        assert!(read(&[(CLIENT_ID, "c")]).is_err());
        for url in [
            "*",
            "https:",
            "issuer",
            "/path",
            "http://issuer.example",
            "https://*.example",
            "https://a@b.example",
            "https://a.example;script-src",
            "https://a.example 'unsafe-inline'",
            "data:text/html,x",
        ] {
            assert!(read(&[(ISSUER, ISSUER_URL), (CLIENT_ID, "c"), (ORIGINS, url)]).is_err(), "{url}");
        }
    }
}
