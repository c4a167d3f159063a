//! Closing: one turn at a time, given back, undone or committed by its holder only.

use super::{
    Store,
    item::{CloseReason, StoredTicket},
    keys, number, text,
    tickets::{read_stored, state},
    transaction::{Updated, conditional, update_action},
};
use crate::{
    domain::{CloseError, Ticket, TicketId, TicketState, TicketStatus},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// A turn to close a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosingTurn {
    /// Known by this: two turns may begin in one millisecond and end in one.
    pub name: String,
    /// Its end, Unix milliseconds.
    pub until_ms: i64,
}

/// What asking for the turn to close a ticket gave.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseStart {
    /// It is `closing`, for that reason, and the caller's turn to do the work.
    Closing(Ticket, CloseReason),
    /// It is `closing`, for that reason, and somebody else's turn.
    Busy(Ticket, CloseReason),
    /// It is in another state, shown here.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

impl Store {
    /// Asks for the turn to close a ticket: an `open` one becomes `closing`, and a `closing` one whose last turn
    /// is over gets a new one. One turn at a time keeps two readings of one conversation apart.
    ///
    /// A ticket that a caller asked to be closed stays so, whoever takes the turns. Without a reason only one that is `closing` is
    /// gone on with.
    pub async fn start_closing(
        &self,
        id: &TicketId,
        reason: Option<CloseReason>,
        now_ms: i64,
        turn: &ClosingTurn,
    ) -> Result<CloseStart> {
        // Why the last close was refused is told until the next one is asked for.
        let (set_reason, remove) = match reason {
            Some(CloseReason::Asked) => ("closing_reason = :reason,", "REMOVE close_error"),
            Some(CloseReason::Ended) => ("closing_reason = if_not_exists(closing_reason, :reason),", ""),
            None => ("", ""),
        };
        let free = "(#state = :closing AND (attribute_not_exists(closing_until) OR closing_until < :now))";
        let mut update = self
            .update_ticket(id)
            .update_expression(format!(
                "SET #state = :closing, {set_reason} closing_turn = :turn, closing_until = :until, \
                 closing_since = if_not_exists(closing_since, :now), GSI3PK = :due, GSI3SK = :due_at {remove}"
            ))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":now", number(now_ms))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":until", number(turn.until_ms))
            .expression_attribute_values(":due", text(keys::DUE))
            .expression_attribute_values(":due_at", text(keys::by_time(turn.until_ms, id.as_str())));
        update = match reason {
            None => update.condition_expression(free),
            Some(reason) => update
                .condition_expression(format!("#state = :open OR {free}"))
                .expression_attribute_values(":open", state(TicketState::Open))
                .expression_attribute_values(":reason", text(reason.as_str())),
        };
        let (stored, done) = match conditional(update).await? {
            Updated::Done(Some(new)) => (read_stored(new)?, true),
            Updated::Refused(Some(old)) => (read_stored(old)?, false),
            Updated::Done(None) | Updated::Refused(None) => return Ok(CloseStart::NotFound),
        };
        // The SDK sends this very write again when the answer to the first one is lost.
        let turn_is_mine = done || stored.closing_turn.as_deref() == Some(&turn.name);
        let StoredTicket { ticket, closing_reason, .. } = stored;
        let reason = closing_reason.unwrap_or(CloseReason::Asked);
        Ok(match ticket.state {
            TicketState::Closing if turn_is_mine => CloseStart::Closing(ticket, reason),
            TicketState::Closing => CloseStart::Busy(ticket, reason),
            _ => CloseStart::Refused(ticket),
        })
    }

    /// Writes that a caller asked for the close of a ticket whose turn somebody else has. `false` when it is no longer `closing`.
    pub async fn ask_to_close(&self, id: &TicketId) -> Result<bool> {
        let update = self
            .update_ticket(id)
            .update_expression("SET closing_reason = :asked")
            .condition_expression("#state = :closing")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":asked", text(CloseReason::Asked.as_str()));
        Ok(matches!(conditional(update).await?, Updated::Done(_)))
    }

    /// Notes that the vendor took the close without showing it; since when that is so, Unix milliseconds.
    pub async fn note_close_taken(&self, id: &TicketId, turn: &ClosingTurn, now_ms: i64) -> Result<i64> {
        let update = self
            .update_ticket(id)
            .update_expression("SET close_taken = if_not_exists(close_taken, :now)")
            .condition_expression("#state = :closing AND closing_turn = :turn")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":now", number(now_ms));
        match conditional(update).await? {
            Updated::Done(Some(new)) => Ok(read_stored(new)?.close_taken.unwrap_or(now_ms)),
            _ => Err(turn_lost(id)),
        }
    }

    /// Gives the turn back, so that the next close need not wait for its end. The ticket stays `closing` and is due now.
    pub async fn end_closing_turn(&self, id: &TicketId, now_ms: i64, turn: &ClosingTurn) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET GSI3SK = :due_at REMOVE closing_turn, closing_until")
            .condition_expression("#state = :closing AND closing_turn = :turn")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Puts a `closing` ticket back to `open`: it does not close at the vendor, for the reason in `error` where there is one to
    /// tell. `false`, and nothing is changed, when the turn is over, or when it was begun for another reason than it has by now.
    pub async fn reopen_ticket(
        &self,
        id: &TicketId,
        turn: &ClosingTurn,
        reason: CloseReason,
        error: Option<&CloseError>,
    ) -> Result<bool> {
        let mut update = self
            .update_ticket(id)
            .condition_expression("#state = :closing AND closing_turn = :turn AND closing_reason = :reason")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":turn", text(&turn.name))
            .expression_attribute_values(":reason", text(reason.as_str()))
            .expression_attribute_values(":open", state(TicketState::Open));
        let remove =
            "REMOVE closing_turn, closing_until, closing_since, closing_reason, close_taken, GSI3PK, GSI3SK";
        update = match error {
            None => update.update_expression(format!("SET #state = :open {remove}")),
            Some(error) => {
                let error = serde_dynamo::to_attribute_value(error).map_err(|source| {
                    Error::unexpected("Why a close was refused could not be written.").with_source(source)
                })?;
                update
                    .update_expression(format!("SET #state = :open, close_error = :error {remove}"))
                    .expression_attribute_values(":error", error)
            }
        };
        Ok(matches!(conditional(update).await?, Updated::Done(_)))
    }

    /// Commits the archive: `closed`, `status` 0, the count and the digest in one write, if it is still the caller's turn. The
    /// ticket as it stands afterwards; somebody else's earlier commit stands and is returned. Where the conversation is to be looked at
    /// once more, that is due then, and nothing else is of a closed ticket.
    ///
    /// The turn is the fence: a reading that another turn has overtaken must not be committed with its own count over what
    /// that one stored.
    pub async fn commit_closed(&self, close: &ArchiveCommit<'_>) -> Result<Ticket> {
        let ticket = close.ticket;
        let count = i64::try_from(close.message_count).unwrap_or(i64::MAX);
        let set_status = if close.vendor_status.is_some() { ", vendor_status = :vendor_status" } else { "" };
        let (set_due, remove_due) = match close.recheck_ms {
            Some(_) => (", GSI3PK = :due, GSI3SK = :due_at", ""),
            None => ("", ", GSI3PK, GSI3SK"),
        };
        let mut update = self
            .update(keys::ticket(&ticket.id))
            .update_expression(format!(
                "SET #state = :closed, #status = :zero, close_time = :now, message_count = :count, digest = :digest, \
                 vendor_phase = :ended, GSI2PK = :status_pk{set_status}{set_due} \
                 REMOVE closing_turn, closing_until, closing_since, closing_reason, close_taken, close_error{remove_due}"
            ))
            .condition_expression("#state = :closing AND closing_turn = :turn")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":turn", text(&close.turn.name))
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":now", number(close.close_time))
            .expression_attribute_values(":count", number(count))
            .expression_attribute_values(":digest", text(close.digest))
            .expression_attribute_values(":ended", text("ended"))
            .expression_attribute_values(":status_pk", text(keys::tickets_of_status(TicketStatus::Closed)));
        if let Some(vendor_status) = close.vendor_status {
            update = update.expression_attribute_values(":vendor_status", text(vendor_status));
        }
        if let Some(due_ms) = close.recheck_ms {
            update = update
                .expression_attribute_values(":due", text(keys::DUE))
                .expression_attribute_values(":due_at", text(keys::by_time(due_ms, ticket.id.as_str())));
        }
        let actions = vec![update_action(update)?, self.count_open(&ticket.account_id, -1)?];
        self.transact(actions).await?;
        match self.ticket(&ticket.id).await? {
            Some(after) if after.state == TicketState::Closed => Ok(after),
            _ => Err(turn_lost(&ticket.id)),
        }
    }
}

fn turn_lost(id: &TicketId) -> Error {
    Error::unavailable("Another turn to close the ticket has begun; try again.")
        .with_code(ProblemCode::CloseLeaseLost)
        .with_context("ticket.id", id.as_str())
}

/// What is committed of an archive.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveCommit<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// The caller's turn.
    pub turn: &'a ClosingTurn,
    /// When it is committed, Unix milliseconds.
    pub close_time: i64,
    /// How many messages the archive holds.
    pub message_count: u64,
    /// The digest over them.
    pub digest: &'a str,
    /// The vendor's status, where it was seen.
    pub vendor_status: Option<&'a str>,
    /// When the conversation is looked at once more, Unix milliseconds; never where the vendor no longer has it.
    pub recheck_ms: Option<i64>,
}
