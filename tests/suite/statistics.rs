//! `GET /statistics`, and the counting behind it: by the table's stream, and again from the tickets.

mod counting;
mod rebuild;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use shared::domain::{Day, Histogram};

use crate::support::{ApiEvent, World};

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Days before and after now, enough for every test.
fn days(world: &World) -> String {
    let now_ms = world.now_ms();
    let days_ms = 100 * 24 * HOUR_MS;
    format!("from={}&to={}", Day::of(now_ms - days_ms), Day::of(now_ms + days_ms))
}

/// All that is counted, whatever the day is.
async fn everything(world: &World) -> Value {
    let shown = world.statistics(&days(world)).await;
    json!({"vendors": shown["vendors"], "days": shown["days"]})
}

/// The counts of a vendor over all days.
fn of_vendor<'a>(statistics: &'a Value, vendor: &str) -> &'a Value {
    let vendors = statistics["vendors"].as_array().unwrap();
    vendors.iter().find(|one| one["type"] == vendor).unwrap_or(&Value::Null)
}

/// Durations as they are answered for one ticket.
fn one(duration_ms: i64) -> Value {
    let mut histogram = Histogram::default();
    histogram.add(Histogram::bucket(duration_ms), 1);
    let shown = histogram.percentile(50).unwrap();
    json!({"count": 1, "median_ms": shown, "p90_ms": shown})
}

/// Support's first message came so long after the ticket's creation.
async fn answered_after(world: &World, ticket: &str, duration_ms: i64) {
    let create_time = world.ticket(ticket).await["create_time"].as_i64().unwrap();
    let time = AttributeValue::N((create_time + duration_ms).to_string());
    world.overwrite(&format!("TICKET#{ticket}"), "TICKET", "first_response_time", time).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_days_and_filters_are_refused() {
    let world = World::start().await;
    for (query, field) in [
        ("to=2026-01-15", "from"),
        ("from=2026-01-15", "to"),
        ("from=2026-1-15&to=2026-01-15", "from"),
        ("from=2026-02-30&to=2026-03-01", "from"),
        ("from=2026-01-15&to=1768465800000", "to"),
        ("from=2026-01-15&to=2026-01-14", "to"),
        // The 367th day.
        ("from=2026-01-01&to=2027-01-02", "to"),
        ("from=2026-01-15&to=2026-01-15&type=AWS", "type"),
        ("from=2026-01-15&to=2026-01-15&custom_id=a%2Fb", "custom_id"),
        ("from=2026-01-15&to=2026-01-15&limit=1", "limit"),
    ] {
        let refused = world.call(ApiEvent::of("GET /statistics").query(query)).await;
        refused.expect_problem(400, "invalid_fields").expect_field(field);
    }
    let none = world.statistics("from=2026-01-01&to=2027-01-01").await;
    assert_eq!(none, json!({"from": "2026-01-01", "to": "2027-01-01", "vendors": [], "days": []}));
}
