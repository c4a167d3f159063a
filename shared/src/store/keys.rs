//! Every key of the table. No other module formats keys.
//!
//! | item | PK | SK | index keys |
//! |---|---|---|---|
//! | account | `ACCOUNT#<id>` | `ACCOUNT` | GSI1 `ACCOUNTS`, `<time>#<id>` |
//! | registration | `ACCOUNT#<id>` | `REGISTRATION` | GSI3 `DUE`, `<time>#<id>` until the account is stored |
//! | customer | `CUSTOMER#<type>#<customer_id>` | `CUSTOMER` | – |
//! | ticket | `TICKET#<id>` | `TICKET` | GSI1 `ACCOUNT#<custom_id>` and GSI2 `STATUS#<status>`, `<time>#<id>` |
//! | ticket with due work | `TICKET#<id>` | `TICKET` | the same; GSI3 `DUE`, `<time>#<id>` |
//! | vendor's id | `CLOUD#<type>#<customer_id>#<cloud_id>` | `TICKET` | – |
//! | abandoned ticket | `TICKET#<id>` | `ABANDONED` | GSI3 `DUE`, `<time>#<id>` |
//! | reply | `TICKET#<ticket id>` | `REPLY#<id>` | GSI3 `DUE`, `<time>#<id>` while it has no outcome |
//! | message | `TICKET#<id>` | `MESSAGE#<time>#<order>#<message_id>` | – |
//! | part of a long message | `TICKET#<id>` | `PART#<message_id>#<digest>#<number>` | – |
//! | idempotency record | `IDEMPOTENCY#<hash>` | `IDEMPOTENCY` | – |
//! | catalog head | `CATALOG#<type>#<site>` | `HEAD` | – |
//! | product | `CATALOG#<type>#<site>` | `PRODUCT#<id>` | – |
//! | problem type | `CATALOG#<type>#<site>` | `TYPE#<product_id>#<id>` | – |
//! | source | `CATALOG#<type>#<site>` | `SOURCE#<id>` | – |
//! | region | `CATALOG#<type>#<site>` | `REGION#<id>` | – |
//! | failed refreshes | `REFRESH_FAILURES` | `REFRESH_FAILURES` | – |
//! | kept page | `PAGES#<ticket id>` | `<reading>#<offset>#<part>` | – |
//! | product read | `REFRESH_READ#<run id>#<type>#<site>` | `<product_id>` | – |
//! | none: a read of it opens a connection | `CONNECTION` | `CONNECTION` | – |
//! | counted ticket | `COUNTED#<ticket id>` | `<set>` | – |
//! | statistics of a day | `STATISTICS#<set>#<type>` | `<day>#<custom_id>` | – |
//! | statistics in use | `STATISTICS` | `STATISTICS` | – |
//! | rebuild of statistics | `STATISTICS` | `REBUILD` | – |
//! | refresh run | `REFRESH#<id>` | `REFRESH` | GSI3 `DUE`, `<time>#<id>` until it has ended |
//!
//! Claims of vendor's ids of an account whose customer is not known yet have the account's id in place of the
//! customer's.
//!
//! A set of statistics is `0` or `1`: a rebuild fills the one that is not in use.
//!
//! Times are Unix milliseconds, padded to 13 digits, so that text order is time order (until the year 2286).

use crate::{
    digest::sha256_hex,
    domain::{
        AccountId, CloudId, CustomerId, Day, EntryKind, ProductId, ReplyId, RunId, Site, TicketId, TicketStatus, Vendor,
    },
};

/// Primary key of an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    pub pk: String,
    pub sk: String,
}

fn key(pk: String, sk: impl Into<String>) -> Key {
    Key { pk, sk: sk.into() }
}

/// Partition of GSI1 that lists all accounts.
pub const ACCOUNTS: &str = "ACCOUNTS";
/// Partition of GSI3 that lists what is due: tickets and replies without an outcome, closes under way, closed tickets
/// until their post-close recheck, abandoned tickets, refresh runs and registrations that have not ended.
pub const DUE: &str = "DUE";
/// Start of the sort keys of messages.
pub const MESSAGE_PREFIX: &str = "MESSAGE#";
/// Start of the sort keys of replies.
pub const REPLY_PREFIX: &str = "REPLY#";

/// A key that no item has: a read of it opens a connection.
pub fn connection() -> Key {
    key("CONNECTION".into(), "CONNECTION")
}

