//! What the sync reads and records: due work, open tickets, vendors' statuses, accounts that wait or adopt.

use shared::{
    domain::{Account, CustomerId, Phase, ReplyId, Ticket, TicketState, Vendor},
    store::{AdoptionChange, CloseReason, CopyState, DueWork, OpenTicket},
};

use super::{
    ACCOUNT, LEASE_MS, NOW_MS, UNTIL_MS, account, account_id, begin, close, cloud_id, commit, lease, open, opened,
    seed, store, ticket, ticket_id, whenever_changed,
};
use crate::support::World;

async fn seeded() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_due_at_its_time_the_longest_due_first() {
    let world = seeded().await;
    let store = store(&world);
    // Due at the end of its lease, when it was marked unknown, at the end of the close's lease, and at once.
    begin(store, &ticket("T1", NOW_MS)).await;
    begin(store, &ticket("T2", NOW_MS)).await;
    store.mark_unknown(&ticket_id("T2"), NOW_MS + 20).await.unwrap();
    open(store, &ticket("T3", NOW_MS), "C3").await;
    store.start_close(&ticket_id("T3"), Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS + 5)).await.unwrap();
    open(store, &ticket("T4", NOW_MS), "C4").await;
    store.start_close(&ticket_id("T4"), Some(CloseReason::Ended), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    store.release_close(&ticket_id("T4"), NOW_MS + 10, &lease(UNTIL_MS), None).await.unwrap();
    open(store, &ticket("T5", NOW_MS), "C5").await;
    close(store, &open(store, &ticket("T6", NOW_MS), "C6").await).await;

    let owner = account_id(ACCOUNT);
    let close = |id| (owner.clone(), DueWork::Close(ticket_id(id)));
    let reconcile = |id| (owner.clone(), DueWork::ReconcileTicket(ticket_id(id)));
    let due = async |now_ms| store.due_work(now_ms).await.unwrap().at_vendors;
    assert_eq!(due(NOW_MS + 9).await, []);
    assert_eq!(due(NOW_MS + 10).await, [close("T4")]);
    assert_eq!(due(NOW_MS + 20).await, [close("T4"), reconcile("T2")]);
    assert_eq!(due(NOW_MS + LEASE_MS).await, [close("T4"), reconcile("T2"), reconcile("T1")]);
    assert_eq!(due(UNTIL_MS + 5).await, [close("T4"), reconcile("T2"), reconcile("T1"), close("T3")]);

    // What has an outcome is not due.
    store.abort_close(&ticket_id("T3"), &lease(UNTIL_MS + 5), CloseReason::Asked, None).await.unwrap();
    commit(store, &opened(&ticket("T2", NOW_MS), "C2")).await;
    assert!(store.remove_ticket(&ticket("T1", NOW_MS), "T1").await.unwrap());
    assert_eq!(due(UNTIL_MS + 5).await, [close("T4")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_due_is_found_past_one_page_of_the_table() {
    let world = seeded().await;
    let store = store(&world);
    // Each about 100 KB: one answer of the table holds 1 MB.
    let long = "长".repeat(33_000);
    for number in 10..40 {
        let wanted = Ticket { description: long.clone(), ..ticket(&format!("T{number}"), NOW_MS + number) };
        begin(store, &wanted).await;
        if number % 2 == 0 {
            commit(store, &opened(&wanted, &format!("C{number}"))).await;
        } else {
            store.mark_unknown(&wanted.id, NOW_MS + number).await.unwrap();
        }
    }
    let due = store.due_work(NOW_MS + 100).await.unwrap().at_vendors;
    let wanted: Vec<_> = (11..40).step_by(2).map(|n| DueWork::ReconcileTicket(ticket_id(&format!("T{n}")))).collect();
    assert_eq!(due.into_iter().map(|(_, work)| work).collect::<Vec<_>>(), wanted);
    let open = store.unfinished_tickets().await.unwrap().open;
    let ids: Vec<_> = open.into_iter().map(|ticket| ticket.id.to_string()).collect();
    let wanted: Vec<_> = (10..40).step_by(2).rev().map(|n| format!("T{n}")).collect();
    assert_eq!(ids, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn open_tickets_are_those_that_are_open_and_nothing_else() {
    let world = seeded().await;
    let store = store(&world);
    assert_eq!(store.unfinished_tickets().await.unwrap().open, []);
    begin(store, &ticket("T1", NOW_MS)).await;
    begin(store, &ticket("T2", NOW_MS)).await;
    store.mark_unknown(&ticket_id("T2"), NOW_MS).await.unwrap();
    open(store, &ticket("T3", NOW_MS), "C3").await;
    store.start_close(&ticket_id("T3"), Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    close(store, &open(store, &ticket("T4", NOW_MS), "C4").await).await;
    assert_eq!(store.unfinished_tickets().await.unwrap().open, []);

    open(store, &ticket("T5", NOW_MS + 5), "C5").await;
    open(store, &ticket("T6", NOW_MS + 6), "C6").await;
    store.set_vendor_status(&ticket_id("T5"), None, "17", Phase::AwaitingCustomer).await.unwrap();
    let one = |id: &str, number: i64| OpenTicket {
        id: ticket_id(id),
        account_id: account_id(ACCOUNT),
        cloud_id: cloud_id(&format!("C{number}")),
        create_time: NOW_MS + number,
        vendor_status: None,
        vendor_phase: None,
        reopen_time: None,
        copy: CopyState::default(),
    };
    let seen =
        OpenTicket { vendor_status: Some("17".into()), vendor_phase: Some(Phase::AwaitingCustomer), ..one("T5", 5) };
    let mut open = store.unfinished_tickets().await.unwrap().open;
    // Another status asks for a copy of the conversation.
    assert!(open[1].copy.next_copy.take().is_some());
    assert_eq!(open, [one("T6", 6), seen]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendors_status_is_written_to_an_open_ticket_only() {
    let world = seeded().await;
    let store = store(&world);
    let before = world.table().await;
    let set = async |seen: Option<&str>, status: &str| {
        store.set_vendor_status(&ticket_id("T1"), seen, status, Phase::Processing).await.unwrap();
    };
    set(None, "1").await;
    assert_eq!(world.table().await, before, "a ticket was created");
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    let before = world.table().await;
    set(None, "1").await;
    assert_eq!(world.table().await, before);
    let open = opened(&wanted, "C1");
    commit(store, &open).await;
    // The third and the last have no effect: another run has stored a later status.
    for (seen, asked, status) in
        [(None, "1", "1"), (None, "1", "1"), (None, "0", "1"), (Some("1"), "77", "77"), (Some("1"), "2", "77")]
    {
        set(seen, asked).await;
        let stored = store.ticket(&wanted.id).await.unwrap();
        let shown =
            Ticket { vendor_status: Some(status.into()), vendor_phase: Some(Phase::Processing), ..open.clone() };
        assert_eq!(whenever_changed(stored), Some(shown));
    }
    store.start_close(&wanted.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let before = world.table().await;
    set(Some("77"), "2").await;
    assert_eq!(world.table().await, before);
    store.abort_close(&wanted.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    close(store, &open).await;
    let before = world.table().await;
    set(Some("77"), "2").await;
    assert_eq!(world.table().await, before);
    assert_eq!(store.ticket(&wanted.id).await.unwrap().unwrap().state, TicketState::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn adoption_keeps_its_first_time_until_it_is_switched_off() {
    let world = World::start().await;
    let store = store(&world);
    let customer_id = CustomerId::parse("C1").ok();
    let known = Account { customer_id, ..account("A1", Vendor::Huawei, NOW_MS) };
    assert_eq!(store.set_adoption(&known, Some(NOW_MS)).await.unwrap(), AdoptionChange::Gone);
    assert_eq!(world.table().await, Vec::<String>::new());
    store.put_account(&known).await.unwrap();
    for (asked, wanted) in [
        (Some(NOW_MS + 1), Some(NOW_MS + 1)),
        (Some(NOW_MS + 2), Some(NOW_MS + 1)),
        (None, None),
        (None, None),
        (Some(NOW_MS + 3), Some(NOW_MS + 3)),
    ] {
        let wanted = Account { adopt_since: wanted, ..known.clone() };
        assert_eq!(store.set_adoption(&known, asked).await.unwrap(), AdoptionChange::Done(Box::new(wanted.clone())));
        assert_eq!(store.account(&known.id).await.unwrap(), Some(wanted));
    }
    store.start_removing(&known.id, NOW_MS).await.unwrap();
    let before = world.table().await;
    for asked in [None, Some(NOW_MS + 4)] {
        assert_eq!(store.set_adoption(&known, asked).await.unwrap(), AdoptionChange::Gone);
        assert_eq!(world.table().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_stored_at_an_existing_account() {
    let world = World::start().await;
    let store = store(&world);
    let known = account("A1", Vendor::Alibaba, NOW_MS);
    store.set_account_wait(&known.id, NOW_MS).await.unwrap();
    assert_eq!(world.table().await, Vec::<String>::new());
    store.put_account(&known).await.unwrap();
    // A run that knows of a shorter wait does not shorten it.
    for (asked, until) in [(NOW_MS + 5, NOW_MS + 5), (NOW_MS + 9, NOW_MS + 9), (NOW_MS + 5, NOW_MS + 9)] {
        store.set_account_wait(&known.id, asked).await.unwrap();
        let wanted = Account { wait_until: Some(until), ..known.clone() };
        assert_eq!(store.account(&known.id).await.unwrap(), Some(wanted));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_not_there_is_none() {
    let world = seeded().await;
    let id = ReplyId::parse("R1").unwrap();
    assert_eq!(store(&world).reply(&ticket_id("T1"), &id).await.unwrap(), None);
    assert_eq!(store(&world).replies(&ticket_id("T1")).await.unwrap(), []);
}
