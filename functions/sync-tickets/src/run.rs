//! One run: the work, grouped by account. A failure of one account does not stop the others, and a vendor that does not
//! answer does not delay the others.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use shared::{
    app::App,
    domain::{Account, AccountId, RefreshError, RefreshRun, RunId, RunState, Vendor},
    error::Result,
    invocation::Invocation,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{CatalogOutcome, DueWork, OpenTicket},
    telemetry::{self, metrics, ms_since},
    workflow::{recheck, refresh_outcome},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    account::{self, AccountWorkload},
    catalogs::Catalogs,
    context::StepOutcome,
    gauges::{self, number},
    registrations, reopened,
};

/// How many accounts of one vendor are synced at once.
const ACCOUNTS_AT_ONCE: usize = 16;

/// The time before the deadline that is reserved for the end of the run.
const END_RESERVE: Duration = Duration::from_secs(2);

/// Reads the work and does it, as far as the time allows; the next run continues. Fails where the work can't be read.
///
/// `scheduled_ms`: the time for which the run was scheduled.
pub async fn run(app: &App, invocation: &Invocation, scheduled_ms: Option<i64>) -> Result<()> {
    let (started, now_ms) = (Instant::now(), app.clock.now_ms());
    let deadline = invocation.deadline_minus(END_RESERVE);
    let (accounts, due, tickets) = futures_util::try_join!(
        app.store.all_accounts(None),
        app.store.due_work(now_ms),
        app.store.unfinished_tickets(),
    )?;
    gauges::record(now_ms, &accounts, &tickets, &due.unknown_replies);
    end_lost_refreshes(app, due.lost_refreshes, &accounts).await;
    registrations::end(app, due.lost_registrations).await;
    let catalogs = Catalogs::of(&accounts);
    let (mut work, of_removed) = by_account(accounts, due.at_vendors, tickets.open, now_ms);
    rotate(&mut work, app.clock.now_ms());
    let (accounts, mut by_vendor) = (work.len(), BTreeMap::<Vendor, Vec<AccountWorkload>>::new());
    for workload in work {
        by_vendor.entry(workload.account.vendor).or_default().push(workload);
    }
    let vendors = by_vendor.into_values().map(|work| {
        stream::iter(work)
            .map(|work| account::sync(app, invocation, work, deadline))
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .concat()
    });
    let at_once = if seeded_bugs::enabled(SeededBug::VendorsOneByOne) { 1 } else { vendors.len().max(1) };
    let vendors = stream::iter(vendors).buffer_unordered(at_once);
    // It reads whole archives, so it must not delay the accounts. What is left is due in the next run.
    let removed = timeout_at(deadline, end_work_of_removed_accounts(app, invocation, of_removed));
    let measured = timeout_at(deadline, catalogs.record(app, now_ms));
    let (steps, ..) = futures_util::join!(vendors.concat(), removed, measured);
    let count = |wanted| steps.iter().filter(|step| **step == wanted).count();
    tracing::info!(
        accounts,
        reconciled = count(StepOutcome::Reconciled),
        unknown = count(StepOutcome::Unknown),
        closed = count(StepOutcome::Closed),
        changed = count(StepOutcome::Changed),
        copied = count(StepOutcome::Copied),
        adopted = count(StepOutcome::Adopted),
        failed = count(StepOutcome::Failed),
        left = count(StepOutcome::Left),
        duration_ms = ms_since(started),
        "The sync has run."
    );
    metrics::SYNC_FAILED_STEPS.set([], number(count(StepOutcome::Failed)));
    metrics::SYNC_LEFT_STEPS.set([], number(count(StepOutcome::Left)));
    let lag_ms = app.clock.now_ms() - scheduled_ms.unwrap_or(now_ms);
    metrics::SYNC_LAG.set([], u64::try_from(lag_ms / 1000).unwrap_or_default());
    Ok(())
}

/// Ends refresh runs that would never end: their function crashed at each delivery, or their start event was lost.
async fn end_lost_refreshes(app: &App, lost: Vec<RunId>, accounts: &[Account]) {
    for id in lost {
        if let Err(error) = end_lost_refresh(app, &id, accounts).await {
            telemetry::record_defect(&error);
            tracing::error!(refresh.id = %id, error = ?error, "A lost refresh could not be ended.");
        }
    }
}

