//! Accounts in the store.

use shared::{
    domain::{Account, AccountHealth, HealthError, TicketState, Vendor},
    problem_code::ProblemCode,
    store::{CloseReason, IntentWrite, RemovalStart, Store},
};

use super::{
    ACCOUNT, NOW_MS, REMOVAL_MS, UNTIL_MS, account, account_id, begin, close, commit, lease, open, opened, seed, store,
    ticket, ticket_id,
};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_read_as_it_was_put_and_putting_it_again_changes_nothing() {
    let world = World::start().await;
    let store = store(&world);
    let mut wanted = account("A1", Vendor::Huawei, NOW_MS);
    wanted.domain_id = Some("0f1e2d3c".into());
    wanted.endpoint = Some("http://127.0.0.1:1".into());
    assert_eq!(store.account(&wanted.id).await.unwrap(), None);
    for _ in 0..2 {
        assert_eq!(store.put_account(&wanted).await.unwrap(), wanted);
        assert_eq!(store.account(&wanted.id).await.unwrap(), Some(wanted.clone()));
    }
    let page = store.accounts(10, None).await.unwrap();
    assert_eq!((page.items, page.next), (vec![wanted], None));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_oldest_first_without_gap_or_double() {
    let world = World::start().await;
    let store = store(&world);
    // Two by two of the same millisecond; put in an order that is not the list's.
    let mut wanted: Vec<String> = Vec::new();
    for number in [4, 0, 6, 2, 5, 1, 3] {
        let id = format!("A{number}");
        store.put_account(&account(&id, Vendor::Alibaba, NOW_MS + number / 2)).await.unwrap();
        wanted.push(id);
    }
    wanted.sort();
    for limit in 1..=8 {
        let mut ids = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = store.accounts(limit, after.as_deref()).await.unwrap();
            assert!(page.items.len() <= limit);
            ids.extend(page.items.into_iter().map(|account| account.id.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(ids, wanted, "pages of {limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_accounts_of_a_vendor_are_found_past_one_page() {
    let world = World::start().await;
    let store = store(&world);
    for number in 0..103 {
        let vendor = if number % 2 == 0 { Vendor::Huawei } else { Vendor::Tencent };
        store.put_account(&account(&format!("A{number:03}"), vendor, NOW_MS)).await.unwrap();
    }
    let ids = |accounts: Vec<shared::domain::Account>| -> Vec<String> {
        accounts.into_iter().map(|account| account.id.to_string()).collect()
    };
    let huawei = ids(store.all_accounts(Some(Vendor::Huawei)).await.unwrap());
    let wanted: Vec<_> = (0..103).step_by(2).map(|number| format!("A{number:03}")).collect();
    assert_eq!(huawei, wanted);
    assert_eq!(store.all_accounts(None).await.unwrap().len(), 103);
    assert_eq!(ids(store.all_accounts(Some(Vendor::Alibaba)).await.unwrap()).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_written_to_an_account_and_does_not_bring_back_one_that_is_gone() {
    let world = World::start().await;
    let store = store(&world);
    let health = AccountHealth {
        last_check: Some(NOW_MS + 1),
        last_error: Some(HealthError {
            code: ProblemCode::AccountKeysRefused,
            detail: "The vendor refuses the account's keys.".into(),
        }),
    };
    let mut known = account("A1", Vendor::Alibaba, NOW_MS);
    store.put_account(&known).await.unwrap();
    store.set_account_health(&known.id, &health, "W1").await.unwrap();
    known.health = health.clone();
    assert_eq!(store.account(&known.id).await.unwrap(), Some(known.clone()));

    store.start_removing(&known.id, NOW_MS).await.unwrap();
    store.delete_account(&known.id).await.unwrap();
    store.delete_account(&known.id).await.unwrap();
    store.set_account_health(&known.id, &health, "W1").await.unwrap();
    assert_eq!(store.account(&known.id).await.unwrap(), None);
    assert!(store.accounts(10, None).await.unwrap().items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn health_that_was_learned_before_a_newer_check_is_not_written() {
    let world = World::start().await;
    let store = store(&world);
    let refused = |at_ms| AccountHealth {
        last_check: Some(at_ms),
        last_error: Some(HealthError { code: ProblemCode::AccountKeysRefused, detail: "No.".into() }),
    };
    let never_checked = account("A1", Vendor::Huawei, NOW_MS);
    store.record_account_health(&never_checked, &refused(NOW_MS + 1)).await.unwrap();
    assert_eq!(world.table().await, Vec::<String>::new());
    store.put_account(&never_checked).await.unwrap();
    store.record_account_health(&never_checked, &refused(NOW_MS + 1)).await.unwrap();
    let seen = store.account(&never_checked.id).await.unwrap().unwrap();
    assert_eq!(seen.health, refused(NOW_MS + 1));
    // The keys are rotated while runs with the old ones are on their way.
    let rotated = AccountHealth { last_check: Some(NOW_MS + 5), last_error: None };
    store.set_account_health(&seen.id, &rotated, "W1").await.unwrap();
    for before in [&never_checked, &seen] {
        store.record_account_health(before, &refused(NOW_MS + 9)).await.unwrap();
        assert_eq!(store.account(&seen.id).await.unwrap().unwrap().health, rotated);
    }
    let seen = Account { health: rotated, ..seen };
    store.record_account_health(&seen, &refused(NOW_MS + 9)).await.unwrap();
    assert_eq!(store.account(&seen.id).await.unwrap().unwrap().health, refused(NOW_MS + 9));
}

/// Asks for the removal of the seeded account.
async fn start_removing(store: &Store) -> RemovalStart {
    store.start_removing(&account_id(ACCOUNT), REMOVAL_MS).await.unwrap()
}

/// Asserts that the seeded account can't be removed, and that asking changes nothing.
async fn expect_not_removable(world: &World) {
    let before = world.table().await;
    assert_eq!(start_removing(store(world)).await, RemovalStart::HasOpenTickets);
    assert!(store(world).delete_account(&account_id(ACCOUNT)).await.is_err());
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_put_again_is_given_as_it_is_stored() {
    let world = World::start().await;
    let store = store(&world);
    let first = account("A1", Vendor::Huawei, NOW_MS);
    store.put_account(&first).await.unwrap();
    let health = AccountHealth { last_check: Some(NOW_MS + 1), last_error: None };
    store.set_account_health(&first.id, &health, "W1").await.unwrap();
    let stored = Account { health, ..first.clone() };
    let second = Account { region_id: "cn-north-1".into(), ..first };
    assert_eq!(store.put_account(&second).await.unwrap(), stored);
    assert_eq!(store.account(&stored.id).await.unwrap(), Some(stored));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_being_removed_says_since_when_and_takes_no_ticket() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    for _ in 0..2 {
        assert_eq!(start_removing(store).await, RemovalStart::Removing);
    }
    let wanted = Account { deleting: Some(REMOVAL_MS), ..account(ACCOUNT, Vendor::Huawei, NOW_MS) };
    assert_eq!(store.account(&wanted.id).await.unwrap(), Some(wanted.clone()));
    assert_eq!(store.accounts(10, None).await.unwrap().items, std::slice::from_ref(&wanted));
    let refused = begin(store, &ticket("T1", NOW_MS)).await;
    assert_eq!(refused, IntentWrite::Refused);
    assert_eq!(store.ticket(&ticket_id("T1")).await.unwrap(), None);
    store.delete_account(&wanted.id).await.unwrap();
    assert_eq!(store.account(&wanted.id).await.unwrap(), None);
    assert_eq!(start_removing(store).await, RemovalStart::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_can_not_be_removed() {
    let world = World::start().await;
    let store = store(&world);
    assert_eq!(start_removing(store).await, RemovalStart::NotFound);
    assert_eq!(world.table().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_deleted_only_once_it_is_being_removed() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let before = world.table().await;
    assert!(store.delete_account(&account_id(ACCOUNT)).await.is_err());
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_stays_while_one_of_its_tickets_is_not_closed() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    expect_not_removable(&world).await;
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    expect_not_removable(&world).await;
    let open = opened(&wanted, "C1");
    commit(store, &open).await;
    expect_not_removable(&world).await;
    store.start_close(&wanted.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    expect_not_removable(&world).await;
    store.abort_close(&wanted.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap();
    expect_not_removable(&world).await;
    close(store, &open).await;
    assert_eq!(start_removing(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_writes_count_a_ticket_once() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    // GIVEN two tickets, each write of the first one done twice
    let first = ticket("T1", NOW_MS);
    for _ in 0..2 {
        assert_eq!(begin(store, &first).await, IntentWrite::Written);
    }
    let first = opened(&first, "C1");
    for _ in 0..2 {
        commit(store, &first).await;
    }
    open(store, &ticket("T2", NOW_MS), "C2").await;
    for _ in 0..3 {
        close(store, &first).await;
    }
    // THEN the second one still keeps the account
    expect_not_removable(&world).await;
    let removed = ticket("T3", NOW_MS);
    begin(store, &removed).await;
    for wanted in [true, false, false] {
        assert_eq!(store.remove_ticket(&removed, "T3").await.unwrap(), wanted);
    }
    expect_not_removable(&world).await;
    let second = opened(&ticket("T2", NOW_MS), "C2");
    close(store, &second).await;
    assert_eq!(start_removing(store).await, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_other_accounts_do_not_count() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let other = account("A2", Vendor::Huawei, NOW_MS);
    store.put_account(&other).await.unwrap();
    open(store, &ticket("T1", NOW_MS), "C1").await;
    let start = store.start_removing(&other.id, REMOVAL_MS).await.unwrap();
    assert_eq!(start, RemovalStart::Removing);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_among_new_tickets_never_leaves_one_without_its_account() {
    let world = World::start().await;
    let store = store(&world);
    let (mut removals, mut tickets) = (0, 0);
    for round in 0..40 {
        let owner = account(&format!("A{round}"), Vendor::Huawei, NOW_MS);
        store.put_account(&owner).await.unwrap();
        let creates = (0..3).map(|number| {
            let mut wanted = ticket(&format!("T{round}-{number}"), NOW_MS);
            wanted.account_id = owner.id.clone();
            async move {
                // The order must differ from round to round.
                tokio::time::sleep(std::time::Duration::from_micros(400 * (round % 8))).await;
                begin(store, &wanted).await
            }
        });
        let removal = async {
            tokio::time::sleep(std::time::Duration::from_micros(1_400)).await;
            let start = store.start_removing(&owner.id, REMOVAL_MS).await.unwrap();
            if start == RemovalStart::Removing {
                store.delete_account(&owner.id).await.unwrap();
            }
            start
        };
        let (written, start) = tokio::join!(futures_util::future::join_all(creates), removal);
        let written = written.iter().filter(|one| **one == IntentWrite::Written).count();
        let there = store.account(&owner.id).await.unwrap().is_some();
        let wanted = if start == RemovalStart::Removing { (0, false) } else { (3, true) };
        assert_eq!((written, there), wanted, "round {round}: {start:?}");
        removals += usize::from(!there);
        tickets += written;
    }
    let all = store.tickets(&shared::store::TicketFilter::default(), 200, None).await.unwrap();
    assert_eq!(all.items.len(), tickets);
    assert!(all.items.iter().all(|one| one.state == TicketState::Creating));
    assert!(removals + tickets / 3 == 40, "{removals} and {tickets}");
}
