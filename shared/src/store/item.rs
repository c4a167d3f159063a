//! Items: a value's own attributes, with its keys and the entity's name beside them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    copies::CopyState,
    idempotency::IdempotencyRecord,
    key_attributes,
    keys::{self, Key},
    lease::Lease,
    query::Index,
    text,
};
use crate::{
    domain::{AccountId, Reply, Ticket},
    error::{Error, Result},
    telemetry::metrics,
};

/// A raw item.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// An item to write. Index keys that are absent keep it out of that index.
#[derive(Debug)]
pub(super) struct Item(pub Attributes);

impl Item {
    pub fn new(key: Key, entity: &str, value: &impl Serialize) -> Result<Self> {
        let mut attributes: Attributes = serde_dynamo::to_item(value)
            .map_err(|source| Error::unexpected("A stored item could not be written.").with_source(source))?;
        attributes.extend(key_attributes(key));
        Ok(Self(attributes).with("entity", text(entity)))
    }

    pub fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Puts it into a partition of an index.
    pub fn indexed(self, index: Index, pk: impl Into<String>, sk: impl Into<String>) -> Self {
        self.with(index.pk, text(pk)).with(index.sk, text(sk))
    }

    /// The work on it is due at that time, Unix milliseconds.
    pub fn due_at(self, due_ms: i64, id: &str) -> Self {
        self.indexed(Index::GSI3, keys::DUE, keys::by_time(due_ms, id))
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
    /// The lease of its create call (`creating`, `unknown`), of a copy (`open`), of its close (`closing`) or of its
    /// recheck (`closed`).
    #[serde(flatten)]
    pub lease: Option<Lease>,
    /// What is known of the copy of its conversation.
    #[serde(flatten)]
    pub copy: CopyState,
    /// Why it is `closing`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_reason: Option<CloseReason>,
    /// Since when it is `closing`, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_since: Option<i64>,
    /// Since when the vendor shows it as ended, during a close, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_ended: Option<i64>,
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
            copy: CopyState::default(),
            closing_reason: None,
            closing_since: None,
            close_ended: None,
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
    /// The close that it undoes, by its time, where it opens its ticket again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes_close: Option<i64>,
    /// Names its idempotency record.
    pub idempotency_hash: String,
    /// The lease of its request, the same as that of its record: while it lasts the vendor's call may be under way.
    #[serde(flatten)]
    pub lease: Lease,
}

/// A ticket's item, in the lists of tickets.
pub(super) fn ticket(stored: &StoredTicket) -> Result<Item> {
    ticket_item(&stored.ticket, stored)
}

/// The item of a ticket whose create the record is about. Nothing is cloned for it: creates are counted by their
/// allocations.
pub(super) fn new_ticket(ticket: &Ticket, record: &IdempotencyRecord) -> Result<Item> {
    #[derive(Serialize)]
    struct NewTicketItem<'a> {
        #[serde(flatten)]
        ticket: &'a Ticket,
        idempotency_hash: &'a str,
        #[serde(flatten)]
        lease: &'a Lease,
    }
    ticket_item(ticket, &NewTicketItem { ticket, idempotency_hash: &record.hash, lease: &record.lease })
}

fn ticket_item(ticket: &Ticket, stored: &impl Serialize) -> Result<Item> {
    let by_time = keys::by_time(ticket.create_time, ticket.id.as_str());
    Ok(Item::new(keys::ticket(&ticket.id), "ticket", stored)?
        .indexed(Index::GSI1, keys::tickets_of_account(&ticket.account_id), by_time.clone())
        .indexed(Index::GSI2, keys::tickets_of_status(ticket.status), by_time))
}

/// An attribute that is a text.
pub(super) fn text_of(attributes: &Attributes, name: &str) -> Option<String> {
    attributes.get(name)?.as_s().ok().cloned()
}

/// The item; `None` where it can't be read, so that it does not stop the work on the others. Only its key is logged.
pub(super) fn readable<T: DeserializeOwned>(attributes: Attributes) -> Option<T> {
    let (pk, sk) = (text_of(&attributes, "PK"), text_of(&attributes, "SK"));
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
