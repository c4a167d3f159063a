//! Tickets: the writes of their life, each under the condition that makes it safe to repeat.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, ReturnValue, TransactWriteItem},
};
use serde::Serialize;

use super::{
    Attributes, Store, StoredAnswer,
    idempotency::{self, IdempotencyRecord},
    item::{self, AbandonedTicket, Item, StoredTicket},
    key_attributes, keys, number, text,
    transaction::{conditional, delete_action, is_failed, put_action, update_action},
};
use crate::{
    domain::{AccountId, CloudId, Ticket, TicketId, TicketState},
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

impl Store {
    /// Writes the ticket as `creating` together with its idempotency record, and counts it at its account, all or nothing.
    pub async fn begin_ticket(
        &self,
        ticket: &Ticket,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<NewTicketWrite> {
        let stored = StoredTicket {
            idempotency_hash: Some(record.hash.clone()),
            lease_until: record.lease_until,
            ..StoredTicket::new(ticket.clone())
        };
        let put_record = self
            .put(
                item::to_attributes(idempotency::record_item(record.clone()))?,
                idempotency::free_condition(),
            )
            .expression_attribute_values(":now_s", number(now_ms / 1000));
        let put_ticket = self
            .put(item::to_attributes(item::ticket(stored, record.lease_until))?, "attribute_not_exists(PK)");
        let actions =
            vec![put_action(put_record)?, put_action(put_ticket)?, self.count_open(&ticket.account_id, 1)?];
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
    pub(super) fn count_open(&self, account: &AccountId, change: i64) -> Result<TransactWriteItem> {
        let takes_tickets = "attribute_exists(PK) AND attribute_not_exists(deleting)";
        let condition = if change > 0 { takes_tickets } else { "attribute_exists(PK)" };
        let update = self
            .update(keys::account(account))
            .update_expression("ADD open_tickets :change")
            .condition_expression(condition)
            .expression_attribute_values(":change", number(change));
        update_action(update)
    }

    /// Commits at `now_ms` that the vendor has the ticket: `open` with its `cloud_id`, the vendor's id taken, the answer kept.
    pub async fn commit_created(
        &self,
        ticket: &Ticket,
        hash: Option<&str>,
        answer: &StoredAnswer,
        now_ms: i64,
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
        let mut actions = vec![update_action(open)?, self.claim(ticket, cloud_id)?];
        if let Some(hash) = hash {
            actions.push(self.keep_answer(hash, ticket.id.as_str(), answer, now_ms)?);
        }
        let mut reasons = self.transact(actions.clone()).await?;
        if only_failed(reasons.as_deref(), 2) {
            // The record has expired, and the key may have been used anew; the ticket counts all the same.
            actions.truncate(2);
            reasons = self.transact(actions).await?;
        }
        Ok(match reasons {
            None => CreatedCommit::Done,
            Some(reasons) if reasons.first().is_some_and(is_failed) => CreatedCommit::TicketMoved,
            Some(_) => CreatedCommit::IdTaken,
        })
    }

    pub(super) fn claim(&self, ticket: &Ticket, cloud_id: &CloudId) -> Result<TransactWriteItem> {
        #[derive(Serialize)]
        struct Claim {
            ticket_id: TicketId,
        }
        let key = keys::cloud_ticket(ticket.vendor, &ticket.account_id, cloud_id);
        let item = Item::new(key, "cloud_id", Claim { ticket_id: ticket.id.clone() });
        put_action(self.put(item::to_attributes(item)?, "attribute_not_exists(PK)"))
    }

    /// Keeps the final answer, given at `now_ms`, in the record, if that is still about this subject.
    pub(super) fn keep_answer(
        &self,
        hash: &str,
        subject: &str,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<TransactWriteItem> {
        let finish = self
            .update(keys::idempotency(hash))
            .update_expression(idempotency::KEEP_ANSWER)
            .expression_attribute_values(":expires_at", number(IdempotencyRecord::expiry(now_ms)))
            .condition_expression("subject = :subject")
            .expression_attribute_values(":subject", text(subject))
            .expression_attribute_values(":answer", idempotency::answer_attribute(answer)?);
        update_action(finish)
    }

    /// Removes the record, if it is still about this subject: the key is free again.
    pub(super) fn free_key(&self, hash: &str, subject: &str) -> Result<TransactWriteItem> {
        let delete = self
            .delete(keys::idempotency(hash))
            .condition_expression("attribute_not_exists(PK) OR subject = :subject")
            .expression_attribute_values(":subject", text(subject));
        delete_action(delete)
    }

    /// Writes that the outcome of the vendor's create is unknown. Nothing happens when the ticket went on meanwhile.
    ///
    /// The lease stays: what was sent may be on its way, or wait at the vendor's door, after its answer was lost.
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

    /// Removes a ticket that the vendor refused, and frees the caller's key. `false`, and nothing is changed, when the ticket went on
    /// meanwhile or is gone already.
    pub async fn remove_ticket(&self, ticket: &Ticket, hash: &str) -> Result<bool> {
        self.remove(ticket, Some(hash), None).await
    }

    /// Removes a ticket that the vendor still does not list after the settle time, and frees the caller's key. What is needed to
    /// take it in, should it turn up after all, stays behind; it is looked for again from `next_look_ms` on. `false` as in
    /// [`remove_ticket`](Self::remove_ticket).
    pub async fn abandon_ticket(
        &self,
        stored: &StoredTicket,
        now_ms: i64,
        next_look_ms: i64,
    ) -> Result<bool> {
        let late = AbandonedTicket { ticket: stored.ticket.clone(), abandoned_time: now_ms };
        let put = self.put(
            item::to_attributes(item::abandoned_ticket(late, next_look_ms))?,
            "attribute_not_exists(PK)",
        );
        self.remove(&stored.ticket, stored.idempotency_hash.as_deref(), Some(put_action(put)?)).await
    }

    async fn remove(
        &self,
        ticket: &Ticket,
        hash: Option<&str>,
        leave_behind: Option<TransactWriteItem>,
    ) -> Result<bool> {
        let delete_ticket = self
            .delete(keys::ticket(&ticket.id))
            .condition_expression("#state IN (:creating, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":unknown", state(TicketState::Unknown));
        let mut actions = vec![delete_action(delete_ticket)?, self.count_open(&ticket.account_id, -1)?];
        actions.extend(leave_behind);
        let without_record = actions.len();
        if let Some(hash) = hash {
            actions.push(self.free_key(hash, ticket.id.as_str())?);
        }
        let mut reasons = self.transact(actions.clone()).await?;
        if only_failed(reasons.as_deref(), without_record) {
            // The record has expired and the key was used anew: it is another ticket's now.
            actions.truncate(without_record);
            reasons = self.transact(actions).await?;
        }
        Ok(reasons.is_none())
    }

    /// The ticket, if there is one.
    pub async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>> {
        Ok(self.stored_ticket(id).await?.map(|stored| stored.ticket))
    }

    /// The ticket with what only the store needs to know of it.
    pub async fn stored_ticket(&self, id: &TicketId) -> Result<Option<StoredTicket>> {
        let found = self.get(keys::ticket(id)).await?;
        found.map(read_stored).transpose()
    }

    pub(super) fn update_ticket(&self, id: &TicketId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(id))))
            .return_values(ReturnValue::AllNew)
    }
}

/// Whether the action at `index` is the only one whose condition failed.
pub(super) fn only_failed(
    reasons: Option<&[aws_sdk_dynamodb::types::CancellationReason]>,
    index: usize,
) -> bool {
    let failed = |(at, reason)| is_failed(reason) == (at == index);
    reasons.is_some_and(|reasons| reasons.iter().enumerate().all(failed))
}

pub(super) fn state(state: TicketState) -> AttributeValue {
    text(state.as_str())
}

pub(super) fn read_ticket(attributes: Attributes) -> Result<Ticket> {
    Ok(read_stored(attributes)?.ticket)
}

pub(super) fn read_stored(attributes: Attributes) -> Result<StoredTicket> {
    Ok(item::from_attributes::<Item<StoredTicket>>(attributes)?.value)
}
