//! Replies: the intent before the vendor is called, and its outcome.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{
    Store, StoredAnswer,
    condition::Condition,
    erasure::ERASED,
    idempotency::{IdempotencyRecord, IntentWrite},
    item::{Item, StoredReply},
    keys, number,
    query::Index,
    reopen::REOPENING_UNTIL,
    text, to_value,
    update::Update,
};
use crate::{
    domain::{Candidate, Reply, ReplyId, ReplyState, TicketId, TicketMove, TicketState},
    error::Result,
};

impl Store {
    /// Writes the reply as `sending` together with its idempotency record, if its ticket is `open`, or `closed` and not
    /// erased where the reply opens it again; all or nothing. [`IntentWrite::Refused`]: the ticket is in another state,
    /// or the account of a closed one is gone or being removed.
    ///
    /// # Errors
    /// When the reply's id exists already, or the store does not answer.
    pub async fn begin_reply(
        &self,
        stored: &StoredReply,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<IntentWrite> {
        let reply = &stored.reply;
        // Its reconcile is due once the lease has ended.
        let item = Item::new(keys::reply(&reply.ticket_id, &reply.id), "reply", stored)?
            .due_at(stored.lease.until_ms, reply.id.as_str());
        let put = self.put_action(item, Condition::ITEM_MISSING)?;
        let may_begin = match reply.reopening {
            true => Condition::state(TicketMove::Reopen.from()).and(Condition::Missing(ERASED)),
            false => Condition::state(&[TicketState::Open]),
        };
        // The vendor may show it once its call has ended.
        let ticket = Update::of(keys::ticket(&reply.ticket_id)).copy_at(stored.lease.until_ms).when(may_begin);
        if !reply.reopening {
            return self.write_intent(record, now_ms, put, vec![self.update_action(ticket)?]).await;
        }
        // While the call is under way the ticket is not erased, and its account not removed.
        let ticket = ticket.set(REOPENING_UNTIL, number(stored.lease.until_ms));
        let account = self.count_open(&stored.account_id, 0, Some(now_ms))?;
        self.write_intent(record, now_ms, put, vec![self.update_action(ticket)?, account]).await
    }

    /// The reply, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn reply(&self, ticket: &TicketId, id: &ReplyId) -> Result<Option<StoredReply>> {
        self.get(keys::reply(ticket, id)).await
    }

