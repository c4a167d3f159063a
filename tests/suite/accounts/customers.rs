//! Whose keys an account has: read at registration, one account for each customer unless the caller wants more.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{VENDORS, identity, identity_failures, with};
use crate::support::{ApiEvent, World, cases, demo_keys, second_keys};

fn register(world: &World, vendor: &str) -> ApiEvent {
    ApiEvent::of("POST /accounts").body(world.account_body(vendor))
}

fn delete(account: &str) -> ApiEvent {
    ApiEvent::of("DELETE /accounts/{id}").id(account)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_account_of_a_customer_is_refused_unless_the_caller_allows_it() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let first = world.call(register(&world, vendor)).await.expect(201).text("id");
        // Another key pair of the same customer, and another customer.
        super::add_keys(&world, vendor, "second-user", "second-user-secret");
        let mut body = with(world.account_body(vendor), "secret_id", "second-user");
        body["secret_key_secret"] = json!("second-user-secret");
        let before = world.table().await;
        let refused = world.call(ApiEvent::of("POST /accounts").body(body.clone()).key("k")).await;
        let refused = refused.expect_problem(409, "account_exists");
        assert!(refused.text("detail").contains(&first), "{refused}");
        assert_eq!(world.table().await, before);
        let other = world.register_second(vendor).await;
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&other)).await.expect(200);
        assert_eq!(shown.text("customer_id"), second_keys(vendor).account);

        body["allow_same_customer"] = json!(true);
        let second = world.call(ApiEvent::of("POST /accounts").body(body)).await.expect(201);
        assert_eq!(second.text("customer_id"), demo_keys(vendor).account);
        // The customer is free again once both accounts are removed.
        world.call(delete(&first)).await.expect(204);
        let refused = world.call(register(&world, vendor)).await.expect_problem(409, "account_exists");
        assert!(refused.text("detail").contains(&second.text("id")), "{refused}");
        world.call(delete(&second.text("id"))).await.expect(204);
        let again = world.call(register(&world, vendor)).await.expect(201).text("id");
        for account in [again, other] {
            world.call(delete(&account)).await.expect(204);
        }
        let left: Vec<_> = world.table().await.into_iter().filter(|item| !item.contains("idempotency")).collect();
        assert_eq!(left, Vec::<String>::new(), "a removed account leaves nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_registrations_of_one_customer_at_once_one_is_done() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let answers = futures_util::future::join_all((0..6).map(|_| world.call(register(&world, vendor)))).await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((done.len(), refused.len()), (1, 5));
        for answer in refused {
            let answer = answer.expect_problem(409, "account_exists");
            assert!(answer.text("detail").contains(&done[0].text("id")), "{answer}");
        }
    }
    let listed = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
    assert_eq!(listed.items().len(), VENDORS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_not_stored_before_its_customer_is_known() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        for (fault, status) in identity_failures(vendor) {
            let case = format!("{fault:?}");
            world.simulated(vendor).fault(FaultRule::always(identity(vendor), fault));
            let answer = world.call_within(register(&world, vendor), Duration::from_secs(6)).await;
            assert_eq!(answer.status, status, "{case}: {answer}");
            world.simulated(vendor).no_faults();
        }
    }
    assert_eq!(world.table().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_check_fills_in_the_customer_of_older_accounts() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let accounts = [world.register(vendor).await, world.register(vendor).await];
        for account in &accounts {
            world.forget_customer(account).await;
        }
        let customers = async || {
            let mut customers = Vec::new();
            for account in &accounts {
                let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await.expect(200);
                customers.push(shown.body["customer_id"].clone());
            }
            customers
        };
        // A vendor that says nothing proves nothing.
        world.simulated(vendor).fault(FaultRule::always(identity(vendor), Fault::Status { code: 503 }));
        world.refresh(json!({"type": vendor})).await;
        assert_eq!(customers().await, [json!(null), json!(null)]);
        world.simulated(vendor).no_faults();
        world.refresh(json!({"type": vendor})).await;
        let customer = json!(demo_keys(vendor).account);
        assert_eq!(customers().await, [customer.clone(), customer]);
        let calls = world.simulated(vendor).count(identity(vendor));
        world.call(register(&world, vendor)).await.expect_problem(409, "account_exists");
        world.refresh(json!({"type": vendor})).await;
        // Tencent's keys are checked by the same call.
        if vendor != "TENCENT" {
            assert_eq!(world.simulated(vendor).count(identity(vendor)), calls + 1, "it is read once");
        }
    }
}
