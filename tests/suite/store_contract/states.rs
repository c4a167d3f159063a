//! The table of moves against the store: from every state, each write makes its move where the table has it, and
//! changes nothing where it has not.

use shared::{
    domain::{Ticket, TicketMove, TicketState},
    store::{CloseReason, CloseStart, CreatedCommit, Store},
};

use super::{
    NOW_MS, UNTIL_MS, archive, begin, close, commit, lease, open, opened, owner, record_at, seed, store, ticket,
    ticket_id,
};
use crate::support::World;

/// Later than the end of every lease of these tests, so that none of them stands in the way.
const LATER_MS: i64 = UNTIL_MS + 60_000;

/// Puts T1 into the state.
async fn bring_to(store: &Store, state: Option<TicketState>) {
    let wanted = ticket("T1", NOW_MS);
    match state {
        None => {}
        Some(TicketState::Creating) => {
            begin(store, &wanted).await;
        }
        Some(TicketState::Unknown) => {
            begin(store, &wanted).await;
            store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
        }
        Some(TicketState::Indeterminate) => {
            begin(store, &wanted).await;
            assert!(store.mark_indeterminate(&wanted, NOW_MS).await.unwrap());
        }
        Some(TicketState::Open) => {
            open(store, &wanted, "C1").await;
        }
        Some(TicketState::Closing) => {
            let open = open(store, &wanted, "C1").await;
            let reason = Some(CloseReason::Asked);
            store.start_close(&open.id, reason, NOW_MS, &lease(UNTIL_MS)).await.unwrap();
        }
        Some(TicketState::Closed) => {
            let open = open(store, &wanted, "C1").await;
            close(store, &open).await;
        }
    }
}

/// Makes the move with T1, as far as the store lets it.
async fn try_move(store: &Store, ticket_move: TicketMove) {
    let wanted = ticket("T1", NOW_MS);
    let open = opened(&wanted, "C1");
    let lease = lease(UNTIL_MS);
    match ticket_move {
        TicketMove::Begin => {
            // A ticket's id is new with its key; a taken one is an error.
            let record = record_at("another key", "T1", LATER_MS);
            let _ = store.begin_ticket(&wanted, &record, LATER_MS).await;
        }
        TicketMove::Adopt => {
            let _ = store.adopt_ticket(&owner(), &Ticket { adopted: true, ..open }).await.unwrap();
        }
        TicketMove::MarkUnknown => store.mark_unknown(&wanted.id, LATER_MS).await.unwrap(),
        TicketMove::MarkIndeterminate => {
            let _: bool = store.mark_indeterminate(&wanted, LATER_MS).await.unwrap();
        }
        TicketMove::CommitCreated => {
            let _: CreatedCommit = commit(store, &open).await;
        }
        TicketMove::Remove => {
            let _: bool = store.remove_ticket(&wanted, "T1").await.unwrap();
        }
        TicketMove::StartClose => {
            // Under the lease that a `closing` ticket has, so that it is no new one.
            let reason = Some(CloseReason::Asked);
            let _: CloseStart = store.start_close(&wanted.id, reason, NOW_MS, &lease).await.unwrap();
        }
        TicketMove::AbortClose => {
            store.abort_close(&wanted.id, &lease, CloseReason::Asked, None).await.unwrap();
        }
        TicketMove::Reopen => {
            let closed = store.ticket(&wanted.id).await.unwrap();
            let close_time = closed.and_then(|ticket| ticket.close_time);
            let _: bool = store.reopen_ticket(&wanted.id, close_time, None, None).await.unwrap();
        }
        TicketMove::CommitClosed => {
            let _ = store.commit_closed(&archive(&open, NOW_MS, 1, "d")).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_makes_the_moves_of_the_table_and_no_others() {
    let states = TicketState::ALL.into_iter().map(Some).chain([None]);
    for (from, ticket_move) in
        states.flat_map(|from| TicketMove::ALL.iter().map(move |ticket_move| (from, *ticket_move)))
    {
        // GIVEN a ticket in that state
        let world = World::start().await;
        seed(store(&world)).await;
        bring_to(store(&world), from).await;
        let state = async || store(&world).ticket(&ticket_id("T1")).await.unwrap().map(|ticket| ticket.state);
        assert_eq!(state().await, from);
        let before = world.table().await;
        // WHEN the write is tried
        try_move(store(&world), ticket_move).await;
        // THEN it follows the table
        let allowed = match from {
            Some(from) => ticket_move.from().contains(&from),
            None => ticket_move.from().is_empty(),
        };
        if allowed {
            assert_eq!(state().await, ticket_move.to(), "{ticket_move:?} from {from:?}");
        } else {
            assert_eq!(world.table().await, before, "{ticket_move:?} from {from:?}");
        }
    }
}
