//! The post-close recheck: when it is due, who has its lease, and what its end writes.

use shared::{
    domain::{Attachment, AttachmentCopy, CopyState, MessagePosition, Ticket, TicketId, Vendor},
    store::{ArchiveCommit, CloseReason, DueWork, Lease, Recount, Store, StoredFile},
};

use super::{
    ACCOUNT, NOW_MS, UNTIL_MS, account_id, archive, contents, lease, open, seed, store, ticket, ticket_id,
    whenever_changed,
};
use crate::support::World;

/// When the recheck is due.
const RECHECK_MS: i64 = NOW_MS + 600_000;
/// The end of a lease that begins then.
const RECHECK_UNTIL_MS: i64 = RECHECK_MS + 60_000;

/// A closed ticket with a recheck to come.
async fn closed(store: &Store) -> Ticket {
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let commit = ArchiveCommit { recheck_ms: Some(RECHECK_MS), ..archive(&open, NOW_MS, 1, "d1") };
    store.commit_closed(&commit).await.unwrap()
}

async fn seeded() -> (World, Ticket) {
    let world = World::start().await;
    seed(store(&world)).await;
    let closed = closed(store(&world)).await;
    (world, closed)
}

async fn is_due(store: &Store, now_ms: i64) -> bool {
    let due = store.due_work(now_ms).await.unwrap().at_vendors;
    assert!(due.iter().all(|one| *one == (account_id(ACCOUNT), DueWork::Recheck(ticket_id("T1")))));
    !due.is_empty()
}