async fn end_lost_refresh(app: &App, id: &RunId, accounts: &[Account]) -> Result<()> {
    let Some(run) = app.store.refresh(id).await? else { return Ok(()) };
    let now_ms = app.clock.now_ms();
    let error = RefreshError {
        code: ProblemCode::RefreshLost,
        detail: "The refresh was not done in time; ask for another one.".to_owned(),
    };
    let vendor = run.vendor;
    let failed = RefreshRun { state: RunState::Failed, end_time: Some(now_ms), error: Some(error), ..run };
    if app.store.put_refresh(&failed, now_ms).await? {
        tracing::warn!(refresh.id = %id, "A refresh was lost and counts as failed.");
        let refreshed = |account: &&Account| vendor.is_none_or(|vendor| vendor == account.vendor);
        let catalogs: BTreeSet<_> =
            accounts.iter().filter(refreshed).map(|account| (account.vendor, account.site)).collect();
        let ended: Vec<_> = catalogs.into_iter().map(|catalog| CatalogOutcome { catalog, failed: true }).collect();
        refresh_outcome::record(app, &ended, vendor.is_none()).await;
    }
    Ok(())
}

/// The work of each account that has some, and the due work of accounts that do not exist.
fn by_account(
    accounts: Vec<Account>,
    due: Vec<(AccountId, DueWork)>,
    open: Vec<OpenTicket>,
    now_ms: i64,
) -> (Vec<AccountWorkload>, HashMap<AccountId, Vec<DueWork>>) {
    let mut due_of = HashMap::<AccountId, Vec<DueWork>>::new();
    for (account, work) in due {
        due_of.entry(account).or_default().push(work);
    }
    let mut open_of = HashMap::<AccountId, Vec<OpenTicket>>::new();
    for ticket in open {
        open_of.entry(ticket.account_id.clone()).or_default().push(ticket);
    }
    let others_of: Vec<_> = accounts.iter().map(|account| others(account, &accounts)).collect();
    let work = accounts
        .into_iter()
        .zip(others_of)
        .map(|(account, others)| {
            let due = due_of.remove(&account.id).unwrap_or_default();
            let open = open_of.remove(&account.id).unwrap_or_default();
            AccountWorkload { account, others, due, open }
        })
        .filter(|work| {
            let AccountWorkload { account, due, open, .. } = work;
            let is_watched = account.adopt_since.is_some() || account.blocked_close.is_some();
            !due.is_empty() || !open.is_empty() || is_watched || reopened::is_due(account, now_ms)
        })
        .collect();
    (work, due_of)
}

/// The other accounts whose customer is, or may be, that of an account that adopts.
fn others(account: &Account, accounts: &[Account]) -> Vec<AccountId> {
    let may_be_same = |other: &&Account| {
        let is_other = other.id != account.id && other.vendor == account.vendor;
        is_other && (other.customer_id.is_none() || other.customer_id == account.customer_id)
    };
    let adopts = account.adopt_since.is_some();
    accounts.iter().filter(|_| adopts).filter(may_be_same).map(|other| other.id.clone()).collect()
}

/// Ends the due work of a removed account: without keys the vendor can't be read. The API removes no account with due
/// work, so the account's item was removed by hand or is not restored yet.
async fn end_work_of_removed_accounts(app: &App, invocation: &Invocation, due_of: HashMap<AccountId, Vec<DueWork>>) {
    for (account, due) in due_of {
        if let Err(error) = end_work_of_removed(app, invocation, &account, due).await {
            tracing::error!(
                account.id = %account, error = ?error,
                "The due work of a removed account could not be ended."
            );
        }
    }
}

async fn end_work_of_removed(app: &App, invocation: &Invocation, account: &AccountId, due: Vec<DueWork>) -> Result<()> {
    // The index of accounts lags behind the table by a moment.
    if app.store.account(account).await?.is_some() {
        return Ok(());
    }
    tracing::warn!(account.id = %account, due = due.len(), "The due work of an account that was removed is ended.");
    for work in due {
        match work {
            DueWork::Abandoned(id) => app.store.delete_abandoned_ticket(&id).await?,
            DueWork::ReconcileReply(ticket, id) => {
                app.store.mark_reply_indeterminate(&ticket, &id, &[]).await?;
            }
            DueWork::Recheck(id) => recheck::end(app, invocation, &id).await?,
            DueWork::ReconcileTicket(_) | DueWork::Close(_) => {}
        }
    }
    Ok(())
}

/// Rotates the order of the accounts each minute, so that a run that ends early does not always skip the same ones.
fn rotate(work: &mut [AccountWorkload], now_ms: i64) {
    let minute = usize::try_from(now_ms / 60_000).unwrap_or_default();
    work.rotate_left(minute.wrapping_mul(ACCOUNTS_AT_ONCE) % work.len().max(1));
}
