//! The copy of an open ticket's conversation: who has its lease, and when the next one is due.

use shared::{
    domain::{ConversationTimes, Phase, TicketState},
    store::{CloseReason, CopyState, EndedCopy, Store},
};

use super::{NOW_MS, UNTIL_MS, lease, store, ticket_id, world_with_open_ticket};

const LATER_MS: i64 = NOW_MS + 3_600_000;

/// The end of a complete copy that began when no next one was due.
fn ended() -> EndedCopy {
    let times = ConversationTimes { first_response_time: Some(NOW_MS), ..ConversationTimes::default() };
    EndedCopy { as_of: Some(NOW_MS), known_next_copy: None, next_copy: LATER_MS, times, is_changed: true }
}

async fn state(store: &Store) -> CopyState {
    store.unfinished_tickets().await.unwrap().open.remove(0).copy
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_at_a_time_copies_and_its_end_says_when_the_next_one_is_due() {
    let world = world_with_open_ticket().await;
    let (store, id, own) = (store(&world), ticket_id("T1"), lease(UNTIL_MS));
    let started = store.start_copy(&id, None, NOW_MS, &own).await.unwrap().unwrap();
    assert_eq!((started.copy, started.ticket.state), (CopyState::default(), TicketState::Open));
    // The same write again, because its answer was lost; another run; and another run once the lease has ended.
    assert!(store.start_copy(&id, None, NOW_MS, &own).await.unwrap().is_some());
    assert!(store.start_copy(&id, None, NOW_MS, &lease(UNTIL_MS + 1)).await.unwrap().is_none());
    store.end_copy(&id, &own, &ended()).await.unwrap();
    let copied = CopyState { as_of: Some(NOW_MS), next_copy: Some(LATER_MS), told_messages: None };
    assert_eq!(state(store).await, copied);
    assert_eq!(store.ticket(&id).await.unwrap().unwrap().times, ended().times);
    // Whoever knows an older copy need not copy again.
    assert!(store.start_copy(&id, None, NOW_MS, &own).await.unwrap().is_none());
    assert!(store.start_copy(&id, Some(NOW_MS), NOW_MS, &own).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_asks_for_a_copy_while_one_is_made_is_not_lost() {
    let world = world_with_open_ticket().await;
    let (store, id, own) = (store(&world), ticket_id("T1"), lease(UNTIL_MS));
    store.start_copy(&id, None, NOW_MS, &own).await.unwrap().unwrap();
    assert!(store.record_told_messages(&id, "d1", NOW_MS + 5).await.unwrap());
    assert!(!store.record_told_messages(&id, "d1", NOW_MS + 6).await.unwrap());
    store.end_copy(&id, &own, &ended()).await.unwrap();
    let told = CopyState { as_of: Some(NOW_MS), next_copy: Some(NOW_MS + 5), told_messages: Some("d1".into()) };
    assert_eq!(state(store).await, told);

    store.start_copy(&id, Some(NOW_MS), NOW_MS + 7, &own).await.unwrap().unwrap();
    store.set_vendor_status(&id, None, "3", Phase::AwaitingCustomer).await.unwrap();
    let due = state(store).await.next_copy;
    store.end_copy(&id, &own, &EndedCopy { known_next_copy: told.next_copy, ..ended() }).await.unwrap();
    assert_ne!(due, told.next_copy);
    assert_eq!(state(store).await.next_copy, due);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_takes_the_lease_of_a_copy_over() {
    let world = world_with_open_ticket().await;
    let (store, id, own) = (store(&world), ticket_id("T1"), lease(UNTIL_MS));
    store.start_copy(&id, None, NOW_MS, &own).await.unwrap().unwrap();
    store.start_close(&id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS + 1)).await.unwrap();
    let closing = world.table().await;
    store.end_copy(&id, &own, &ended()).await.unwrap();
    assert_eq!(world.table().await, closing);
    assert!(store.start_copy(&id, None, UNTIL_MS + 9, &own).await.unwrap().is_none());
}
