//! Erasing a closed ticket's texts. One write marks the ticket and removes its own texts; from then on nothing writes
//! to its archive. The rest is removed after that, in steps that may be repeated after any crash: the ticket is due
//! until it is known that nothing is left.

use std::pin::pin;

use futures_util::{TryStreamExt, future::ready};
use serde::{Deserialize, Serialize};

use super::{
    Store, StoredAnswer,
    close::CLOSED_BY,
    condition::Condition,
    idempotency::IdempotencyRecord,
    item::{Item, StoredReply, text_of},
    keys::{self, Key},
    number,
    postpone::ATTEMPTS,
    query::{Index, Query},
    reopen::REOPENING_UNTIL,
    text, to_value,
    update::Update,
};
use crate::{
    domain::{Actor, Erasure, ErasureState, Hold, Ticket, TicketId, TicketState, actor},
    error::Result,
};

/// What was erased, of a ticket; on a reply, that it was.
pub(super) const ERASED: &str = "erased";
const ERASURE_STATE: &str = "erased.state";
pub(super) const HOLD: &str = "hold";

/// The attributes of a ticket that hold texts, or are of use for a copy of its conversation alone.
const TEXTS: [&str; 12] = [
    "description",
    "email",
    "extra",
    "cc",
    "contact",
    "rating",
    "close_error",
    "candidates",
    "awaiting",
    "told_messages",
    "next_copy",
    "as_of",
];

/// How long it is known that a record holds texts of a ticket, seconds: longer than the record itself is kept once it
/// has its answer.
const LINK_LIFETIME_S: i64 = 50 * 60 * 60;
/// How many items are removed before more of them are read.
const DELETED_AT_ONCE: usize = 500;

#[derive(Serialize, Deserialize)]
struct AnswerLink {
    hash: String,
}

