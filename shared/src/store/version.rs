//! Versions of accounts and tickets: each update of one counts up, so that a write can be bound to what was read before.

use super::{
    Store,
    condition::Condition,
    item::{self, Attributes},
    keys::{self, Key},
    number, store_error,
};
use crate::{
    domain::{Account, AccountId, Ticket, TicketId},
    error::Result,
};

/// How often the item was updated; absent before the first time.
pub(super) const VERSION: &str = "version";

/// An account or a ticket as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    key: Key,
    version: Option<String>,
}

impl Seen {
    fn new(key: Key, attributes: &Attributes) -> Self {
        Self { key, version: attributes.get(VERSION).and_then(|version| version.as_n().ok()).cloned() }
    }

    /// The item that was read.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// The condition on a write of the item with that key, if it is the one that was read.
    pub(super) fn condition_on(&self, key: &Key) -> Option<Condition> {
        (self.key == *key).then(|| self.is_unchanged())
    }

    /// Nobody has updated the item since.
    pub(super) fn is_unchanged(&self) -> Condition {
        match &self.version {
            Some(version) => Condition::equals(VERSION, number(version)),
            None => Condition::ITEM_EXISTS.and(Condition::Missing(VERSION)),
        }
    }
}

impl Store {
    /// The account, if there is one, and how it can be written only while it is still so.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn seen_account(&self, id: &AccountId) -> Result<Option<(Account, Seen)>> {
        self.seen(keys::account(id)).await
    }

    /// The same for a ticket.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn seen_ticket(&self, id: &TicketId) -> Result<Option<(Ticket, Seen)>> {
        self.seen(keys::ticket(id)).await
    }

    async fn seen<T: serde::de::DeserializeOwned>(&self, key: Key) -> Result<Option<(T, Seen)>> {
        let answer = self.get_item(key.clone()).send().await.map_err(|error| store_error("get_item", error))?;
        let Some(attributes) = answer.item else { return Ok(None) };
        let seen = Seen::new(key, &attributes);
        Ok(Some((item::from_attributes(attributes)?, seen)))
    }

    /// A store whose every write of the item is refused, as by any other condition, once anybody has updated it since:
    /// for one write, as that is an update too.
    pub fn only_while(&self, seen: Seen) -> Store {
        Store { seen: Some(seen), ..self.clone() }
    }
}
