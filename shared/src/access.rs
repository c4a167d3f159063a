//! Calling a vendor for an account: with its keys, and once more with fresh ones when the vendor refuses them.

use std::{future::Future, sync::Arc};

use tokio::time::Instant;

use crate::{
    app::App,
    config::Config,
    domain::{Account, AccountKeys},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    telemetry::metrics,
    vendors::{Access, endpoint::check_endpoint},
};

/// What a vendor client needs to act for `account` with `keys`.
///
/// Fails with `ConfigInvalid` where the account's endpoint is none that this stack may call: it was allowed when it was
/// stored, but an item that was restored from a test's table, or altered, must not lead signed requests elsewhere.
pub fn access(
    config: &Config,
    account: &Account,
    keys: Arc<AccountKeys>,
    deadline: Instant,
) -> Result<Access> {
    if let Some(endpoint) = &account.endpoint {
        check_endpoint(account.vendor, endpoint, config.allow_loopback_endpoints).map_err(|source| {
            let message = "The account's endpoint is none that this stack may call.";
            Error::config(message).with_code(ProblemCode::EndpointNotAllowed).with_source(source)
        })?;
    }
    Ok(Access {
        account: account.id.clone(),
        keys,
        site: account.site,
        region_id: account.region_id.clone(),
        endpoint: account.endpoint.clone(),
        domain_id: account.domain_id.clone(),
        deadline,
    })
}

/// Runs `call` with the account's keys. When the vendor refuses them they are read afresh, and if they were rotated
/// meanwhile the call is made once more; the same keys are never tried twice (Huawei locks a key after five failures).
///
/// Safe for writes too: a call that was refused for its keys did nothing.
pub async fn with_keys<T, F, Fut>(app: &App, account: &Account, deadline: Instant, call: F) -> Result<T>
where
    F: Fn(Access) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let keys = app.secrets.keys(&account.id).await?;
    let refused = match call(access(&app.config, account, Arc::clone(&keys), deadline)?).await {
        Err(error) if error.kind() == ErrorKind::CredentialInvalid => error,
        answer => return answer,
    };
    let fresh = app.secrets.fresh_keys(&account.id).await?;
    if fresh == keys {
        note_refused(account);
        return Err(refused);
    }
    let answer = call(access(&app.config, account, fresh, deadline)?).await;
    if matches!(&answer, Err(error) if error.kind() == ErrorKind::CredentialInvalid) {
        note_refused(account);
    }
    answer
}

/// The vendor refuses the keys that are stored: an operator must rotate them.
fn note_refused(account: &Account) {
    metrics::KEYS_REFUSED.add([], 1);
    tracing::warn!(account.id = %account.id, vendor = %account.vendor, "The vendor refuses the account's keys.");
}
