//! Audit records: every write, done or refused, with who, when, what about and its outcome; none of a read; never a
//! text.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::AuditRecord;

use crate::support::{ApiEvent, Logs, World};

/// A call of that person.
fn by(event: ApiEvent, subject: &str) -> ApiEvent {
    event.claims(json!({"sub": subject, "name": "canary-name"})).variables(json!({"actor_name_claim": "name"}))
}

fn reply(ticket: &str, key: &str) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/messages").id(ticket).key(key).body(json!({"content": "canary-text"}))
}

/// The records that a query gives, newest first, page by page.
async fn records(world: &World, query: &str) -> Vec<Value> {
    world.all(|| ApiEvent::of("GET /audit"), &format!("&{query}"), 2).await
}

/// Route, status and code of a record.
fn outcome(record: &Value) -> (&str, u64, &str) {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    (text("route"), record["status"].as_u64().unwrap(), text("code"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_has_a_record_with_its_outcome() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let create = || by(world.create_event(vendor, account, "k"), "creator");
        let id = world.call(create()).await.expect(201).text("id");
        world.call(create()).await.expect(201);
        world.call(by(reply(&id, vendor), "sender")).await.expect(201);
        world.call(by(reply(&id, vendor).body(json!({"content": "another"})), "sender")).await.expect(422);
        world.call(by(ApiEvent::of("DELETE /tickets/{id}").id(&id), "eraser")).await.expect(409);
        world.call(by(ApiEvent::close(&id), "closer")).await.expect(200);
        world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200);

        let found = records(&world, &format!("ticket_id={id}")).await;
        let outcomes: Vec<_> = found.iter().rev().map(outcome).collect();
        let expected = [
            ("POST /tickets", 201, ""),
            ("POST /tickets", 201, ""),
            ("POST /tickets/{id}/messages", 201, ""),
            ("POST /tickets/{id}/messages", 422, "idempotency_key_reused"),
            ("DELETE /tickets/{id}", 409, "ticket_not_closed"),
            ("POST /tickets/{id}/close", 200, ""),
        ];
        assert_eq!(outcomes, expected, "{vendor}");
        for record in &found {
            assert_eq!(record["custom_id"], account, "{vendor}: {record}");
            assert!(record["request_id"].is_string() && record["id"].is_string(), "{vendor}: {record}");
        }
        let actors: Vec<_> = found.iter().rev().map(|record| record["actor"].as_str().unwrap()).collect();
        assert_eq!(actors, ["creator", "creator", "sender", "sender", "eraser", "closer"], "{vendor}");
        // The vendor names the requests that write there.
        let named: Vec<bool> = found.iter().rev().map(|record| record["vendor_request_id"].is_string()).collect();
        assert_eq!(named, [true, false, true, false, false, true], "{vendor}");
        let replayed: Vec<bool> = found.iter().rev().map(|record| record["replayed"] == true).collect();
        assert_eq!(replayed, [false, true, false, false, false, false], "{vendor}");
    }
    let all = serde_json::to_string(&records(&world, "").await).unwrap();
    assert!(!all.contains("canary"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_of_accounts_and_catalogs_are_recorded_too() {
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    let change = ApiEvent::of("PATCH /accounts/{id}").id(&account);
    world.call(by(change.body(json!({"adopt_console_tickets": true})), "changer")).await.expect(200);
    let mut bad = world.account_body("ALIBABA");
    bad["secret_key_secret"] = json!("canary-wrong");
    world.call(by(ApiEvent::of("POST /accounts").body(bad), "stranger")).await.expect(422);
    world.call(by(ApiEvent::of("POST /catalog/refresh").body(json!({})), "reader")).await.expect(202);
    world.call(by(ApiEvent::of("DELETE /accounts/{id}").id(&account), "remover")).await.expect(204);

    let found = records(&world, "").await;
    let outcomes: Vec<_> = found.iter().rev().map(outcome).collect();
    let expected = [
        ("POST /accounts", 201, ""),
        ("PATCH /accounts/{id}", 200, ""),
        ("POST /accounts", 422, "account_keys_refused"),
        ("POST /catalog/refresh", 202, ""),
        ("DELETE /accounts/{id}", 204, ""),
    ];
    assert_eq!(outcomes, expected);
    let of_account = records(&world, &format!("custom_id={account}")).await;
    let routes: Vec<_> = of_account.iter().rev().map(|record| record["route"].as_str().unwrap()).collect();
    assert_eq!(routes, ["POST /accounts", "PATCH /accounts/{id}", "DELETE /accounts/{id}"]);
    assert!(!serde_json::to_string(&found).unwrap().contains("canary"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_checks_without_a_write_are_not_recorded() {
    let (world, accounts) = World::ready().await;
    let before = records(&world, "").await.len();
    let create = world.create_event("HUAWEI", &accounts.huawei, "k");
    world.call(create.query("validate_only=true")).await.expect(200);
    world.call(ApiEvent::of("GET /tickets")).await.expect(200);
    world.call(ApiEvent::of("GET /audit")).await.expect(200);
    world.call(ApiEvent::of("GET /tickets/{id}").id("nobody")).await.expect(404);
    assert_eq!(records(&world, "").await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_may_be_combined() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k").await;
    let from = world.now_ms();
    for (key, actor) in [("r1", "ann"), ("r2", "bob"), ("r3", "ann")] {
        world.clock.advance(std::time::Duration::from_secs(1));
        world.call(by(reply(&ticket, key), actor)).await.expect(201);
    }
    let (other, _) = world.create("ALIBABA", &accounts.alibaba, "k").await;
    world.call(by(reply(&other, "r4"), "ann")).await.expect(201);

    let count = async |query: String| records(&world, &query).await.len();
    assert_eq!(count(format!("actor=ann&from={}", from + 1)).await, 3);
    assert_eq!(count("actor=an".to_owned()).await, 0);
    assert_eq!(count(format!("actor=ann&ticket_id={ticket}")).await, 2);
    assert_eq!(count(format!("actor=ann&custom_id={}", accounts.alibaba)).await, 1);
    assert_eq!(count(format!("ticket_id={ticket}&custom_id={}", accounts.alibaba)).await, 0);
    assert_eq!(count(format!("ticket_id={ticket}&from={}", from + 2_000)).await, 2);
    assert_eq!(count(format!("ticket_id={ticket}&from={}&to={}", from + 1_000, from + 3_000)).await, 2);
    // A cursor holds for its filters.
    let page = world.call(ApiEvent::of("GET /audit").query("actor=ann&limit=1")).await.expect(200);
    let cursor = page.text("next_cursor");
    world.call(ApiEvent::of("GET /audit").query(&format!("actor=bob&cursor={cursor}"))).await.expect(400);
    let refused = world.call(ApiEvent::of("GET /audit").query("actor=&from=x&ticket_id=a%2Fb&day=1")).await;
    let refused = refused.expect_problem(400, "invalid_fields");
    let fields: BTreeSet<_> = refused.pointers().into_iter().collect();
    assert_eq!(fields, BTreeSet::from(["actor", "day", "from", "ticket_id"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_caller_is_recorded_with_what_it_asked_for() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k").await;
    let bound = |event: ApiEvent| {
        event.claims(json!({"sub": "bound", "of": accounts.alibaba})).variables(json!({"accounts_claim": "of"}))
    };
    world.call(bound(reply(&ticket, "r"))).await.expect_problem(404, "ticket_not_found");
    world
        .call(bound(world.create_event("HUAWEI", &accounts.huawei, "b")))
        .await
        .expect_problem(400, "account_not_found");
    let found = records(&world, &format!("actor=bound&custom_id={}", accounts.huawei)).await;
    let [create, reply] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(outcome(create), ("POST /tickets", 400, "account_not_found"));
    assert_eq!(outcome(reply), ("POST /tickets/{id}/messages", 404, "ticket_not_found"));
    assert_eq!(reply["ticket_id"], ticket.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_refused_early_has_its_account_and_its_subject() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k").await;
    let sent = world.call(reply(&ticket, "r")).await.expect(201).text("id");
    world.call(reply(&ticket, "r")).await.expect(201);
    world.call(ApiEvent::close(&ticket).header("if-match", "\"other\"")).await.expect(412);
    world.call(ApiEvent::of("POST /tickets/{id}/urge").id(&ticket)).await.expect(400);
    let unknown = ApiEvent::of("DELETE /tickets/{id}/messages/{message_id}").id(&ticket).message_id("canary");
    world.call(unknown.key("w")).await.expect(404);
    let found = records(&world, &format!("custom_id={}&ticket_id={ticket}", accounts.huawei)).await;
    let outcomes: Vec<_> = found.iter().rev().map(outcome).skip(1).collect();
    let expected = [
        ("POST /tickets/{id}/messages", 201, ""),
        ("POST /tickets/{id}/messages", 201, ""),
        ("POST /tickets/{id}/close", 412, "precondition_failed"),
        ("POST /tickets/{id}/urge", 400, "idempotency_key_required"),
        ("DELETE /tickets/{id}/messages/{message_id}", 404, "message_not_found"),
    ];
    assert_eq!(outcomes, expected);
    let subjects: Vec<_> = found.iter().rev().map(|record| record["subject_id"].as_str()).collect();
    assert_eq!(subjects, [None, Some(sent.as_str()), Some(sent.as_str()), None, None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_can_not_be_stored_changes_no_answer_and_is_in_the_log() {
    let logs = Logs::start();
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k").await;
    world.metrics.take();
    world.aws_calls.refuse_puts_into(Some("AUDIT"));
    world.call(by(reply(&ticket, "r"), "unrecorded-sender")).await.expect(201);
    let defects: Vec<_> = world.metrics.points().into_iter().filter(|point| point.name == "Defects").collect();
    assert_eq!(defects.len(), 1, "{defects:?}");
    let text = logs.text();
    let line = text.lines().find(|line| line.contains("An audit record could not be stored.")).unwrap();
    assert!(line.contains("unrecorded-sender") && !line.contains("canary"), "{line}");
    // A create stores its record with its last write.
    world.call(world.create_event("HUAWEI", &accounts.huawei, "k2")).await.expect(201);
    world.aws_calls.refuse_puts_into(None);
    let routes: Vec<_> = records(&world, "").await.iter().map(outcome).map(|one| one.0.to_owned()).collect();
    assert_eq!(routes.iter().filter(|route| *route == "POST /tickets").count(), 2, "{routes:?}");
    assert_eq!(routes.iter().filter(|route| *route == "POST /tickets/{id}/messages").count(), 0, "{routes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_record_is_never_replaced() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    let found = records(&world, "").await;
    let record: AuditRecord = serde_json::from_value(found[0].clone()).unwrap();
    let other = AuditRecord { status: 500, ..record };
    world.stack.app.store.put_audit_record(&other).await.unwrap();
    assert_eq!(records(&world, "").await, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_query_keeps_a_write_out_of_the_records() {
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    let remove = ApiEvent::of("DELETE /accounts/{id}").id(&account).query("validate_only=true");
    world.call(remove).await.expect(204);
    assert_eq!(outcome(&records(&world, "").await[0]), ("DELETE /accounts/{id}", 204, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_kept_for_the_days_that_are_set() {
    for (days, lifetime) in [("30", Some(30 * 24 * 60 * 60)), ("0", None)] {
        let world = World::start_with(&[("AUDIT_RETENTION_DAYS", days)]).await;
        world.register("HUAWEI").await;
        let items = world.whole_table().await.into_iter().map(|item| serde_json::from_str::<Value>(&item).unwrap());
        let records = items.filter(|item| item["PK"] == "AUDIT");
        let age = |record: Value| Some(record["expires_at"].as_i64()? - record["time"].as_i64()? / 1000);
        assert_eq!(records.map(age).collect::<Vec<_>>(), [lifetime], "{days} days");
    }
}
