//! What became of a create without a definite answer: a look at the vendor's list decides, never a second create.

use tokio::time::Instant;

use super::{abandoned, creation};
use crate::{
    access::with_keys,
    app::App,
    domain::{Account, CloudId, Ticket, TicketState, ticket::marker},
    error::{Error, Result},
    store::{StoredAnswer, StoredTicket},
};

/// What a look at the vendor gave.
#[derive(Debug)]
pub enum LookedUp {
    /// The vendor has it: it is `open` now, or was already, and this is the answer of its creation.
    Found(StoredAnswer),
    /// Not to be told yet; it stays as it is, to be looked up again. The failure where the look itself failed.
    Unknown(Box<Ticket>, Option<Error>),
    /// The vendor certainly has no such ticket: it is removed and its key free.
    Removed,
    /// Somebody else settled it at this moment.
    Moved,
}

/// Looks for the ticket's marker in the vendor's list. Only for a ticket that is `unknown`, or `creating` beyond its lease.
///
/// It is given up once the settle time has passed since the create call may last have been under way: longer than the vendor's list
/// may lag behind its writes. A look that fails proves nothing.
pub async fn reconcile_ticket(
    app: &App,
    account: &Account,
    stored: &StoredTicket,
    deadline: Instant,
) -> Result<LookedUp> {
    let ticket = &stored.ticket;
    // Before the look: what the vendor took up to then, its list shows now.
    let asked_at = app.clock.now_ms();
    let found = match find(app, account, ticket, deadline).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(ticket.id = %ticket.id, vendor = %ticket.vendor, error = ?error, "A look-up at the vendor failed; the outcome stays unknown.");
            return Ok(LookedUp::Unknown(unknown(ticket), Some(error)));
        }
    };
    for cloud_id in found {
        // One that belongs to another ticket only ends with the same line.
        let hash = stored.idempotency_hash.as_deref();
        if let Some(answer) = creation::commit(app, hash, ticket, cloud_id).await? {
            return Ok(LookedUp::Found(answer));
        }
    }
    let settled_at = stored.lease_until_ms().max(ticket.create_time) + app.config.settle_time_ms;
    if settled_at > asked_at {
        return Ok(LookedUp::Unknown(unknown(ticket), None));
    }
    let next_look_ms = abandoned::next_look(app, asked_at, asked_at);
    if !app.store.abandon_ticket(stored, asked_at, next_look_ms).await? {
        return Ok(LookedUp::Moved);
    }
    tracing::info!(ticket.id = %ticket.id, vendor = %ticket.vendor, "The vendor certainly has no such ticket; it was removed.");
    Ok(LookedUp::Removed)
}

/// Every ticket of the account at the vendor that carries the ticket's marker.
pub(super) async fn find(
    app: &App,
    account: &Account,
    ticket: &Ticket,
    deadline: Instant,
) -> Result<Vec<CloudId>> {
    let vendor = app.vendors.get(account.vendor);
    let marker = &marker(&ticket.id);
    let since_ms = ticket.create_time;
    with_keys(
        app,
        account,
        deadline,
        |access| async move { vendor.find_tickets(&access, marker, since_ms).await },
    )
    .await
}

fn unknown(ticket: &Ticket) -> Box<Ticket> {
    Box::new(Ticket { state: TicketState::Unknown, ..ticket.clone() })
}
