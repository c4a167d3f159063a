//! Claims of vendor's ticket ids: each id belongs to one ticket of a customer, whichever account has it.
//!
//! While an account's customer is not known its claims are under the account's own id. They stay there, so both are
//! read.

use std::{collections::HashSet, iter::once};

use aws_sdk_dynamodb::types::TransactWriteItem;
use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    item::{self, Item},
    keys::{self, Key},
};
use crate::{
    domain::{Account, AccountId, CloudId, Ticket, TicketId},
    error::{Error, Result},
};

#[derive(Serialize, Deserialize)]
struct Claim {
    ticket_id: TicketId,
}

/// The most keys that one batch read takes.
const BATCH_KEYS: usize = 100;

impl Store {
    /// Makes the vendor's id belong to the ticket of `account`, which must have one.
    pub(super) fn claim(&self, account: &Account, ticket: &Ticket) -> Result<Vec<TransactWriteItem>> {
        let cloud_id =
            ticket.cloud_id.as_ref().ok_or_else(|| Error::unexpected("A created ticket must have the vendor's id."))?;
        let mut keys = claim_keys(account, &[], cloud_id);
        let key = keys.next().ok_or_else(|| Error::unexpected("A claim must have an owner."))?;
        let item = Item::new(key, "cloud_id", &Claim { ticket_id: ticket.id.clone() })?;
        let put = self.put_action(item, Condition::ITEM_MISSING);
        let older = keys.map(|key| self.check_action(key, Condition::ITEM_MISSING));
        once(put).chain(older).collect()
    }

    /// The tickets of the account's customer to which the vendor's ids belong, in no order.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn claimed(&self, account: &Account, ids: &[CloudId]) -> Result<Vec<TicketId>> {
        let wanted: Vec<Key> = ids.iter().flat_map(|id| claim_keys(account, &[], id)).collect();
        let mut tickets = Vec::new();
        for keys in wanted.chunks(BATCH_KEYS) {
            for claim in self.batch_get(keys.to_vec()).await?.into_values() {
                tickets.push(item::from_attributes::<Claim>(claim)?.ticket_id);
            }
        }
        Ok(tickets)
    }

    /// Those of the vendor's ids that belong to no ticket of the account's customer.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unclaimed(&self, account: &Account, ids: &[CloudId]) -> Result<Vec<CloudId>> {
        self.unclaimed_by_any(account, &[], ids).await
    }

    /// The same, and to no ticket that one of the accounts `others` claimed before its customer was known.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unclaimed_by_any(
        &self,
        account: &Account,
        others: &[AccountId],
        ids: &[CloudId],
    ) -> Result<Vec<CloudId>> {
        let wanted: Vec<Key> = ids.iter().flat_map(|id| claim_keys(account, others, id)).collect();
        let mut claimed = HashSet::new();
        for keys in wanted.chunks(BATCH_KEYS) {
            claimed.extend(self.batch_get(keys.to_vec()).await?.into_keys());
        }
        let is_free = |id: &&CloudId| !claim_keys(account, others, id).any(|key| claimed.contains(&key));
        Ok(ids.iter().filter(is_free).cloned().collect())
    }
}

/// Where a claim of the vendor's id may be; new ones are at the first key.
fn claim_keys<'a>(account: &'a Account, others: &'a [AccountId], id: &'a CloudId) -> impl Iterator<Item = Key> + 'a {
    let customer = account.customer_id.as_ref().map(|id| id.as_str());
    let owners = customer.into_iter().chain(once(&account.id).chain(others).map(AccountId::as_str));
    owners.map(|owner| keys::cloud_ticket(account.vendor, owner, id))
}
