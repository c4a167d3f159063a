//! The contract of the store, by its public methods only, so that it holds on any engine.

mod accounts;
mod catalog_refs;
mod close;
mod copies;
mod due;
mod idempotency;
mod messages;
mod new_ticket;
mod recheck;
mod reopen;
mod replies;
mod states;
mod ticket_life;
mod ticket_list;
mod update_time;
mod vendor_side;

use std::sync::LazyLock;

use shared::{
    domain::{
        Account, AccountHealth, AccountId, ArchiveContents, CloudId, ConversationTimes, EntryKind, ProblemType,
        ProblemTypeId, Product, ProductId, Severity, Site, Ticket, TicketId, TicketState, Vendor,
    },
    domain::{CaseKind, CatalogEntry, Region, RegionId, RunId, Source, SourceId},
    store::{
        ArchiveCommit, CatalogHead, CloseReason, CreatedCommit, IdempotencyRecord, IntentWrite, Lease, Store,
        StoredAnswer,
    },
};

use crate::support::World;

/// Now, for every test of the store.
const NOW_MS: i64 = 1_768_465_800_000;
/// The end of a lease to close that begins now.
const UNTIL_MS: i64 = NOW_MS + 30_000;
/// Long enough after the last ticket ended for a removal.
const REMOVAL_MS: i64 = NOW_MS + 60_000;
/// How long a request has the lease of its record.
const LEASE_MS: i64 = 30_000;

fn store(world: &World) -> &Store {
    &world.stack.app.store
}

