//! Opening a closed ticket again.

use shared::{
    domain::{Closing, Erasure, ErasureState, Phase, Ticket, TicketState, TicketStatus},
    store::{RemovalStart, TicketFilter},
};

use super::{ACCOUNT, NOW_MS, REMOVAL_MS, account_id, close, store, ticket_id, world_with_open_ticket};
use crate::support::World;

/// The ticket T1, closed.
async fn closed(world: &World) -> Ticket {
    let open = store(world).ticket(&ticket_id("T1")).await.unwrap().unwrap();
    close(store(world), &open).await;
    store(world).ticket(&open.id).await.unwrap().unwrap()
}

async fn ids(world: &World, status: TicketStatus) -> Vec<String> {
    let filter = TicketFilter { status: Some(status), ..TicketFilter::default() };
    let page = store(world).tickets(&filter, 10, None).await.unwrap();
    page.items.into_iter().map(|ticket| ticket.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_ticket_is_listed_counted_and_has_its_closing() {
    let world = world_with_open_ticket().await;
    let closed = closed(&world).await;
    let shown = Some(("1", Phase::Processing));
    assert!(store(&world).reopen_ticket(&closed.id, closed.close_time, shown, None).await.unwrap());
    let open = store(&world).ticket(&closed.id).await.unwrap().unwrap();
    assert_eq!((open.state, open.status), (TicketState::Open, TicketStatus::NotComplete));
    assert_eq!((open.vendor_status.as_deref(), open.vendor_phase), (Some("1"), Some(Phase::Processing)));
    let closing = Closing {
        close_time: closed.close_time.unwrap(),
        message_count: closed.message_count.unwrap(),
        digest: closed.digest.clone().unwrap(),
        closed_by: None,
        reopened_by: None,
        reopen_time: open.reopen_time(),
    };
    assert_eq!(open.closings, [closing]);
    assert_eq!(ids(&world, TicketStatus::NotComplete).await, ["T1"]);
    assert!(ids(&world, TicketStatus::Closed).await.is_empty());
    let removal = store(&world).start_removing(&account_id(ACCOUNT), REMOVAL_MS).await.unwrap();
    assert_eq!(removal, RemovalStart::HasOpenTickets);
    // What is open is not opened again.
    assert!(!store(&world).reopen_ticket(&closed.id, closed.close_time, shown, None).await.unwrap());
    let again = store(&world).ticket(&closed.id).await.unwrap();
    assert_eq!(again, Some(open));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_close_an_erased_ticket_and_an_account_that_is_removed_change_nothing() {
    let world = world_with_open_ticket().await;
    let closed = closed(&world).await;
    let unchanged = async || {
        let before = world.table().await;
        assert!(!store(&world).reopen_ticket(&closed.id, closed.close_time, None, None).await.unwrap());
        assert_eq!(world.table().await, before);
    };
    let before = world.table().await;
    let earlier = closed.close_time.map(|time| time - 1);
    assert!(!store(&world).reopen_ticket(&closed.id, earlier, None, None).await.unwrap());
    assert!(!store(&world).reopen_ticket(&ticket_id("T9"), earlier, None, None).await.unwrap());
    assert_eq!(world.table().await, before);

    let removal = store(&world).start_removing(&account_id(ACCOUNT), REMOVAL_MS).await.unwrap();
    assert_eq!(removal, RemovalStart::Removing);
    unchanged().await;

    let erasure = Erasure { time: NOW_MS + 60_000, by: None, reason: None, state: ErasureState::Pending };
    store(&world).mark_erased(&closed.id, &erasure).await.unwrap();
    unchanged().await;
}
