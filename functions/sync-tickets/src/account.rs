//! The sync of one account.

use std::{
    pin::pin,
    sync::{Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{join, join3},
};
use shared::{
    app::App,
    domain::{Account, AccountHealth, AccountId, HealthError, TicketState},
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{DueWork, OpenTicket},
};
use tokio::time::{Instant, timeout};

use crate::{
    adopt,
    circuit_breaker::{CircuitBreaker, Failure},
    context::{AccountSync, RECONCILE_TIME, StepOutcome},
    copies, due, reopened, status_changes,
};

/// How long the sync makes no calls for an account whose keys were refused, milliseconds: Huawei locks a key after five
/// bad signatures. New keys end the pause.
const REFUSED_KEYS_PAUSE_MS: i64 = 60 * 60 * 1000;

/// One account and the work for it.
pub struct AccountWorkload {
    pub account: Account,
    /// The other accounts whose customer is, or may be, the same: what they claimed is not adopted.
    pub others: Vec<AccountId>,
    /// Its due work, the longest due first.
    pub due: Vec<DueWork>,
    pub open: Vec<OpenTicket>,
}

/// Does the due work, compares the open tickets with the vendor's list, copies their conversations, and adopts new
/// ones. The account is skipped while the vendor asked to wait, and for an hour after it refused the keys.
///
/// The first item of the due work runs alone, so that the vendor refuses bad keys once only. An item that hangs does
/// not delay the others.
pub async fn sync(
    app: &App,
    invocation: &Invocation,
    workload: AccountWorkload,
    deadline: Instant,
) -> Vec<StepOutcome> {
    let AccountWorkload { account, others, due, open } = workload;
    if is_paused(&account, app.clock.now_ms()) {
        return vec![StepOutcome::Left; due.len()];
    }
    let invocation = Invocation { deadline, ..invocation.clone() };
    let blocked_close = &Mutex::default();
    let breaker = CircuitBreaker::default();
    let comparison = breaker.for_other_steps();
    let of_account = |breaker| AccountSync {
        app,
        account: &account,
        others: &others,
        invocation: invocation.clone(),
        breaker,
        blocked_close,
    };
    let (comparison, sync) = (of_account(comparison), of_account(breaker));
    let mut due = due.into_iter();
    let mut first = pin!(due::run_due(&sync, due.next().into_iter()));
    let (first, rest, compared) = match timeout(RECONCILE_TIME, &mut first).await {
        Ok(first) => {
            let (rest, compared) = join(due::run_due(&sync, due), compare(&comparison, open)).await;
            (first, rest, compared)
        }
        Err(_) => join3(first, due::run_due(&sync, due), compare(&comparison, open)).await,
    };
    record_health(&sync).await;
    record_blocked(&sync).await;
    app.store_changed_pace(&account).await;
    [first, rest, compared].concat()
}

async fn compare(sync: &AccountSync<'_>, open: Vec<OpenTicket>) -> Vec<StepOutcome> {
    let reopened = find_reopened(sync, &open);
    let followed = async {
        // First: a status change of the same ticket copies its conversation, and once is enough.
        let (told, failed) = copies::record_told(sync, &open).await;
        let due = copies::due(&open, &told, sync.app.clock.now_ms());
        let tracked = status_changes::track(sync, open).await;
        let copied = copies::copy_all(sync, due).await;
        [failed, tracked, copied].concat()
    };
    // Side by side: a long list of one must not use the time of the other in each run.
    // Boxed, because the compiler limits how deep the types of futures are.
    let (followed, adopted, reopened) = join3(followed.boxed(), adopt_new(sync).boxed(), reopened.boxed()).await;
    [followed, adopted, reopened].concat()
}

/// The ids of the open tickets are taken at once, and only where the list is due.
fn find_reopened<'a>(
    sync: &'a AccountSync<'_>,
    open: &[OpenTicket],
) -> impl Future<Output = Vec<StepOutcome>> + use<'a> {
    let is_due = reopened::is_due(sync.account, sync.app.clock.now_ms());
    let open = is_due.then(|| open.iter().map(|ticket| ticket.cloud_id.clone()).collect());
    async move {
        match open {
            Some(open) => reopened::find(sync, open).await,
            None => Vec::new(),
        }
    }
}

async fn adopt_new(sync: &AccountSync<'_>) -> Vec<StepOutcome> {
    // Before its customer is known, another account of the customer may adopt.
    match (sync.account.adopt_since, &sync.account.customer_id) {
        (Some(since_ms), Some(_)) => adopt::adopt_new(sync, since_ms).await,
        _ => Vec::new(),
    }
}

/// Stores the health of the account's keys and the wait that the vendor asked for. If that fails, the next run repeats
/// it.
async fn record_health(sync: &AccountSync<'_>) {
    let (app, account) = (sync.app, sync.account);
    let recorded = match sync.breaker.failure() {
        Some(Failure::Keys(error)) => app.store.record_account_health(account, &checked(app, Some(error))).await,
        Some(Failure::Wait(wait)) => {
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            app.store.set_account_wait(&account.id, app.clock.now_ms().saturating_add(wait_ms)).await
        }
        None if sync.breaker.has_success() && keys_were_refused(account) => {
            app.store.record_account_health(account, &checked(app, None)).await
        }
        _ => Ok(()),
    };
    if let Err(error) = recorded {
        tracing::warn!(account.id = %account.id, error = ?error, "The health of an account could not be stored.");
    }
}

/// Stores which close can't go on, and that none is held any more. If that fails, the next run repeats it.
async fn record_blocked(sync: &AccountSync<'_>) {
    let AccountSync { app, account, .. } = sync;
    let seen = sync.blocked_close.lock().unwrap_or_else(PoisonError::into_inner).take();
    let recorded = async {
        let blocked_close = match (seen, &account.blocked_close) {
            (None, None) => return Ok(()),
            (None, Some(held)) => {
                // Its close may not be due in this run.
                let ticket = app.store.ticket(&held.ticket_id).await?;
                let is_held = ticket.is_some_and(|ticket| ticket.state == TicketState::Closing);
                is_held.then(|| held.clone())
            }
            (seen, _) => seen,
        };
        if blocked_close == account.blocked_close {
            Ok(())
        } else {
            app.store.set_blocked_close(&account.id, blocked_close.as_ref()).await
        }
    };
    if let Err(error) = recorded.await {
        tracing::warn!(account.id = %account.id, error = ?error, "What holds an account could not be stored.");
    }
}

fn is_paused(account: &Account, now_ms: i64) -> bool {
    let last_check = account.health.last_check.unwrap_or_default();
    let refused = keys_were_refused(account) && last_check + REFUSED_KEYS_PAUSE_MS > now_ms;
    refused || account.wait_until.is_some_and(|until| until > now_ms)
}

/// Any other error is about a permission, which another step may still lack.
fn keys_were_refused(account: &Account) -> bool {
    account.health.last_error.as_ref().is_some_and(|error| error.code == ProblemCode::AccountKeysRefused)
}

fn checked(app: &App, last_error: Option<HealthError>) -> AccountHealth {
    AccountHealth { last_check: Some(app.clock.now_ms()), last_error }
}
