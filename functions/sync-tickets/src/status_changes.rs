//! Status changes of open tickets: the vendor's list is read once for all of them, not one call for each.

use std::collections::HashMap;

use futures_util::{Stream, stream};
use shared::{
    domain::{CloudId, Phase},
    error::Result,
    seeded_bugs::{self, SeededBug},
    store::{CloseReason, OpenTicket},
    vendors::{ListedTicket, VendorStatus, pager::Pager},
};

use crate::{
    context::{AccountSync, StepOutcome},
    due,
};

/// How long before the oldest ticket's creation the list begins, milliseconds: clocks differ, and the time zone of some
/// times is not certain (Huawei).
const READ_BACK_MS: i64 = 24 * 60 * 60 * 1000;

/// Stores status changes, and archives the tickets that ended at the vendor, page by page. A list that takes longer
/// than the run is used as far as it was read. Reading ends when every open ticket was listed: no vendor
/// documents the order of its list. A ticket that is not listed does not change, because the list may lag.
pub async fn track(sync: &AccountSync<'_>, open: Vec<OpenTicket>) -> Vec<StepOutcome> {
    let names = ("list of tickets", "status change");
    sync.run_steps(names, status_changes(sync, open), |(ticket, status)| follow(sync, ticket, status)).await
}

/// The status changes of each page of the list.
fn status_changes<'a>(
    sync: &'a AccountSync<'_>,
    open: Vec<OpenTicket>,
) -> impl Stream<Item = Result<Vec<(OpenTicket, VendorStatus)>>> + 'a {
    let since_ms = open.iter().map(|ticket| ticket.create_time).min().unwrap_or_default() - READ_BACK_MS;
    let not_listed: HashMap<CloudId, OpenTicket> =
        open.into_iter().map(|ticket| (ticket.cloud_id.clone(), ticket)).collect();
    let pager = Pager::of_tickets(sync.account.vendor);
    stream::try_unfold((pager, not_listed), move |(mut pager, mut not_listed)| async move {
        if not_listed.is_empty() {
            return Ok(None);
        }
        let Some(listed) = next_page(sync, &mut pager, since_ms).await? else { return Ok(None) };
        let found = listed.into_iter().filter_map(|ticket| Some((not_listed.remove(&ticket.cloud_id)?, ticket.status)));
        let status_changes = found.filter(|(ticket, status)| is_change(ticket, status)).collect();
        Ok(Some((status_changes, (pager, not_listed))))
    })
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

/// An ended ticket that is still open here counts as changed in each run: its archive may have failed before.
fn is_change(ticket: &OpenTicket, status: &VendorStatus) -> bool {
    status.phase == Phase::Ended || ticket.vendor_status.as_ref() != Some(&status.raw)
}

async fn follow(sync: &AccountSync<'_>, ticket: OpenTicket, status: VendorStatus) -> Result<Option<StepOutcome>> {
    let is_ignored = seeded_bugs::enabled(SeededBug::EndedElsewhereIgnored) && ticket.vendor_status.is_some();
    if status.phase == Phase::Ended && !is_ignored {
        return due::close(sync, &ticket.id, Some(CloseReason::Ended)).await;
    }
    let known = ticket.vendor_status.as_deref();
    sync.app.store.set_vendor_status(&ticket.id, known, &status.raw, status.phase).await?;
    Ok(Some(StepOutcome::Changed))
}
