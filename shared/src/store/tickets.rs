//! Tickets: the writes of their life, each under the condition that makes it safe to repeat.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, ReturnValue, TransactWriteItem},
};
use serde::Serialize;

use super::{
    Attributes, Store, StoredAnswer,
    idempotency::{self, IdempotencyRecord},
    item::{self, Item, StoredTicket},
    key_attributes, keys, number, text,
    transaction::{Updated, conditional, delete_action, is_failed, put_action, update_action},
};
use crate::{
    domain::{AccountId, CloudId, Ticket, TicketId, TicketState, TicketStatus},
    error::{Error, Result},
};

/// What writing a new ticket's intent gave.
#[derive(Clone, Debug, PartialEq)]
pub enum NewTicketWrite {
    /// The intent stands; the vendor may be called.
    Written,
    /// The key was used before; this is its record.
    KeyTaken(IdempotencyRecord),
    /// The account is gone or being removed.
    NoAccount,
}

/// What committing a created ticket gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreatedCommit {
    /// It is `open` with the vendor's id.
    Done,
    /// The vendor's id belongs to another ticket of ours.
    IdTaken,
    /// The ticket is gone, or somebody else committed it: read it again.
    TicketMoved,
}

/// What asking for the turn to close a ticket gave.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseStart {
    /// It is `closing`, and the caller's turn to do the work.
    Closing(Ticket),
    /// It is `closing`, and somebody else's turn.
    Busy(Ticket),
    /// It is in another state, shown here.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

