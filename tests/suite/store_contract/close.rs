//! Closing: one lease at a time, and what only its holder may write.

use shared::{
    domain::{CloseError, Phase, Ticket, TicketState, TicketStatus},
    problem_code::ProblemCode,
    store::{ArchiveCommit, CloseReason, CloseStart, Lease, Store, TicketFilter},
};

use super::{
    NOW_MS, UNTIL_MS, archive, begin, commit, lease, open, opened, seed, store, ticket, ticket_id, whenever_changed,
};
use crate::support::{World, without_next_copy};

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
async fn closing_starts_from_open_or_closing_only() {
    let world = seeded().await;
    let store = store(&world);
    let id = ticket_id("T1");
    let close = async || store.start_close(&id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    assert_eq!(close().await, CloseStart::NotFound);
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    let refused = |state| CloseStart::Refused(Ticket { state, ..wanted.clone() });
    assert_eq!(close().await, refused(TicketState::Creating));
    store.mark_unknown(&id, NOW_MS).await.unwrap();
    assert_eq!(close().await, refused(TicketState::Unknown));
    let open = opened(&wanted, "C1");
    commit(store, &open).await;
    let closing = Ticket { state: TicketState::Closing, ..open.clone() };
    // The very same write counts as the first.
    for _ in 0..2 {
        assert_eq!(close().await, CloseStart::Closing(closing.clone(), CloseReason::Asked));
    }
    let closed = store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.unwrap();
    assert_eq!(close().await, CloseStart::Refused(closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lease_to_close_at_a_time() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let closing = Ticket { state: TicketState::Closing, ..open.clone() };
    let close = async |now_ms, until_ms| {
        store.start_close(&open.id, Some(CloseReason::Asked), now_ms, &lease(until_ms)).await.unwrap()
    };
    assert_eq!(close(NOW_MS, UNTIL_MS).await, CloseStart::Closing(closing.clone(), CloseReason::Asked));
    // Another one is refused until the lease has ended, and changes nothing.
    let before = world.table().await;
    assert_eq!(close(UNTIL_MS, UNTIL_MS + 9).await, CloseStart::Busy(closing.clone(), CloseReason::Asked));
    assert_eq!(world.table().await, before);
    let second = UNTIL_MS + 10;
    let next = close(UNTIL_MS + 1, second).await;
    // Asked for again, which ends what was shown of the close before.
    let asked_again = Ticket { update_time: Some(UNTIL_MS + 1), ..closing.clone() };
    assert_eq!(next, CloseStart::Closing(asked_again, CloseReason::Asked));

    // The first lease has ended: its holder can neither release the second one nor open the ticket.
    let before = world.table().await;
    store.release_close(&open.id, NOW_MS, &lease(UNTIL_MS), None).await.unwrap();
    store.abort_close(&open.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    assert_eq!(world.table().await, before);

    // A released lease is free at once.
    store.release_close(&open.id, NOW_MS, &lease(second), None).await.unwrap();
    assert_eq!(state(store, "T1").await, Some(TicketState::Closing));
    assert_eq!(close(NOW_MS, UNTIL_MS + 20).await, CloseStart::Closing(closing.clone(), CloseReason::Asked));
    let busy = close(NOW_MS, UNTIL_MS + 21).await;
    assert_eq!(busy, CloseStart::Busy(closing, CloseReason::Asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_lease() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let id = &open.id;
    let asks = (0..8).map(|number| async move {
        // All in one millisecond, and with the same time left.
        let lease = Lease { token: format!("token-{number}"), until_ms: UNTIL_MS };
        store.start_close(id, Some(CloseReason::Asked), NOW_MS, &lease).await.unwrap()
    });
    let starts = futures_util::future::join_all(asks).await;
    let closing = starts.iter().filter(|start| matches!(start, CloseStart::Closing(..))).count();
    let busy = starts.iter().filter(|start| matches!(start, CloseStart::Busy(..))).count();
    assert_eq!((closing, busy), (1, 7), "{starts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_puts_the_ticket_back_to_open() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let without_time = || world.remove_attribute("TICKET#T1", "TICKET", "update_time");
    without_time().await;
    let before = without_next_copy(world.table().await);
    store.abort_close(&open.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    for _ in 0..2 {
        store.abort_close(&open.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
        assert_eq!(whenever_changed(store.ticket(&open.id).await.unwrap()), Some(open.clone()));
    }
    without_time().await;
    assert_eq!(without_next_copy(world.table().await), before, "something of the close is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_leases_holder_commits_an_archive() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let before = world.table().await;
    // Nobody has the lease, or somebody else.
    assert!(store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.is_err());
    assert_eq!(world.table().await, before);
    let other = UNTIL_MS + 1;
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(other)).await.unwrap();
    let before = world.table().await;
    assert!(store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.is_err());
    assert_eq!(world.table().await, before);
    let own = ArchiveCommit { lease: &lease(other), ..archive(&open, NOW_MS, 1, "d") };
    assert_eq!(store.commit_closed(&own).await.unwrap().state, TicketState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_close_outlives_the_lease_that_only_follows_the_vendor() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let start = async |reason| store.start_close(&open.id, Some(reason), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let reopen = async |reason| store.abort_close(&open.id, &lease(UNTIL_MS), reason, None).await.unwrap();
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Ended)));
    assert!(store.request_close(&open.id).await.unwrap());
    assert!(!reopen(CloseReason::Ended).await);
    assert_eq!(state(store, "T1").await, Some(TicketState::Closing));
    // Whoever takes the next lease, it is the caller's close.
    store.release_close(&open.id, NOW_MS, &lease(UNTIL_MS), None).await.unwrap();
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Asked)));
    assert!(reopen(CloseReason::Asked).await);
    // An open ticket has no close to request.
    assert!(!store.request_close(&open.id).await.unwrap());
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Ended)));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_due_goes_on_with_a_close_and_begins_none() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let start = async |reason| store.start_close(&open.id, reason, NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    // GIVEN a close that was refused
    start(Some(CloseReason::Asked)).await;
    let error = CloseError { code: ProblemCode::VendorCloseRefused, detail: "拒绝".into() };
    let reopened = store.abort_close(&open.id, &lease(UNTIL_MS), CloseReason::Asked, Some(&error)).await.unwrap();
    assert!(reopened);
    // WHEN an index that lags still shows it, THEN no close starts and the error stays
    let before = world.table().await;
    let refused = Ticket { close_error: Some(error.clone()), ..open.clone() };
    let CloseStart::Refused(shown) = start(None).await else { panic!("a close starts") };
    assert_eq!(whenever_changed(Some(shown)), Some(refused));
    assert_eq!(world.table().await, before);
    // One that the vendor ended keeps it until its archive.
    let CloseStart::Closing(closing, _) = start(Some(CloseReason::Ended)).await else { panic!("no lease") };
    assert_eq!(closing.close_error, Some(error));
    store.release_close(&open.id, NOW_MS, &lease(UNTIL_MS), None).await.unwrap();
    assert!(matches!(start(None).await, CloseStart::Closing(_, CloseReason::Ended)));
    let closed = store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.unwrap();
    assert_eq!(closed.close_error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_keeps_its_first_commit_and_moves_to_the_closed_ones() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let wanted = Ticket {
        state: TicketState::Closed,
        status: TicketStatus::Closed,
        vendor_phase: Some(Phase::Ended),
        update_time: Some(NOW_MS + 7),
        close_time: Some(NOW_MS + 7),
        resolution_ms: Some(7),
        message_count: Some(3),
        digest: Some("d1".into()),
        ..open.clone()
    };
    let first = store.commit_closed(&archive(&open, NOW_MS + 7, 3, "d1")).await.unwrap();
    let second = store.commit_closed(&archive(&open, NOW_MS + 9, 4, "d2")).await.unwrap();
    assert_eq!((&first, &second), (&wanted, &wanted));
    store.abort_close(&open.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    assert_eq!(store.ticket(&open.id).await.unwrap(), Some(wanted.clone()));

    let of_status = async |status| {
        let filter = TicketFilter { status: Some(status), ..TicketFilter::default() };
        store.tickets(&filter, 10, None).await.unwrap().items
    };
    assert_eq!(of_status(TicketStatus::Closed).await, [wanted]);
    assert_eq!(of_status(TicketStatus::NotComplete).await, []);
}
