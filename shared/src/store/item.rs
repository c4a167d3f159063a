//! How values become items: keys, the entity's name and the value's own attributes side by side.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    keys::{self, Key},
    lease::Lease,
};
use crate::{
    domain::{Account, AccountId, CatalogEntry, Reply, Ticket, TicketState},
    error::{Error, Result},
    telemetry::metrics,
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

/// A ticket with the attributes that only the store and the workflow use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredTicket {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// Names the idempotency record of its creation; an adopted ticket has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_hash: Option<String>,
    /// The lease of its create call (`creating`, `unknown`), of its close (`closing`) or of its recheck (`closed`). An
    /// `open` ticket has none.
    #[serde(flatten)]
    pub lease: Option<Lease>,
    /// Why it is `closing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_reason: Option<CloseReason>,
    /// Since when it is `closing`, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_since: Option<i64>,
    /// Since when the vendor has accepted its close without showing it, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_accepted: Option<i64>,
}

impl StoredTicket {
    /// The ticket, without anything else.
    pub fn new(ticket: Ticket) -> Self {
        Self {
            ticket,
            idempotency_hash: None,
            lease: None,
            closing_reason: None,
            closing_since: None,
            close_accepted: None,
        }
    }

    /// The end of its lease, Unix milliseconds; 0 without one.
    pub fn lease_until_ms(&self) -> i64 {
        self.lease.as_ref().map_or(0, |lease| lease.until_ms)
    }

    pub(super) fn is_leased_by(&self, lease: &Lease) -> bool {
        self.lease.as_ref().is_some_and(|held| held.token == lease.token)
    }
}

/// Why a ticket is `closing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CloseReason {
    /// A caller asked for it: the vendor is asked to close it.
    Asked,
    /// It has ended at the vendor: it is archived if that is confirmed, and never closed there.
    Ended,
}

impl CloseReason {
    /// The name in the store.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            CloseReason::Asked => "asked",
            CloseReason::Ended => "ended",
        }
    }
}

/// A ticket that the vendor did not show within the settle time after its create. The vendor may show it later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AbandonedTicket {
    /// The ticket as it was.
    #[serde(flatten)]
    pub ticket: Ticket,
    /// When it was abandoned, Unix milliseconds.
    pub abandoned_time: i64,
}

/// A reply with the attributes that only the store and the workflow use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredReply {
    /// The reply.
    #[serde(flatten)]
    pub reply: Reply,
    /// The ticket's account.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// Names its idempotency record.
    pub idempotency_hash: String,
    /// The lease of its request, the same as that of its record: while it lasts the vendor's call may be under way.
    #[serde(flatten)]
    pub lease: Lease,
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
        gsi1pk: Some(keys::tickets_of_account(&ticket.account_id)),
        gsi1sk: Some(by_time.clone()),
        gsi2pk: Some(keys::tickets_of_status(ticket.status)),
        gsi2sk: Some(by_time),
        gsi3pk: due.then(|| keys::DUE.to_owned()),
        gsi3sk: due.then(|| keys::by_time(due_ms, ticket.id.as_str())),
        ..Item::new(keys::ticket(&ticket.id), "ticket", stored)
    }
}

/// `due_ms`: when the vendor is asked for it next.
pub(super) fn abandoned_ticket(abandoned: AbandonedTicket, due_ms: i64) -> Item<AbandonedTicket> {
    let id = &abandoned.ticket.id;
    Item {
        gsi3pk: Some(keys::DUE.to_owned()),
        gsi3sk: Some(keys::by_time(due_ms, id.as_str())),
        ..Item::new(keys::abandoned_ticket(id), "abandoned_ticket", abandoned)
    }
}

/// The reconcile of a reply is due once its lease has ended.
pub(super) fn reply(stored: StoredReply) -> Item<StoredReply> {
    let reply = &stored.reply;
    Item {
        gsi3pk: Some(keys::DUE.to_owned()),
        gsi3sk: Some(keys::by_time(stored.lease.until_ms, reply.id.as_str())),
        ..Item::new(keys::reply(&reply.ticket_id, &reply.id), "reply", stored)
    }
}

pub(super) fn to_attributes(item: impl Serialize) -> Result<Attributes> {
    serde_dynamo::to_item(item)
        .map_err(|source| Error::unexpected("A stored item could not be written.").with_source(source))
}

/// The item; `None` where it can't be read, so that it does not stop the work on the others. Only its key is logged.
pub(super) fn readable<T: DeserializeOwned>(attributes: Attributes) -> Option<T> {
    let part = |name| attributes.get(name).and_then(|part| part.as_s().ok()).cloned().unwrap_or_default();
    let (pk, sk) = (part("PK"), part("SK"));
    from_attributes(attributes)
        .inspect_err(|_| {
            metrics::DEFECTS.add([], 1);
            tracing::error!(item.pk = pk, item.sk = sk, "A stored item can't be read and is left out.")
        })
        .ok()
}

pub(super) fn from_attributes<T: DeserializeOwned>(attributes: Attributes) -> Result<T> {
    serde_dynamo::from_item(attributes)
        .map_err(|source| Error::unexpected("A stored item could not be read.").with_source(source))
}