impl Store {
    /// Writes the ticket as `creating` together with its idempotency record, and counts it at its account, all or nothing.
    pub async fn begin_ticket(
        &self,
        ticket: &Ticket,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<NewTicketWrite> {
        let stored = StoredTicket { ticket: ticket.clone(), idempotency_hash: record.hash.clone() };
        let put_record = self
            .put(item::to_attributes(idempotency::record_item(record.clone()))?, idempotency::FREE)
            .expression_attribute_values(":now_s", number(now_ms / 1000));
        let put_ticket = self
            .put(item::to_attributes(item::ticket(stored, record.lease_until))?, "attribute_not_exists(PK)");
        let actions =
            vec![put_action(put_record)?, put_action(put_ticket)?, self.count_open(&ticket.custom_id, 1)?];
        let Some(reasons) = self.transact(actions).await? else {
            return Ok(NewTicketWrite::Written);
        };
        match reasons.first().and_then(|reason| reason.item.clone()) {
            Some(old) => {
                let old = idempotency::read_record(old)?;
                let own = old.run == record.run;
                Ok(if own { NewTicketWrite::Written } else { NewTicketWrite::KeyTaken(old) })
            }
            None if reasons.get(2).is_some_and(is_failed) => Ok(NewTicketWrite::NoAccount),
            None => Err(Error::unexpected("A new ticket could not be stored.")),
        }
    }

    /// The account counts its tickets that are not closed, so that it can't be removed while there are any.
    fn count_open(&self, account: &AccountId, change: i64) -> Result<TransactWriteItem> {
        let takes_tickets = "attribute_exists(PK) AND attribute_not_exists(deleting)";
        let condition = if change > 0 { takes_tickets } else { "attribute_exists(PK)" };
        let update = self
            .update(keys::account(account))
            .update_expression("ADD open_tickets :change")
            .condition_expression(condition)
            .expression_attribute_values(":change", number(change));
        update_action(update)
    }

    /// Commits that the vendor has the ticket: `open` with its `cloud_id`, the vendor's id taken, the answer kept.
    pub async fn commit_created(
        &self,
        ticket: &Ticket,
        hash: &str,
        answer: &StoredAnswer,
    ) -> Result<CreatedCommit> {
        let cloud_id = ticket
            .cloud_id
            .as_ref()
            .ok_or_else(|| Error::unexpected("A created ticket must have the vendor's id."))?;
        let open = self
            .update(keys::ticket(&ticket.id))
            .update_expression("SET #state = :open, cloud_id = :cloud_id REMOVE GSI3PK, GSI3SK")
            .condition_expression("#state IN (:creating, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":unknown", state(TicketState::Unknown))
            .expression_attribute_values(":cloud_id", text(cloud_id.as_str()));
        let mut actions =
            vec![update_action(open)?, self.claim(ticket, cloud_id)?, self.keep_answer(hash, answer)?];
        let mut reasons = self.transact(actions.clone()).await?;
        if only_failed(reasons.as_deref(), 2) {
            // The record has expired; the ticket counts all the same.
            actions.truncate(2);
            reasons = self.transact(actions).await?;
        }
        Ok(match reasons {
            None => CreatedCommit::Done,
            Some(reasons) if reasons.first().is_some_and(is_failed) => CreatedCommit::TicketMoved,
            Some(_) => CreatedCommit::IdTaken,
        })
    }

    fn claim(&self, ticket: &Ticket, cloud_id: &CloudId) -> Result<TransactWriteItem> {
        #[derive(Serialize)]
        struct Claim {
            ticket_id: TicketId,
        }
        let key = keys::cloud_ticket(ticket.vendor, &ticket.custom_id, cloud_id);
        let item = Item::new(key, "cloud_id", Claim { ticket_id: ticket.id.clone() });
        put_action(self.put(item::to_attributes(item)?, "attribute_not_exists(PK)"))
    }

    fn keep_answer(&self, hash: &str, answer: &StoredAnswer) -> Result<TransactWriteItem> {
        let finish = self
            .update(keys::idempotency(hash))
            .update_expression("SET answer = :answer")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":answer", idempotency::answer_attribute(answer)?);
        update_action(finish)
    }

    /// Writes that the outcome of the vendor's create is unknown. Nothing happens when the ticket went on meanwhile.
    pub async fn mark_unknown(&self, id: &TicketId, now_ms: i64) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :unknown, GSI3PK = :due, GSI3SK = :due_at")
            .condition_expression("#state = :creating")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":unknown", state(TicketState::Unknown))
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":due", text(keys::DUE))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Removes a ticket that the vendor certainly does not have, and frees the caller's key. `false`, and nothing is changed, when
    /// the ticket went on meanwhile or is gone already.
    pub async fn remove_ticket(&self, ticket: &Ticket, hash: &str) -> Result<bool> {
        let delete_ticket = self
            .delete(keys::ticket(&ticket.id))
            .condition_expression("#state IN (:creating, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":unknown", state(TicketState::Unknown));
        let delete_record = self
            .delete(keys::idempotency(hash))
            .condition_expression("attribute_not_exists(PK) OR subject = :id")
            .expression_attribute_values(":id", text(ticket.id.as_str()));
        let mut actions = vec![
            delete_action(delete_ticket)?,
            self.count_open(&ticket.custom_id, -1)?,
            delete_action(delete_record)?,
        ];
        let mut reasons = self.transact(actions.clone()).await?;
        if only_failed(reasons.as_deref(), 2) {
            // The record has expired and the key was used anew: it is another ticket's now.
            actions.truncate(2);
            reasons = self.transact(actions).await?;
        }
        Ok(reasons.is_none())
    }

    /// The ticket, if there is one.
    pub async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>> {
        let found = self.get(keys::ticket(id)).await?;
        found.map(read_ticket).transpose()
    }

    /// Asks for the turn to close a ticket until `until_ms`: an `open` one becomes `closing`, and a `closing` one whose last turn
    /// is over gets a new one. One turn at a time keeps two readings of one conversation apart.
    pub async fn start_closing(&self, id: &TicketId, now_ms: i64, until_ms: i64) -> Result<CloseStart> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :closing, closing_until = :until, GSI3PK = :due, GSI3SK = :due_at")
            .condition_expression(
                "#state = :open OR (#state = :closing AND (attribute_not_exists(closing_until) OR closing_until < :now))",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":now", number(now_ms))
            .expression_attribute_values(":until", number(until_ms))
            .expression_attribute_values(":due", text(keys::DUE))
            .expression_attribute_values(":due_at", text(keys::by_time(until_ms, id.as_str())));
        let old = match conditional(update).await? {
            Updated::Done(Some(new)) => return Ok(CloseStart::Closing(read_ticket(new)?)),
            Updated::Refused(Some(old)) => old,
            Updated::Done(None) | Updated::Refused(None) => return Ok(CloseStart::NotFound),
        };
        let turn_is_mine = old.get("closing_until") == Some(&number(until_ms));
        let ticket = read_ticket(old)?;
        Ok(match ticket.state {
            // The SDK sent this very write again, after the answer to the first one was lost.
            TicketState::Closing if turn_is_mine => CloseStart::Closing(ticket),
            TicketState::Closing => CloseStart::Busy(ticket),
            _ => CloseStart::Refused(ticket),
        })
    }

    /// Gives the turn back, so that the next close need not wait for its end. The ticket stays `closing` and is due now.
    pub async fn end_closing_turn(&self, id: &TicketId, now_ms: i64, until_ms: i64) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET GSI3SK = :due_at REMOVE closing_until")
            .condition_expression("#state = :closing AND closing_until = :until")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":until", number(until_ms))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Puts a `closing` ticket back to `open`, if it is still the caller's turn: the vendor refused to close it.
    pub async fn reopen_ticket(&self, id: &TicketId, until_ms: i64) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :open REMOVE closing_until, GSI3PK, GSI3SK")
            .condition_expression("#state = :closing AND closing_until = :until")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":until", number(until_ms))
            .expression_attribute_values(":open", state(TicketState::Open));
        conditional(update).await.map(|_| ())
    }

    /// Commits the archive: `closed`, `status` 0, the count and the digest in one write. The ticket as it stands afterwards;
    /// somebody else's earlier commit stands and is returned.
    ///
    /// A ticket that was put back to `open` meanwhile is closed too: the caller knows that the vendor has closed it.
    pub async fn commit_closed(
        &self,
        ticket: &Ticket,
        close_time: i64,
        message_count: u64,
        digest: &str,
    ) -> Result<Ticket> {
        let count = i64::try_from(message_count).unwrap_or(i64::MAX);
        let close = self
            .update(keys::ticket(&ticket.id))
            .update_expression(
                "SET #state = :closed, #status = :zero, close_time = :now, message_count = :count, digest = :digest, \
                 GSI2PK = :status_pk REMOVE closing_until, GSI3PK, GSI3SK",
            )
            .condition_expression("#state IN (:closing, :open)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":now", number(close_time))
            .expression_attribute_values(":count", number(count))
            .expression_attribute_values(":digest", text(digest))
            .expression_attribute_values(":status_pk", text(keys::tickets_of_status(TicketStatus::Closed)));
        let actions = vec![update_action(close)?, self.count_open(&ticket.custom_id, -1)?];
        let reasons = self.transact(actions).await?;
        let after = self.ticket(&ticket.id).await?;
        match (reasons, after) {
            (_, Some(after)) if after.state == TicketState::Closed => Ok(after),
            _ => Err(Error::unexpected("An archive could not be committed.")
                .with_context("ticket.id", ticket.id.as_str())),
        }
    }

    fn update_ticket(&self, id: &TicketId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(id))))
            .return_values(ReturnValue::AllNew)
    }
}

/// Whether the action at `index` is the only one whose condition failed.
fn only_failed(reasons: Option<&[aws_sdk_dynamodb::types::CancellationReason]>, index: usize) -> bool {
    let failed = |(at, reason)| is_failed(reason) == (at == index);
    reasons.is_some_and(|reasons| reasons.iter().enumerate().all(failed))
}

fn state(state: TicketState) -> AttributeValue {
    text(state.as_str())
}

pub(super) fn read_ticket(attributes: Attributes) -> Result<Ticket> {
    Ok(item::from_attributes::<Item<StoredTicket>>(attributes)?.value.ticket)
}
