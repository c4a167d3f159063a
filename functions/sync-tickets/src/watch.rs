//! Open tickets against the vendor's list: one walk of the list for all of them, not one call a ticket.

use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use shared::{
    access::with_keys,
    domain::{CloudId, Phase},
    error::Result,
    store::{CloseReason, OpenTicket},
    vendor::{ListedTicket, VendorStatus, listing},
};

use crate::{
    account::{Desk, Done},
    due,
};

/// How far before the oldest ticket's creation the walk begins, milliseconds: clocks, and times whose zone is not certain (Huawei).
const LOOK_BACK_MS: i64 = 24 * 60 * 60 * 1000;

/// How many changes of one account are written at once.
const AT_ONCE: usize = 4;

/// Writes status changes, and archives the tickets that ended at the vendor. A ticket that the list does not show stays as it is:
/// the list may lag.
pub async fn watch(desk: &Desk<'_>, open: Vec<OpenTicket>) -> Done {
    let since_ms = open.iter().map(|ticket| ticket.create_time).min().unwrap_or_default() - LOOK_BACK_MS;
    let listed = match list(desk, since_ms).await {
        Ok(listed) => listed,
        Err(error) => return desk.count("list of tickets", Err(error)),
    };
    let listed: HashMap<CloudId, VendorStatus> =
        listed.into_iter().map(|ticket| (ticket.cloud_id, ticket.status)).collect();
    let changed = open.into_iter().filter_map(|ticket| {
        let status = listed.get(&ticket.cloud_id)?.clone();
        is_news(&ticket, &status).then_some((ticket, status))
    });
    stream::iter(changed.collect::<Vec<_>>())
        .map(async |(ticket, status)| {
            if desk.may_go_on() {
                desk.count("status change", follow(desk, &ticket, &status).await)
            } else {
                Done { left: 1, ..Done::default() }
            }
        })
        .buffer_unordered(AT_ONCE)
        .fold(Done::default(), async |sum, done| sum + done)
        .await
}

/// The account's tickets at the vendor, created at `since_ms` or later.
pub async fn list(desk: &Desk<'_>, since_ms: i64) -> Result<Vec<ListedTicket>> {
    let vendor = desk.app.vendors.get(desk.account.vendor);
    let listed = with_keys(desk.app, desk.account, desk.invocation.deadline, |access| async move {
        listing::walk(vendor, &access, since_ms).await
    })
    .await?;
    desk.guard.answered();
    Ok(listed)
}

/// An ended ticket that is still open here is news each time: its archive may have failed the last time.
fn is_news(ticket: &OpenTicket, status: &VendorStatus) -> bool {
    status.phase == Phase::Ended || ticket.vendor_status.as_ref() != Some(&status.raw)
}

async fn follow(desk: &Desk<'_>, ticket: &OpenTicket, status: &VendorStatus) -> Result<Done> {
    if status.phase == Phase::Ended {
        return due::close(desk, &ticket.id, Some(CloseReason::Ended)).await;
    }
    desk.app.store.set_vendor_status(&ticket.id, &status.raw, status.phase).await?;
    Ok(Done { changed: 1, ..Done::default() })
}