fn account_id(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

fn ticket_id(id: &str) -> TicketId {
    TicketId::parse(id).unwrap()
}

fn cloud_id(id: &str) -> CloudId {
    CloudId::parse(id).unwrap()
}

fn account(id: &str, vendor: Vendor, create_time: i64) -> Account {
    Account {
        id: account_id(id),
        vendor,
        site: Site::China,
        region_id: "cn-south-1".into(),
        endpoint: None,
        domain_id: None,
        customer_id: None,
        created_by: None,
        changed_by: None,
        create_time,
        health: AccountHealth::default(),
        adopt_since: None,
        adoption_read_until: None,
        wait_until: None,
        calls_per_minute: None,
        new_messages_mark: None,
        blocked_close: None,
        last_ended: None,
        reopening_check: None,
        rights: None,
        deleting: None,
    }
}

/// The account that [`seed`] stores.
fn owner() -> Account {
    account(ACCOUNT, Vendor::Huawei, NOW_MS)
}

/// A ticket of [`ACCOUNT`] about the seeded product, still `creating`.
fn ticket(id: &str, create_time: i64) -> Ticket {
    Ticket {
        id: ticket_id(id),
        cloud_id: None,
        status: TicketState::Creating.status(),
        state: TicketState::Creating,
        name: "云服务器无法远程连接".into(),
        description: "重启之后 SSH 一直超时 🙏".into(),
        email: None,
        vendor: Vendor::Huawei,
        product_id: ProductId::parse("7160").ok(),
        problem_type_id: ProblemTypeId::parse("7161").ok(),
        source_id: None,
        region_id: None,
        severity: Severity::Normal,
        severity_id: None,
        extra: serde_json::Map::new(),
        cc: Vec::new(),
        contact: None,
        account_id: account_id(ACCOUNT),
        adopted: false,
        vendor_status: None,
        vendor_phase: None,
        awaiting: None,
        times: ConversationTimes::default(),
        urge_time: None,
        rating: None,
        close_error: None,
        candidates: Vec::new(),
        created_by: None,
        urged_by: None,
        resolved_by: None,
        closed_by: None,
        create_time,
        update_time: Some(NOW_MS),
        close_time: None,
        resolution_ms: None,
        message_count: None,
        shown_count: None,
        digest: None,
        attachments_missing: None,
        closings: Vec::new(),
        withdrawals: Vec::new(),
        erased: None,
        hold: None,
        product_removed_time: None,
        problem_type_removed_time: None,
    }
}

/// A record of work on `subject` that begins now, with a lease of its own for each subject.
fn record(hash: &str, subject: &str) -> IdempotencyRecord {
    record_at(hash, subject, NOW_MS)
}

fn record_at(hash: &str, subject: &str, now_ms: i64) -> IdempotencyRecord {
    IdempotencyRecord {
        hash: hash.into(),
        request_hash: "request".into(),
        subject: subject.into(),
        lease: Lease { token: format!("token of {subject}"), until_ms: now_ms + LEASE_MS },
        answer: None,
        expires_at: IdempotencyRecord::unanswered_expiry(now_ms),
    }
}

/// A lease to that time, whose token is made of it.
fn lease(until_ms: i64) -> Lease {
    Lease { token: format!("token-{until_ms}"), until_ms }
}

fn answer(body: &str) -> StoredAnswer {
    StoredAnswer { status: 201, location: Some("/tickets/T1".into()), body: body.into() }
}

/// The account that [`seed`] stores.
const ACCOUNT: &str = "A1";

/// Stores an account at Huawei and a catalog: products 7160 and 7260, problem types 7161 (a question) and 7162
/// (a fault) of the first and 7261 of the second, region cn-north-1 and source s1.
async fn seed(store: &Store) {
    store.put_account(&owner()).await.unwrap();
    let mut entries = vec![
        product("7160"),
        product("7260"),
        problem_type("7160", "7161", CaseKind::Consulting),
        problem_type("7160", "7162", CaseKind::Fault),
        problem_type("7260", "7261", CaseKind::Consulting),
    ];
    let region = Region { id: RegionId::parse("cn-north-1").unwrap(), name: "华北-北京一".into() };
    entries.push(CatalogEntry::of_region(Vendor::Huawei, Site::China, &region, NOW_MS));
    let source = Source { id: SourceId::parse("s1").unwrap(), name: "用户中心".into() };
    entries.push(CatalogEntry::of_source(Vendor::Huawei, Site::China, &source, NOW_MS));
    store.put_entries(&entries).await.unwrap();
    refreshed(store, Vendor::Huawei).await;
}

async fn refreshed(store: &Store, vendor: Vendor) {
    let head = CatalogHead { run_id: RunId::parse("R1").unwrap(), refresh_time: NOW_MS, attachment_limits: None };
    store.put_catalog_head(vendor, Site::China, head).await.unwrap();
}

fn product(id: &str) -> CatalogEntry {
    let product =
        Product {
            id: ProductId::parse(id).unwrap(), name: "弹性云服务器".into(), description: None, acronym: None
        };
    CatalogEntry::of_product(Vendor::Huawei, Site::China, &product, NOW_MS)
}

fn problem_type(product: &str, id: &str, case_kind: CaseKind) -> CatalogEntry {
    let problem_type = ProblemType {
        id: ProblemTypeId::parse(id).unwrap(),
        product_id: ProductId::parse(product).unwrap(),
        name: "登录".into(),
        case_kind,
    };
    CatalogEntry::of_problem_type(Vendor::Huawei, Site::China, &problem_type, NOW_MS)
}

/// The entry as it is stored.
async fn stored_entry(store: &Store, kind: EntryKind, product: Option<&str>, id: &str) -> Option<CatalogEntry> {
    let product = product.map(|id| ProductId::parse(id).unwrap());
    let catalog = store.catalog(Vendor::Huawei, Site::China).await.unwrap();
    let is_it = |entry: &CatalogEntry| (entry.kind, &entry.product_id, entry.id.as_str()) == (kind, &product, id);
    catalog.into_iter().map(|stored| stored.entry).find(is_it)
}

async fn remove(store: &Store, kind: EntryKind, product: Option<&str>, id: &str) {
    let entry = stored_entry(store, kind, product, id).await.unwrap();
    let removed = CatalogEntry { removed_time: Some(NOW_MS), ..entry };
    store.put_entries(&[removed]).await.unwrap();
}

/// Writes the ticket's intent under a key of its own, named like the ticket.
async fn begin(store: &Store, ticket: &Ticket) -> IntentWrite {
    let record = record(ticket.id.as_str(), ticket.id.as_str());
    store.begin_ticket(ticket, &record, NOW_MS).await.unwrap()
}

/// Writes the ticket and commits it as open with that vendor's id.
async fn open(store: &Store, ticket: &Ticket, id: &str) -> Ticket {
    assert_eq!(begin(store, ticket).await, IntentWrite::Written);
    let open = opened(ticket, id);
    assert_eq!(commit(store, &open).await, CreatedCommit::Done);
    open
}

/// Commits the ticket as created, under the key that [`begin`] took.
async fn commit(store: &Store, open: &Ticket) -> CreatedCommit {
    let hash = open.id.as_str();
    store.commit_created(&owner(), open, Some(hash), &answer("{}"), NOW_MS, None).await.unwrap()
}

/// The ticket as if its last change had been made at [`NOW_MS`], as [`ticket`] has it.
fn whenever_changed(stored: Option<Ticket>) -> Option<Ticket> {
    stored.map(|ticket| Ticket { update_time: Some(NOW_MS), ..ticket })
}

/// A world with an account and the open ticket T1.
async fn world_with_open_ticket() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    open(store(&world), &ticket("T1", NOW_MS), "C1").await;
    world
}

fn opened(ticket: &Ticket, id: &str) -> Ticket {
    Ticket { cloud_id: Some(cloud_id(id)), state: TicketState::Open, ..ticket.clone() }
}

/// An archive that has all files.
fn contents(message_count: u64, digest: &str) -> ArchiveContents {
    ArchiveContents { message_count, digest: digest.into(), attachments_missing: 0, attachments_pending: 0 }
}

/// The commit of an archive under the lease that [`close`] takes.
fn archive<'a>(open: &'a Ticket, close_time: i64, message_count: u64, digest: &str) -> ArchiveCommit<'a> {
    ArchiveCommit {
        ticket: open,
        lease: &OWN_LEASE,
        close_time,
        contents: contents(message_count, digest),
        shown_count: None,
        times: open.times,
        vendor_status: None,
        recheck_ms: None,
    }
}

/// The lease that [`close`] takes.
static OWN_LEASE: LazyLock<Lease> = LazyLock::new(|| lease(UNTIL_MS));

/// Takes the lease to close the ticket and commits an archive of one message.
async fn close(store: &Store, open: &Ticket) -> Ticket {
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    store.commit_closed(&archive(open, NOW_MS, 1, "d")).await.unwrap()
}
