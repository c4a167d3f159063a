//! Tickets that were opened in the vendor's console, for the accounts that want them here.

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use shared::{
    access::with_keys,
    domain::{Account, CloudId, Ticket, TicketState},
    error::Result,
    ids,
    vendor::{VendorTicket, listing::Walk},
};

use crate::{
    account::{Desk, Done},
    watch,
};

/// How many tickets of one account are taken in at once.
const AT_ONCE: usize = 4;

/// The most characters of a ticket's name, as in the API.
const MAX_NAME_CHARS: usize = 500;

/// The most characters of a ticket's description, as in the API; the whole text stays in the conversation.
const MAX_DESCRIPTION_CHARS: usize = 60_000;

/// Takes in every ticket that the vendor lists since `since_ms` and that no ticket of ours stands for, page by page. One that ended
/// is archived in a later run, like any other.
pub async fn adopt(desk: &Desk<'_>, since_ms: i64) -> Done {
    unclaimed(desk, since_ms)
        .map_ok(|ids| stream::iter(ids.into_iter().map(Ok)))
        .try_flatten()
        .map(async |one| match one {
            Ok(id) if desk.may_go_on() => desk.count("adoption", take_in(desk, &id, since_ms).await),
            Ok(_) => Done { left: 1, ..Done::default() },
            Err(error) => desk.count("list of new tickets", Err(error)),
        })
        .buffer_unordered(AT_ONCE)
        .fold(Done::default(), async |sum, done| sum + done)
        .await
}

fn unclaimed<'a>(desk: &'a Desk<'_>, since_ms: i64) -> impl Stream<Item = Result<Vec<CloudId>>> + 'a {
    stream::try_unfold(Walk::default(), move |mut walk| async move {
        let Some(listed) = watch::next_page(desk, &mut walk, since_ms).await? else { return Ok(None) };
        let ids: Vec<_> = listed.into_iter().map(|ticket| ticket.cloud_id).collect();
        Ok(Some((desk.app.store.unclaimed(desk.account, &ids).await?, walk)))
    })
}

async fn take_in(desk: &Desk<'_>, cloud_id: &CloudId, since_ms: i64) -> Result<Done> {
    let vendor = desk.app.vendors.get(desk.account.vendor);
    let found = with_keys(desk.app, desk.account, desk.look_deadline(), |access| async move {
        vendor.show_ticket(&access, cloud_id).await
    })
    .await?;
    desk.guard.answered();
    // A vendor may tell whole seconds only (Huawei).
    let since_ms = since_ms - since_ms.rem_euclid(1000);
    if found.create_time.is_some_and(|time| time < since_ms) || is_ours(desk, &found).await? {
        return Ok(Done::default());
    }
    let ticket = adopted(desk, found)?;
    if !desk.app.store.adopt_ticket(&ticket).await? {
        return Ok(Done::default());
    }
    tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, account.id = %ticket.custom_id, "A ticket of the vendor's console was taken in.");
    Ok(Done { adopted: 1, ..Done::default() })
}

/// One whose marker names a ticket that is being created, or was given up, is found by looking for that one.
async fn is_ours(desk: &Desk<'_>, found: &VendorTicket) -> Result<bool> {
    let Some(id) = found.marker_ticket_id() else { return Ok(false) };
    let store = &desk.app.store;
    Ok(store.ticket(&id).await?.is_some() || store.late_ticket(&id).await?.is_some())
}

fn adopted(desk: &Desk<'_>, found: VendorTicket) -> Result<Ticket> {
    let (app, Account { id, vendor, .. }) = (desk.app, desk.account);
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
        product_business_id: found.problem_type_id,
        osm_id: None,
        region_id: found.region_id,
        severity: found.severity.unwrap_or_default(),
        custom_id: id.clone(),
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
