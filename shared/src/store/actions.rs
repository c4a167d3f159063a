//! What was done with a ticket at its vendor apart from writing to it: urging, rating, and withdrawing a message.

use super::{
    Store, StoredAnswer,
    condition::Condition,
    erasure::ERASED,
    idempotency::IdempotencyRecord,
    keys, number, to_value,
    transaction::{CONFLICT_ATTEMPTS, contention},
    update::Update,
};
use crate::{
    domain::{GivenRating, TicketId, Withdrawal, withdrawn_time},
    error::Result,
};

/// What the vendor did.
#[derive(Clone, Debug, PartialEq)]
pub enum ActionCommit {
    /// Support was urged.
    Urged,
    /// The support was rated.
    Rated(GivenRating),
}

impl Store {
    /// Stores at `now_ms` that the vendor did it, and the answer. An erased ticket gets the answer alone: a rating has
    /// a text.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn commit_action(
        &self,
        ticket: &TicketId,
        record: &IdempotencyRecord,
        commit: &ActionCommit,
        answer: &StoredAnswer,
        now_ms: i64,
    ) -> Result<()> {
        let update = Update::of(keys::ticket(ticket));
        let update = match commit {
            ActionCommit::Urged => update.set("urge_time", number(now_ms)).set_actor("urged_by")?,
            ActionCommit::Rated(rating) => update.set("rating", to_value(rating)?),
        };
        let update = update.changed_at(now_ms).when(Condition::ITEM_EXISTS).when(Condition::Missing(ERASED));
        let stored = self.store_answer(&record.hash, &record.subject, answer, now_ms)?;
        match self.transact_with_record(vec![self.update_action(update)?], Some(stored)).await? {
            None => Ok(()),
            Some(_) => self.finish(record, answer, now_ms).await,
        }
    }

    /// Stores at `now_ms` that the vendor withdrew a message, and the answer for the time of that, which it gives. A
    /// ticket has each message once, as it was withdrawn first: several runs may find the same withdrawal. An erased
    /// ticket gets the answer alone.
    ///
    /// # Errors
    /// `store_contention`, or when the store does not answer.
    pub async fn commit_withdrawal(
        &self,
        ticket: &TicketId,
        record: &IdempotencyRecord,
        withdrawal: &Withdrawal,
        answer_at: impl Fn(i64) -> Result<StoredAnswer>,
        now_ms: i64,
    ) -> Result<StoredAnswer> {
        for _ in 0..CONFLICT_ATTEMPTS {
            let found = self.ticket(ticket).await?.filter(|found| found.erased.is_none());
            let Some(mut withdrawals) = found.map(|found| found.withdrawals) else {
                return self.finish_with(record, answer_at(withdrawal.time)?, now_ms).await;
            };
            if let Some(time) = withdrawn_time(&withdrawals, &withdrawal.message_id) {
                return self.finish_with(record, answer_at(time)?, now_ms).await;
            }
            let seen = Condition::equals("withdrawals", to_value(&withdrawals)?);
            let unchanged = if withdrawals.is_empty() { seen.or(Condition::Missing("withdrawals")) } else { seen };
            withdrawals.push(withdrawal.clone());
            let update = Update::of(keys::ticket(ticket)).set("withdrawals", to_value(&withdrawals)?);
            let update = update.changed_at(now_ms).when(Condition::ITEM_EXISTS).when(Condition::Missing(ERASED));
            let update = self.update_action(update.when(unchanged))?;
            let answer = answer_at(withdrawal.time)?;
            let stored = self.store_answer(&record.hash, &record.subject, &answer, now_ms)?;
            if self.transact_with_record(vec![update], Some(stored)).await?.is_none() {
                return Ok(answer);
            }
        }
        Err(contention())
    }

    async fn finish_with(&self, record: &IdempotencyRecord, answer: StoredAnswer, now_ms: i64) -> Result<StoredAnswer> {
        self.finish(record, &answer, now_ms).await?;
        Ok(answer)
    }
}
