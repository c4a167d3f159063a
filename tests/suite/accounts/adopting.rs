//! Several accounts of one customer: one of them adopts, and each of the vendor's tickets is one ticket here.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use simulators::{Fault, FaultRule, TextRewrite};

use crate::support::{Answer, ApiEvent, LEASE, NO_SETTLE_TIME, World, api, cases, demo_keys};

const TICKET_VENDORS: [&str; 2] = ["ALIBABA", "HUAWEI"];

async fn switch(world: &World, account: &str, on: bool) -> Answer {
    let body = json!({"adopt_console_tickets": on});
    world.call(ApiEvent::of("PATCH /accounts/{id}").id(account).body(body)).await
}

/// The vendor's ids of all tickets of the vendor.
async fn cloud_ids(world: &World, vendor: &str) -> Vec<Value> {
    let tickets = world.all(|| ApiEvent::of("GET /tickets"), &format!("&type={vendor}"), 100).await;
    tickets.into_iter().map(|ticket| ticket["cloud_id"].clone()).collect()
}

fn open_in_console(world: &World, vendor: &str) -> String {
    // Huawei's times are whole seconds.
    world.clock.advance(Duration::from_secs(2));
    world.open_in_console(vendor, "控制台", "磁盘已满", world.now_ms())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_of_a_customer_adopts() {
    let world = World::start().await;
    for vendor in cases(TICKET_VENDORS) {
        let (first, second) = (world.register(vendor).await, world.register(vendor).await);
        let answers = join_all([&first, &second, &first, &second].map(|id| switch(&world, id, true))).await;
        let adopting: Vec<_> = answers.iter().filter(|answer| answer.status == 200).map(|one| one.text("id")).collect();
        assert_eq!(adopting.len(), 2, "of two accounts one is switched on, twice");
        assert_eq!(adopting[0], adopting[1]);
        let (on, off) = if adopting[0] == first { (first, second) } else { (second, first) };
        let refused = switch(&world, &off, true).await.expect_problem(409, "another_account_adopts");
        assert!(refused.text("detail").contains(&on), "{refused}");
        let mut body = world.account_body(vendor);
        body["allow_same_customer"] = json!(true);
        body["adopt_console_tickets"] = json!(true);
        let third = || ApiEvent::of("POST /accounts").body(body.clone());
        world.call(third()).await.expect_problem(409, "another_account_adopts");

        let by_hand = open_in_console(&world, vendor);
        for _ in 0..2 {
            world.sync().await;
        }
        assert_eq!(cloud_ids(&world, vendor).await, [json!(by_hand)]);
        // The other one takes over: what was adopted stays adopted once.
        switch(&world, &on, false).await.expect(200);
        switch(&world, &off, true).await.expect(200);
        world.overwrite_number(&off, "adopt_since", 1).await;
        world.sync().await;
        assert_eq!(cloud_ids(&world, vendor).await, [json!(by_hand)]);
        // It is removed, and a third one may adopt.
        world.call(ApiEvent::of("DELETE /accounts/{id}").id(&off)).await.expect(204);
        world.call(third()).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_of_another_account_of_the_customer_are_not_adopted() {
    let world = World::start().await;
    for vendor in cases(TICKET_VENDORS) {
        let (writes, adopts) = (world.register(vendor).await, world.register(vendor).await);
        world.refresh(json!({})).await;
        switch(&world, &adopts, true).await.expect(200);
        world.clock.advance(Duration::from_secs(2));
        let (_, cloud_id) = world.create(vendor, &writes, "k1").await;
        world.sync().await;
        assert_eq!(cloud_ids(&world, vendor).await, [json!(cloud_id)]);
    }
}

/// Two accounts of an earlier version, which both adopt, and of which nobody knows that they are one customer's.
#[tokio::test(flavor = "multi_thread")]
async fn older_accounts_of_one_customer_adopt_nothing_twice() {
    let world = World::start().await;
    for vendor in cases(TICKET_VENDORS) {
        let (first, second) = (world.register(vendor).await, world.register(vendor).await);
        world.refresh(json!({})).await;
        for account in [&first, &second] {
            world.forget_customer(account).await;
            world.overwrite_number(account, "adopt_since", world.now_ms()).await;
        }
        // One has a ticket that it claimed as its own.
        let (_, claimed) = world.create(vendor, &second, "k1").await;
        let by_hand = open_in_console(&world, vendor);
        world.sync().await;
        assert_eq!(cloud_ids(&world, vendor).await, [json!(claimed)], "nothing is adopted for an unknown customer");
        let refused = switch(&world, &first, true).await;
        refused.expect_problem(409, "customer_unknown");
        world.refresh(json!({})).await;
        let mut adopting = 0;
        for account in [&first, &second] {
            let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await.expect(200);
            assert_eq!(shown.text("customer_id"), demo_keys(vendor).account);
            adopting += usize::from(shown.body["adopt_since"].is_i64());
        }
        assert_eq!(adopting, 1, "the other one no longer adopts");
        for _ in 0..2 {
            world.sync().await;
        }
        let mut found = cloud_ids(&world, vendor).await;
        found.sort_by_key(Value::to_string);
        let mut wanted = [json!(claimed), json!(by_hand)];
        wanted.sort_by_key(Value::to_string);
        assert_eq!(found, wanted);
    }
}

/// The answer to a create of the other account is lost, and its text is cut so that no marker is left.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_a_lost_ticket_of_another_account_of_the_customer_is_not_adopted() {
    let world = World::start_with(&NO_SETTLE_TIME).await;
    for vendor in cases(TICKET_VENDORS) {
        let (writes, adopts) = (world.register(vendor).await, world.register(vendor).await);
        world.refresh(json!({})).await;
        switch(&world, &adopts, true).await.expect(200);
        world.clock.advance(Duration::from_secs(2));
        let create = api(vendor).create;
        for fault in [Fault::Rewrite(TextRewrite::Cut { chars: 3 }), Fault::CutAfter] {
            world.simulated(vendor).fault(FaultRule::times(create, 1, fault));
        }
        let id = world.call(world.create_event(vendor, &writes, "k1")).await.expect(202).text("id");
        for _ in 0..2 {
            world.sync().await;
            world.clock.advance(LEASE);
        }
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], ticket["candidates"].as_array().unwrap().len()), (&json!("indeterminate"), 1));
        assert_eq!(cloud_ids(&world, vendor).await, [Value::Null], "it was adopted");
    }
}
