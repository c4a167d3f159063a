//! Closed tickets that are open at the vendor again, also months later: every hour its list is read for them, some
//! pages in each run.

use std::{collections::HashSet, future::ready};

use futures_util::stream;
use shared::{
    domain::{Account, CloudId, ReopeningCheck, TicketId, TicketState},
    error::{Result, Retry},
    seeded_bugs::{self, SeededBug},
    vendors::{ListedTicket, pager::Pager},
};

use crate::{
    context::{AccountSync, StepOutcome},
    status_changes::{READ_BACK_MS, next_page},
};

/// How often the list is read, milliseconds.
const INTERVAL_MS: i64 = 60 * 60 * 1000;

/// How many of its pages are read in one run.
const PAGES_AT_ONCE: usize = 10;

/// Whether the vendor's list is to be read at `now_ms`, Unix milliseconds.
pub fn is_due(account: &Account, now_ms: i64) -> bool {
    let next_ms = account.reopening_check.map_or(account.create_time + INTERVAL_MS, |check| check.next_time);
    account.last_ended.is_some() && next_ms <= now_ms
}

/// Opens closed tickets that the vendor shows as open, where its list is due. `open`: the tickets that are open here.
pub async fn find(sync: &AccountSync<'_>, open: HashSet<CloudId>) -> Vec<StepOutcome> {
    if seeded_bugs::enabled(SeededBug::ReopeningsIgnored) {
        return Vec::new();
    }
    let now_ms = sync.app.clock.now_ms();
    let before = sync.account.reopening_check.unwrap_or_default();
    let mut pager = Pager::of_tickets(sync.account.vendor).starting_at(before.position);
    let mut steps = Vec::new();
    let read = read_pages(sync, &mut pager, &open, &mut steps).await;
    let restart = ReopeningCheck { position: 0, next_time: now_ms + INTERVAL_MS };
    let next = match read.and_then(|()| pager.next_page()) {
        Ok(Some(position)) => ReopeningCheck { position, next_time: now_ms },
        Ok(None) => restart,
        Err(error) => {
            // The page that failed is read again.
            let again = pager.next_page().ok().flatten().filter(|_| matches!(error.retry(), Retry::Yes { .. }));
            let next = again.map_or(restart, |position| ReopeningCheck { position, next_time: now_ms });
            steps.extend(sync.logged("list of closed tickets", "list of closed tickets", Err(error)));
            next
        }
    };
    if next != before
        && let Err(error) = sync.app.store.set_reopening_check(&sync.account.id, &next).await
    {
        tracing::warn!(account.id = %sync.account.id, error = ?error, "The check for reopened tickets is not stored.");
    }
    steps
}

async fn read_pages(
    sync: &AccountSync<'_>,
    pager: &mut Pager,
    open: &HashSet<CloudId>,
    steps: &mut Vec<StepOutcome>,
) -> Result<()> {
    // Each ticket of the account was created since it was registered.
    let since_ms = sync.account.create_time - READ_BACK_MS;
    for _ in 0..PAGES_AT_ONCE {
        let Some(position) = pager.next_page()? else { break };
        let Some(listed) = next_page(sync, pager, since_ms).await? else { break };
        let is_candidate = |ticket: &ListedTicket| ticket.status.phase.is_open() && !open.contains(&ticket.cloud_id);
        let ids: Vec<_> = listed.into_iter().filter(is_candidate).map(|ticket| ticket.cloud_id).collect();
        let claimed = stream::once(ready(Ok(sync.app.store.claimed(sync.account, &ids).await?)));
        let names = ("closed tickets", "reopening");
        let done = sync.run_steps(names, claimed, TicketId::to_string, |id| reopen(sync, id)).await;
        let is_left = done.contains(&StepOutcome::Left);
        steps.extend(done);
        if is_left {
            *pager = Pager::of_tickets(sync.account.vendor).starting_at(position);
            break;
        }
    }
    Ok(())
}

/// Opens the ticket, if it is closed here and the vendor still shows it as open. Until the settle time since its close
/// is over, the vendor may show it as it was before.
async fn reopen(sync: &AccountSync<'_>, id: TicketId) -> Result<Option<StepOutcome>> {
    let (app, account) = (sync.app, sync.account);
    let Some(ticket) = app.store.ticket(&id).await? else { return Ok(None) };
    let closed_ms = ticket.close_time.unwrap_or_default();
    let is_settled = closed_ms + app.config.settle_time_ms <= app.clock.now_ms();
    let is_closed = ticket.state == TicketState::Closed && ticket.erased.is_none() && is_settled;
    let Some(cloud_id) = ticket.cloud_id.filter(|_| is_closed && ticket.account_id == account.id) else {
        return Ok(None);
    };
    let status = sync.session().ticket_status(&cloud_id).await?;
    sync.breaker.record_success();
    let shown = (&*status.raw, status.phase);
    if !status.phase.is_open() || !app.store.reopen_ticket(&id, ticket.close_time, Some(shown), None).await? {
        return Ok(None);
    }
    tracing::info!(
        ticket.id = %id, vendor = %account.vendor, account.id = %account.id,
        "A closed ticket was opened again at the vendor."
    );
    Ok(Some(StepOutcome::Changed))
}
