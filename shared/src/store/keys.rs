//! Every key of the table. No other module formats keys.
//!
//! | item | PK | SK | index keys |
//! |---|---|---|---|
//! | account | `ACCOUNT#<id>` | `ACCOUNT` | GSI1 `ACCOUNTS`, `<time>#<id>` |
//! | registration | `ACCOUNT#<id>` | `REGISTRATION` | GSI3 `DUE`, `<time>#<id>` until the account is stored |
//! | customer | `CUSTOMER#<type>#<customer_id>` | `CUSTOMER` | – |
//! | ticket | `TICKET#<id>` | `TICKET` | GSI1 `ACCOUNT#<custom_id>` and GSI2 `STATUS#<status>`, `<time>#<id>` |
//! | erased ticket | `TICKET#<id>` | `TICKET` | the same; GSI3 `DUE_ERASURES`, `<time>#<id>` until it is done |
//! | ticket with due work | `TICKET#<id>` | `TICKET` | the same; GSI3 `DUE`, `<time>#<id>` |
//! | vendor's id | `CLOUD#<type>#<customer_id>#<cloud_id>` | `TICKET` | – |
//! | abandoned ticket | `TICKET#<id>` | `ABANDONED` | GSI3 `DUE`, `<time>#<id>` |
//! | reply | `TICKET#<ticket id>` | `REPLY#<id>` | GSI3 `DUE`, `<time>#<id>` while it has no outcome |
//! | message | `TICKET#<id>` | `MESSAGE#<time>#<order>#<message_id>` | – |
//! | copy of a file | `TICKET#<id>` | `ATTACHMENT#<message_id>#<id>` | GSI3 `DUE_ATTACHMENTS#<vendor>`, `<time>#<id>` |
//! | part of a long message | `TICKET#<id>` | `PART#<message_id>#<digest>#<number>` | – |
//! | answer of a ticket | `TICKET#<id>` | `ANSWER#<hash>` | – |
//! | idempotency record | `IDEMPOTENCY#<hash>` | `IDEMPOTENCY` | – |
//! | catalog head | `CATALOG#<type>#<site>` | `HEAD` | – |
//! | product, source, region | `CATALOG#<type>#<site>` | `PRODUCT#<id>`, `SOURCE#<id>`, `REGION#<id>` | as below |
//! | problem type | `CATALOG#<type>#<site>` | `TYPE#<product_id>#<id>` | GSI1 `CHANGES#<type>#<site>`, `<time>#<SK>` |
//! | tickets kept too long | `RETENTION` | `RETENTION` | – |
//! | failed refreshes | `REFRESH_FAILURES` | `REFRESH_FAILURES` | – |
//! | kept page | `PAGES#<ticket id>` | `<reading>#<offset>#<part>` | – |
//! | product read | `REFRESH_READ#<run id>#<type>#<site>` | `<product_id>` | – |
//! | none: a read of it opens a connection | `CONNECTION` | `CONNECTION` | – |
//! | counted ticket | `COUNTED#<ticket id>` | `<set>` | – |
//! | statistics of a day | `STATISTICS#<set>#<type>` | `<day>#<custom_id>` | – |
//! | statistics in use | `STATISTICS` | `STATISTICS` | – |
//! | rebuild of statistics | `STATISTICS` | `REBUILD` | – |
//! | upload | `UPLOAD#<id>` | `UPLOAD` | – |
//! | upload that a vendor has | `UPLOAD#<id>` | `SENT#<custom_id>#<hash>` | – |
//! | form of a problem type | `FORM#<account id>` | `<product_id>#<problem type>` | – |
//! | audit record | `AUDIT` | `<time>#<id>` | GSI1 `AUDIT_ACCOUNT#…`, GSI2 `AUDIT_ACTOR#…`, GSI3 `AUDIT_TICKET#…` |
//! | refresh run | `REFRESH#<id>` | `REFRESH` | GSI3 `DUE`, `<time>#<id>` until it has ended |
//!
//! Claims of vendor's ids of an account whose customer is not known yet have the account's id in place of the
//! customer's.
//! A set of statistics is `0` or `1`: a rebuild fills the one that is not in use.
//! Times are Unix milliseconds, padded to 13 digits, so that text order is time order (until the year 2286).

mod catalog;

pub use self::catalog::{catalog_entry, catalog_head, catalog_partition, changes_of_catalog, entry_prefix};
use crate::{
    digest::sha256_hex,
    domain::{
        AccountId, AttachmentCopy, CloudId, CustomerId, Day, ProblemTypeId, ProductId, ReplyId, RunId, Site, TicketId,
        TicketStatus, UploadId, Vendor,
    },
};

/// Primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

