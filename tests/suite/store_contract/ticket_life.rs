//! The states of a ticket: each write works from its own states only, and may be repeated.

use shared::{
    domain::TicketState,
    store::{CloseReason, CreatedCommit, IntentWrite, KeyAcquisition, Store},
};

use super::{
    NOW_MS, UNTIL_MS, answer, archive, begin, commit, lease, open, opened, owner, record, record_at, seed, store,
    ticket, ticket_id,
};
use crate::support::World;

async fn seeded() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    world
}

async fn state(store: &Store, id: &str) -> Option<TicketState> {
    let ticket = store.ticket(&ticket_id(id)).await.unwrap();
    ticket.map(|ticket| ticket.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_open_and_its_answer_is_stored() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    assert_eq!(store.ticket(&ticket_id("T1")).await.unwrap(), Some(open));
    let again = store.begin(&record_at("T1", "S2", NOW_MS), NOW_MS).await.unwrap();
    assert_eq!(again, KeyAcquisition::Replay(answer("{}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_unknown_outcome_is_opened_when_it_is_found() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    for _ in 0..2 {
        store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        assert_eq!(state(store, "T1").await, Some(TicketState::Unknown));
    }
    let found = opened(&wanted, "C1");
    assert_eq!(commit(store, &found).await, CreatedCommit::Done);
    assert_eq!(store.ticket(&wanted.id).await.unwrap(), Some(found));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_ticket_belongs_to_one_ticket_only() {
    let world = seeded().await;
    let store = store(&world);
    open(store, &ticket("T1", NOW_MS), "C1").await;
    let second = ticket("T2", NOW_MS);
    begin(store, &second).await;
    let before = world.table().await;
    let claimed = commit(store, &opened(&second, "C1")).await;
    assert_eq!(claimed, CreatedCommit::IdTaken);
    assert_eq!(world.table().await, before);
    let claimed = commit(store, &opened(&second, "C2")).await;
    assert_eq!(claimed, CreatedCommit::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_committed_once() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    open(store, &wanted, "C1").await;
    let wanted = opened(&wanted, "C2");
    let second = store.commit_created(&owner(), &wanted, Some("T1"), &answer("second"), NOW_MS, None).await;
    assert_eq!(second.unwrap(), CreatedCommit::StateChanged);
    let now = store.ticket(&wanted.id).await.unwrap().unwrap();
    assert_eq!(now.cloud_id, opened(&wanted, "C1").cloud_id);
    let replayed = store.begin(&record_at("T1", "S2", NOW_MS), NOW_MS).await.unwrap();
    assert_eq!(replayed, KeyAcquisition::Replay(answer("{}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_ticket_frees_its_key_and_can_not_be_committed_any_more() {
    let world = seeded().await;
    let store = store(&world);
    for unknown in [false, true] {
        let wanted = ticket("T1", NOW_MS);
        assert_eq!(begin(store, &wanted).await, IntentWrite::Written);
        if unknown {
            store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        }
        for removed in [true, false] {
            assert_eq!(store.remove_ticket(&wanted, "T1").await.unwrap(), removed);
            assert_eq!(state(store, "T1").await, None);
        }
        let committed = commit(store, &opened(&wanted, "C1")).await;
        assert_eq!(committed, CreatedCommit::StateChanged);
        store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        assert_eq!(state(store, "T1").await, None);
    }
    let next = store.begin_ticket(&ticket("T2", NOW_MS), &record("T1", "T2"), NOW_MS).await.unwrap();
    assert_eq!(next, IntentWrite::Written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_has_is_not_removed() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    let open = open(store, &wanted, "C1").await;
    let before = world.table().await;
    assert!(!store.remove_ticket(&wanted, "T1").await.unwrap());
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    assert_eq!(world.table().await, before);
    store.start_close(&wanted.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    assert!(!store.remove_ticket(&wanted, "T1").await.unwrap());
    store.commit_closed(&archive(&open, NOW_MS, 0, "d")).await.unwrap();
    assert!(!store.remove_ticket(&wanted, "T1").await.unwrap());
    assert_eq!(state(store, "T1").await, Some(TicketState::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_does_not_free_a_key_that_another_ticket_took_over() {
    let world = seeded().await;
    let store = store(&world);
    begin(store, &ticket("T1", NOW_MS)).await;
    let later = NOW_MS + 400 * 24 * 60 * 60 * 1000;
    let next = ticket("T2", later);
    let record = record_at("T1", "T2", later);
    let written = store.begin_ticket(&next, &record, later).await.unwrap();
    assert_eq!(written, IntentWrite::Written);
    assert!(store.remove_ticket(&ticket("T1", NOW_MS), "T1").await.unwrap());
    assert_eq!(state(store, "T1").await, None);
    let held = store.begin(&record_at("T1", "S3", later + 1), later + 1).await.unwrap();
    assert_eq!(held, KeyAcquisition::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_committed_without_its_record_once_that_has_expired() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    store.release(&record("T1", "T1")).await.unwrap();
    let open = opened(&wanted, "C1");
    assert_eq!(commit(store, &open).await, CreatedCommit::Done);
    assert_eq!(store.ticket(&wanted.id).await.unwrap(), Some(open));
    assert_eq!(store.record("T1", NOW_MS).await.unwrap(), None);
    // The vendor's id is taken all the same.
    let second = ticket("T2", NOW_MS);
    begin(store, &second).await;
    store.release(&record("T2", "T2")).await.unwrap();
    let claimed = commit(store, &opened(&second, "C1")).await;
    assert_eq!(claimed, CreatedCommit::IdTaken);
    assert_eq!(state(store, "T2").await, Some(TicketState::Creating));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_not_there_can_not_be_closed_or_changed() {
    let world = seeded().await;
    let store = store(&world);
    let before = world.table().await;
    let wanted = opened(&ticket("T9", NOW_MS), "C9");
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    store.abort_close(&wanted.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    store.release_close(&wanted.id, NOW_MS, &lease(UNTIL_MS), None).await.unwrap();
    assert!(store.commit_closed(&archive(&wanted, NOW_MS, 1, "d")).await.is_err());
    assert!(!store.remove_ticket(&wanted, "T9").await.unwrap());
    assert_eq!(commit(store, &wanted).await, CreatedCommit::StateChanged);
    assert_eq!(world.table().await, before);
}