impl Store {
    /// Marks a `closed` ticket that is not on hold as erased, and removes the texts of its own item. It is due at once.
    /// Gives the ticket as it is then: a ticket that was erased before is not changed, nor is one of which a reopening
    /// is under way, nor any other one.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn mark_erased(&self, id: &TicketId, erasure: &Erasure) -> Result<Option<Ticket>> {
        let not_reopening =
            Condition::Missing(REOPENING_UNTIL).or(Condition::less(REOPENING_UNTIL, number(erasure.time)));
        let update = Update::of(keys::ticket(id))
            .set(ERASED, to_value(erasure)?)
            .set("name", text(""))
            .remove(&TEXTS)
            .remove(&[ATTEMPTS])
            .release_lease()
            .set(Index::GSI3.pk, text(keys::DUE_ERASURES))
            .set(Index::GSI3.sk, text(keys::by_time(erasure.time, id.as_str())))
            .changed_at(erasure.time)
            .when(Condition::state(&[TicketState::Closed]))
            .when(Condition::Missing(HOLD))
            .when(Condition::Missing(ERASED))
            .when(not_reopening);
        self.update(update).await?.stored()
    }

    /// Removes the texts that the table holds of an erased ticket, except for its own item. Its replies stay without
    /// theirs, and its answers are those that it gives now.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer. A repeat goes on.
    pub async fn erase_texts(&self, id: &TicketId) -> Result<()> {
        let Some(mut stored) = self.stored_ticket(id).await?.filter(|stored| stored.ticket.erased.is_some()) else {
            return Ok(());
        };
        self.erase_actor_names(&mut stored.ticket).await?;
        let mut replies = self.replies(id).await?;
        for reply in &mut replies {
            self.erase_reply(reply).await?;
        }
        let links: Vec<AnswerLink> = self.items_of_ticket(id, keys::ANSWER_PREFIX).read_all().await?;
        let of_replies = replies.iter().map(|reply| reply.idempotency_hash.clone());
        let hashes =
            stored.idempotency_hash.into_iter().chain(of_replies).chain(links.into_iter().map(|link| link.hash));
        for hash in hashes.collect::<Vec<_>>() {
            self.erase_answer(&hash, &stored.ticket, &replies).await?;
        }
        let keys_of_ticket = self.query(Index::TABLE, keys::ticket(id).pk, None);
        self.delete_found(keys_of_ticket, |sk| {
            sk != "TICKET" && !sk.starts_with(keys::REPLY_PREFIX) && !sk.starts_with(keys::ANSWER_PREFIX)
        })
        .await?;
        self.delete_found(self.query(Index::TABLE, keys::saved_pages(id), None), |_| true).await
    }

    /// Removes the names of the actors from the ticket's own item; their ids stay.
    async fn erase_actor_names(&self, ticket: &mut Ticket) -> Result<()> {
        if !ticket.forget_actor_names() {
            return Ok(());
        }
        let value = |actor: &Option<Actor>| actor.as_ref().map(to_value).transpose();
        let update = Update::of(keys::ticket(&ticket.id))
            .set_some("created_by", value(&ticket.created_by)?)
            .set_some("urged_by", value(&ticket.urged_by)?)
            .set_some("resolved_by", value(&ticket.resolved_by)?)
            .set_some(CLOSED_BY, value(&ticket.closed_by)?)
            .set("closings", to_value(&ticket.closings)?)
            .set("withdrawals", to_value(&ticket.withdrawals)?)
            .when(Condition::Exists(ERASED));
        self.update(update).await.map(|_| ())
    }

    /// Removes a reply's texts. It is not reconciled any more.
    async fn erase_reply(&self, stored: &mut StoredReply) -> Result<()> {
        stored.reply.content.clear();
        stored.reply.candidates.clear();
        actor::forget_names([&mut stored.reply.created_by, &mut stored.reply.resolved_by]);
        let update = Update::of(keys::reply(&stored.reply.ticket_id, &stored.reply.id))
            .set("content", text(""))
            .set(ERASED, to_value(&true)?)
            .set_some("created_by", stored.reply.created_by.as_ref().map(to_value).transpose()?)
            .set_some("resolved_by", stored.reply.resolved_by.as_ref().map(to_value).transpose()?)
            .remove(&["candidates"])
            .no_longer_due()
            .when(Condition::ITEM_EXISTS)
            .when(Condition::Missing(ERASED));
        self.update(update).await.map(|_| ())
    }

    /// Puts the ticket or the reply as it is now into the answer of a record.
    async fn erase_answer(&self, hash: &str, ticket: &Ticket, replies: &[StoredReply]) -> Result<()> {
        let Some(record) = self.get::<IdempotencyRecord>(keys::idempotency(hash)).await? else { return Ok(()) };
        let Some(StoredAnswer { status, location, body }) = record.answer else { return Ok(()) };
        let reply = replies.iter().find(|stored| stored.reply.id.as_str() == record.subject);
        let answer = match reply {
            Some(stored) => StoredAnswer::new(status, location, &stored.reply)?,
            None if record.subject == ticket.id.as_str() => StoredAnswer::new(status, location, ticket)?,
            // The key was used for something else since.
            None => return Ok(()),
        };
        if body.is_empty() || body == answer.body {
            return Ok(());
        }
        let update = Update::of(keys::idempotency(hash))
            .set("answer", to_value(&answer)?)
            .when(Condition::equals("subject", text(record.subject)))
            .when(Condition::Exists("answer"));
        self.update(update).await.map(|_| ())
    }

    /// Removes the items that a query finds, whose sort key is one of those.
    async fn delete_found(&self, query: Query, is_one: impl Fn(&str) -> bool) -> Result<()> {
        let key = |item: &_| Some(Key { pk: text_of(item, "PK")?, sk: text_of(item, "SK")? });
        let found = query.only(&["PK", "SK"]).items().try_filter_map(|item| ready(Ok(key(&item))));
        let found = found.try_filter(|key| ready(is_one(&key.sk))).try_chunks(DELETED_AT_ONCE);
        let mut found = pin!(found);
        while let Some(keys) = found.try_next().await.map_err(|error| error.1)? {
            self.batch_delete(keys).await?;
        }
        Ok(())
    }

    /// Up to `limit` erased tickets that are due at `now_ms`, the longest due first. The index may lag behind the table
    /// by a moment.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_erasures(&self, now_ms: i64, limit: usize) -> Result<Vec<Ticket>> {
        self.due_in(keys::DUE_ERASURES, now_ms, limit).await
    }

    /// The erased ticket is due again at `next_ms`. Nothing happens where it is done.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn postpone_erasure(&self, id: &TicketId, next_ms: i64) -> Result<()> {
        let due = text(keys::by_time(next_ms, id.as_str()));
        self.update(update_pending(id)?.set(Index::GSI3.sk, due)).await.map(|_| ())
    }

    /// Writes that nothing is left of an erased ticket. Nothing happens where that is known.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_erasure(&self, id: &TicketId, now_ms: i64) -> Result<()> {
        let update = update_pending(id)?
            .set(ERASURE_STATE, to_value(&ErasureState::Done)?)
            .remove(&[Index::GSI3.pk, Index::GSI3.sk])
            .changed_at(now_ms);
        self.update(update).await.map(|_| ())
    }

    /// Sets the ticket's hold, or ends it. Gives the ticket as it is then; one that was erased is not changed.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_hold(&self, id: &TicketId, hold: Option<&Hold>, now_ms: i64) -> Result<Option<Ticket>> {
        let update = Update::of(keys::ticket(id)).changed_at(now_ms).when(Condition::Missing(ERASED));
        let update = match hold {
            Some(hold) => update.set(HOLD, to_value(hold)?).when(Condition::ITEM_EXISTS),
            None => update.remove(&[HOLD]).when(Condition::Exists(HOLD)),
        };
        self.update(update).await?.stored()
    }

    /// Records that the answer of the record with this hash may hold texts of the ticket.
    pub(crate) async fn link_answer(&self, ticket: &TicketId, hash: &str) -> Result<()> {
        let link = Item::new(keys::answer(ticket, hash), "answer_link", &AnswerLink { hash: hash.to_owned() })?;
        let expires_at = number(self.clock.now_ms() / 1000 + LINK_LIFETIME_S);
        self.overwrite(link.with("expires_at", expires_at)).await
    }
}

/// An update of an erased ticket of which something may be left.
fn update_pending(id: &TicketId) -> Result<Update> {
    let pending = to_value(&ErasureState::Pending)?;
    Ok(Update::of(keys::ticket(id)).when(Condition::equals(ERASURE_STATE, pending)))
}
