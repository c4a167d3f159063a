//! Adopts tickets that were opened in the vendor's console, for accounts with adoption switched on.

use futures_util::{Stream, stream};
use shared::{
    domain::{CloudId, Ticket, TicketId, TicketState},
    error::Result,
    ids,
    vendors::{VendorTicket, pager::Pager},
};

use crate::{
    context::{AccountSync, StepOutcome},
    status_changes,
};

/// The most characters of a ticket's name, as in the API.
const MAX_NAME_CHARS: usize = 500;

/// The most characters of a ticket's description, as in the API; the whole text stays in the conversation.
const MAX_DESCRIPTION_CHARS: usize = 60_000;

/// Adopts every ticket that the vendor lists since `since_ms` and that the store does not have, page by page. A later
/// run archives an ended one.
pub async fn adopt(sync: &AccountSync<'_>, since_ms: i64) -> Vec<StepOutcome> {
    let names = ("list of new tickets", "adoption");
    sync.run_steps(names, unclaimed(sync, since_ms), |id| adopt_ticket(sync, id, since_ms)).await
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

async fn adopt_ticket(sync: &AccountSync<'_>, cloud_id: CloudId, since_ms: i64) -> Result<Option<StepOutcome>> {
    let found = sync.reconcile_session().show_ticket(&cloud_id).await?;
    sync.breaker.record_success();
    // A vendor may give whole seconds only (Huawei).
    let since_ms = since_ms - since_ms.rem_euclid(1000);
    if found.create_time.is_some_and(|time| time < since_ms) || is_ours(sync, &found).await? {
        return Ok(None);
    }
    let ticket = adopted(sync, found)?;
    if !sync.app.store.adopt_ticket(&ticket).await? {
        return Ok(None);
    }
    tracing::info!(
        ticket.id = %ticket.id, vendor = %ticket.vendor, account.id = %ticket.account_id,
        "A ticket of the vendor's console was adopted."
    );
    Ok(Some(StepOutcome::Adopted))
}

/// A ticket whose marker names a ticket in creation, or an abandoned one, is left to the reconcile of that one.
async fn is_ours(sync: &AccountSync<'_>, found: &VendorTicket) -> Result<bool> {
    let Some(id) = found.marker_ticket_id() else { return Ok(false) };
    let store = &sync.app.store;
    Ok(store.ticket(&id).await?.is_some() || store.abandoned_ticket(&id).await?.is_some())
}

fn adopted(sync: &AccountSync<'_>, found: VendorTicket) -> Result<Ticket> {
    let app = sync.app;
    let name = found.name.unwrap_or_else(|| first_line(&found.text).to_owned());
    let create_time = found.create_time.unwrap_or_else(|| app.clock.now_ms());
    let description = found.text.chars().take(MAX_DESCRIPTION_CHARS).collect();
    let id: TicketId = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    Ok(Ticket {
        cloud_id: Some(found.cloud_id),
        state: TicketState::Open,
        product_id: found.product_id,
        problem_type_id: found.problem_type_id,
        region_id: found.region_id,
        severity: found.severity.unwrap_or_default(),
        adopted: true,
        ..Ticket::new(id, sync.account, name.chars().take(MAX_NAME_CHARS).collect(), description, create_time)
    })
}

fn first_line(text: &str) -> &str {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default()
}
