//! The states of a ticket: each write works from its own states only, and may be repeated.

use shared::{
    domain::{Site, Ticket, TicketState, TicketStatus},
    store::{Begin, CloseStart, NewTicketWrite, Store, TicketFilter},
};

use super::{LEASE_MS, NOW_MS, answer, begin, open, opened, record_at, seed, store, ticket, ticket_id};
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
async fn a_created_ticket_is_open_and_its_answer_kept() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    assert_eq!(store.ticket(&ticket_id("T1")).await.unwrap(), Some(open));
    let again = store.begin(&record_at("T1", "S2", NOW_MS), NOW_MS).await.unwrap();
    assert_eq!(again, Begin::Replay(answer("{}")));
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
    assert!(store.commit_created(&found, "T1", &answer("{}")).await.unwrap());
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
    let claimed = store
        .commit_created(&opened(&second, "C1"), "T2", &answer("{}"))
        .await;
    assert!(!claimed.unwrap());
    assert_eq!(world.table().await, before);
    assert!(
        store
            .commit_created(&opened(&second, "C2"), "T2", &answer("{}"))
            .await
            .unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_committed_once() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    open(store, &wanted, "C1").await;
    let second = store
        .commit_created(&opened(&wanted, "C2"), "T1", &answer("second"))
        .await;
    assert!(!second.unwrap());
    let now = store.ticket(&wanted.id).await.unwrap().unwrap();
    assert_eq!(now.cloud_id, opened(&wanted, "C1").cloud_id);
    let kept = store.begin(&record_at("T1", "S2", NOW_MS), NOW_MS).await.unwrap();
    assert_eq!(kept, Begin::Replay(answer("{}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_ticket_frees_its_key_and_can_not_be_committed_any_more() {
    let world = seeded().await;
    let store = store(&world);
    for unknown in [false, true] {
        let wanted = ticket("T1", NOW_MS);
        assert_eq!(begin(store, &wanted).await, NewTicketWrite::Written);
        if unknown {
            store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        }
        for _ in 0..2 {
            assert!(store.remove_ticket(&wanted.id, "T1").await.unwrap());
            assert_eq!(state(store, "T1").await, None);
        }
        let late = store
            .commit_created(&opened(&wanted, "C1"), "T1", &answer("{}"))
            .await;
        assert!(!late.unwrap());
        store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        assert_eq!(state(store, "T1").await, None);
    }
    let next = store
        .begin_ticket(
            &ticket("T2", NOW_MS),
            Site::China,
            &record_at("T1", "T2", NOW_MS),
            NOW_MS,
        )
        .await
        .unwrap();
    assert_eq!(next, NewTicketWrite::Written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_has_is_not_removed() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = ticket("T1", NOW_MS);
    open(store, &wanted, "C1").await;
    let before = world.table().await;
    assert!(!store.remove_ticket(&wanted.id, "T1").await.unwrap());
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    assert_eq!(world.table().await, before);
    store.start_closing(&wanted.id, NOW_MS).await.unwrap();
    assert!(!store.remove_ticket(&wanted.id, "T1").await.unwrap());
    store.commit_closed(&wanted.id, NOW_MS, 0, "d").await.unwrap();
    assert!(!store.remove_ticket(&wanted.id, "T1").await.unwrap());
    assert_eq!(state(store, "T1").await, Some(TicketState::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_does_not_free_a_key_that_another_ticket_took_over() {
    let world = seeded().await;
    let store = store(&world);
    begin(store, &ticket("T1", NOW_MS)).await;
    let later = NOW_MS + 100 * 60 * 60 * 1000;
    let next = ticket("T2", later);
    let record = record_at("T1", "T2", later);
    let written = store
        .begin_ticket(&next, Site::China, &record, later)
        .await
        .unwrap();
    assert_eq!(written, NewTicketWrite::Written);
    assert!(!store.remove_ticket(&ticket_id("T1"), "T1").await.unwrap());
    let held = store
        .begin(&record_at("T1", "S3", later + 1), later + 1)
        .await
        .unwrap();
    assert_eq!(held, Begin::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_starts_from_open_or_closing_only() {
    let world = seeded().await;
    let store = store(&world);
    let id = ticket_id("T1");
    assert_eq!(
        store.start_closing(&id, NOW_MS).await.unwrap(),
        CloseStart::NotFound
    );
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    let refused = |state| {
        CloseStart::Refused(Ticket {
            state,
            ..wanted.clone()
        })
    };
    let close = async || store.start_closing(&id, NOW_MS + LEASE_MS).await.unwrap();
    assert_eq!(close().await, refused(TicketState::Creating));
    store.mark_unknown(&id, NOW_MS).await.unwrap();
    assert_eq!(close().await, refused(TicketState::Unknown));
    let open = opened(&wanted, "C1");
    store.commit_created(&open, "T1", &answer("{}")).await.unwrap();
    let closing = Ticket {
        state: TicketState::Closing,
        ..open
    };
    for _ in 0..2 {
        assert_eq!(close().await, CloseStart::Closing(closing.clone()));
    }
    let closed = store.commit_closed(&id, NOW_MS, 1, "d").await.unwrap();
    assert_eq!(close().await, CloseStart::Refused(closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_puts_the_ticket_back_to_open() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.reopen_ticket(&open.id).await.unwrap();
    store.start_closing(&open.id, NOW_MS).await.unwrap();
    for _ in 0..2 {
        store.reopen_ticket(&open.id).await.unwrap();
        assert_eq!(store.ticket(&open.id).await.unwrap(), Some(open.clone()));
    }
    // A close that comes late must not take an open ticket for closed.
    let late = store.commit_closed(&open.id, NOW_MS, 1, "d").await.unwrap_err();
    assert_eq!(late.code(), "ticket_reopened");
    assert_eq!(store.ticket(&open.id).await.unwrap(), Some(open));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_keeps_its_first_commit_and_moves_to_the_closed_ones() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.start_closing(&open.id, NOW_MS).await.unwrap();
    let wanted = Ticket {
        state: TicketState::Closed,
        status: TicketStatus::Closed,
        close_time: Some(NOW_MS + 7),
        message_count: Some(3),
        digest: Some("d1".into()),
        ..open.clone()
    };
    let first = store.commit_closed(&open.id, NOW_MS + 7, 3, "d1").await.unwrap();
    let second = store.commit_closed(&open.id, NOW_MS + 9, 4, "d2").await.unwrap();
    assert_eq!((&first, &second), (&wanted, &wanted));
    store.reopen_ticket(&open.id).await.unwrap();
    assert_eq!(store.ticket(&open.id).await.unwrap(), Some(wanted.clone()));

    let of_status = async |status| {
        let filter = TicketFilter {
            status: Some(status),
            ..TicketFilter::default()
        };
        store.tickets(&filter, 10, None).await.unwrap().items
    };
    assert_eq!(of_status(TicketStatus::Closed).await, [wanted]);
    assert_eq!(of_status(TicketStatus::NotComplete).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_not_there_can_not_be_closed_or_changed() {
    let world = seeded().await;
    let store = store(&world);
    let before = world.table().await;
    let id = ticket_id("T9");
    store.mark_unknown(&id, NOW_MS).await.unwrap();
    store.reopen_ticket(&id).await.unwrap();
    assert!(store.commit_closed(&id, NOW_MS, 1, "d").await.is_err());
    let wanted = opened(&ticket("T9", NOW_MS), "C9");
    assert!(!store.commit_created(&wanted, "T9", &answer("{}")).await.unwrap());
    assert_eq!(world.table().await, before);
}
