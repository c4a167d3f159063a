//! The second look at a closed ticket's conversation: one turn at a time, and the archive counted again by its holder only.

use super::{
    Store,
    closing::ClosingTurn,
    keys, number, text,
    tickets::{read_stored, state},
    transaction::{Updated, conditional},
};
use crate::{
    domain::{Ticket, TicketId, TicketState},
    error::Result,
};

/// What the archive is after a second look that found something.
#[derive(Clone, Copy, Debug)]
pub struct Recount<'a> {
    /// The ticket as it stood when the turn was taken.
    pub ticket: &'a Ticket,
    /// The caller's turn.
    pub turn: &'a ClosingTurn,
    /// How many messages the archive holds now.
    pub message_count: u64,
    /// The digest over them.
    pub digest: &'a str,
}

impl Store {
    /// Asks for the turn to look at a closed ticket once more; the ticket, if it is due and nobody else's turn. It is due again at the
    /// end of the turn, so that a crash costs no more than that.
    ///
    /// Two readings at once could find other places for the same messages, and they would stand there twice.
    pub async fn start_recheck(
        &self,
        id: &TicketId,
        now_ms: i64,
        turn: &ClosingTurn,
    ) -> Result<Option<Ticket>> {
        let update = self
            .update_ticket(id)
            .update_expression("SET closing_turn = :turn, closing_until = :until, GSI3SK = :due_at")
            .condition_expression(
                "#state = :closed AND attribute_exists(GSI3PK) \
                 AND (attribute_not_exists(closing_until) OR closing_until < :now)",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":until", number(turn.until_ms))
            .expression_attribute_values(":due_at", text(keys::by_time(turn.until_ms, id.as_str())))
            .expression_attribute_values(":now", number(now_ms));
        let stored = match conditional(update).await? {
            Updated::Done(Some(new)) => read_stored(new)?,
            // The SDK sends this very write again when the answer to the first one is lost.
            Updated::Refused(Some(old)) => read_stored(old)?,
            Updated::Done(None) | Updated::Refused(None) => return Ok(None),
        };
        let is_mine = stored.closing_turn.as_deref() == Some(&turn.name);
        Ok(is_mine.then_some(stored.ticket))
    }

    /// Gives the turn back: the next run looks again.
    pub async fn postpone_recheck(&self, id: &TicketId, now_ms: i64, turn: &ClosingTurn) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET GSI3SK = :due_at REMOVE closing_turn, closing_until")
            .condition_expression("#state = :closed AND closing_turn = :turn")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Ends the look with nothing changed, if it is still the caller's turn.
    pub async fn end_recheck(&self, id: &TicketId, turn: &ClosingTurn) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("REMOVE closing_turn, closing_until, GSI3PK, GSI3SK")
            .condition_expression("#state = :closed AND closing_turn = :turn")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":turn", text(&turn.name));
        conditional(update).await.map(|_| ())
    }

    /// Ends the look with a new count and digest in the same write, if it is still the caller's turn and the archive is counted as it
    /// was. `false`, and nothing is changed, when it is not.
    pub async fn commit_recount(&self, recount: &Recount<'_>) -> Result<bool> {
        let ticket = recount.ticket;
        let before = ticket.digest.as_deref().unwrap_or_default();
        let update = self
            .update_ticket(&ticket.id)
            .update_expression(
                "SET message_count = :count, digest = :digest REMOVE closing_turn, closing_until, GSI3PK, GSI3SK",
            )
            .condition_expression("#state = :closed AND closing_turn = :turn AND digest = :before")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":turn", text(&recount.turn.name))
            .expression_attribute_values(":before", text(before))
            .expression_attribute_values(":count", number(i64::try_from(recount.message_count).unwrap_or(i64::MAX)))
            .expression_attribute_values(":digest", text(recount.digest));
        Ok(match conditional(update).await? {
            Updated::Done(_) => true,
            // The SDK sends this very write again when the answer to the first one is lost.
            Updated::Refused(Some(old)) => read_stored(old)?.ticket.digest.as_deref() == Some(recount.digest),
            Updated::Refused(None) => false,
        })
    }

    /// Ends the look at a ticket whose vendor nobody can ask any more.
    pub async fn cancel_recheck(&self, id: &TicketId) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("REMOVE closing_turn, closing_until, GSI3PK, GSI3SK")
            .condition_expression("#state = :closed")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closed", state(TicketState::Closed));
        conditional(update).await.map(|_| ())
    }
}
