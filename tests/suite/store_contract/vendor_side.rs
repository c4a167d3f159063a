//! Tickets that come from the vendor: adopted ones, and abandoned ones that appear after all.

use shared::{
    domain::{Account, AccountId, CustomerId, Ticket, TicketState, Vendor},
    store::{AbandonedTicket, DueWork, IntentWrite, RemovalStart, Store},
};

use super::{
    ACCOUNT, LEASE_MS, NOW_MS, REMOVAL_MS, account, account_id, begin, close, cloud_id, commit, open, opened, owner,
    record, seed, store, ticket, ticket_id, whenever_changed,
};
use crate::support::World;

async fn seeded() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    world
}

fn adopted(id: &str, cloud_id: &str) -> Ticket {
    Ticket { adopted: true, ..opened(&ticket(id, NOW_MS), cloud_id) }
}

async fn removal(store: &Store) -> RemovalStart {
    store.start_removing(&account_id(ACCOUNT), REMOVAL_MS).await.unwrap()
}

/// Stores T1 with an unknown outcome, and abandons it.
async fn abandoned(store: &Store) -> Ticket {
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    let stored = store.stored_ticket(&wanted.id).await.unwrap().unwrap();
    assert!(store.abandon_ticket(&stored, NOW_MS + 7, NOW_MS + 100).await.unwrap());
    wanted
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_ticket_is_open_counted_and_its_vendors_id_taken() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = adopted("T1", "C1");
    assert!(store.adopt_ticket(&owner(), &wanted).await.unwrap());
    assert_eq!(whenever_changed(store.ticket(&wanted.id).await.unwrap()), Some(wanted.clone()));
    assert_eq!(store.due_work(NOW_MS + LEASE_MS).await.unwrap().at_vendors, []);
    let after = world.table().await;
    // Again, under another id, and the id again for another vendor's ticket.
    for again in [wanted.clone(), adopted("T2", "C1"), adopted("T1", "C2")] {
        assert!(!store.adopt_ticket(&owner(), &again).await.unwrap());
        assert_eq!(world.table().await, after);
    }
    assert_eq!(removal(store).await, RemovalStart::HasOpenTickets);
    close(store, &wanted).await;
    assert!(!store.adopt_ticket(&owner(), &adopted("T3", "C1")).await.unwrap(), "a closed one was adopted again");
    assert_eq!(removal(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_ticket_is_adopted_for_an_account_that_is_gone_or_goes() {
    let world = seeded().await;
    let store = store(&world);
    let before = world.table().await;
    let stranger = Ticket { account_id: account_id("A9"), ..adopted("T1", "C1") };
    assert!(!store.adopt_ticket(&account("A9", Vendor::Huawei, NOW_MS), &stranger).await.unwrap());
    assert!(store.adopt_ticket(&owner(), &ticket("T1", NOW_MS)).await.is_err(), "it has no vendor's id");
    assert_eq!(world.table().await, before);
    removal(store).await;
    let before = world.table().await;
    assert!(!store.adopt_ticket(&owner(), &adopted("T1", "C1")).await.unwrap());
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_adopt_one_ticket_one_does() {
    let world = seeded().await;
    let store = store(&world);
    let adoptions = (0..8).map(|number| async move {
        store.adopt_ticket(&owner(), &adopted(&format!("T{number}"), "C1")).await.unwrap()
    });
    let done = futures_util::future::join_all(adoptions).await;
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    let number = done.iter().position(|done| *done).unwrap();
    close(store, &adopted(&format!("T{number}"), "C1")).await;
    assert_eq!(removal(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_ticket_stands_for_is_unclaimed_whatever_the_number() {
    let world = seeded().await;
    let store = store(&world);
    let owner = owner();
    open(store, &ticket("T1", NOW_MS), "C7").await;
    assert!(store.adopt_ticket(&owner, &adopted("T2", "C250")).await.unwrap());
    close(store, &opened(&ticket("T1", NOW_MS), "C7")).await;
    let ids: Vec<_> = (0..251).map(|number| cloud_id(&format!("C{number}"))).collect();
    let mut wanted = ids.clone();
    wanted.retain(|id| !["C7", "C250"].contains(&id.as_str()));
    assert_eq!(store.unclaimed(&owner, &ids).await.unwrap(), wanted);
    assert_eq!(store.unclaimed(&owner, &[]).await.unwrap(), []);
    // The same ids of another account are others.
    let other = account("A2", Vendor::Huawei, NOW_MS);
    assert_eq!(store.unclaimed(&other, &ids).await.unwrap(), ids);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_leaves_what_its_adoption_needs() {
    let world = seeded().await;
    let store = store(&world);
    let wanted = abandoned(store).await;
    assert_eq!(store.ticket(&wanted.id).await.unwrap(), None);
    let left = store.abandoned_ticket(&wanted.id).await.unwrap();
    let unknown = Ticket { state: TicketState::Unknown, ..wanted.clone() };
    assert_eq!(left, Some(AbandonedTicket { ticket: unknown, abandoned_time: NOW_MS + 7 }));
    // The key and the account are free.
    let next = store.begin_ticket(&ticket("T2", NOW_MS), &record("T1", "T2"), NOW_MS).await.unwrap();
    assert_eq!(next, IntentWrite::Written);
    assert!(store.remove_ticket(&ticket("T2", NOW_MS), "T1").await.unwrap());
    let after = world.table().await;
    // It is not abandoned twice and not committed any more.
    let stored = shared::store::StoredTicket::new(wanted.clone());
    assert!(!store.abandon_ticket(&stored, NOW_MS + 9, NOW_MS + 200).await.unwrap());
    commit(store, &opened(&wanted, "C1")).await;
    assert_eq!(world.table().await, after);
    // The account waits for it.
    let due = vec![DueWork::Abandoned(wanted.id.clone())];
    assert_eq!(removal(store).await, RemovalStart::HasDueWork(due));
    assert_eq!(world.table().await, after);
    store.delete_abandoned_ticket(&wanted.id).await.unwrap();
    assert_eq!(removal(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_has_is_not_abandoned() {
    let world = seeded().await;
    let store = store(&world);
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let stored = store.stored_ticket(&open.id).await.unwrap().unwrap();
    let before = world.table().await;
    assert!(!store.abandon_ticket(&stored, NOW_MS, NOW_MS + 100).await.unwrap());
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_is_due_for_checks_until_it_is_deleted() {
    let world = seeded().await;
    let store = store(&world);
    let id = abandoned(store).await.id;
    let due = async |now_ms| store.due_work(now_ms).await.unwrap().at_vendors;
    let wanted = [(account_id(ACCOUNT), DueWork::Abandoned(id.clone()))];
    assert_eq!(due(NOW_MS + 99).await, []);
    assert_eq!(due(NOW_MS + 100).await, wanted);
    for _ in 0..2 {
        store.postpone_abandoned_ticket(&id, NOW_MS + 500).await.unwrap();
        assert_eq!(due(NOW_MS + 499).await, []);
        assert_eq!(due(NOW_MS + 500).await, wanted);
    }
    for _ in 0..2 {
        store.delete_abandoned_ticket(&id).await.unwrap();
        store.postpone_abandoned_ticket(&id, NOW_MS).await.unwrap();
        assert_eq!(store.abandoned_ticket(&id).await.unwrap(), None);
        assert_eq!(due(NOW_MS + 1_000).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_is_adopted_once() {
    let world = seeded().await;
    let store = store(&world);
    let found = opened(&abandoned(store).await, "C1");
    assert!(store.adopt_abandoned_ticket(&owner(), &found).await.unwrap());
    assert_eq!(whenever_changed(store.ticket(&found.id).await.unwrap()), Some(found.clone()));
    assert_eq!(store.abandoned_ticket(&found.id).await.unwrap(), None);
    let after = world.table().await;
    assert!(!store.adopt_abandoned_ticket(&owner(), &found).await.unwrap());
    assert_eq!(world.table().await, after);
    assert_eq!(removal(store).await, RemovalStart::HasOpenTickets);
    close(store, &found).await;
    assert_eq!(removal(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_whose_vendors_id_is_anothers_is_deleted() {
    let world = seeded().await;
    let store = store(&world);
    let found = opened(&abandoned(store).await, "C1");
    open(store, &ticket("T2", NOW_MS), "C1").await;
    assert!(!store.adopt_abandoned_ticket(&owner(), &found).await.unwrap());
    assert_eq!(store.ticket(&found.id).await.unwrap(), None);
    assert_eq!(store.abandoned_ticket(&found.id).await.unwrap(), None);
    close(store, &opened(&ticket("T2", NOW_MS), "C1")).await;
    assert_eq!(removal(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_is_not_adopted_while_its_account_is_removed_or_without_its_item() {
    let world = seeded().await;
    let store = store(&world);
    assert!(!store.adopt_abandoned_ticket(&owner(), &opened(&ticket("T5", NOW_MS), "C5")).await.unwrap());
    assert_eq!(store.ticket(&ticket_id("T5")).await.unwrap(), None);
    let found = opened(&abandoned(store).await, "C1");
    world.overwrite_number(ACCOUNT, "deleting", NOW_MS).await;
    let before = world.table().await;
    assert!(!store.adopt_abandoned_ticket(&owner(), &found).await.unwrap());
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_the_customers_and_older_ones_of_an_account_still_count() {
    let world = World::start().await;
    let store = store(&world);
    let customer_id = CustomerId::parse("customer").ok();
    let of_customer =
        ["A1", "A2"].map(|id| Account { customer_id: customer_id.clone(), ..account(id, Vendor::Huawei, NOW_MS) });
    for account in &of_customer {
        store.put_account(account).await.unwrap();
    }
    let [first, second] = &of_customer;
    let of = |account: &Account, id: &str, cloud_id: &str| Ticket {
        account_id: account.id.clone(),
        ..adopted(id, cloud_id)
    };
    // One from before the customer was known, and one from after.
    let older = Account { customer_id: None, ..first.clone() };
    assert!(store.adopt_ticket(&older, &of(first, "T1", "C1")).await.unwrap());
    assert!(store.adopt_ticket(first, &of(first, "T2", "C2")).await.unwrap());
    let before = world.table().await;
    for cloud_id in ["C1", "C2"] {
        assert!(!store.adopt_ticket(first, &of(first, "T3", cloud_id)).await.unwrap(), "{cloud_id}");
    }
    assert!(!store.adopt_ticket(second, &of(second, "T3", "C2")).await.unwrap());
    assert_eq!(world.table().await, before);
    let ids = ["C1", "C2", "C3"].map(cloud_id);
    let unclaimed = async |account: &Account, others: &[AccountId]| {
        let ids = store.unclaimed_by_any(account, others, &ids).await.unwrap();
        ids.into_iter().map(String::from).collect::<Vec<_>>()
    };
    assert_eq!(unclaimed(first, &[]).await, ["C3"]);
    assert_eq!(unclaimed(second, &[]).await, ["C1", "C3"]);
    assert_eq!(unclaimed(second, std::slice::from_ref(&first.id)).await, ["C3"]);
    assert_eq!(unclaimed(&account("A3", Vendor::Huawei, NOW_MS), &[]).await, ["C1", "C2", "C3"]);
}