async fn start(store: &Store, now_ms: i64, until_ms: i64) -> Option<Ticket> {
    store.start_recheck(&ticket_id("T1"), now_ms, &lease(until_ms)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_is_due_at_its_time_and_does_not_block_its_account() {
    let (world, closed) = seeded().await;
    let store = store(&world);
    assert!(!is_due(store, RECHECK_MS - 1).await);
    assert!(is_due(store, RECHECK_MS).await);
    assert_eq!(store.unfinished_tickets().await.unwrap(), Default::default());
    // Another commit changes nothing of it.
    let again = ArchiveCommit { recheck_ms: Some(NOW_MS), ..archive(&closed, NOW_MS + 9, 4, "d2") };
    assert_eq!(store.commit_closed(&again).await.unwrap(), closed);
    assert!(!is_due(store, RECHECK_MS - 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recheck_at_a_time_and_a_crash_ends_with_its_lease() {
    let (world, closed) = seeded().await;
    let store = store(&world);
    // The very same write counts as the first.
    for _ in 0..2 {
        assert_eq!(start(store, RECHECK_MS, RECHECK_UNTIL_MS).await, Some(closed.clone()));
    }
    let before = world.table().await;
    assert_eq!(start(store, RECHECK_UNTIL_MS, RECHECK_UNTIL_MS + 1).await, None);
    assert_eq!(world.table().await, before);
    // The first one crashed: the recheck is due at the end of its lease, and its holder can't write any more.
    assert!(!is_due(store, RECHECK_UNTIL_MS - 1).await);
    assert!(is_due(store, RECHECK_UNTIL_MS).await);
    assert_eq!(start(store, RECHECK_UNTIL_MS + 1, RECHECK_UNTIL_MS + 9).await, Some(closed.clone()));
    let before = world.table().await;
    let (old, id) = (lease(RECHECK_UNTIL_MS), ticket_id("T1"));
    let recount = recount(&closed, &old, 2, "d2");
    assert!(!store.commit_recount(&recount).await.unwrap());
    store.postpone_recheck(&id, NOW_MS, &old).await.unwrap();
    store.end_recheck(&id, &old, None).await.unwrap();
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_lease_is_free_at_once() {
    let (world, closed) = seeded().await;
    let store = store(&world);
    start(store, RECHECK_MS, RECHECK_UNTIL_MS).await;
    store.postpone_recheck(&closed.id, RECHECK_MS + 5, &lease(RECHECK_UNTIL_MS)).await.unwrap();
    assert!(!is_due(store, RECHECK_MS + 4).await);
    assert!(is_due(store, RECHECK_MS + 5).await);
    assert_eq!(start(store, RECHECK_MS + 5, RECHECK_UNTIL_MS + 5).await, Some(closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recount_changes_count_and_digest_and_is_the_last_of_it() {
    let (world, closed) = seeded().await;
    let store = store(&world);
    let lease = lease(RECHECK_UNTIL_MS);
    start(store, RECHECK_MS, RECHECK_UNTIL_MS).await;
    // Counted by somebody else meanwhile.
    let other = Ticket { digest: Some("d0".into()), ..closed.clone() };
    let before = world.table().await;
    let stale = recount(&other, &lease, 3, "d3");
    assert!(!store.commit_recount(&stale).await.unwrap());
    assert_eq!(world.table().await, before);
    // The very same write counts as the first.
    for _ in 0..2 {
        let recount = recount(&closed, &lease, 2, "d2");
        assert!(store.commit_recount(&recount).await.unwrap());
        let wanted = Ticket { message_count: Some(2), digest: Some("d2".into()), ..closed.clone() };
        assert_eq!(whenever_changed(store.ticket(&closed.id).await.unwrap()), Some(wanted));
    }
    assert!(!is_due(store, i64::MAX / 2).await);
    assert_eq!(start(store, RECHECK_UNTIL_MS + 1, RECHECK_UNTIL_MS + 9).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_found_nothing_leaves_the_ticket_as_one_without_recheck() {
    let (world, closed) = seeded().await;
    let store = store(&world);
    start(store, RECHECK_MS, RECHECK_UNTIL_MS).await;
    store.end_recheck(&closed.id, &lease(RECHECK_UNTIL_MS), None).await.unwrap();
    assert_eq!(store.ticket(&closed.id).await.unwrap(), Some(closed.clone()));
    assert!(!is_due(store, i64::MAX / 2).await);
    let ended = world.table().await;
    assert!(
        ended.iter().all(|item| !item.contains("GSI3")
            && !item.contains("closing_")
            && (item.contains("IDEMPOTENCY#") || !item.contains("lease_"))),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_closed_ticket_is_rechecked() {
    let (world, _) = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T2", NOW_MS), "C2").await;
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let before = world.table().await;
    for id in ["T2", "T9"].map(ticket_id) {
        assert_eq!(store.start_recheck(&id, RECHECK_MS, &lease(RECHECK_UNTIL_MS)).await.unwrap(), None);
    }
    assert_eq!(world.table().await, before);
}

fn recount<'a>(ticket: &'a Ticket, lease: &'a Lease, message_count: u64, digest: &str) -> Recount<'a> {
    Recount {
        ticket,
        lease,
        contents: contents(message_count, digest),
        shown_count: None,
        times: ticket.times,
        next_ms: None,
    }
}

/// Stores a file of the ticket, which makes a closed one due at `recheck_ms`.
async fn store_file(store: &Store, id: &TicketId, name: &str, recheck_ms: i64) {
    let position = MessagePosition { create_time: 1, order: 0, message_id: name.into() };
    let file = Attachment { name: name.into(), id: None, url: None };
    let copy = AttachmentCopy::of_message(Vendor::Alibaba, id, &position, &[file], 1).remove(0);
    store.register_attachment(&copy).await.unwrap();
    let stored = StoredFile { object_key: name.into(), size: 1, sha256: String::new(), etag: None };
    for _ in 0..2 {
        store.finish_attachment(&copy, &stored, recheck_ms).await.unwrap();
        let copies = store.attachments(id).await.unwrap();
        let one = copies.iter().find(|one| one.name == name).unwrap();
        assert_eq!((one.state, one.size), (CopyState::Stored, Some(1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_a_ticket_that_is_not_closed_makes_nothing_due() {
    let (world, _) = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T2", NOW_MS), "C2").await;
    store_file(store, &open.id, "a.log", RECHECK_MS - 1).await;
    assert!(!is_due(store, RECHECK_MS - 1).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_is_due_again_meanwhile_is_not_ended() {
    let (world, closed) = seeded().await;
    let (store, id) = (store(&world), &closed.id);
    let again_ms = RECHECK_UNTIL_MS + 60_000;
    for name in ["a.log", "b.log"] {
        // GIVEN a recheck that has read the archive, and a file that is stored then
        assert!(start(store, RECHECK_MS, RECHECK_UNTIL_MS).await.is_some());
        store_file(store, id, name, again_ms).await;
        // WHEN it ends THEN another one is due, and may begin
        let own = lease(RECHECK_UNTIL_MS);
        assert!(!store.commit_recount(&recount(&closed, &own, 2, "d2")).await.unwrap());
        store.end_recheck(id, &own, None).await.unwrap();
        assert_eq!(store.ticket(id).await.unwrap(), Some(closed.clone()));
        assert!(!is_due(store, again_ms - 1).await && is_due(store, again_ms + 1).await);
    }
    // AND one that ends early leaves the next one
    let early = lease(again_ms + 30_000);
    assert!(store.start_recheck(id, again_ms, &early).await.unwrap().is_some());
    store.end_recheck(id, &early, Some(again_ms + 90_000)).await.unwrap();
    assert!(!is_due(store, again_ms + 89_999).await && is_due(store, again_ms + 90_001).await);
}
