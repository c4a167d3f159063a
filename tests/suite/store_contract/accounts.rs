//! Accounts in the store.

use shared::{
    domain::{AccountHealth, HealthError, Vendor},
    store::NewTicketWrite,
};

use super::{NOW_MS, account, account_id, begin, seed, store, ticket};
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
        store.put_account(&wanted).await.unwrap();
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
        store
            .put_account(&account(&id, Vendor::Alibaba, NOW_MS + number / 2))
            .await
            .unwrap();
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
        let vendor = if number % 2 == 0 {
            Vendor::Huawei
        } else {
            Vendor::Tencent
        };
        store
            .put_account(&account(&format!("A{number:03}"), vendor, NOW_MS))
            .await
            .unwrap();
    }
    let ids = |accounts: Vec<shared::domain::Account>| -> Vec<String> {
        accounts
            .into_iter()
            .map(|account| account.id.to_string())
            .collect()
    };
    let huawei = ids(store.all_accounts(Some(Vendor::Huawei)).await.unwrap());
    let wanted: Vec<_> = (0..103)
        .step_by(2)
        .map(|number| format!("A{number:03}"))
        .collect();
    assert_eq!(huawei, wanted);
    assert_eq!(store.all_accounts(None).await.unwrap().len(), 103);
    assert_eq!(
        ids(store.all_accounts(Some(Vendor::Alibaba)).await.unwrap()).len(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_written_to_an_account_and_does_not_bring_back_one_that_is_gone() {
    let world = World::start().await;
    let store = store(&world);
    let health = AccountHealth {
        last_check: Some(NOW_MS + 1),
        last_error: Some(HealthError {
            code: "account_keys_refused".into(),
            detail: "The vendor refuses the account's keys.".into(),
        }),
    };
    let mut known = account("A1", Vendor::Alibaba, NOW_MS);
    store.put_account(&known).await.unwrap();
    store.set_account_health(&known.id, &health).await.unwrap();
    known.health = health.clone();
    assert_eq!(store.account(&known.id).await.unwrap(), Some(known.clone()));

    store.delete_account(&known.id).await.unwrap();
    store.delete_account(&known.id).await.unwrap();
    store.set_account_health(&known.id, &health).await.unwrap();
    assert_eq!(store.account(&known.id).await.unwrap(), None);
    assert!(store.accounts(10, None).await.unwrap().items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_being_deleted_takes_no_ticket_until_the_mark_is_taken_back() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let id = account_id(super::ACCOUNT);
    assert!(store.mark_account_deleting(&id, NOW_MS).await.unwrap());
    assert_eq!(
        begin(store, &ticket("T1", NOW_MS)).await,
        NewTicketWrite::NoAccount
    );
    store.unmark_account_deleting(&id).await.unwrap();
    assert_eq!(begin(store, &ticket("T1", NOW_MS)).await, NewTicketWrite::Written);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_not_there_can_not_be_marked() {
    let world = World::start().await;
    let store = store(&world);
    let id = account_id("A9");
    assert!(!store.mark_account_deleting(&id, NOW_MS).await.unwrap());
    assert_eq!(store.account(&id).await.unwrap(), None);
}
