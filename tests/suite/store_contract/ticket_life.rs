//! The states of a ticket: each write works from its own states only, and may be repeated.

use shared::{
    domain::{CloseError, Phase, Ticket, TicketState, TicketStatus},
    store::{
        ArchiveCommit, Begin, CloseReason, CloseStart, CreatedCommit, NewTicketWrite, Store, TicketFilter,
    },
};

use super::{
    NOW_MS, UNTIL_MS, answer, archive, begin, commit, open, opened, record, record_at, seed, store, ticket,
    ticket_id,
};
use crate::support::{World, turn};

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
    let second = store.commit_created(&opened(&wanted, "C2"), Some("T1"), &answer("second"), NOW_MS).await;
    assert_eq!(second.unwrap(), CreatedCommit::TicketMoved);
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
        for removed in [true, false] {
            assert_eq!(store.remove_ticket(&wanted, "T1").await.unwrap(), removed);
            assert_eq!(state(store, "T1").await, None);
        }
        let late = commit(store, &opened(&wanted, "C1")).await;
        assert_eq!(late, CreatedCommit::TicketMoved);
        store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        assert_eq!(state(store, "T1").await, None);
    }
    let next = store.begin_ticket(&ticket("T2", NOW_MS), &record("T1", "T2"), NOW_MS).await.unwrap();
    assert_eq!(next, NewTicketWrite::Written);
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
    store.start_closing(&wanted.id, Some(CloseReason::Asked), NOW_MS, &turn(UNTIL_MS)).await.unwrap();
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
    assert_eq!(written, NewTicketWrite::Written);
    assert!(store.remove_ticket(&ticket("T1", NOW_MS), "T1").await.unwrap());
    assert_eq!(state(store, "T1").await, None);
    let held = store.begin(&record_at("T1", "S3", later + 1), later + 1).await.unwrap();
    assert_eq!(held, Begin::Running);
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
async fn closing_starts_from_open_or_closing_only() {
    let world = seeded().await;
    let store = store(&world);
    let id = ticket_id("T1");
    let close =
        async || store.start_closing(&id, Some(CloseReason::Asked), NOW_MS, &turn(UNTIL_MS)).await.unwrap();
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
async fn one_turn_to_close_at_a_time() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let closing = Ticket { state: TicketState::Closing, ..open.clone() };
    let close = async |now_ms, until_ms| {
        store.start_closing(&open.id, Some(CloseReason::Asked), now_ms, &turn(until_ms)).await.unwrap()
    };
    assert_eq!(close(NOW_MS, UNTIL_MS).await, CloseStart::Closing(closing.clone(), CloseReason::Asked));
    // Another one waits to the end of the turn, and changes nothing.
    let before = world.table().await;
    assert_eq!(close(UNTIL_MS, UNTIL_MS + 9).await, CloseStart::Busy(closing.clone(), CloseReason::Asked));
    assert_eq!(world.table().await, before);
    let second = UNTIL_MS + 10;
    let next = close(UNTIL_MS + 1, second).await;
    assert_eq!(next, CloseStart::Closing(closing.clone(), CloseReason::Asked));

    // The first turn is over: it can neither give the turn back nor open the ticket.
    let before = world.table().await;
    store.end_closing_turn(&open.id, NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    store.reopen_ticket(&open.id, &turn(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    assert_eq!(world.table().await, before);

    // A turn that is given back is free at once.
    store.end_closing_turn(&open.id, NOW_MS, &turn(second)).await.unwrap();
    assert_eq!(state(store, "T1").await, Some(TicketState::Closing));
    assert_eq!(close(NOW_MS, UNTIL_MS + 20).await, CloseStart::Closing(closing.clone(), CloseReason::Asked));
    let busy = close(NOW_MS, UNTIL_MS + 21).await;
    assert_eq!(busy, CloseStart::Busy(closing, CloseReason::Asked));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_at_once_one_gets_the_turn() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let id = &open.id;
    let asks = (0..8).map(|number| async move {
        // All in one millisecond, and with the same time left.
        let turn = shared::store::ClosingTurn { name: format!("turn-{number}"), until_ms: UNTIL_MS };
        store.start_closing(id, Some(CloseReason::Asked), NOW_MS, &turn).await.unwrap()
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
    let before = world.table().await;
    store.reopen_ticket(&open.id, &turn(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    store.start_closing(&open.id, Some(CloseReason::Asked), NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    for _ in 0..2 {
        store.reopen_ticket(&open.id, &turn(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
        assert_eq!(store.ticket(&open.id).await.unwrap(), Some(open.clone()));
    }
    assert_eq!(world.table().await, before, "something of the turn is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_turns_holder_commits_an_archive() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let before = world.table().await;
    // Nobody has the turn, or somebody else.
    assert!(store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.is_err());
    assert_eq!(world.table().await, before);
    let other = UNTIL_MS + 1;
    store.start_closing(&open.id, Some(CloseReason::Asked), NOW_MS, &turn(other)).await.unwrap();
    let before = world.table().await;
    assert!(store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.is_err());
    assert_eq!(world.table().await, before);
    let own = ArchiveCommit { turn: &turn(other), ..archive(&open, NOW_MS, 1, "d") };
    assert_eq!(store.commit_closed(&own).await.unwrap().state, TicketState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_close_outlives_the_turn_that_only_follows_the_vendor() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let start =
        async |reason| store.start_closing(&open.id, Some(reason), NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    let reopen = async |reason| store.reopen_ticket(&open.id, &turn(UNTIL_MS), reason, None).await.unwrap();
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Ended)));
    assert!(store.ask_to_close(&open.id).await.unwrap());
    assert!(!reopen(CloseReason::Ended).await);
    assert_eq!(state(store, "T1").await, Some(TicketState::Closing));
    // Whoever takes the next turn, it is the caller's close.
    store.end_closing_turn(&open.id, NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Asked)));
    assert!(reopen(CloseReason::Asked).await);
    // An open ticket is nobody's close.
    assert!(!store.ask_to_close(&open.id).await.unwrap());
    assert!(matches!(start(CloseReason::Ended).await, CloseStart::Closing(_, CloseReason::Ended)));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_due_goes_on_with_a_close_and_begins_none() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let start = async |reason| store.start_closing(&open.id, reason, NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    // GIVEN a close that was refused
    start(Some(CloseReason::Asked)).await;
    let error = CloseError { code: "vendor_close_refused".into(), detail: "拒绝".into() };
    let reopened =
        store.reopen_ticket(&open.id, &turn(UNTIL_MS), CloseReason::Asked, Some(&error)).await.unwrap();
    assert!(reopened);
    // WHEN an index that lags still shows it, THEN nothing is begun or forgotten
    let before = world.table().await;
    let refused = Ticket { close_error: Some(error.clone()), ..open.clone() };
    assert_eq!(start(None).await, CloseStart::Refused(refused));
    assert_eq!(world.table().await, before);
    // One that the vendor ended keeps it until its archive.
    let CloseStart::Closing(closing, _) = start(Some(CloseReason::Ended)).await else { panic!("no turn") };
    assert_eq!(closing.close_error, Some(error));
    store.end_closing_turn(&open.id, NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    assert!(matches!(start(None).await, CloseStart::Closing(_, CloseReason::Ended)));
    let closed = store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await.unwrap();
    assert_eq!(closed.close_error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_keeps_its_first_commit_and_moves_to_the_closed_ones() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.start_closing(&open.id, Some(CloseReason::Asked), NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    let wanted = Ticket {
        state: TicketState::Closed,
        status: TicketStatus::Closed,
        vendor_phase: Some(Phase::Ended),
        close_time: Some(NOW_MS + 7),
        message_count: Some(3),
        digest: Some("d1".into()),
        ..open.clone()
    };
    let first = store.commit_closed(&archive(&open, NOW_MS + 7, 3, "d1")).await.unwrap();
    let second = store.commit_closed(&archive(&open, NOW_MS + 9, 4, "d2")).await.unwrap();
    assert_eq!((&first, &second), (&wanted, &wanted));
    store.reopen_ticket(&open.id, &turn(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    assert_eq!(store.ticket(&open.id).await.unwrap(), Some(wanted.clone()));

    let of_status = async |status| {
        let filter = TicketFilter { status: Some(status), ..TicketFilter::default() };
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
    let wanted = opened(&ticket("T9", NOW_MS), "C9");
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    store.reopen_ticket(&wanted.id, &turn(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    store.end_closing_turn(&wanted.id, NOW_MS, &turn(UNTIL_MS)).await.unwrap();
    assert!(store.commit_closed(&archive(&wanted, NOW_MS, 1, "d")).await.is_err());
    assert!(!store.remove_ticket(&wanted, "T9").await.unwrap());
    assert_eq!(commit(store, &wanted).await, CreatedCommit::TicketMoved);
    assert_eq!(world.table().await, before);
}
