//! Registrations that stop between their steps: nothing stays for ever, and nothing is lost.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{
    domain::{Account, AccountId, AccountKeys},
    ids,
    store::RegistrationStart,
};

use super::VENDORS;
use crate::support::{ApiEvent, World, cases, demo_keys};

/// Later than the time that a registration has.
const LATER: Duration = Duration::from_mins(16);

/// Does the first step of a registration, as a process that then crashed.
async fn begin(world: &World, vendor: &str) -> Account {
    let app = &world.stack.app;
    let id: AccountId = ids::new_id(app.clock.as_ref(), app.random.as_ref()).unwrap();
    let mut item = world.account_body(vendor);
    for (name, value) in [
        ("id", json!(id)),
        ("site", json!("china")),
        ("create_time", json!(world.now_ms())),
        ("customer_id", json!(demo_keys(vendor).account)),
    ] {
        item[name] = value;
    }
    let account: Account = serde_json::from_value(item).unwrap();
    let start = app.store.begin_registration(&account, false, world.now_ms() + 900_000).await.unwrap();
    assert_eq!(start, RegistrationStart::Begun);
    account
}

async fn listed(world: &World) -> Vec<Value> {
    world.call(ApiEvent::of("GET /accounts")).await.expect(200).items().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_without_keys_leaves_nothing() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let stopped = begin(&world, vendor).await;
        let register = || ApiEvent::of("POST /accounts").body(world.account_body(vendor));
        let refused = world.call(register()).await.expect_problem(409, "account_exists");
        assert!(refused.text("detail").contains(stopped.id.as_str()), "{refused}");
        // It has its time.
        let before = world.table().await;
        world.sync().await;
        assert_eq!(world.table().await, before);
        assert_eq!(listed(&world).await, Vec::<Value>::new());
        world.clock.advance(LATER);
        world.sync().await;
        assert_eq!(world.table().await, Vec::<String>::new());
        let account = world.call(register()).await.expect(201).text("id");
        world.call(ApiEvent::of("DELETE /accounts/{id}").id(&account)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_with_keys_is_finished() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let stopped = begin(&world, vendor).await;
        let keys = demo_keys(vendor);
        let keys = AccountKeys { secret_id: keys.id.into(), secret_key_secret: keys.secret.into() };
        world.stack.app.secrets.create(&stopped.id, &keys).await.unwrap();
        world.clock.advance(LATER);
        for _ in 0..2 {
            world.sync().await;
        }
        let accounts = listed(&world).await;
        let ids: Vec<_> = accounts.iter().map(|account| &account["id"]).collect();
        assert!(ids.contains(&&json!(stopped.id)), "{ids:?}");
        assert_eq!(world.refresh(json!({"type": vendor})).await["state"], "complete");
        assert!(!world.table().await.iter().any(|item| item.contains("REGISTRATION")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_was_cancelled_is_not_finished_by_its_late_process() {
    let world = World::start().await;
    let store = &world.stack.app.store;
    let stopped = begin(&world, "HUAWEI").await;
    world.clock.advance(LATER);
    world.sync().await;
    assert_eq!(store.finish_registration(&stopped).await.unwrap(), None);
    assert_eq!(world.table().await, Vec::<String>::new());
    // One that began again is another attempt, which the sync of the first leaves alone.
    let again = Account { create_time: stopped.create_time + 1, ..stopped.clone() };
    store.begin_registration(&again, false, world.now_ms() + 900_000).await.unwrap();
    store.cancel_registration(&stopped).await.unwrap();
    assert_eq!(store.finish_registration(&again).await.unwrap(), Some(again.clone()));
    assert_eq!(store.finish_registration(&again).await.unwrap(), Some(again));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_is_repeated_after_the_removal_of_its_account_is_refused() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        // GIVEN a registration whose answer was not stored, and whose account was removed
        let register = || ApiEvent::of("POST /accounts").key(vendor).body(world.account_body(vendor));
        let id = world.call(register()).await.expect(201).text("id");
        world.forget_answers().await;
        world.call(ApiEvent::of("DELETE /accounts/{id}").id(&id)).await.expect(204);
        // WHEN it is sent again, THEN it says so, and nothing stays
        world.clock.advance(LATER);
        let refused = world.call(register()).await.expect_problem(409, "account_not_found");
        assert!(refused.text("detail").contains("send the request again"), "{refused}");
        assert!(!world.table().await.iter().any(|item| item.contains(&id)));
        let again = world.call(register()).await.expect(201).text("id");
        assert_ne!(again, id);
    }
}
