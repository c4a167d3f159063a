//! The store: one DynamoDB table. Methods are access patterns; every list pages; no scans. SDK types stay in here.
//!
//! One concrete type, not a set of traits: there is one engine, and tests embed a real one. The items of an entity are
//! read and written in its own file. Lists go through `query.rs`, updates through `update.rs`, conditions are made in
//! `condition.rs`.
//!
//! Every write may be repeated by the SDK when its answer is lost, so each conditional write recognises its own
//! work: a condition that fails because the same write was already done is a success.

mod accounts;
mod actions;
mod adoption;
mod attachments;
mod audit;
mod batch;
mod catalog;
mod catalog_refs;
mod claims;
mod close;
mod condition;
mod copies;
mod counted_tickets;
mod customers;
mod due;
mod erasure;
mod forms;
mod idempotency;
mod item;
mod keys;
mod lease;
mod messages;
mod postpone;
mod query;
mod recheck;
mod refresh;
mod refresh_reads;
mod registrations;
mod removed_entries;
mod reopen;
mod replies;
mod retention;
mod saved_pages;
mod split;
mod statistics;
mod statistics_rebuild;
mod ticket_list;
mod tickets;
mod time_range;
mod transaction;
mod update;
mod uploads;
mod version;

use std::{
    collections::HashMap,
    fmt::{self, Debug, Display, Formatter},
    sync::Arc,
};

use aws_sdk_dynamodb::{
    Client,
    config::SharedHttpClient,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_item::builders::GetItemFluentBuilder,
    types::AttributeValue,
};
use serde::{Serialize, de::DeserializeOwned};

pub use accounts::{RemovalStart, catalogs_of};
pub use actions::ActionCommit;
pub use attachments::StoredFile;
pub use audit::AuditFilter;
pub use catalog::{CatalogHead, ChangeFilter, EntryFilter, StoredEntry};
pub use catalog_refs::{CatalogRefs, ResolvedRefs};
pub use close::{ArchiveCommit, CloseStart};
pub use copies::{CopyState, EndedCopy};
pub use counted_tickets::TICKETS_AT_ONCE;
pub use customers::AdoptionChange;
pub use due::{DueWork, InFlightTicket, OpenTicket, UnfinishedTickets};
pub use idempotency::{IdempotencyRecord, IntentWrite, KeyAcquisition, StoredAnswer};
pub use item::{AbandonedTicket, CloseReason, StoredReply, StoredTicket};
pub use keys::ticket_of;
pub use lease::Lease;
pub use messages::{MAX_BYTES_WRITTEN, MAX_MESSAGES_WRITTEN, MAX_PAGE_BYTES};
pub use recheck::Recount;
pub use refresh::CatalogOutcome;
pub use refresh_reads::ProductRead;
pub use registrations::RegistrationStart;
pub use retention::RetentionPosition;
pub use statistics::StatisticsFilter;
pub use statistics_rebuild::RebuildPosition;
pub use ticket_list::{TicketFilter, TicketPosition};
pub use tickets::CreatedCommit;
pub(crate) use transaction::contention;
pub use version::Seen;

use self::{item::Attributes, keys::Key};
use crate::{
    aws::sdk_config,
    clock::Clock,
    config::Config,
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The table and a client for it. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    /// Says when a ticket was changed.
    clock: Arc<dyn Clock>,
    /// How many days an audit record is kept; 0: forever.
    audit_retention_days: u32,
    /// The item that is written only while it is as it was read.
    seen: Option<Seen>,
}

impl Debug for Store {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("table", &self.table).finish_non_exhaustive()
    }
}

/// A page of a list, with the position after it where there may be more.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, P> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; absent at the end.
    pub next: Option<P>,
}

impl Store {
    /// A store on the table that `config` names. Makes no call.
    pub fn new(config: &Config, http: SharedHttpClient, clock: Arc<dyn Clock>) -> Self {
        let sdk = sdk_config(&config.aws, config.aws.dynamodb_endpoint.as_ref(), http);
        Self {
            client: Client::new(&sdk),
            table: config.table_name.clone(),
            clock,
            audit_retention_days: config.audit_retention_days,
            seen: None,
        }
    }

    /// The client, for making the table in a local stack.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Opens a connection, by a read of an item that is never there. A failure is ignored.
    pub async fn connect(&self) {
        let key = key_attributes(keys::connection());
        let _ = self.client.get_item().table_name(&self.table).set_key(Some(key)).send().await;
    }

    /// The value of an item, if there is one.
    async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>> {
        let answer = self.get_item(key).send().await.map_err(|error| store_error("get_item", error))?;
        answer.item.map(item::from_attributes).transpose()
    }

    fn get_item(&self, key: Key) -> GetItemFluentBuilder {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key_attributes(key)));
        get.consistent_read(true)
    }
}

fn key_attributes(key: Key) -> Attributes {
    HashMap::from([("PK".to_owned(), text(key.pk)), ("SK".to_owned(), text(key.sk))])
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn to_value(value: &impl Serialize) -> Result<AttributeValue> {
    serde_dynamo::to_attribute_value(value)
        .map_err(|source| Error::unexpected("An attribute could not be written.").with_source(source))
}

/// An error of the table itself. A request that DynamoDB rejects as invalid is a defect of Polydesk and fails again;
/// anything else may be tried again.
fn store_error<E>(operation: &'static str, error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().unwrap_or("none").to_owned();
    let failure = if code == "ValidationException" {
        refused()
    } else {
        Error::unavailable("The store did not answer; try again.").with_code(ProblemCode::StoreUnavailable)
    };
    failure.with_context("store_operation", operation).with_context("store_code", code).with_source(error)
}

/// What was given to the store breaks one of its rules, and would again: a defect of Polydesk.
fn refused() -> Error {
    Error::unexpected("The store refuses what it was given.").with_code(ProblemCode::StoreRefused)
}
