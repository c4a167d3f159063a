//! One run: what there is to do, shared out by account. One account's failure never stops another's, and a vendor that does not
//! answer takes no other vendor's time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream};
use shared::{
    app::App,
    domain::{Account, AccountId, RefreshError, RefreshRun, RunId, RunState, Vendor},
    error::Result,
    invocation::Invocation,
    problem_code::ProblemCode,
    refresh_outcome,
    store::{CatalogOutcome, DueWork, OpenTicket},
    telemetry::{self, metrics, ms_since},
};
use tokio::time::Instant;

use crate::{
    account::{self, SyncCounts},
    gauges::{self, Waiting},
};

/// How many accounts of one vendor are worked on at once.
const ACCOUNTS_AT_ONCE: usize = 16;

/// What is kept back of the time that is left, to end in.
const END_RESERVE: Duration = Duration::from_secs(2);

/// One account and what there is to do for it.
pub struct AccountWorkload {
    /// The account.
    pub account: Account,
    /// What is due, the longest due first.
    pub due: Vec<DueWork>,
    /// Its open tickets.
    pub open: Vec<OpenTicket>,
}

/// Reads what there is to do and does it, as far as the time allows; the next run goes on.
///
/// `scheduled_ms`: the time for which it was scheduled.
pub async fn run(app: &App, invocation: &Invocation, scheduled_ms: Option<i64>) -> Result<()> {
    let (started, now_ms) = (Instant::now(), app.clock.now_ms());
    let deadline = invocation.deadline_minus(END_RESERVE);
    let (accounts, due, tickets) = futures_util::try_join!(
        app.store.all_accounts(None),
        app.store.due_work(now_ms),
        app.store.unfinished_tickets(),
    )?;
    let replies = due.unknown_replies.into_iter();
    let replies: Vec<_> = replies.map(|(id, since_ms)| Waiting { id: id.to_string(), since_ms }).collect();
    gauges::record(now_ms, &accounts, &tickets, &replies);
    end_lost_refreshes(app, due.lost_refreshes, &accounts).await;
    let (mut work, orphans) = by_account(accounts, due.at_vendors, tickets.open);
    end_orphans(app, orphans).await;
    rotate(&mut work, app.clock.now_ms());
    let (accounts, mut by_vendor) = (work.len(), BTreeMap::<Vendor, Vec<AccountWorkload>>::new());
    for one in work {
        by_vendor.entry(one.account.vendor).or_default().push(one);
    }
    let vendors = by_vendor.into_values().map(|work| {
        stream::iter(work)
            .map(|work| account::sync(app, invocation, work, deadline))
            .buffer_unordered(ACCOUNTS_AT_ONCE)
            .fold(SyncCounts::default(), async |sum, done| sum + done)
    });
    let done = join_all(vendors).await.into_iter().fold(SyncCounts::default(), |sum, done| sum + done);
    tracing::info!(
        accounts,
        settled = done.settled,
        waiting = done.waiting,
        closed = done.closed,
        changed = done.changed,
        adopted = done.adopted,
        failed = done.failed,
        left = done.left,
        duration_ms = ms_since(started),
        "Tickets are in step with their vendors."
    );
    metrics::SYNC_FAILED_STEPS.set([], u64::try_from(done.failed).unwrap_or(u64::MAX));
    metrics::SYNC_LEFT_STEPS.set([], u64::try_from(done.left).unwrap_or(u64::MAX));
    let lag_ms = app.clock.now_ms() - scheduled_ms.unwrap_or(now_ms);
    metrics::SYNC_LAG.set([], u64::try_from(lag_ms / 1000).unwrap_or_default());
    Ok(())
}

/// Ends refresh runs whose function crashed each time, or that nobody was told to begin: they would be under way for ever.
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
        code: ProblemCode::RefreshLost.as_str().to_owned(),
        detail: "The refresh was not done in time; ask for another one.".to_owned(),
    };
    let vendor = run.vendor;
    let failed = RefreshRun { state: RunState::Failed, end_time: Some(now_ms), error: Some(error), ..run };
    if app.store.put_refresh(&failed, now_ms).await? {
        tracing::warn!(refresh.id = %id, "A refresh was lost and counts as failed.");
        let meant = |account: &&Account| vendor.is_none_or(|vendor| vendor == account.vendor);
        let catalogs: BTreeSet<_> =
            accounts.iter().filter(meant).map(|account| (account.vendor, account.site)).collect();
        let ended: Vec<_> =
            catalogs.into_iter().map(|catalog| CatalogOutcome { catalog, failed: true }).collect();
        refresh_outcome::record(app, &ended, vendor.is_none()).await;
    }
    Ok(())
}

/// The work of each account that has some, and what is due for accounts that are not there.
fn by_account(
    accounts: Vec<Account>,
    due: Vec<(AccountId, DueWork)>,
    open: Vec<OpenTicket>,
) -> (Vec<AccountWorkload>, HashMap<AccountId, Vec<DueWork>>) {
    let mut due_of = HashMap::<AccountId, Vec<DueWork>>::new();
    for (account, work) in due {
        due_of.entry(account).or_default().push(work);
    }
    let mut open_of = HashMap::<AccountId, Vec<OpenTicket>>::new();
    for ticket in open {
        open_of.entry(ticket.account_id.clone()).or_default().push(ticket);
    }
    let work = accounts
        .into_iter()
        .map(|account| {
            let due = due_of.remove(&account.id).unwrap_or_default();
            let open = open_of.remove(&account.id).unwrap_or_default();
            AccountWorkload { account, due, open }
        })
        .filter(|work| !work.due.is_empty() || !work.open.is_empty() || work.account.adopt_since.is_some())
        .collect();
    (work, due_of)
}

/// Ends work that is due for an account that was removed: nobody can look at the vendor any more. An account is not removed while it
/// has open tickets, so only replies, given up tickets and second looks can be left of it.
async fn end_orphans(app: &App, due_of: HashMap<AccountId, Vec<DueWork>>) {
    for (account, due) in due_of {
        if let Err(error) = end_orphans_of(app, &account, due).await {
            tracing::error!(account.id = %account, error = ?error, "What is due for an account that is not there could not be ended.");
        }
    }
}

async fn end_orphans_of(app: &App, account: &AccountId, due: Vec<DueWork>) -> Result<()> {
    // The index of accounts lags behind the table by a moment.
    if app.store.account(account).await?.is_some() {
        return Ok(());
    }
    tracing::warn!(account.id = %account, due = due.len(), "What was due for an account that is gone is given up.");
    for work in due {
        match work {
            DueWork::Abandoned(id) => app.store.delete_abandoned_ticket(&id).await?,
            DueWork::ReconcileReply(ticket, id) => app.store.mark_reply_indeterminate(&ticket, &id).await?,
            DueWork::Recheck(id) => app.store.cancel_recheck(&id).await?,
            DueWork::ReconcileTicket(_) | DueWork::Close(_) => {}
        }
    }
    Ok(())
}

/// Begins with other accounts in each minute, so that a run that ends early does not leave out the same ones always.
fn rotate(work: &mut [AccountWorkload], now_ms: i64) {
    if work.is_empty() {
        return;
    }
    let minute = usize::try_from(now_ms / 60_000).unwrap_or_default();
    work.rotate_left(minute.wrapping_mul(ACCOUNTS_AT_ONCE) % work.len());
}
