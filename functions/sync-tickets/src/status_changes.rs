//! Open tickets against the vendor's list: one walk of the list for all of them, not one call a ticket.

use std::collections::HashMap;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use shared::{
    access::with_keys,
    domain::{CloudId, Phase},
    error::Result,
    store::{CloseReason, OpenTicket},
    vendors::{ListedTicket, VendorStatus, pager::Pager},
};

use crate::{
    account::{AccountSync, SyncCounts},
    due,
};

/// How far before the oldest ticket's creation the walk begins, milliseconds: clocks, and times whose zone is not certain (Huawei).
const LOOK_BACK_MS: i64 = 24 * 60 * 60 * 1000;

/// How many changes of one account are written at once.
const AT_ONCE: usize = 4;

/// Writes status changes, and archives the tickets that ended at the vendor, page by page: a walk that fails or does not fit into
/// the run has done what it came to. It ends once it has shown every open ticket, as nobody says in which order the vendors list.
/// A ticket that the list does not show stays as it is: the list may lag.
pub async fn track(sync: &AccountSync<'_>, open: Vec<OpenTicket>) -> SyncCounts {
    status_changes(sync, open)
        .map_ok(|status_changes| stream::iter(status_changes.into_iter().map(Ok)))
        .try_flatten()
        .map(async |one| match one {
            Ok((ticket, status)) if sync.may_go_on() => {
                sync.count("status change", follow(sync, &ticket, &status).await)
            }
            Ok(_) => SyncCounts { left: 1, ..SyncCounts::default() },
            Err(error) => sync.count("list of tickets", Err(error)),
        })
        .buffer_unordered(AT_ONCE)
        .fold(SyncCounts::default(), async |sum, done| sum + done)
        .await
}

/// What each page of the list tells that is not known yet.
fn status_changes<'a>(
    sync: &'a AccountSync<'_>,
    open: Vec<OpenTicket>,
) -> impl Stream<Item = Result<Vec<(OpenTicket, VendorStatus)>>> + 'a {
    let since_ms = open.iter().map(|ticket| ticket.create_time).min().unwrap_or_default() - LOOK_BACK_MS;
    let not_shown: HashMap<CloudId, OpenTicket> =
        open.into_iter().map(|ticket| (ticket.cloud_id.clone(), ticket)).collect();
    let pager = Pager::of_tickets(sync.account.vendor);
    stream::try_unfold((pager, not_shown), move |(mut pager, mut not_shown)| async move {
        if not_shown.is_empty() {
            return Ok(None);
        }
        let Some(listed) = next_page(sync, &mut pager, since_ms).await? else { return Ok(None) };
        let shown = listed.into_iter().filter_map(|one| Some((not_shown.remove(&one.cloud_id)?, one.status)));
        let status_changes = shown.filter(|(ticket, status)| is_news(ticket, status)).collect();
        Ok(Some((status_changes, (pager, not_shown))))
    })
}

/// The next of the account's tickets at the vendor, created at `since_ms` or later; `None` after the last one, or when the account is
/// to be left alone.
pub async fn next_page(
    sync: &AccountSync<'_>,
    pager: &mut Pager,
    since_ms: i64,
) -> Result<Option<Vec<ListedTicket>>> {
    let vendor = sync.app.vendors.get(sync.account.vendor);
    let Some(page) = pager.next_page()?.filter(|_| sync.may_go_on()) else { return Ok(None) };
    let listed = with_keys(sync.app, sync.account, sync.invocation.deadline, |access| async move {
        vendor.list_tickets(&access, since_ms, page).await
    })
    .await?;
    sync.breaker.answered();
    pager.accept_tickets(listed).map(Some)
}

/// An ended ticket that is still open here is status_changes each time: its archive may have failed the last time.
fn is_news(ticket: &OpenTicket, status: &VendorStatus) -> bool {
    status.phase == Phase::Ended || ticket.vendor_status.as_ref() != Some(&status.raw)
}

async fn follow(sync: &AccountSync<'_>, ticket: &OpenTicket, status: &VendorStatus) -> Result<SyncCounts> {
    if status.phase == Phase::Ended {
        return due::close(sync, &ticket.id, Some(CloseReason::Ended)).await;
    }
    let seen = ticket.vendor_status.as_deref();
    sync.app.store.set_vendor_status(&ticket.id, seen, &status.raw, status.phase).await?;
    Ok(SyncCounts { changed: 1, ..SyncCounts::default() })
}
