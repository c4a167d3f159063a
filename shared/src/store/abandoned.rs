//! Tickets that come into the store from the vendor's side: late ones, which were given up before, and adopted ones.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{
    Attributes, Store,
    item::{self, AbandonedTicket, Item, StoredTicket},
    key_attributes, keys, store_error, text,
    transaction::{conditional, delete_action, is_failed, put_action},
};
use crate::{
    domain::{Ticket, TicketId},
    error::{Error, Result},
};

impl Store {
    /// Takes in a ticket that the vendor has: `open`, its vendor's id taken, counted at its account. `false`, and nothing is
    /// changed, when the vendor's id belongs to another ticket already, or the account is gone or being removed.
    pub async fn adopt_ticket(&self, ticket: &Ticket) -> Result<bool> {
        let actions = self.adoption(ticket)?;
        Ok(self.transact(actions).await?.is_none())
    }

    /// The same for a ticket that was given up before; what was left of it goes.
    pub async fn adopt_abandoned_ticket(&self, ticket: &Ticket) -> Result<bool> {
        let delete =
            self.delete(keys::abandoned_ticket(&ticket.id)).condition_expression("attribute_exists(PK)");
        let mut actions = self.adoption(ticket)?;
        actions.push(delete_action(delete)?);
        let Some(reasons) = self.transact(actions).await? else { return Ok(true) };
        let taken = reasons.get(1).is_some_and(is_failed);
        if taken && !reasons.first().is_some_and(is_failed) {
            // Somebody else has that vendor's id: this one never was ours.
            self.delete_abandoned_ticket(&ticket.id).await?;
        }
        Ok(false)
    }

    fn adoption(&self, ticket: &Ticket) -> Result<Vec<TransactWriteItem>> {
        let cloud_id = ticket
            .cloud_id
            .as_ref()
            .ok_or_else(|| Error::unexpected("An adopted ticket must have the vendor's id."))?;
        let stored = StoredTicket::new(ticket.clone());
        let attributes = item::to_attributes(item::ticket(stored, ticket.create_time))?;
        Ok(vec![
            put_action(self.put(attributes, "attribute_not_exists(PK)"))?,
            self.claim(ticket, cloud_id)?,
            self.count_open(&ticket.account_id, 1)?,
        ])
    }

    /// What is left of a ticket that was given up.
    pub async fn abandoned_ticket(&self, id: &TicketId) -> Result<Option<AbandonedTicket>> {
        let found: Option<Attributes> = self.get(keys::abandoned_ticket(id)).await?;
        found.map(|found| Ok(item::from_attributes::<Item<AbandonedTicket>>(found)?.value)).transpose()
    }

    /// Puts the next look for it off until `due_ms`.
    pub async fn postpone_abandoned_ticket(&self, id: &TicketId, due_ms: i64) -> Result<()> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::abandoned_ticket(id))))
            .update_expression("SET GSI3SK = :due_at")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":due_at", text(keys::by_time(due_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Ends the search for it.
    pub async fn delete_abandoned_ticket(&self, id: &TicketId) -> Result<()> {
        self.client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::abandoned_ticket(id))))
            .send()
            .await
            .map_err(|error| store_error("delete_item", error))?;
        Ok(())
    }
}
