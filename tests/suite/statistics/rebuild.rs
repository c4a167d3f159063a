//! The rebuild from all tickets: the same result as the stream's, beside it, and continued where it stopped.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use shared::{
    domain::{AccountId, CloudId, Day, Ticket, TicketId, TicketState},
    store::Lease,
};

use super::{HOUR_MS, answered_after, everything, of_vendor};
use crate::support::{ApiEvent, DAY, World};

/// Tickets at two vendors: answered, closed, open and without outcome.
async fn tickets(world: &World) {
    use simulators::{Fault, FaultRule};
    let accounts = world.register_accounts().await;
    for (vendor, account) in accounts.both() {
        for (number, hours) in [(1, 1), (2, 5), (3, 40)] {
            let (ticket, _) = world.create(vendor, account, &format!("k{number}")).await;
            answered_after(world, &ticket, hours * HOUR_MS).await;
            if number > 1 {
                world.clock.advance(DAY);
                world.call(ApiEvent::close(&ticket)).await.expect(200);
            }
        }
        world.create(vendor, account, "open").await;
    }
    world.simulated("ALIBABA").fault(FaultRule::times("CreateTicket", 1, Fault::CutBefore));
    world.call(world.create_event("ALIBABA", &accounts.alibaba, "lost")).await.expect(202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_gives_what_the_stream_counted() {
    let world = World::start().await;
    tickets(&world).await;
    world.count_statistics().await;
    let counted = everything(&world).await;
    assert_eq!(of_vendor(&counted, "ALIBABA")["opened"], json!(4));
    assert_eq!(world.rebuild_statistics().await, json!({"state": "complete", "tickets": 9}));
    assert_eq!(everything(&world).await, counted);
    // The stream goes on in what was rebuilt, also for tickets that were counted before.
    let open = world.call(ApiEvent::of("GET /tickets").query("state=open&type=HUAWEI")).await.expect(200);
    let open = open.items()[0]["id"].as_str().unwrap().to_owned();
    world.call(ApiEvent::close(&open)).await.expect(200);
    world.count_statistics().await;
    let after = everything(&world).await;
    assert_eq!(of_vendor(&after, "HUAWEI")["closed"], json!(3));
    assert_eq!(of_vendor(&after, "HUAWEI")["opened"], of_vendor(&counted, "HUAWEI")["opened"]);
    for _ in 0..2 {
        world.rebuild_statistics().await;
        assert_eq!(everything(&world).await, after);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_repairs_counts_and_counts_what_was_never_counted() {
    let world = World::start().await;
    tickets(&world).await;
    // Nothing was counted, as after an upgrade of a stack that has tickets.
    assert_eq!(everything(&world).await["vendors"], json!([]));
    world.rebuild_statistics().await;
    let rebuilt = everything(&world).await;
    world.count_statistics().await;
    assert_eq!(everything(&world).await, rebuilt);
    let create_time =
        world.call(ApiEvent::of("GET /tickets").query("type=HUAWEI")).await.expect(200).items()[0]["create_time"]
            .as_i64()
            .unwrap();
    let account = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
    let account =
        account.items().iter().find(|one| one["type"] == "HUAWEI").unwrap()["id"].as_str().unwrap().to_owned();
    let day = format!("{}#{account}", Day::of(create_time));
    world.overwrite("STATISTICS#1#HUAWEI", &day, "opened", AttributeValue::N("99".into())).await;
    assert_ne!(everything(&world).await, rebuilt);
    world.rebuild_statistics().await;
    assert_eq!(everything(&world).await, rebuilt);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_counts_on_while_a_rebuild_is_under_way() {
    let world = World::start().await;
    tickets(&world).await;
    world.count_statistics().await;
    let before = everything(&world).await;
    // GIVEN a rebuild whose first run had no time
    let event = json!({"rebuild": true});
    let no_time = Instant::now() + Duration::from_secs(10);
    let first = world.stack.invoke("update-statistics", event.clone(), no_time).await.unwrap();
    assert_eq!(first, json!({"state": "unfinished", "tickets": 0}));
    assert_eq!(everything(&world).await, before, "what is built is not read yet");
    // WHEN tickets change meanwhile
    let open = world.call(ApiEvent::of("GET /tickets").query("state=open")).await.expect(200);
    for ticket in open.items() {
        world.call(ApiEvent::close(ticket["id"].as_str().unwrap())).await.expect(200);
    }
    world.count_statistics().await;
    let counted = everything(&world).await;
    assert_ne!(counted, before);
    // THEN the rebuild comes to the same
    assert_eq!(world.rebuild_statistics().await["state"], "complete");
    assert_eq!(everything(&world).await, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rebuild_runs_at_a_time_and_a_crashed_one_is_continued() {
    let world = World::start().await;
    tickets(&world).await;
    world.count_statistics().await;
    let counted = everything(&world).await;
    let store = &world.stack.app.store;
    let lease = Lease { token: "crashed".into(), until_ms: world.now_ms() + 60_000 };
    let mut position = store.start_rebuild(world.now_ms(), &lease).await.unwrap().unwrap();
    assert!(store.rebuild_next(&lease, &mut position).await.unwrap());
    assert_eq!(world.rebuild_statistics().await, json!({"state": "running"}));
    world.clock.advance(Duration::from_mins(2));
    // Those that are not closed were read by the first run.
    assert_eq!(world.rebuild_statistics().await, json!({"state": "complete", "tickets": 9}));
    assert_eq!(everything(&world).await, counted);
    // The first run wakes up.
    assert!(store.rebuild_next(&lease, &mut position).await.is_ok_and(|more| !more));
    store.finish_rebuild(&lease, &position).await.unwrap();
    assert_eq!(everything(&world).await, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_reads_tickets_page_by_page() {
    const TICKETS: i64 = 230;
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    let account = world.stack.app.store.account(&AccountId::parse(&account).unwrap()).await.unwrap().unwrap();
    let now_ms = world.now_ms();
    for number in 0..TICKETS {
        let id = TicketId::parse(format!("T{number:03}")).unwrap();
        let open = Ticket {
            cloud_id: CloudId::parse(format!("C{number}")).ok(),
            state: TicketState::Open,
            // Many of one millisecond.
            ..Ticket::new(id, &account, "name".into(), "description".into(), now_ms + number / 100)
        };
        assert!(world.stack.app.store.adopt_ticket(&account, &open).await.unwrap());
    }
    assert_eq!(world.rebuild_statistics().await, json!({"state": "complete", "tickets": TICKETS}));
    let rebuilt = everything(&world).await;
    assert_eq!(of_vendor(&rebuilt, "HUAWEI")["opened"], json!(TICKETS));
    world.count_statistics().await;
    assert_eq!(everything(&world).await, rebuilt);
}
