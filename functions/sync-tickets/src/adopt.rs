//! Tickets that were opened in the vendor's console, for the accounts that want them here.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use shared::{
    access::with_keys,
    domain::{Account, CloudId, Ticket, TicketState},
    error::Result,
    ids,
    vendors::{VendorTicket, pager::Pager},
};

use crate::{
    account::{AccountSync, SyncCounts},
    status_changes,
};

/// How many tickets of one account are taken in at once.
const AT_ONCE: usize = 4;

/// The most characters of a ticket's name, as in the API.
const MAX_NAME_CHARS: usize = 500;

/// The most characters of a ticket's description, as in the API; the whole text stays in the conversation.
const MAX_DESCRIPTION_CHARS: usize = 60_000;

/// Takes in every ticket that the vendor lists since `since_ms` and that no ticket of ours stands for, page by page. One that ended
/// is archived in a later run, like any other.
pub async fn adopt(sync: &AccountSync<'_>, since_ms: i64) -> SyncCounts {
    unclaimed(sync, since_ms)
        .map_ok(|ids| stream::iter(ids.into_iter().map(Ok)))
        .try_flatten()
        .map(async |one| match one {
            Ok(id) if sync.may_go_on() => sync.count("adoption", take_in(sync, &id, since_ms).await),
            Ok(_) => SyncCounts { left: 1, ..SyncCounts::default() },
            Err(error) => sync.count("list of new tickets", Err(error)),
        })
        .buffer_unordered(AT_ONCE)
        .fold(SyncCounts::default(), async |sum, done| sum + done)
        .await
}

fn unclaimed<'a>(sync: &'a AccountSync<'_>, since_ms: i64) -> impl Stream<Item = Result<Vec<CloudId>>> + 'a {
    stream::try_unfold(Pager::of_tickets(sync.account.vendor), move |mut pager| async move {
        let Some(listed) = status_changes::next_page(sync, &mut pager, since_ms).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = listed.into_iter().map(|ticket| ticket.cloud_id).collect();
        Ok(Some((sync.app.store.unclaimed(sync.account, &ids).await?, pager)))
    })
}

async fn take_in(sync: &AccountSync<'_>, cloud_id: &CloudId, since_ms: i64) -> Result<SyncCounts> {
    let vendor = sync.app.vendors.get(sync.account.vendor);
    let found = with_keys(sync.app, sync.account, sync.look_deadline(), |access| async move {
        vendor.show_ticket(&access, cloud_id).await
    })
    .await?;
    sync.breaker.answered();
    // A vendor may tell whole seconds only (Huawei).
    let since_ms = since_ms - since_ms.rem_euclid(1000);
    if found.create_time.is_some_and(|time| time < since_ms) || is_ours(sync, &found).await? {
        return Ok(SyncCounts::default());
    }
    let ticket = adopted(sync, found)?;
    if !sync.app.store.adopt_ticket(&ticket).await? {
        return Ok(SyncCounts::default());
    }
    tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, account.id = %ticket.account_id, "A ticket of the vendor's console was taken in.");
    Ok(SyncCounts { adopted: 1, ..SyncCounts::default() })
}

/// One whose marker names a ticket that is being created, or was given up, is found by looking for that one.
async fn is_ours(sync: &AccountSync<'_>, found: &VendorTicket) -> Result<bool> {
    let Some(id) = found.marker_ticket_id() else { return Ok(false) };
    let store = &sync.app.store;
    Ok(store.ticket(&id).await?.is_some() || store.abandoned_ticket(&id).await?.is_some())
}

fn adopted(sync: &AccountSync<'_>, found: VendorTicket) -> Result<Ticket> {
    let (app, Account { id, vendor, .. }) = (sync.app, sync.account);
    let name = found.name.unwrap_or_else(|| first_line(&found.text).to_owned());
    Ok(Ticket {
        id: ids::ticket_id(app.clock.as_ref(), app.random.as_ref())?,
        cloud_id: Some(found.cloud_id),
        status: TicketState::Open.status(),
        state: TicketState::Open,
        name: name.chars().take(MAX_NAME_CHARS).collect(),
        description: found.text.chars().take(MAX_DESCRIPTION_CHARS).collect(),
        email: None,
        vendor: *vendor,
        product_id: found.product_id,
        problem_type_id: found.problem_type_id,
        source_id: None,
        region_id: found.region_id,
        severity: found.severity.unwrap_or_default(),
        account_id: id.clone(),
        adopted: true,
        vendor_status: None,
        vendor_phase: None,
        close_error: None,
        create_time: found.create_time.unwrap_or_else(|| app.clock.now_ms()),
        close_time: None,
        message_count: None,
        digest: None,
    })
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