pub fn account(id: &AccountId) -> Key {
    key(format!("ACCOUNT#{id}"), "ACCOUNT")
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

/// An idempotency record; `hash` covers the operation and the caller's key.
pub fn idempotency(hash: &str) -> Key {
    key(format!("IDEMPOTENCY#{hash}"), "IDEMPOTENCY")
}

/// Partition of a vendor's catalog at a site.
pub fn catalog_partition(vendor: Vendor, site: Site) -> String {
    format!("CATALOG#{vendor}#{site}")
}

/// The item with the time of a catalog's last complete refresh.
pub fn catalog_head(vendor: Vendor, site: Site) -> Key {
    key(catalog_partition(vendor, site), "HEAD")
}

/// An entry of a catalog. `product_id` is that of a problem type, and nothing for the other kinds.
pub fn catalog_entry(vendor: Vendor, site: Site, kind: EntryKind, product_id: Option<&ProductId>, id: &str) -> Key {
    key(catalog_partition(vendor, site), format!("{}{id}", entry_prefix(kind, product_id)))
}

/// Start of the sort keys of a kind of entry; of one product's problem types where it is given.
pub fn entry_prefix(kind: EntryKind, product_id: Option<&ProductId>) -> String {
    match (kind, product_id) {
        (EntryKind::Product, _) => "PRODUCT#".to_owned(),
        (EntryKind::ProblemType, Some(product_id)) => format!("TYPE#{product_id}#"),
        (EntryKind::ProblemType, None) => "TYPE#".to_owned(),
        (EntryKind::Source, _) => "SOURCE#".to_owned(),
        (EntryKind::Region, _) => "REGION#".to_owned(),
    }
}

pub fn refresh(id: &RunId) -> Key {
    key(format!("REFRESH#{id}"), "REFRESH")
}

/// A part of a page of a conversation; parts count from 0. Not in the ticket's partition: changes there become events.
pub fn saved_page(ticket: &TicketId, reading: &str, offset: u32, part: usize) -> Key {
    key(format!("PAGES#{ticket}"), format!("{reading}#{offset:06}#{part:02}"))
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
mod tests {
    use super::*;

    fn pair(key: Key) -> (String, String) {
        (key.pk, key.sk)
    }

    fn expect(key: Key, pk: &str, sk: &str) {
        assert_eq!(pair(key), (pk.to_owned(), sk.to_owned()));
    }

    #[test]
    fn keys_are_exactly_these() {
        let ticket_id = TicketId::parse("T1").unwrap();
        let account_id = AccountId::parse("A1").unwrap();
        let product_id = ProductId::parse("7160").unwrap();
        let (vendor, site) = (Vendor::Huawei, Site::China);
        expect(connection(), "CONNECTION", "CONNECTION");
        expect(account(&account_id), "ACCOUNT#A1", "ACCOUNT");
        expect(ticket(&ticket_id), "TICKET#T1", "TICKET");
        expect(abandoned_ticket(&ticket_id), "TICKET#T1", "ABANDONED");
        expect(reply(&ticket_id, &ReplyId::parse("R1").unwrap()), "TICKET#T1", "REPLY#R1");
        assert_eq!(ticket_of("TICKET#T1"), Some(ticket_id.clone()));
        assert_eq!(ticket_of("ACCOUNT#A1"), None);
        let cloud_id = CloudId::parse("0005PYGCW").unwrap();
        expect(cloud_ticket(Vendor::Alibaba, "19367", &cloud_id), "CLOUD#ALIBABA#19367#0005PYGCW", "TICKET");
        expect(registration(&account_id), "ACCOUNT#A1", "REGISTRATION");
        let customer_id = CustomerId::parse("0f1e2d").unwrap();
        expect(customer(vendor, &customer_id), "CUSTOMER#HUAWEI#0f1e2d", "CUSTOMER");
        expect(message(&ticket_id, 1_623_396_736_000, 2, "m9"), "TICKET#T1", "MESSAGE#1623396736000#0000000002#m9");
        expect(message_part(&ticket_id, "m9", Some("ab"), 1), "TICKET#T1", "PART#m9#ab#0001");
        expect(message_part(&ticket_id, "m9", None, 1), "TICKET#T1", "PART#m9#0001");
        expect(idempotency("abc"), "IDEMPOTENCY#abc", "IDEMPOTENCY");
        expect(catalog_head(vendor, site), "CATALOG#HUAWEI#china", "HEAD");
        let entry = |kind, product, id| catalog_entry(vendor, site, kind, product, id);
        expect(entry(EntryKind::Product, None, "7160"), "CATALOG#HUAWEI#china", "PRODUCT#7160");
        let problem_type = entry(EntryKind::ProblemType, Some(&product_id), "80793");
        expect(problem_type, "CATALOG#HUAWEI#china", "TYPE#7160#80793");
        expect(entry(EntryKind::Source, None, "83ae"), "CATALOG#HUAWEI#china", "SOURCE#83ae");
        expect(entry(EntryKind::Region, None, "cn-north-1"), "CATALOG#HUAWEI#china", "REGION#cn-north-1");
        assert_eq!(entry_prefix(EntryKind::ProblemType, None), "TYPE#");
        expect(refresh(&RunId::parse("R1").unwrap()), "REFRESH#R1", "REFRESH");
        expect(counted_ticket(&ticket_id, 3), "COUNTED#T1", "1");
        let day = Day::of(1_768_465_800_000);
        expect(statistics_of_day(4, vendor, day, &account_id), "STATISTICS#0#HUAWEI", "2026-01-15#A1");
        expect(statistics_head(), "STATISTICS", "STATISTICS");
        expect(statistics_rebuild(), "STATISTICS", "REBUILD");
        assert_eq!(tickets_of_account(&account_id), "ACCOUNT#A1");
        assert_eq!(tickets_of_status(TicketStatus::NotComplete), "STATUS#1");
        assert_eq!(by_time(5, "T1"), "0000000000005#T1");
    }
}
