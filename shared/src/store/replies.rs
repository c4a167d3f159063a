//! Replies: the intent before the vendor is called, and what became of it.

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{AttributeValue, ConditionCheck, TransactWriteItem},
};

use super::{
    Attributes, Store, StoredAnswer,
    idempotency::{self, IdempotencyRecord},
    item::{self, Item, StoredReply},
    key_attributes, keys, number, store_error, text,
    tickets::{only_failed, state},
    transaction::{conditional, delete_action, is_failed, put_action, update_action},
};
use crate::{
    domain::{ReplyId, ReplyState, TicketId, TicketState},
    error::{Error, Result},
};

/// What writing a reply's intent gave.
#[derive(Clone, Debug, PartialEq)]
pub enum NewReplyWrite {
    /// The intent stands; the vendor may be called.
    Written,
    /// The key was used before; this is its record.
    KeyTaken(IdempotencyRecord),
    /// The ticket is not `open` any more.
    TicketMoved,
}

impl Store {
    /// Writes the reply as `sending` together with its idempotency record, if its ticket is `open`; all or nothing.
    pub async fn begin_reply(
        &self,
        stored: &StoredReply,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<NewReplyWrite> {
        let put_record = self
            .put(
                item::to_attributes(idempotency::record_item(record.clone()))?,
                idempotency::free_condition(),
            )
            .expression_attribute_values(":now_s", number(now_ms / 1000));
        let put_reply =
            self.put(item::to_attributes(item::reply(stored.clone()))?, "attribute_not_exists(PK)");
        let actions = vec![
            put_action(put_record)?,
            put_action(put_reply)?,
            self.ticket_is_open(&stored.reply.ticket_id)?,
        ];
        let Some(reasons) = self.transact(actions).await? else {
            return Ok(NewReplyWrite::Written);
        };
        match reasons.first().and_then(|reason| reason.item.clone()) {
            Some(old) => {
                let old = idempotency::read_record(old)?;
                let own = old.run == record.run;
                Ok(if own { NewReplyWrite::Written } else { NewReplyWrite::KeyTaken(old) })
            }
            None if reasons.get(2).is_some_and(is_failed) => Ok(NewReplyWrite::TicketMoved),
            None => Err(Error::unexpected("A reply could not be stored.")),
        }
    }

    fn ticket_is_open(&self, id: &TicketId) -> Result<TransactWriteItem> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(id))))
            .condition_expression("#state = :open")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", state(TicketState::Open))
            .build()
            .map_err(|source| {
                Error::unexpected("A write to the store could not be built.").with_source(source)
            })?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// The reply, if there is one.
    pub async fn reply(&self, ticket: &TicketId, id: &ReplyId) -> Result<Option<StoredReply>> {
        self.get(keys::reply(ticket, id)).await?.map(read_reply).transpose()
    }

    /// All replies of a ticket, oldest first.
    pub async fn replies(&self, ticket: &TicketId) -> Result<Vec<StoredReply>> {
        let mut replies = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .items_of_ticket(ticket, keys::REPLY_PREFIX)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for attributes in answer.items.unwrap_or_default() {
                replies.push(read_reply(attributes)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(replies);
            }
        }
    }

    /// Commits at `now_ms` that the vendor has the reply, and keeps the answer. `false`, and nothing is changed, when it was settled before.
    pub async fn commit_sent(
        &self,
        stored: &StoredReply,
        message_id: Option<&str>,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<bool> {
        let reply = &stored.reply;
        let set = if message_id.is_some() {
            "SET #state = :sent, message_id = :message_id"
        } else {
            "SET #state = :sent"
        };
        let mut sent = self
            .update(keys::reply(&reply.ticket_id, &reply.id))
            .update_expression(format!("{set} REMOVE GSI3PK, GSI3SK"))
            .condition_expression("#state IN (:sending, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sent", reply_state(ReplyState::Sent))
            .expression_attribute_values(":sending", reply_state(ReplyState::Sending))
            .expression_attribute_values(":unknown", reply_state(ReplyState::Unknown));
        if let Some(message_id) = message_id {
            sent = sent.expression_attribute_values(":message_id", text(message_id));
        }
        let keep = self.keep_answer(&stored.idempotency_hash, reply.id.as_str(), answer, now_ms)?;
        self.settle_with_record(update_action(sent)?, keep).await
    }

    /// Removes a reply that the vendor certainly does not have, and frees the caller's key. `false`, and nothing is changed, when
    /// it was settled before.
    pub async fn remove_reply(&self, stored: &StoredReply) -> Result<bool> {
        let reply = &stored.reply;
        let delete = self
            .delete(keys::reply(&reply.ticket_id, &reply.id))
            .condition_expression("#state IN (:sending, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":sending", reply_state(ReplyState::Sending))
            .expression_attribute_values(":unknown", reply_state(ReplyState::Unknown));
        let free = self.free_key(&stored.idempotency_hash, reply.id.as_str())?;
        self.settle_with_record(delete_action(delete)?, free).await
    }

    /// Settles a reply together with its record, or alone where that has expired.
    async fn settle_with_record(&self, reply: TransactWriteItem, record: TransactWriteItem) -> Result<bool> {
        let mut actions = vec![reply, record];
        let mut reasons = self.transact(actions.clone()).await?;
        if only_failed(reasons.as_deref(), 1) {
            actions.truncate(1);
            reasons = self.transact(actions).await?;
        }
        Ok(reasons.is_none())
    }

    /// Writes that the outcome of the vendor's call is unknown. Nothing happens when the reply was settled meanwhile.
    pub async fn mark_reply_unknown(&self, ticket: &TicketId, id: &ReplyId, now_ms: i64) -> Result<()> {
        let update = self
            .update_reply(ticket, id)
            .update_expression("SET #state = :unknown, GSI3SK = :due_at")
            .condition_expression("#state = :sending")
            .expression_attribute_values(":unknown", reply_state(ReplyState::Unknown))
            .expression_attribute_values(":sending", reply_state(ReplyState::Sending))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Writes that nobody can tell whether the vendor has it. Nothing happens when it was settled meanwhile.
    pub async fn mark_reply_indeterminate(&self, ticket: &TicketId, id: &ReplyId) -> Result<()> {
        let update = self
            .update_reply(ticket, id)
            .update_expression("SET #state = :indeterminate REMOVE GSI3PK, GSI3SK")
            .condition_expression("#state IN (:sending, :unknown)")
            .expression_attribute_values(":indeterminate", reply_state(ReplyState::Indeterminate))
            .expression_attribute_values(":sending", reply_state(ReplyState::Sending))
            .expression_attribute_values(":unknown", reply_state(ReplyState::Unknown));
        conditional(update).await.map(|_| ())
    }

    fn update_reply(&self, ticket: &TicketId, id: &ReplyId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::reply(ticket, id))))
            .expression_attribute_names("#state", "state")
    }
}

fn reply_state(state: ReplyState) -> AttributeValue {
    text(state.as_str())
}

fn read_reply(attributes: Attributes) -> Result<StoredReply> {
    Ok(item::from_attributes::<Item<StoredReply>>(attributes)?.value)
}
