//! Refreshes one catalog: reads the whole catalog from the vendor, and writes only after a complete read.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::{
    app::App,
    domain::{
        Account, AccountHealth, CatalogEntry, EntryKind, HealthError, RunId, RunState, Site, Vendor, VendorRefresh,
        refresh::RefreshError,
    },
    error::{Error, ErrorKind, Result},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CatalogHead, StoredEntry},
};
use tokio::time::Instant;

use crate::{
    compare::{Changes, compare},
    other_names,
    reading::Reading,
};

/// The longest time before the deadline that is reserved for writing.
const MAX_WRITE_RESERVE: Duration = Duration::from_secs(20);

/// How many accounts' keys are checked at once.
pub const CHECKS_AT_ONCE: usize = 8;

/// The result of working on a catalog in one run of the function.
pub enum Outcome {
    /// Its refresh has ended. `lacks_names`: names in the other language are to be read.
    Ended { refresh: VendorRefresh, lacks_names: bool },
    /// The time was up. What was read is kept, and another run goes on.
    Unfinished,
}

/// Refreshes the catalog of a vendor and site with the first account that can read it. `is_continued`: an earlier run
/// of the function has begun it, and this one goes on from what that has read.
pub async fn refresh(
    app: &App,
    invocation: &Invocation,
    run_id: &RunId,
    (vendor, site): (Vendor, Site),
    accounts: &[Account],
    is_continued: bool,
) -> Outcome {
    let done = match refresh_inner(app, invocation, run_id, (vendor, site), accounts, is_continued).await {
        Ok(Some(changes)) => Ok(changes),
        Ok(None) => return Outcome::Unfinished,
        Err(error) => Err(error),
    };
    let error = done.as_ref().err().map(|error| {
        tracing::error!(%vendor, %site, error = ?error, "A catalog could not be refreshed.");
        RefreshError { code: error.problem_code(), detail: error.message().to_owned() }
    });
    let state = if error.is_some() { RunState::Failed } else { RunState::Complete };
    let Changes { added, changed, removed, unchanged, lacks_names, .. } = done.unwrap_or_default();
    let failed = u64::from(error.is_some());
    let refresh = VendorRefresh { vendor, site, state, added, changed, removed, unchanged, failed, error };
    Outcome::Ended { refresh, lacks_names }
}

/// `None`: the time was up.
async fn refresh_inner(
    app: &App,
    invocation: &Invocation,
    run_id: &RunId,
    (vendor, site): (Vendor, Site),
    accounts: &[Account],
    is_continued: bool,
) -> Result<Option<Changes>> {
    let deadline = invocation.deadline_minus(MAX_WRITE_RESERVE.min(invocation.remaining() / 4));
    let kept = if is_continued { app.store.products_read(run_id, (vendor, site)).await? } else { Vec::new() };
    let mut reading = Reading { app, deadline, kept, new: 0, limits: None };
    let listed = match read_with_first(&mut reading, accounts).await {
        Err(error) if reading.new > 0 && is_out_of_time(&error) => {
            let new = reading.kept.split_off(reading.kept.len() - reading.new);
            let products = new.len();
            tracing::info!(%vendor, %site, products, "A refresh takes longer than one run; the next run continues.");
            app.store.save_products_read(run_id, (vendor, site), &new, app.clock.now_ms()).await?;
            return Ok(None);
        }
        listed => listed?,
    };
    let stored = app.store.catalog(vendor, site).await?;
    refuse_emptied(&stored, &listed)?;
    let now_ms = app.clock.now_ms();
    let lacks_names = other_names::are_needed(&stored, &listed);
    let changes = Changes { lacks_names, ..compare(stored, listed, now_ms) };
    app.store.put_entries(&changes.writes).await?;
    let head = CatalogHead { run_id: run_id.clone(), refresh_time: now_ms, attachment_limits: reading.limits };
    app.store.put_catalog_head(vendor, site, head).await?;
    Ok(Some(changes))
}

/// Throttling without a wait that the vendor asks for, or the end of the run. A run that has read nothing new does
/// not go on in another one, so a refresh always ends.
fn is_out_of_time(error: &Error) -> bool {
    error.is(ProblemCode::DeadlineReached) || error.is(ProblemCode::VendorThrottled)
}

/// Reads the catalog with the first account that can, and records the health of those that were tried.
async fn read_with_first(reading: &mut Reading<'_>, accounts: &[Account]) -> Result<Vec<CatalogEntry>> {
    let app = reading.app;
    let mut failure = None;
    for account in accounts {
        let listed = reading.read(account).await;
        record_health(app, account, listed.as_ref().err()).await;
        app.store_changed_pace(account).await;
        match listed {
            Ok(listed) => return Ok(listed),
            // An account that could go on decides, whatever the others lack.
            Err(error) if failure.is_none() || is_out_of_time(&error) => failure = Some(error),
            Err(_) => {}
        }
    }
    Err(failure.unwrap_or_else(|| Error::unexpected("A catalog has no account.")))
}

/// Refuses an answer without products or problem types where some are stored: a vendor does not remove its whole
/// catalog.
fn refuse_emptied(stored: &[StoredEntry], listed: &[CatalogEntry]) -> Result<()> {
    for kind in [EntryKind::Product, EntryKind::ProblemType] {
        let was_there = stored.iter().any(|one| one.entry.kind == kind && one.entry.removed_time.is_none());
        if was_there && !listed.iter().any(|entry| entry.kind == kind) {
            let message = "The vendor lists nothing where it listed something before; the catalog stays as it was.";
            return Err(Error::new(ProblemCode::VendorCatalogEmpty, message));
        }
    }
    Ok(())
}

/// Checks the keys of accounts with which no catalog was read, and records their health.
pub async fn check_accounts(app: &App, accounts: Vec<Account>, deadline: Instant) {
    let check = async |account: Account| {
        let checked = app.session(&account, deadline).check_keys().await;
        record_health(app, &account, checked.err().as_ref()).await;
    };
    stream::iter(accounts).for_each_concurrent(CHECKS_AT_ONCE, check).await;
}

/// A vendor that does not answer proves nothing about an account's keys. A failure to store the health is only logged.
async fn record_health(app: &App, account: &Account, error: Option<&Error>) {
    let last_error = match error {
        None => None,
        Some(error) if matches!(error.kind(), ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied) => {
            Some(HealthError { code: error.problem_code(), detail: error.message().to_owned() })
        }
        Some(_) => return,
    };
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error };
    if let Err(error) = app.store.record_account_health(account, &health).await {
        tracing::warn!(account.id = %account.id, error = ?error, "An account's health could not be stored.");
    }
}
