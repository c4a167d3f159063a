//! What the table's stream counts, each fact once.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::domain::Day;

use super::{HOUR_MS, answered_after, days, everything, of_vendor, one};
use crate::support::{ApiEvent, DAY, World};

#[tokio::test(flavor = "multi_thread")]
async fn each_fact_counts_on_its_day_at_its_vendor_and_account() {
    let (world, accounts) = World::ready().await;
    // At noon, so that a day does not end meanwhile.
    let since_midnight_ms = u64::try_from(world.now_ms() % (24 * HOUR_MS)).unwrap();
    world.clock.advance(DAY + DAY / 2 - Duration::from_millis(since_midnight_ms));
    let start_ms = world.now_ms();
    let (quick, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let (slow, _) = world.create("ALIBABA", &accounts.alibaba, "k2").await;
    world.create("HUAWEI", &accounts.huawei, "k1").await;
    let opened = Day::of(start_ms).to_string();
    answered_after(&world, &quick, HOUR_MS).await;
    answered_after(&world, &slow, 30 * HOUR_MS).await;
    world.clock.advance(DAY * 3);
    let closed_ms = world.now_ms();
    world.call(ApiEvent::close(&quick)).await.expect(200);
    let resolution_ms = world.ticket(&quick).await["resolution_ms"].as_i64().unwrap();
    assert!((72 * HOUR_MS..73 * HOUR_MS).contains(&resolution_ms), "{resolution_ms}");
    world.count_statistics().await;

    let counted = everything(&world).await;
    let none = json!({"count": 0});
    let alibaba = of_vendor(&counted, "ALIBABA");
    assert_eq!((&alibaba["opened"], &alibaba["closed"]), (&json!(2), &json!(1)));
    assert_eq!(alibaba["resolution"], one(resolution_ms));
    let both = json!({
        "count": 2,
        "median_ms": one(HOUR_MS)["median_ms"],
        "p90_ms": one(30 * HOUR_MS)["median_ms"],
    });
    assert_eq!(alibaba["first_response"], both);
    let huawei = json!({
        "type": "HUAWEI", "opened": 1, "closed": 0, "first_response": none.clone(), "resolution": none.clone(),
    });
    assert_eq!(of_vendor(&counted, "HUAWEI"), &huawei);

    // A day before the one of the close has the other facts of Alibaba's.
    let by_day = counted["days"].as_array().unwrap();
    let of_day = |day: &str, vendor: &str| {
        by_day.iter().find(|one| one["day"] == day && one["type"] == vendor).cloned().unwrap_or_default()
    };
    assert_eq!(of_day(&opened, "ALIBABA")["opened"], json!(2));
    assert_eq!(of_day(&Day::of(closed_ms).to_string(), "ALIBABA")["closed"], json!(1));
    let answered = Day::of(start_ms + 30 * HOUR_MS).to_string();
    assert!(of_day(&answered, "ALIBABA")["first_response"]["count"].as_u64() >= Some(1));
    assert!(by_day.is_sorted_by_key(|one| one["day"].as_str().unwrap().to_owned()));

    let only = |filter: &str| format!("{}&{filter}", days(&world));
    let of_huawei = world.statistics(&only("type=HUAWEI")).await;
    assert_eq!(of_huawei["vendors"], json!([huawei]));
    let of_account = world.statistics(&only(&format!("custom_id={}", accounts.huawei))).await;
    assert_eq!((&of_account["vendors"], &of_account["days"]), (&of_huawei["vendors"], &of_huawei["days"]));
    let of_other = world.statistics(&only("custom_id=none")).await;
    assert_eq!((&of_other["vendors"], &of_other["days"]), (&json!([]), &json!([])));
    let one_day = world.statistics(&format!("from={opened}&to={opened}")).await;
    assert_eq!(of_vendor(&one_day, "ALIBABA")["closed"], json!(0));
}

/// A batch of the stream: each ticket's record of its commit.
async fn deliver(world: &World, tickets: &[&str]) -> Value {
    let records: Vec<Value> = tickets.iter().enumerate().map(|(number, id)| record(number, id)).collect();
    let deadline = Instant::now() + Duration::from_secs(60);
    world.stack.invoke("update-statistics", json!({"Records": records}), deadline).await.unwrap()
}

fn record(number: usize, ticket: &str) -> Value {
    let (pk, sk) = (json!({"S": format!("TICKET#{ticket}")}), json!({"S": "TICKET"}));
    let image = |state: &str| {
        json!({
            "PK": pk, "SK": sk, "entity": {"S": "ticket"}, "id": {"S": ticket}, "custom_id": {"S": "A1"},
            "type": {"S": "ALIBABA"}, "state": {"S": state}, "create_time": {"N": "1772600767089"},
        })
    };
    json!({
        "eventID": format!("event-{number}"),
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"PK": pk, "SK": sk}, "SequenceNumber": format!("{}", number + 1),
            "OldImage": image("creating"), "NewImage": image("open"),
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_comes_again_or_late_counts_nothing() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    answered_after(&world, &ticket, HOUR_MS).await;
    world.call(ApiEvent::close(&ticket)).await.expect(200);
    world.count_statistics().await;
    let counted = everything(&world).await;
    assert_eq!(of_vendor(&counted, "ALIBABA")["closed"], json!(1));
    let done = json!({"batchItemFailures": []});
    // The old record of the ticket's create, when it is closed long ago; twice in a batch, and the batch twice.
    for _ in 0..2 {
        assert_eq!(deliver(&world, &[&ticket, &ticket]).await, done);
    }
    // A ticket that the table does not have.
    assert_eq!(deliver(&world, &["01JD2Y5T9V7Z3M6Q8R4S0X1W2K"]).await, done);
    assert_eq!(everything(&world).await, counted);
    let event = serde_json::from_str(include_str!("../../events/update-statistics-stream.json")).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    assert_eq!(world.stack.invoke("update-statistics", event, deadline).await.unwrap(), done);
    assert_eq!(everything(&world).await, counted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_first_answer_moves_its_count() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    for hours in [50, 2] {
        answered_after(&world, &ticket, hours * HOUR_MS).await;
        world.count_statistics().await;
        let counted = everything(&world).await;
        assert_eq!(of_vendor(&counted, "HUAWEI")["first_response"], one(hours * HOUR_MS), "{hours}");
        let days = counted["days"].as_array().unwrap();
        let answered: Vec<_> = days.iter().filter(|day| day["first_response"]["count"] != 0).collect();
        let [day] = answered.as_slice() else { panic!("{counted}") };
        let create_time = world.ticket(&ticket).await["create_time"].as_i64().unwrap();
        assert_eq!(day["day"], json!(Day::of(create_time + hours * HOUR_MS).to_string()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_without_outcome_does_not_count_and_an_unreadable_one_stops_no_other() {
    use simulators::{Fault, FaultRule};
    let (world, accounts) = World::ready().await;
    world.simulated("ALIBABA").fault(FaultRule::times("CreateTicket", 1, Fault::CutBefore));
    world.call(world.create_event("ALIBABA", &accounts.alibaba, "lost")).await.expect(202);
    let (broken, _) = world.create("ALIBABA", &accounts.alibaba, "broken").await;
    let text = AttributeValue::S("broken".into());
    world.overwrite(&format!("TICKET#{broken}"), "TICKET", "create_time", text).await;
    world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.count_statistics().await;
    assert_eq!(of_vendor(&everything(&world).await, "ALIBABA")["opened"], json!(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_that_can_not_be_read_stops_no_other_ticket() {
    let (world, accounts) = World::ready().await;
    let (broken, _) = world.create("ALIBABA", &accounts.alibaba, "broken").await;
    let (other, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.count_statistics().await;
    let text = AttributeValue::S("broken".into());
    world.overwrite(&format!("COUNTED#{broken}"), "0", "revision", text).await;
    for ticket in [&broken, &other] {
        answered_after(&world, ticket, HOUR_MS).await;
    }
    assert_eq!(deliver(&world, &[&broken, &other]).await, json!({"batchItemFailures": []}));
    assert_eq!(of_vendor(&everything(&world).await, "ALIBABA")["first_response"], one(HOUR_MS));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_can_not_be_counted_is_delivered_again_from_there() {
    let (world, accounts) = World::ready().await;
    let (first, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let (second, _) = world.create("ALIBABA", &accounts.alibaba, "k2").await;
    let count = "ConditionCheck+Put+Update";
    world.aws_calls.cancel(count, Some("ThrottlingError"));
    let failed = deliver(&world, &[&first, &second]).await;
    assert_eq!(failed, json!({"batchItemFailures": [{"itemIdentifier": "1"}]}));
    assert_eq!(everything(&world).await["vendors"], json!([]));
    // What would be refused again must not stop the others for a day.
    world.aws_calls.cancel(count, Some("ValidationError"));
    assert_eq!(deliver(&world, &[&first]).await, json!({"batchItemFailures": []}));
    world.aws_calls.cancel(count, None);
    world.count_statistics().await;
    assert_eq!(of_vendor(&everything(&world).await, "ALIBABA")["opened"], json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_another_kind_is_refused() {
    let world = World::start().await;
    let deadline = Instant::now() + Duration::from_secs(60);
    for event in [json!({}), json!({"rebuild": false})] {
        let refused = world.stack.invoke("update-statistics", event, deadline).await.unwrap_err();
        assert!(refused.contains("rebuild"), "{refused}");
    }
}
