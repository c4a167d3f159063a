//! Log lines: whose they are, how long things took, and that no secret stands in them.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};
use tracing::Instrument;

use super::of_function;
use crate::support::{ApiEvent, LEASE, Logs, World, api, cases, demo_keys};

const ROOT: &str = "1-67891233-abcdef012345678912345678";

/// The lines with that text in them.
fn lines_with(text: &str) -> Vec<Value> {
    let all = Logs::start().text();
    let lines = all.lines().filter(|line| line.contains(text));
    lines.map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
}

async fn call_traced(world: &World, event: ApiEvent, trace: &str) -> crate::support::Answer {
    let (function, mut event) = event.build();
    event["headers"]["x-amzn-trace-id"] = json!(trace);
    // As the Lambda runtime does.
    let around = tracing::info_span!("Lambda runtime invoke", requestId = "of-the-runtime");
    world.invoke(function, event).instrument(around).await
}

/// The time of an invocation at a vendor that throttles.
const SHORT: std::time::Duration = std::time::Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn a_line_has_its_invocation_and_its_duration() {
    Logs::start();
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let body = world.ticket_body(vendor, account);
        let event = ApiEvent::of("POST /tickets").key(&format!("log-{vendor}")).body(body);
        let header = format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0");
        world.metrics.take();
        let ticket = call_traced(&world, event, &header).await.expect(201).text("id");

        let lines = lines_with(&ticket);
        let over = lines.iter().find(|line| line["message"] == "The invocation is over.").unwrap();
        assert!(over["duration_ms"].is_u64(), "{over}");
        let span = &over["span"];
        assert_eq!(span["function"], "create-ticket");
        assert_eq!((&span["ticket.id"], &span["account.id"]), (&json!(ticket), &json!(account)));
        assert_eq!(span["trace_id"], ROOT);
        let called = lines.iter().find(|line| line["message"] == "A vendor was called.").unwrap();
        assert_eq!(called["span"]["request_id"], span["request_id"]);
        assert_eq!((&called["vendor"], &called["operation"]), (&json!(vendor), &json!("create_ticket")));
        assert_eq!((&called["account.id"], &called["attempts"]), (&json!(account), &json!(1)));
        assert!(called["duration_ms"].is_u64() && called.get("code").is_none(), "{called}");

        // The metrics' documents name the same invocation.
        let document = &of_function(&world.metrics, "create-ticket")[0];
        for name in ["function", "request_id", "trace_id", "ticket.id", "account.id"] {
            assert_eq!(document[name], span[name], "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_can_be_found_by_its_request_id() {
    Logs::start();
    let world = World::start().await;
    let event = ApiEvent::of("GET /tickets/{id}").id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
    let answer = world.call(event).await.expect_problem(404, "ticket_not_found");
    let lines = lines_with(&answer.text("request_id"));
    let refused = lines.iter().find(|line| line["message"] == "A request was refused.").unwrap();
    assert_eq!(refused["span"]["request_id"], refused["request_id"]);
    assert_eq!(refused["span"]["ticket.id"], "01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_through_the_bus() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    call_traced(&world, ApiEvent::of("POST /catalog/refresh"), &format!("Root={ROOT}")).await.expect(202);
    world.stack.events.wait_until_idle().await;
    let headers = world.aws_calls.trace_headers();
    assert!(headers.contains(&Some(format!("Root={ROOT}"))), "{headers:?}");
    // What a caller makes up is no trace.
    let (before, canary) = (headers.len(), "Root=canary");
    call_traced(&world, ApiEvent::of("POST /catalog/refresh"), canary).await.expect(202);
    world.stack.events.wait_until_idle().await;
    let headers = world.aws_calls.trace_headers();
    assert!(headers.len() > before && headers[before..].iter().all(Option::is_none), "{headers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_and_no_words_of_a_customer_are_logged() {
    Logs::start();
    const CANARY: &str = "kanarienvogel";
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let ticket = |key: &str| {
            let mut body = world.ticket_body(vendor, account);
            body["name"] = json!(format!("{CANARY} name"));
            body["description"] = json!(format!("{CANARY} description"));
            body["email"] = json!(format!("{CANARY}@example.com"));
            ApiEvent::of("POST /tickets").key(&format!("{CANARY}-{vendor}-{key}")).body(body)
        };
        let first = world.call(ticket("k1")).await.expect(201).text("id");
        let reply = |key: &str| {
            let event = ApiEvent::of("POST /tickets/{id}/messages").id(&first).key(&format!("{CANARY}-{vendor}-{key}"));
            event.body(json!({"content": format!("{CANARY} reply")}))
        };
        world.call(reply("r1")).await.expect(201);
        for fault in [Fault::CutBefore, Fault::Html, Fault::Rubbish, Fault::Throttle { retry_after_ms: Some(1) }] {
            sim.fault(FaultRule::always("*", fault));
            // A throttled call is made again until its time is up.
            for key in ["k2", "k3"] {
                world.call_within(ticket(key), SHORT).await;
            }
            world.call_within(reply("r2"), SHORT).await;
            world.sync_within(SHORT).await;
            sim.no_faults();
            world.clock.advance(LEASE);
        }
        // Asks for keys that the vendor refuses, on all ways.
        sim.remove_keys(demo_keys(vendor).id);
        world.call(ticket("k4")).await;
        world.sync().await;
        world.refresh(json!({})).await;
        let mut body = world.account_body(vendor);
        body["secret_key_secret"] = json!(format!("{CANARY}-secret"));
        world.call(ApiEvent::of("POST /accounts").body(body)).await.expect(422);
        assert!(sim.count(api(vendor).create) > 1);
    }
    world.stack.stream.wait_until_idle().await;
    let documents = world.metrics.take().join("\n");
    let logs = Logs::start().text();
    assert!(documents.contains("VendorErrors") && logs.contains("A vendor was called."));
    let mut secrets = vec![CANARY.to_owned()];
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        secrets.extend([demo_keys(vendor).secret.to_owned(), demo_keys(vendor).id.to_owned()]);
    }
    for secret in secrets {
        for text in [&documents, &logs] {
            let leaked = text.lines().find(|line| line.contains(&secret));
            assert_eq!(leaked, None, "{secret} is logged");
        }
    }
}
