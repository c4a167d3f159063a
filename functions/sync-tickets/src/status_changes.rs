//! Status changes of open tickets: the vendor's list is read once for all of them, not one call for each.

use std::collections::HashMap;

use futures_util::{Stream, stream};
use shared::{
    domain::{CloudId, Phase, may_show_earlier_status},
    error::Result,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{CloseReason, OpenTicket},
    vendors::{ListedTicket, VendorStatus, pager::Pager},
};

use crate::{
    context::{AccountSync, StepOutcome},
    copies, due,
};

/// How long before the oldest ticket's creation the list begins, milliseconds: clocks differ, and the time zone of some
/// times is not certain (Huawei).
pub const READ_BACK_MS: i64 = 24 * 60 * 60 * 1000;

/// How many tickets that a complete list missed are asked for in one run.
const MISSED_AT_ONCE: usize = 5;

/// What the list says of an open ticket.
enum Seen {
    /// Its status has changed.
    Changed(OpenTicket, VendorStatus),
    /// The list is complete without it.
    Missed(OpenTicket),
}

impl Seen {
    fn ticket(&self) -> &OpenTicket {
        let (Seen::Changed(ticket, _) | Seen::Missed(ticket)) = self;
        ticket
    }
}

/// Stores status changes, and archives the tickets that ended at the vendor, page by page. A list that takes longer
/// than the run is used as far as it was read. Reading ends when every open ticket was listed: no vendor
/// documents the order of its list. A ticket that the complete list misses is asked for itself once the settle time has
/// passed since its creation: until then the list may lag.
pub async fn track(sync: &AccountSync<'_>, open: Vec<OpenTicket>) -> Vec<StepOutcome> {
    let names = ("list of tickets", "status change");
    let subject = |seen: &Seen| seen.ticket().id.to_string();
    let step = async |seen| match seen {
        Seen::Changed(ticket, status) => follow(sync, ticket, status).await,
        Seen::Missed(ticket) => ask_for(sync, ticket).await,
    };
    sync.run_steps(names, seen_in_list(sync, open), subject, step).await
}

/// The status changes of each page of the list, and at the end the tickets that it missed.
fn seen_in_list<'a>(sync: &'a AccountSync<'_>, open: Vec<OpenTicket>) -> impl Stream<Item = Result<Vec<Seen>>> + 'a {
    let since_ms = open.iter().map(|ticket| ticket.create_time).min().unwrap_or_default() - READ_BACK_MS;
    let not_listed: HashMap<CloudId, OpenTicket> =
        open.into_iter().map(|ticket| (ticket.cloud_id.clone(), ticket)).collect();
    let pager = Pager::of_tickets(sync.account.vendor);
    stream::try_unfold((pager, not_listed), move |(mut pager, mut not_listed)| async move {
        if not_listed.is_empty() {
            return Ok(None);
        }
        let Some(listed) = next_page(sync, &mut pager, since_ms).await? else {
            let missed = if pager.next_page()?.is_none() { missed(sync, not_listed) } else { Vec::new() };
            return Ok((!missed.is_empty()).then(|| (missed, (pager, HashMap::new()))));
        };
        let found = listed.into_iter().filter_map(|ticket| Some((not_listed.remove(&ticket.cloud_id)?, ticket.status)));
        let status_changes = found.filter(|(ticket, status)| is_change(sync, ticket, status));
        let seen = status_changes.map(|(ticket, status)| Seen::Changed(ticket, status)).collect();
        Ok(Some((seen, (pager, not_listed))))
    })
}

/// Those of the tickets that are asked for in this run. Where there are many, they begin at another place in each run:
/// runs do not begin at the same millisecond of their minutes.
fn missed(sync: &AccountSync<'_>, not_listed: HashMap<CloudId, OpenTicket>) -> Vec<Seen> {
    let now_ms = sync.app.clock.now_ms();
    let mut missed: Vec<_> = not_listed.into_values().collect();
    missed.retain(|ticket| ticket.create_time + sync.app.config.settle_time_ms <= now_ms);
    missed.sort_by(|one, other| one.id.cmp(&other.id));
    let first = usize::try_from(now_ms).unwrap_or_default() % missed.len().max(1);
    missed.rotate_left(first);
    missed.truncate(MISSED_AT_ONCE);
    missed.into_iter().map(Seen::Missed).collect()
}

/// Asks the vendor for a ticket that its list misses. One that the vendor does not have stays open: nobody asked to
/// close it, and it may be shown again.
async fn ask_for(sync: &AccountSync<'_>, ticket: OpenTicket) -> Result<Option<StepOutcome>> {
    match sync.session().ticket_status(&ticket.cloud_id).await {
        Ok(status) => {
            sync.breaker.record_success();
            if is_change(sync, &ticket, &status) { follow(sync, ticket, status).await } else { Ok(None) }
        }
        Err(error) if error.is(ProblemCode::VendorTicketNotFound) => {
            sync.breaker.record_success();
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The next page of the account's tickets at the vendor, created at `since_ms` or later. `None` after the last page, or
/// when no further step may begin.
pub async fn next_page(sync: &AccountSync<'_>, pager: &mut Pager, since_ms: i64) -> Result<Option<Vec<ListedTicket>>> {
    let session = sync.session();
    let Some(page) = pager.next_page()?.filter(|_| sync.may_go_on()) else { return Ok(None) };
    let listed = session.list_tickets(since_ms, page).await?;
    sync.breaker.record_success();
    pager.accept_tickets(listed).map(Some)
}

/// An ended ticket that is still open here counts as changed in each run: its archive may have failed before. Where it
/// was opened again a short time ago, the vendor may still show the status of before.
fn is_change(sync: &AccountSync<'_>, ticket: &OpenTicket, status: &VendorStatus) -> bool {
    if status.phase != Phase::Ended {
        return ticket.vendor_status.as_ref() != Some(&status.raw);
    }
    let (settle_time_ms, now_ms) = (sync.app.config.settle_time_ms, sync.app.clock.now_ms());
    !may_show_earlier_status(ticket.reopen_time, settle_time_ms, now_ms)
}

async fn follow(sync: &AccountSync<'_>, ticket: OpenTicket, status: VendorStatus) -> Result<Option<StepOutcome>> {
    let is_ignored = seeded_bugs::enabled(SeededBug::EndedElsewhereIgnored) && ticket.vendor_status.is_some();
    if status.phase == Phase::Ended && !is_ignored {
        return due::close(sync, &ticket.id, Some(CloseReason::Ended)).await;
    }
    let known = ticket.vendor_status.as_deref();
    sync.app.store.set_vendor_status(&ticket.id, known, &status.raw, status.phase).await?;
    // Another status mostly comes with a message. If it is not copied now, it is due in the next run.
    copies::copy(sync, &ticket).await?;
    Ok(Some(StepOutcome::Changed))
}
