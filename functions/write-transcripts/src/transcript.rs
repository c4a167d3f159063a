//! The transcript of a closed ticket as a document: what the JSON file holds, and what the pages are made of. No I/O.
//!
//! Fields that the API has too have the API's names. A time is there twice: as Unix milliseconds, and under the same
//! name with `_utc` as RFC 3339.

use serde::{Deserialize, Serialize};
use shared::{
    domain::{
        AccountId, ArchivedMessage, AttachmentCopy, CloudId, ProblemTypeId, ProductId, RegionId, Severity, SourceId,
        Ticket, TicketId, TicketState, Vendor, signed_links::unsigned,
    },
    error::{Error, Result},
};

use crate::time;

mod message;

pub use message::{TranscriptFile, TranscriptMessage, TranscriptRevision, Writer};

/// The version of the document; another one when a field changes its meaning or goes.
pub const SCHEMA_VERSION: u32 = 1;

/// A closed ticket with its whole conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The ticket.
    pub ticket: TranscriptTicket,
    /// What was committed as the archive.
    pub archive: TranscriptArchive,
    /// The conversation, the oldest message first.
    pub messages: Vec<TranscriptMessage>,
}

/// The ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TranscriptTicket {
    /// Our id.
    pub id: TicketId,
    /// The vendor's id, which the customer sees in the vendor's console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_id: Option<CloudId>,
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// The title.
    pub name: String,
    /// The problem text, without the signatures of links.
    pub description: String,
    /// The product's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// The product's name, where the catalog has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<String>,
    /// The problem type's id.
    #[serde(rename = "product_business_id", default, skip_serializing_if = "Option::is_none")]
    pub problem_type_id: Option<ProblemTypeId>,
    /// The problem type's name, where the catalog has it.
    #[serde(rename = "product_business_name", default, skip_serializing_if = "Option::is_none")]
    pub problem_type_name: Option<String>,
    /// The ticket source's id.
    #[serde(rename = "osm_id", default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<SourceId>,
    /// The region of the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region_id: Option<RegionId>,
    /// How urgent it is.
    pub severity: Severity,
    /// `closed`.
    pub state: TicketState,
    /// Whether it was opened in the vendor's console.
    pub adopted: bool,
    /// When it was created, Unix milliseconds.
    pub create_time: i64,
    /// The same as RFC 3339; its year and month are in the file's key.
    pub create_time_utc: String,
    /// When support wrote first, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_time: Option<i64>,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_time_utc: Option<String>,
    /// When support wrote last, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_support_time: Option<i64>,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_support_time_utc: Option<String>,
    /// When the customer wrote last, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_customer_time: Option<i64>,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_customer_time_utc: Option<String>,
    /// When the archive was committed, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time: Option<i64>,
    /// The same as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_time_utc: Option<String>,
    /// How long it took from the creation to the end at the vendor, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_ms: Option<i64>,
}

/// The archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptArchive {
    /// How many messages it holds.
    pub message_count: u64,
    /// How many messages the vendor showed when the archive was last compared with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_count: Option<u64>,
    /// SHA-256 over the archived messages in order, lower-case hex: what the API shows as the ticket's `digest`.
    pub digest: String,
}

/// The catalog's names of what a ticket is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogNames {
    /// The product's.
    pub product: Option<String>,
    /// The problem type's.
    pub problem_type: Option<String>,
}

impl Transcript {
    /// The transcript of a ticket whose archive is committed, with all its messages and the copies of their files.
    /// `None` for any other ticket.
    ///
    /// # Errors
    /// When the ticket's create time is in no calendar: its file would have no key.
    pub fn new(
        ticket: Ticket,
        names: CatalogNames,
        messages: Vec<ArchivedMessage>,
        copies: &[AttachmentCopy],
    ) -> Result<Option<Self>> {
        let (TicketState::Closed, Some(digest)) = (ticket.state, ticket.digest) else { return Ok(None) };
        let utc = |time: Option<i64>| time.and_then(time::rfc3339);
        let create_time_utc = utc(Some(ticket.create_time))
            .ok_or_else(|| Error::unexpected("The ticket's create time is in no calendar."))?;
        let withdrawals = ticket.withdrawals;
        let message = |message| TranscriptMessage::new(message, &withdrawals, copies);
        let times = ticket.times;
        Ok(Some(Self {
            schema_version: SCHEMA_VERSION,
            archive: TranscriptArchive {
                message_count: ticket.message_count.unwrap_or(messages.len() as u64),
                shown_count: ticket.shown_count,
                digest,
            },
            ticket: TranscriptTicket {
                id: ticket.id,
                cloud_id: ticket.cloud_id,
                vendor: ticket.vendor,
                account_id: ticket.account_id,
                name: ticket.name,
                description: unsigned(&ticket.description).into_owned(),
                product_id: ticket.product_id,
                product_name: names.product,
                problem_type_id: ticket.problem_type_id,
                problem_type_name: names.problem_type,
                source_id: ticket.source_id,
                region_id: ticket.region_id,
                severity: ticket.severity,
                state: ticket.state,
                adopted: ticket.adopted,
                create_time: ticket.create_time,
                create_time_utc,
                first_response_time: times.first_response_time,
                first_response_time_utc: utc(times.first_response_time),
                last_support_time: times.last_support_time,
                last_support_time_utc: utc(times.last_support_time),
                last_customer_time: times.last_customer_time,
                last_customer_time_utc: utc(times.last_customer_time),
                close_time: ticket.close_time,
                close_time_utc: utc(ticket.close_time),
                resolution_ms: ticket.resolution_ms,
            },
            messages: messages.into_iter().map(message).collect(),
        }))
    }

    /// The JSON file: one line, which ends with a line break.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn json_line(&self) -> Result<String> {
        let json = serde_json::to_string(self)
            .map_err(|source| Error::unexpected("A transcript could not be written.").with_source(source))?;
        Ok(json + "\n")
    }
}

#[cfg(test)]
mod tests;
