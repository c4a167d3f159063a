//! The first refresh of a catalog: the registration of its first account starts it.

use std::time::Duration;

use shared::{
    app::App,
    domain::{Account, RunId, RunState},
    error::{Error, Result},
    invocation::Invocation,
    telemetry,
    workflow::refresh_start,
};
use tokio::time::timeout;

/// How long the start may take: whoever registers the account waits.
const START_TIME: Duration = Duration::from_secs(3);

/// The time that is reserved for storing the answer.
const ANSWER_RESERVE: Duration = Duration::from_secs(1);

/// Starts a refresh of the account's vendor, as a run with the account's id, if the account's catalog has no complete
/// refresh and no run is about to read it. A failure is only logged: the daily schedule reads the catalog in any case.
pub async fn start(app: &App, invocation: &Invocation, account: &Account) {
    let limit = START_TIME.min(invocation.remaining().saturating_sub(ANSWER_RESERVE));
    let timed_out = || Err(Error::unavailable("There was no time left."));
    let started = timeout(limit, start_if_needed(app, account)).await.unwrap_or_else(|_| timed_out());
    let Err(error) = started else { return };
    telemetry::record_defect(&error);
    let Account { id, vendor, site, .. } = account;
    tracing::warn!(account.id = %id, %vendor, %site, ?error, "The first refresh of a catalog could not be started.");
}

async fn start_if_needed(app: &App, account: &Account) -> Result<()> {
    let id = RunId::parse(account.id.as_str())?;
    match app.store.refresh(&id).await? {
        // The registration is repeated.
        Some(run) if run.state == RunState::Pending => return app.events.request_refresh(&id).await,
        Some(_) => return Ok(()),
        None => {}
    }
    let is_refreshed = app.store.catalog_head(account.vendor, account.site).await?.is_some();
    if !is_refreshed && !is_under_way(app, account).await? {
        refresh_start::start(app, id, Some(account.vendor)).await?;
    }
    Ok(())
}

/// Whether a run reads the account's catalog with another account. A run that began before that account was there does
/// not.
async fn is_under_way(app: &App, account: &Account) -> Result<bool> {
    let mut runs = app.store.refreshes_under_way(app.clock.now_ms()).await?;
    runs.retain(|run| run.will_read(account.vendor) && run.id.as_str() != account.id.as_str());
    if runs.is_empty() {
        return Ok(false);
    }
    let accounts = app.store.all_accounts(Some(account.vendor)).await?;
    let others = accounts.iter().filter(|other| other.id != account.id && other.site == account.site);
    let first = others.map(|other| other.create_time).min();
    Ok(first.is_some_and(|first| runs.iter().any(|run| run.create_time >= first)))
}
