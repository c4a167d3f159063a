//! How values become items: keys, the entity's name and the value's own attributes side by side.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::keys::{self, Key};
use crate::{
    domain::{Account, CatalogEntry, Ticket, TicketState},
    error::{Error, Result},
};

/// A raw item.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// An item around a value. Index keys that are absent keep it out of that index.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Item<T> {
    #[serde(rename = "PK")]
    pub pk: String,
    #[serde(rename = "SK")]
    pub sk: String,
    pub entity: String,
    #[serde(rename = "GSI1PK", default, skip_serializing_if = "Option::is_none")]
    pub gsi1pk: Option<String>,
    #[serde(rename = "GSI1SK", default, skip_serializing_if = "Option::is_none")]
    pub gsi1sk: Option<String>,
    #[serde(rename = "GSI2PK", default, skip_serializing_if = "Option::is_none")]
    pub gsi2pk: Option<String>,
    #[serde(rename = "GSI2SK", default, skip_serializing_if = "Option::is_none")]
    pub gsi2sk: Option<String>,
    #[serde(rename = "GSI3PK", default, skip_serializing_if = "Option::is_none")]
    pub gsi3pk: Option<String>,
    #[serde(rename = "GSI3SK", default, skip_serializing_if = "Option::is_none")]
    pub gsi3sk: Option<String>,
    #[serde(flatten)]
    pub value: T,
}

impl<T> Item<T> {
    pub fn new(key: Key, entity: &str, value: T) -> Self {
        Self {
            pk: key.pk,
            sk: key.sk,
            entity: entity.to_owned(),
            gsi1pk: None,
            gsi1sk: None,
            gsi2pk: None,
            gsi2sk: None,
            gsi3pk: None,
            gsi3sk: None,
            value,
        }
    }
}

/// A ticket with what only the store needs to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTicket {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// Names the idempotency record of its creation.
    pub idempotency_hash: String,
}

/// A catalog entry with its name in lower case, for the name search.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredEntry {
    #[serde(flatten)]
    pub entry: CatalogEntry,
    pub search_name: String,
}

pub(super) fn account(account: Account) -> Item<Account> {
    let gsi1sk = keys::by_time(account.create_time, account.id.as_str());
    Item {
        gsi1pk: Some(keys::ACCOUNTS.to_owned()),
        gsi1sk: Some(gsi1sk),
        ..Item::new(keys::account(&account.id), "account", account)
    }
}

/// `due_ms`: when the work on it is due, for the states that need work.
pub(super) fn ticket(stored: StoredTicket, due_ms: i64) -> Item<StoredTicket> {
    let ticket = &stored.ticket;
    let by_time = keys::by_time(ticket.create_time, ticket.id.as_str());
    let due = matches!(ticket.state, TicketState::Creating | TicketState::Unknown | TicketState::Closing);
    Item {
        gsi1pk: Some(keys::tickets_of_account(&ticket.custom_id)),
        gsi1sk: Some(by_time.clone()),
        gsi2pk: Some(keys::tickets_of_status(ticket.status)),
        gsi2sk: Some(by_time),
        gsi3pk: due.then(|| keys::DUE.to_owned()),
        gsi3sk: due.then(|| keys::by_time(due_ms, ticket.id.as_str())),
        ..Item::new(keys::ticket(&ticket.id), "ticket", stored)
    }
}

pub(super) fn to_attributes(item: impl Serialize) -> Result<Attributes> {
    serde_dynamo::to_item(item)
        .map_err(|source| Error::unexpected("A stored item could not be written.").with_source(source))
}

pub(super) fn from_attributes<T: DeserializeOwned>(attributes: Attributes) -> Result<T> {
    serde_dynamo::from_item(attributes)
        .map_err(|source| Error::unexpected("A stored item could not be read.").with_source(source))
}