    /// All replies of a ticket, oldest first.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn replies(&self, ticket: &TicketId) -> Result<Vec<StoredReply>> {
        self.items_of_ticket(ticket, keys::REPLY_PREFIX).read_all().await
    }

    /// Commits at `now_ms` that the vendor has the reply, and stores the answer. Where the conversation must still show
    /// it, it is due at `check_ms`, Unix milliseconds. `false`, and nothing is changed, when it has an outcome already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn commit_sent(
        &self,
        stored: &StoredReply,
        message_id: Option<&str>,
        check_ms: Option<i64>,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<bool> {
        self.commit_sent_from(&ReplyState::IN_FLIGHT, stored, message_id, check_ms, answer, now_ms).await
    }

    /// The same for an `indeterminate` reply, of which a person decided that it is that message of the vendor.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn commit_resolved(
        &self,
        stored: &StoredReply,
        message_id: &str,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<bool> {
        self.commit_sent_from(&[ReplyState::Indeterminate], stored, Some(message_id), None, answer, now_ms).await
    }

    async fn commit_sent_from(
        &self,
        states: &[ReplyState],
        stored: &StoredReply,
        message_id: Option<&str>,
        check_ms: Option<i64>,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<bool> {
        let reply = &stored.reply;
        let sent = update_reply(&reply.ticket_id, &reply.id, ReplyState::Sent, states)
            .remove(&["candidates"])
            .set_some("resolved_by", reply.resolved_by.as_ref().map(to_value).transpose()?)
            .set_some("message_id", message_id.map(text));
        let sent = match check_ms {
            Some(due_ms) => sent.due_at(due_ms, reply.id.as_str()),
            None => sent.no_longer_due(),
        };
        let record = self.store_answer(&stored.idempotency_hash, reply.id.as_str(), answer, now_ms)?;
        self.end_reply(self.update_action(sent)?, record).await
    }

    /// Removes a reply that the vendor certainly does not have, and frees the caller's key. `false`, and nothing is
    /// changed, when it has an outcome already.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove_reply(&self, stored: &StoredReply) -> Result<bool> {
        self.remove_reply_in(stored, &ReplyState::IN_FLIGHT).await
    }

    /// The same for an `indeterminate` reply, of which a person decided that the vendor does not have it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove_indeterminate_reply(&self, stored: &StoredReply) -> Result<bool> {
        self.remove_reply_in(stored, &[ReplyState::Indeterminate]).await
    }

    async fn remove_reply_in(&self, stored: &StoredReply, states: &[ReplyState]) -> Result<bool> {
        let reply = &stored.reply;
        let key = keys::reply(&reply.ticket_id, &reply.id);
        let may_go = Condition::reply_state(states).and(Condition::Missing(ERASED));
        let delete = self.delete_action(key, may_go)?;
        self.end_reply(delete, self.free_key(&stored.idempotency_hash, reply.id.as_str())?).await
    }

    async fn end_reply(&self, reply: TransactWriteItem, record: TransactWriteItem) -> Result<bool> {
        Ok(self.transact_with_record(vec![reply], Some(record)).await?.is_none())
    }

    /// Writes that the outcome of the vendor's call is unknown; a reconcile is due at `now_ms`. Nothing happens when
    /// the reply is no longer `sending`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_reply_unknown(&self, ticket: &TicketId, id: &ReplyId, now_ms: i64) -> Result<()> {
        let update = update_reply(ticket, id, ReplyState::Unknown, &[ReplyState::Sending]);
        self.update(update.due_at(now_ms, id.as_str())).await.map(|_| ())
    }

    /// Writes that the conversation shows a reply that was sent without an id of its message. Nothing happens when the
    /// reply is in another state.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_reply_shown(&self, ticket: &TicketId, id: &ReplyId) -> Result<()> {
        let update = Update::of(keys::reply(ticket, id)).when(Condition::reply_state(&[ReplyState::Sent]));
        self.update(update.no_longer_due()).await.map(|_| ())
    }

    /// Writes that the outcome is indeterminate, with the messages that may be the reply. `false`, and nothing is
    /// changed, when the reply has an outcome already. A sent reply that is still due has none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_reply_indeterminate(
        &self,
        ticket: &TicketId,
        id: &ReplyId,
        candidates: &[Candidate],
    ) -> Result<bool> {
        let not_shown = Condition::reply_state(&[ReplyState::Sent]).and(Condition::Exists(Index::GSI3.pk));
        let update = Update::of(keys::reply(ticket, id))
            .set("state", text(ReplyState::Indeterminate.as_str()))
            .set("candidates", to_value(&candidates)?)
            .when(Condition::reply_state(&ReplyState::IN_FLIGHT).or(not_shown))
            .when(Condition::Missing(ERASED));
        let stored: Option<Reply> = self.update(update.no_longer_due()).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let is_it = |reply: Reply| reply.state == ReplyState::Indeterminate && reply.candidates == candidates;
        Ok(stored.is_some_and(is_it))
    }
}

/// Moves a reply to the state `to`, if it is in one of `from`.
fn update_reply(ticket: &TicketId, id: &ReplyId, to: ReplyState, from: &[ReplyState]) -> Update {
    let update = Update::of(keys::reply(ticket, id)).set("state", text(to.as_str()));
    // Its outcome would store its text with the answer.
    update.when(Condition::reply_state(from)).when(Condition::Missing(ERASED))
}