impl Key {
    /// Whether it is the key of an account or of a ticket.
    pub fn is_of_account_or_ticket(&self) -> bool {
        let of = |name| self.sk == name && self.pk.strip_prefix(name).is_some_and(|rest| rest.starts_with('#'));
        of("ACCOUNT") || of("TICKET")
    }
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// Partition of GSI1 that lists all accounts.
pub const ACCOUNTS: &str = "ACCOUNTS";
/// Partition of GSI3 that lists what is due: tickets and replies without an outcome, closes under way, closed tickets
/// until their post-close recheck, abandoned tickets, refresh runs and registrations that have not ended.
pub const DUE: &str = "DUE";
/// Partition of GSI3 that lists the erased tickets of which something may be left. The sync does not read it.
pub const DUE_ERASURES: &str = "DUE_ERASURES";
/// Start of the sort keys of the answers that hold texts of a ticket.
pub const ANSWER_PREFIX: &str = "ANSWER#";
/// Start of the sort keys of the copies of files.
pub const ATTACHMENT_PREFIX: &str = "ATTACHMENT#";
/// Start of the sort keys of messages.
pub const MESSAGE_PREFIX: &str = "MESSAGE#";
/// Start of the sort keys of replies.
pub const REPLY_PREFIX: &str = "REPLY#";

/// Partition of the audit records.
pub const AUDIT: &str = "AUDIT";

/// A key that no item has: a read of it opens a connection.
pub fn connection() -> Key {
    key("CONNECTION".into(), "CONNECTION")
}

pub fn account(id: &AccountId) -> Key {
    key(format!("ACCOUNT#{id}"), "ACCOUNT")
}

pub fn form(account: &AccountId, product: &ProductId, problem_type: &ProblemTypeId) -> Key {
    key(format!("FORM#{account}"), format!("{product}#{problem_type}"))
}

/// An account whose keys may not be stored yet.
pub fn registration(id: &AccountId) -> Key {
    key(format!("ACCOUNT#{id}"), "REGISTRATION")
}

/// The item that says which accounts have a customer's keys.
pub fn customer(vendor: Vendor, id: &CustomerId) -> Key {
    key(format!("CUSTOMER#{vendor}#{id}"), "CUSTOMER")
}

pub fn ticket(id: &TicketId) -> Key {
    key(format!("TICKET#{id}"), "TICKET")
}

pub fn abandoned_ticket(id: &TicketId) -> Key {
    key(format!("TICKET#{id}"), "ABANDONED")
}

pub fn reply(ticket: &TicketId, id: &ReplyId) -> Key {
    key(format!("TICKET#{ticket}"), format!("{REPLY_PREFIX}{id}"))
}

/// The ticket in whose partition an item is: the ticket's own item, its messages and its replies.
pub fn ticket_of(partition_key: &str) -> Option<TicketId> {
    TicketId::parse(partition_key.strip_prefix("TICKET#")?).ok()
}

/// The item that makes a vendor's id belong to one ticket. `owner` is the id of the customer, or of an account.
pub fn cloud_ticket(vendor: Vendor, owner: &str, cloud_id: &CloudId) -> Key {
    key(format!("CLOUD#{vendor}#{owner}#{cloud_id}"), "TICKET")
}

/// The most bytes of a vendor's message id in a key; DynamoDB takes sort keys of 1,024 bytes.
const MAX_MESSAGE_ID_BYTES: usize = 512;

/// A message id as part of a key: a longer one is replaced by its digest.
fn message_key_id(message_id: &str) -> String {
    if message_id.len() <= MAX_MESSAGE_ID_BYTES { message_id.to_owned() } else { sha256_hex(message_id) }
}

/// A message. `order` keeps the vendor's order among messages of the same millisecond.
pub fn message(ticket: &TicketId, create_time: i64, order: usize, message_id: &str) -> Key {
    key(
        format!("TICKET#{ticket}"),
        format!("{MESSAGE_PREFIX}{}#{order:010}#{}", time(create_time), message_key_id(message_id)),
    )
}

/// The copy of a file of a message.
pub fn attachment(copy: &AttachmentCopy) -> Key {
    let message_id = message_key_id(&copy.message.message_id);
    key(format!("TICKET#{}", copy.ticket_id), format!("{ATTACHMENT_PREFIX}{message_id}#{}", copy.attachment_id))
}

/// Partition of GSI3 that lists the files of a vendor that are to be copied. The sync does not read it.
pub fn due_attachments(vendor: Vendor) -> String {
    format!("DUE_ATTACHMENTS#{vendor}")
}

/// A part of a message that is too long for one item; parts count from 1. `edition` tells the parts of one state of the
/// message from those of another; archives of before have none.
pub fn message_part(ticket: &TicketId, message_id: &str, edition: Option<&str>, number: usize) -> Key {
    let id = message_key_id(message_id);
    let sk = match edition {
        Some(edition) => format!("PART#{id}#{edition}#{number:04}"),
        None => format!("PART#{id}#{number:04}"),
    };
    key(format!("TICKET#{ticket}"), sk)
}

/// A file that a caller uploads.
pub fn upload(id: &UploadId) -> Key {
    key(format!("UPLOAD#{id}"), "UPLOAD")
}

/// What an account's vendor calls an upload, for the request whose idempotency record has that hash.
pub fn sent_upload(id: &UploadId, account: &AccountId, hash: &str) -> Key {
    key(format!("UPLOAD#{id}"), format!("SENT#{account}#{hash}"))
}

/// An idempotency record; `hash` covers the operation and the caller's key.
pub fn idempotency(hash: &str) -> Key {
    key(format!("IDEMPOTENCY#{hash}"), "IDEMPOTENCY")
}

/// That the record with this hash may hold texts of the ticket.
pub fn answer(ticket: &TicketId, hash: &str) -> Key {
    key(format!("TICKET#{ticket}"), format!("{ANSWER_PREFIX}{hash}"))
}

/// The item that says how far the search for tickets that were kept too long has come.
pub fn retention() -> Key {
    key("RETENTION".to_owned(), "RETENTION")
}

pub fn refresh(id: &RunId) -> Key {
    key(format!("REFRESH#{id}"), "REFRESH")
}

/// A part of a page of a conversation; parts count from 0. Not in the ticket's partition: changes there become events.
pub fn saved_page(ticket: &TicketId, reading: &str, offset: u32, part: usize) -> Key {
    key(saved_pages(ticket), format!("{reading}#{offset:06}#{part:02}"))
}

/// Partition with the kept pages of a ticket's conversation.
pub fn saved_pages(ticket: &TicketId) -> String {
    format!("PAGES#{ticket}")
}

/// Partition with what a refresh run has read of a catalog. Not under `REFRESH#`: changes there become events.
pub fn products_read(run: &RunId, vendor: Vendor, site: Site) -> String {
    format!("REFRESH_READ#{run}#{vendor}#{site}")
}

/// The problem types of one product in that partition.
pub fn product_read(run: &RunId, vendor: Vendor, site: Site, product: &ProductId) -> Key {
    key(products_read(run, vendor, site), product.as_str())
}

/// The item that counts how often refreshes failed in a row. Not under `REFRESH#`: changes there become events.
pub fn refresh_failures() -> Key {
    key("REFRESH_FAILURES".to_owned(), "REFRESH_FAILURES")
}

/// The set of a generation of statistics: generations that follow each other have different ones.
fn statistics_set(generation: u64) -> u64 {
    generation % 2
}

/// What was counted of a ticket. Not in the ticket's partition: who counts must not write tickets.
pub fn counted_ticket(ticket: &TicketId, generation: u64) -> Key {
    key(format!("COUNTED#{ticket}"), statistics_set(generation).to_string())
}

/// Partition of a vendor's statistics.
pub fn statistics_partition(generation: u64, vendor: Vendor) -> String {
    format!("STATISTICS#{}#{vendor}", statistics_set(generation))
}

/// The statistics of an account's day.
pub fn statistics_of_day(generation: u64, vendor: Vendor, day: Day, account: &AccountId) -> Key {
    key(statistics_partition(generation, vendor), format!("{day}#{account}"))
}

/// The item that says which generation of statistics is read.
pub fn statistics_head() -> Key {
    key("STATISTICS".to_owned(), "STATISTICS")
}

/// How far a rebuild of the statistics has come.
pub fn statistics_rebuild() -> Key {
    key("STATISTICS".to_owned(), "REBUILD")
}

/// An audit record. Sort keys of them order by time, then id, in the table and in each index.
pub fn audit_record(sort_key: &str) -> Key {
    key(AUDIT.to_owned(), sort_key)
}

/// Partition of GSI1 with the audit records about an account.
pub fn audit_of_account(id: &AccountId) -> String {
    format!("AUDIT_ACCOUNT#{id}")
}

/// Partition of GSI2 with the audit records of an actor, by the digest of its id.
pub fn audit_of_actor(digest: &str) -> String {
    format!("AUDIT_ACTOR#{digest}")
}

/// Partition of GSI3 with the audit records about a ticket. The sync does not read it.
pub fn audit_of_ticket(id: &TicketId) -> String {
    format!("AUDIT_TICKET#{id}")
}

/// Partition of GSI1 with an account's tickets.
pub fn tickets_of_account(id: &AccountId) -> String {
    format!("ACCOUNT#{id}")
}

/// Partition of GSI2 with the tickets of a status.
pub fn tickets_of_status(status: TicketStatus) -> String {
    format!("STATUS#{}", u8::from(status))
}

/// Sort key that orders by time, then id.
pub fn by_time(time_ms: i64, id: &str) -> String {
    format!("{}#{id}", time(time_ms))
}

/// A time as part of a key; times before 1970 count as 1970.
pub fn time(time_ms: i64) -> String {
    format!("{:013}", time_ms.max(0))
}

#[cfg(test)]
mod tests;
