//! Committing a ticket that the vendor has, and the answer that shows it.

use http::StatusCode;

use crate::{
    app::App,
    domain::{CloudId, Ticket, TicketState},
    error::Result,
    http::{idempotency, stored_answer},
    store::{CreatedCommit, StoredAnswer},
};

/// Writes that the vendor has the ticket, and gives the answer for it, kept in the record `hash`. `None`: the vendor's id belongs
/// to another ticket of ours, and this one is as it was.
///
/// If the store does not take it the ticket is not lost: it stays due, and is found at the vendor by its marker.
pub async fn commit(
    app: &App,
    hash: Option<&str>,
    ticket: &Ticket,
    cloud_id: CloudId,
) -> Result<Option<StoredAnswer>> {
    let open = Ticket { state: TicketState::Open, cloud_id: Some(cloud_id), ..ticket.clone() };
    let created = answer_for(StatusCode::CREATED, &open)?;
    let answer = match app.store.commit_created(&open, hash, &created, app.clock.now_ms()).await {
        Ok(CreatedCommit::Done) => created,
        Ok(CreatedCommit::IdTaken) => return Ok(None),
        Ok(CreatedCommit::StateChanged) => {
            let now = app.store.ticket(&open.id).await?.ok_or_else(idempotency::running)?;
            answer_for(if now.cloud_id.is_some() { StatusCode::CREATED } else { StatusCode::ACCEPTED }, &now)?
        }
        Err(error) => {
            tracing::error!(ticket.id = %open.id, error = ?error, "A created ticket could not be committed; it will be found by its marker.");
            answer_for(StatusCode::ACCEPTED, &Ticket { state: TicketState::Unknown, ..ticket.clone() })?
        }
    };
    Ok(Some(answer))
}

/// The answer that shows the ticket.
pub fn answer_for(status: StatusCode, ticket: &Ticket) -> Result<StoredAnswer> {
    stored_answer(status, Some(format!("/tickets/{}", ticket.id)), ticket)
}
