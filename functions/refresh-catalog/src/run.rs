//! A refresh run: refreshes every catalog that has an account. A failure of one catalog does not affect the others.

use futures_util::{StreamExt, stream};
use shared::{
    app::App,
    domain::{Account, AccountId, RefreshRun, RunId, RunState},
    error::Result,
    http::found,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{CatalogOutcome, catalogs_of},
    telemetry::metrics,
    workflow::{refresh_outcome, refresh_start::lost_at},
};

use crate::{
    catalog::{self, Outcome},
    customers, other_names,
};

/// How many catalogs are refreshed at once: the vendors' sites don't share limits.
const CATALOGS_AT_ONCE: usize = 6;

/// Records how the run ended; only the invocation that ended it does so.
async fn record_end(app: &App, run: &RefreshRun) {
    for refresh in run.vendors.iter().filter(|refresh| refresh.state == RunState::Complete) {
        let of = [refresh.vendor.as_str(), refresh.site.as_str()];
        metrics::CATALOG_ADDED.add(of, refresh.added);
        metrics::CATALOG_CHANGED.add(of, refresh.changed);
        metrics::CATALOG_REMOVED.add(of, refresh.removed);
    }
    let ended = run.vendors.iter().map(|refresh| CatalogOutcome {
        catalog: (refresh.vendor, refresh.site),
        failed: refresh.state == RunState::Failed,
    });
    refresh_outcome::record(app, &ended.collect::<Vec<_>>(), run.vendor.is_none()).await;
}

/// The accounts of the run. The index of all accounts may lag behind the one whose registration started it.
async fn accounts(app: &App, run: &RefreshRun) -> Result<Vec<Account>> {
    let mut accounts = app.store.all_accounts(run.vendor).await?;
    let registered = run.vendor.and_then(|_| AccountId::parse(run.id.as_str()).ok());
    if let Some(id) = registered.filter(|id| accounts.iter().all(|account| account.id != *id)) {
        accounts.extend(app.store.account(&id).await?);
    }
    Ok(accounts)
}

/// Does the run, unless it has ended: events are delivered at least once.
pub async fn run(app: &App, invocation: &Invocation, id: &RunId) -> Result<()> {
    let run = found(app.store.refresh(id).await?, ProblemCode::RefreshNotFound)?;
    if matches!(run.state, RunState::Complete | RunState::Failed) {
        return Ok(());
    }
    let running = RefreshRun { state: RunState::Running, ..run.clone() };
    if !app.store.put_refresh(&running, lost_at(app)).await? {
        return Ok(());
    }
    let groups = catalogs_of(accounts(app, &run).await?);
    let is_continued = run.state == RunState::Running;
    let mut vendors = run.vendors.clone();
    let has_ended = |catalog| vendors.iter().any(|ended| (ended.vendor, ended.site) == catalog);
    let left = groups.iter().filter(|(catalog, _)| !has_ended(*catalog));
    let refreshes: Vec<_> = left
        .map(|(catalog, accounts)| catalog::refresh(app, invocation, id, *catalog, accounts, is_continued))
        .collect();
    let outcomes: Vec<_> = stream::iter(refreshes).buffer_unordered(CATALOGS_AT_ONCE).collect().await;
    let mut is_unfinished = false;
    // What an earlier invocation of the run knew of names is not kept.
    let complete = run.vendors.iter().filter(|one| one.state == RunState::Complete);
    let mut nameless: Vec<_> = complete.map(|one| (one.vendor, one.site)).collect();
    for outcome in outcomes {
        match outcome {
            Outcome::Ended { refresh, lacks_names } => {
                nameless.extend(lacks_names.then_some((refresh.vendor, refresh.site)));
                vendors.push(refresh);
            }
            Outcome::Unfinished => is_unfinished = true,
        }
    }
    vendors.sort_by_key(|vendor| (vendor.vendor, vendor.site));
    if is_unfinished {
        let unfinished = RefreshRun { state: RunState::Running, vendors, ..run };
        if app.store.put_refresh(&unfinished, lost_at(app)).await? {
            app.events.request_refresh(id).await?;
        }
        return Ok(());
    }
    let failed = vendors.iter().any(|vendor| vendor.state == RunState::Failed);
    let state = if failed { RunState::Failed } else { RunState::Complete };
    let end_time = Some(app.clock.now_ms());
    let ended = RefreshRun { state, end_time, vendors, ..run };
    if app.store.put_refresh(&ended, lost_at(app)).await? {
        record_end(app, &ended).await;
    }

    let others = groups.iter().flat_map(|(_, accounts)| accounts.iter().skip(1).cloned()).collect();
    catalog::check_accounts(app, others, invocation.deadline).await;
    let accounts: Vec<_> = groups.iter().flat_map(|(_, accounts)| accounts.iter().cloned()).collect();
    customers::fill_in(app, &accounts, invocation.deadline).await;
    for (_, accounts) in groups.iter().filter(|(catalog, _)| nameless.contains(catalog)) {
        other_names::fill_in(app, id, accounts, invocation.deadline).await;
    }
    Ok(())
}
