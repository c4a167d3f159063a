//! Adopting a ticket that the vendor has and the store does not: one of the vendor's console, or a duplicate of ours.

use crate::{
    app::App,
    domain::{Account, Ticket, TicketState, candidate::first_line},
    error::Result,
    ids,
    telemetry::metrics,
    vendors::VendorTicket,
};

/// The most characters of a ticket's name, as in the API.
const MAX_NAME_CHARS: usize = 500;

/// The most characters of a ticket's description, as in the API; the whole text stays in the conversation.
const MAX_DESCRIPTION_CHARS: usize = 60_000;

/// Stores the vendor's ticket as an `open` ticket of the account. `None`: another ticket has the vendor's id by now, or
/// the account is being removed.
///
/// # Errors
/// The store's failures; nothing is stored.
pub async fn adopt(app: &App, account: &Account, found: VendorTicket) -> Result<Option<Ticket>> {
    let name = found.name.unwrap_or_else(|| first_line(&found.text).to_owned());
    let create_time = found.create_time.unwrap_or_else(|| app.clock.now_ms());
    let description = found.text.chars().take(MAX_DESCRIPTION_CHARS).collect();
    let id = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    let ticket = Ticket {
        cloud_id: Some(found.cloud_id),
        state: TicketState::Open,
        product_id: found.product_id,
        problem_type_id: found.problem_type_id,
        region_id: found.region_id,
        severity: found.severity.unwrap_or_default(),
        adopted: true,
        ..Ticket::new(id, account, name.chars().take(MAX_NAME_CHARS).collect(), description, create_time)
    };
    Ok(app.store.adopt_ticket(account, &ticket).await?.then_some(ticket))
}

/// Adopts a second ticket of the vendor that has our id, as the vendor shows it, whatever the account's setting is.
///
/// # Errors
/// The store's failures.
pub(super) async fn adopt_duplicate(app: &App, account: &Account, first: &Ticket, shown: VendorTicket) -> Result<()> {
    let duplicate = shown.cloud_id.clone();
    let adopted = adopt(app, account, shown).await?.map(|ticket| ticket.id.to_string());
    metrics::DUPLICATE_TICKETS.add([], 1);
    tracing::error!(
        ticket.id = %first.id, vendor = %first.vendor, cloud_id = %duplicate, adopted,
        "The vendor has two tickets with the same id of ours."
    );
    Ok(())
}
