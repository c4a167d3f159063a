//! Tickets that are adopted from the vendor: those opened in its console, and abandoned ones that it shows later.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{
    Store,
    condition::Condition,
    item::{self, AbandonedTicket, StoredTicket},
    keys, number,
    transaction::is_failed,
    update::{UPDATE_TIME, Update},
};
use crate::{
    domain::{Account, Ticket, TicketId},
    error::Result,
};

impl Store {
    /// Writes a ticket of `account` that the vendor has: `open`, its vendor's id claimed, counted at its account.
    /// `false`, and nothing is changed, when the vendor's id belongs to another ticket already, or the account is gone
    /// or being removed.
    ///
    /// # Errors
    /// When `ticket` has no `cloud_id`, or the store does not answer.
    pub async fn adopt_ticket(&self, account: &Account, ticket: &Ticket) -> Result<bool> {
        let actions = self.adoption(account, ticket)?;
        Ok(self.transact(&actions).await?.is_none())
    }

    /// The same for an abandoned ticket, whose abandoned item is removed.
    ///
    /// # Errors
    /// When `ticket` has no `cloud_id`, or the store does not answer.
    pub async fn adopt_abandoned_ticket(&self, account: &Account, ticket: &Ticket) -> Result<bool> {
        let mut actions = self.adoption(account, ticket)?;
        let claims = 2..actions.len();
        actions.push(self.delete_action(keys::abandoned_ticket(&ticket.id), Condition::ITEM_EXISTS)?);
        let Some(reasons) = self.transact(&actions).await? else { return Ok(true) };
        let taken = reasons.get(claims).is_some_and(|reasons| reasons.iter().any(is_failed));
        if taken && !reasons.first().is_some_and(is_failed) {
            // Another ticket has that vendor's id: it never belonged to this one.
            self.delete_abandoned_ticket(&ticket.id).await?;
        }
        Ok(false)
    }

    /// The ticket, the count at its account, and then its claims.
    fn adoption(&self, account: &Account, ticket: &Ticket) -> Result<Vec<TransactWriteItem>> {
        let item = item::ticket(&StoredTicket::new(ticket.clone()))?;
        // The ticket may have been created long before.
        let item = item.with(UPDATE_TIME, number(self.clock.now_ms()));
        let mut actions =
            vec![self.put_action(item, Condition::ITEM_MISSING)?, self.count_open(&ticket.account_id, 1, None)?];
        actions.extend(self.claim(account, ticket)?);
        Ok(actions)
    }

    /// The abandoned ticket, if there is one.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn abandoned_ticket(&self, id: &TicketId) -> Result<Option<AbandonedTicket>> {
        self.get(keys::abandoned_ticket(id)).await
    }

    /// Postpones its next check to `due_ms`, Unix milliseconds.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn postpone_abandoned_ticket(&self, id: &TicketId, due_ms: i64) -> Result<()> {
        let update = Update::of(keys::abandoned_ticket(id)).due_at(due_ms, id.as_str());
        self.update(update.when(Condition::ITEM_EXISTS)).await.map(|_| ())
    }

    /// Removes it: it is checked no more. Repeating it is safe.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn delete_abandoned_ticket(&self, id: &TicketId) -> Result<()> {
        self.delete(keys::abandoned_ticket(id), Condition::ITEM_EXISTS).await.map(|_| ())
    }
}
