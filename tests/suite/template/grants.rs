//! The policies against the calls that the functions really make in a whole story, mishaps included.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::TEMPLATE;
use crate::support::{Event, World};

/// The actions that a call needs.
fn actions(target: &str) -> Vec<String> {
    let (service, operation) = target.split_once('.').unwrap();
    let service = match service {
        "DynamoDB_20120810" => "dynamodb",
        "secretsmanager" => "secretsmanager",
        "AWSEvents" => "events",
        _ => panic!("{target}"),
    };
    match operation.strip_prefix("TransactWriteItems:") {
        Some(kinds) => kinds.split('+').map(|kind| format!("{service}:{}", item_action(kind))).collect(),
        None => vec![format!("{service}:{operation}")],
    }
}

/// The action that one part of a transaction needs.
fn item_action(kind: &str) -> String {
    if kind == "ConditionCheck" { "ConditionCheckItem".into() } else { format!("{kind}Item") }
}

/// Calls the API and notes what its function called.
async fn call(
    world: &World,
    needed: &mut BTreeMap<String, BTreeSet<String>>,
    event: Event,
) -> crate::support::Answer {
    let (function, event) = event.build();
    world.aws_calls.take();
    let answer = world.invoke(function, event).await;
    world.stack.events.settled().await;
    let called = world.aws_calls.take();
    needed.entry(function.to_owned()).or_default().extend(called.iter().flat_map(|target| actions(target)));
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_may_do_what_it_does_and_no_more() {
    let world = World::start_with(&[("SETTLE_TIME_MS", "0"), ("KEYS_MAX_AGE_MS", "0")]).await;
    // As if every call came to a new process: nothing is given up or kept in memory for long.
    let mut needed = BTreeMap::new();
    let of = Event::of;
    let account = of("POST /accounts").key("a").body(world.account_body("ALIBABA"));
    let account = call(&world, &mut needed, account).await.expect(201).text("id");
    let bad = of("POST /accounts").key("b").body(json!({"type": "x"}));
    call(&world, &mut needed, bad).await.expect(400);
    let mut wrong = world.account_body("ALIBABA");
    wrong["secret_key_secret"] = json!("wrong");
    call(&world, &mut needed, of("POST /accounts").key("c").body(wrong)).await.expect(422);
    let mut keys = world.account_body("ALIBABA");
    keys.as_object_mut().unwrap().retain(|name, _| name.starts_with("secret"));
    call(&world, &mut needed, of("PUT /accounts/{id}/keys").id(&account).body(keys)).await.expect(200);
    call(&world, &mut needed, of("GET /accounts")).await.expect(200);
    call(&world, &mut needed, of("POST /catalog/refresh").key("r")).await.expect(202);
    call(&world, &mut needed, of("GET /catalog/products")).await.expect(200);
    call(&world, &mut needed, of("GET /catalog/refreshes/{id}").id("none")).await.expect(404);

    // A create that is cut before the vendor takes it, and its key's second try.
    let alibaba = &world.stack.simulators.vendors.alibaba;
    alibaba.add_faults([FaultRule::times("CreateTicket", 1, Fault::CutBefore)]);
    let create = || of("POST /tickets").key("t").body(world.ticket_body("ALIBABA", &account));
    call(&world, &mut needed, create()).await.expect(202);
    let ticket = call(&world, &mut needed, create()).await.expect(201).text("id");
    let mut unknown = world.ticket_body("ALIBABA", &account);
    unknown["product_business_id"] = json!("999999");
    call(&world, &mut needed, of("POST /tickets").key("u").body(unknown)).await.expect(400);

    call(&world, &mut needed, of("GET /tickets")).await.expect(200);
    call(&world, &mut needed, of("GET /tickets").query(&format!("custom_id={account}"))).await.expect(200);
    call(&world, &mut needed, of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200);
    support_says(&world, &ticket).await;
    alibaba.add_faults([FaultRule::times("CloseTicket", 1, Fault::CutAfter)]);
    let close = || of("POST /tickets/{id}/close").id(&ticket).key("c");
    call(&world, &mut needed, close()).await.expect(202);
    call(&world, &mut needed, close()).await.expect(200);
    call(&world, &mut needed, of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200);
    call(&world, &mut needed, of("DELETE /accounts/{id}").id(&account)).await.expect(204);

    for function in &TEMPLATE.functions {
        let granted: BTreeSet<String> = function
            .statements
            .iter()
            .flat_map(|statement| statement.actions.clone())
            .filter(|action| !action.starts_with("logs:") && !action.starts_with("sqs:"))
            .collect();
        assert_eq!(granted, needed[&function.package], "{} may do / does", function.package);
    }
}

async fn support_says(world: &World, ticket: &str) {
    let ticket = world.call(Event::of("GET /tickets/{id}").id(ticket)).await.expect(200);
    let alibaba = &world.stack.simulators.vendors.alibaba;
    assert!(alibaba.reply(&ticket.text("cloud_id"), None, "您好", world.stack.app.clock.now_ms()).is_some());
}
