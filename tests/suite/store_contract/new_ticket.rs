//! Writing a new ticket's intent: what refuses it, and that a refusal writes nothing.

use shared::{
    domain::{RegionId, SourceId, Ticket, TicketState},
    store::{IntentWrite, KeyAcquisition, RemovalStart},
};

use super::{
    ACCOUNT, LEASE_MS, NOW_MS, account_id, answer, begin, close, open, record, record_at, seed, store, ticket,
    ticket_id,
};
use crate::support::World;

/// Asserts that the ticket is refused so, and that the table is as it was.
async fn refused(world: &World, ticket: &Ticket, refusal: IntentWrite) {
    let before = world.table().await;
    assert_eq!(begin(store(world), ticket).await, refusal);
    assert_eq!(world.table().await, before, "{refusal:?} wrote something");
}

async fn seeded() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_written_with_its_record() {
    let world = seeded().await;
    let mut wanted = ticket("T1", NOW_MS);
    wanted.problem_type_id = "7162".to_owned().try_into().ok();
    wanted.region_id = Some(RegionId::parse("cn-north-1").unwrap());
    wanted.source_id = Some(SourceId::parse("s1").unwrap());
    wanted.email = Some("ops@example.com".into());
    assert_eq!(begin(store(&world), &wanted).await, IntentWrite::Written);
    assert_eq!(store(&world).ticket(&wanted.id).await.unwrap(), Some(wanted));
    let record_of_it = store(&world).record("T1", NOW_MS).await.unwrap();
    assert_eq!(record_of_it, Some(record("T1", "T1")));
    let again = store(&world).begin(&record_at("T1", "S2", NOW_MS + 1), NOW_MS + 1).await.unwrap();
    assert_eq!(again, KeyAcquisition::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ticket_without_its_account() {
    let world = seeded().await;
    let wanted = Ticket { account_id: account_id("A9"), ..ticket("T1", NOW_MS) };
    refused(&world, &wanted, IntentWrite::Refused).await;
    store(&world).start_removing(&account_id(ACCOUNT), NOW_MS).await.unwrap();
    refused(&world, &ticket("T1", NOW_MS), IntentWrite::Refused).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_key_gives_its_record_and_writes_no_second_ticket() {
    let world = seeded().await;
    let store = store(&world);
    let first = record("h", "T1");
    let write = |id: &'static str, now_ms: i64| async move {
        let record = record_at("h", id, now_ms);
        store.begin_ticket(&ticket(id, now_ms), &record, now_ms).await.unwrap()
    };
    assert_eq!(write("T1", NOW_MS).await, IntentWrite::Written);
    let before = world.table().await;
    let taken = IntentWrite::KeyTaken(first.clone());
    assert_eq!(write("T2", NOW_MS + 1).await, taken);
    // Its lease may have ended: the caller must reconcile first, not the store.
    assert_eq!(write("T2", NOW_MS + LEASE_MS + 1).await, taken);
    assert_eq!(world.table().await, before);
    assert_eq!(store.ticket(&ticket_id("T2")).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_key_gives_its_record_even_when_the_account_takes_no_tickets() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    close(store, &open).await;
    let removing = store.start_removing(&account_id(ACCOUNT), super::REMOVAL_MS).await.unwrap();
    assert_eq!(removing, RemovalStart::Removing);
    let again = store.begin_ticket(&ticket("T2", NOW_MS), &record("T1", "T2"), NOW_MS).await.unwrap();
    let IntentWrite::KeyTaken(old) = again else {
        panic!("{again:?}");
    };
    assert_eq!((old.subject.as_str(), old.answer), ("T1", Some(answer("{}"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_intent_sent_twice_counts_as_the_first() {
    let world = seeded().await;
    for _ in 0..2 {
        assert_eq!(begin(store(&world), &ticket("T1", NOW_MS)).await, IntentWrite::Written);
    }
    let stored = store(&world).ticket(&ticket_id("T1")).await.unwrap().unwrap();
    assert_eq!(stored.state, TicketState::Creating);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_is_free_though_its_record_is_still_there() {
    let world = seeded().await;
    open(store(&world), &ticket("T1", NOW_MS), "C1").await;
    let later = NOW_MS + 100 * 60 * 60 * 1000;
    let record = record_at("T1", "T2", later);
    let written = store(&world).begin_ticket(&ticket("T2", later), &record, later).await.unwrap();
    assert_eq!(written, IntentWrite::Written);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writers_with_one_key_one_writes() {
    let world = seeded().await;
    let store = store(&world);
    let writers = (0..6).map(|number| async move {
        let id = format!("T{number}");
        store.begin_ticket(&ticket(&id, NOW_MS), &record("h", &id), NOW_MS).await.unwrap()
    });
    let written = futures_util::future::join_all(writers).await;
    let count = written.iter().filter(|one| **one == IntentWrite::Written).count();
    assert_eq!(count, 1, "{written:?}");
    let tickets = store.tickets(&shared::store::TicketFilter::default(), 10, None).await.unwrap();
    assert_eq!(tickets.items.len(), 1);
}
