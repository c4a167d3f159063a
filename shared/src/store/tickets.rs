//! Tickets: their intent, its outcome and their removal, each write under the condition that makes it safe to repeat.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{
    Store, StoredAnswer,
    condition::Condition,
    idempotency::{IdempotencyRecord, IntentWrite},
    item::{self, AbandonedTicket, Item, StoredTicket},
    keys, number, text, to_value,
    transaction::is_failed,
    update::{UPDATE_TIME, Update},
};
use crate::{
    domain::{Account, AccountId, AuditRecord, Ticket, TicketId, TicketMove},
    error::Result,
};

/// The result of committing a created ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreatedCommit {
    /// It is `open` with the vendor's id.
    Done,
    /// The vendor's id belongs to another ticket of the store.
    IdTaken,
    /// The ticket was removed, or another run committed it: read it again.
    StateChanged,
}

impl Store {
    /// Writes the ticket as `creating` together with its idempotency record, and counts it at its account, all or
    /// nothing. [`IntentWrite::Refused`]: the account is gone or being removed.
    ///
    /// # Errors
    /// When the ticket's id exists already, or the store does not answer.
    pub async fn begin_ticket(&self, ticket: &Ticket, record: &IdempotencyRecord, now_ms: i64) -> Result<IntentWrite> {
        let item = item::new_ticket(ticket, record)?.due_at(record.lease.until_ms, ticket.id.as_str());
        let item = item.with(UPDATE_TIME, number(now_ms));
        let put = self.put_action(item, Condition::ITEM_MISSING)?;
        let count = self.count_open(&ticket.account_id, 1, None)?;
        self.write_intent(record, now_ms, put, vec![count]).await
    }

    /// The account counts its tickets that are not closed, so that it can't be removed while there are any. `ended_ms`:
    /// when work became due of one that is not counted, Unix milliseconds.
    pub(super) fn count_open(
        &self,
        account: &AccountId,
        change: i64,
        ended_ms: Option<i64>,
    ) -> Result<TransactWriteItem> {
        let mut update = Update::of(keys::account(account))
            .add("open_tickets", change)
            .set_some("last_ended", ended_ms.map(number))
            .when(Condition::ITEM_EXISTS);
        if change >= 0 {
            update = update.when(Condition::Missing("deleting"));
        }
        self.update_action(update)
    }

    /// Commits at `now_ms` that the vendor has the ticket of `account`: `open` with its `cloud_id`, the vendor's id
    /// claimed, the answer and `audit` stored. The lease of the create ends.
    ///
    /// # Errors
    /// When `ticket` has no `cloud_id`, or the store does not answer.
    pub async fn commit_created(
        &self,
        account: &Account,
        ticket: &Ticket,
        hash: Option<&str>,
        answer: &StoredAnswer,
        now_ms: i64,
        audit: Option<&AuditRecord>,
    ) -> Result<CreatedCommit> {
        let open = Update::of(keys::ticket(&ticket.id))
            .make_move(TicketMove::CommitCreated)
            .remove(&["candidates"])
            .set_some("cloud_id", ticket.cloud_id.as_ref().map(|id| text(id.as_str())))
            .set_some("resolved_by", ticket.resolved_by.as_ref().map(to_value).transpose()?)
            .release_lease()
            .changed_at(now_ms)
            .no_longer_due();
        let mut actions = Vec::with_capacity(5);
        actions.push(self.update_action(open)?);
        actions.extend(self.claim(account, ticket)?);
        actions.extend(audit.map(|record| self.audit_action(record)).transpose()?);
        let record = hash.map(|hash| self.store_answer(hash, ticket.id.as_str(), answer, now_ms)).transpose()?;
        Ok(match self.transact_with_record(actions, record).await? {
            None => CreatedCommit::Done,
            Some(reasons) if reasons.first().is_some_and(is_failed) => CreatedCommit::StateChanged,
            Some(_) => CreatedCommit::IdTaken,
        })
    }

    /// Writes that the outcome of the vendor's create is unknown; a reconcile is due at `now_ms`. Nothing happens when
    /// the ticket is no longer `creating`.
    ///
    /// The lease stays: the request may reach the vendor after the call has failed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_unknown(&self, id: &TicketId, now_ms: i64) -> Result<()> {
        let update = Update::of(keys::ticket(id)).make_move(TicketMove::MarkUnknown).due_at(now_ms, id.as_str());
        let update = update.changed_at(now_ms);
        self.update(update).await.map(|_| ())
    }

    /// Writes that the ticket is `indeterminate`, with its candidates. It is searched for again at `next_check_ms`,
    /// Unix milliseconds. `false`, and nothing is changed, when the ticket has another state by now or is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_indeterminate(&self, ticket: &Ticket, next_check_ms: i64) -> Result<bool> {
        let update = Update::of(keys::ticket(&ticket.id))
            .make_move(TicketMove::MarkIndeterminate)
            .set("candidates", to_value(&ticket.candidates)?)
            .changed_at(self.clock.now_ms())
            .due_at(next_check_ms, ticket.id.as_str());
        Ok(self.update(update).await?.is_done())
    }

    /// Removes a ticket that the vendor refused, and frees the caller's key. `false`, and nothing is changed, when the
    /// ticket has another state by now or is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove_ticket(&self, ticket: &Ticket, hash: &str) -> Result<bool> {
        self.remove(ticket, Some(hash), None).await
    }

    /// Removes a ticket that the vendor still does not list after the settle time, and frees the caller's key. An
    /// [`AbandonedTicket`] stays, by which it can be adopted later; its next check is due at `next_check_ms`, Unix
    /// milliseconds. `false` as in [`remove_ticket`](Self::remove_ticket).
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn abandon_ticket(&self, stored: &StoredTicket, now_ms: i64, next_check_ms: i64) -> Result<bool> {
        let abandoned = AbandonedTicket { ticket: stored.ticket.clone(), abandoned_time: now_ms };
        let id = &stored.ticket.id;
        let item = Item::new(keys::abandoned_ticket(id), "abandoned_ticket", &abandoned)?;
        let put = self.put_action(item.due_at(next_check_ms, id.as_str()), Condition::ITEM_MISSING)?;
        self.remove(&stored.ticket, stored.idempotency_hash.as_deref(), Some((put, now_ms))).await
    }

    /// `abandoned`: the item that stays, and now.
    async fn remove(
        &self,
        ticket: &Ticket,
        hash: Option<&str>,
        abandoned: Option<(TransactWriteItem, i64)>,
    ) -> Result<bool> {
        let removable = Condition::state(TicketMove::Remove.from());
        let (abandoned, ended_ms) = abandoned.unzip();
        let count = self.count_open(&ticket.account_id, -1, ended_ms)?;
        let mut actions = vec![self.delete_action(keys::ticket(&ticket.id), removable)?, count];
        actions.extend(abandoned);
        let record = hash.map(|hash| self.free_key(hash, ticket.id.as_str())).transpose()?;
        Ok(self.transact_with_record(actions, record).await?.is_none())
    }

    /// The ticket, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>> {
        self.get(keys::ticket(id)).await
    }

    /// The ticket with the attributes that only the store and the workflow use.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn stored_ticket(&self, id: &TicketId) -> Result<Option<StoredTicket>> {
        self.get(keys::ticket(id)).await
    }
}
