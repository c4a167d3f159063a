//! What must stay secret: `secret_info` goes to the vendor and nowhere else, and texts that seem to hold a secret are
//! answered with a warning, or refused.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, LEASE, Logs, SETTLE_TIME, World, api};

const CANARY: &str = "kanarien-secret-5b1f";

/// With characters that JSON, a URL and a form write in other ways.
fn secret() -> String {
    format!("root: {CANARY} \"a+b\" & 50%\n密码")
}

fn create(world: &World, account: &str, key: &str) -> ApiEvent {
    let mut body = world.ticket_body("ALIBABA", account);
    body["secret_info"] = json!(secret());
    ApiEvent::of("POST /tickets").key(key).body(body)
}

/// Everything that a run leaves behind outside the vendor.
async fn left_behind(world: &World) -> Vec<String> {
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter().map(|event| event.to_string());
    let logs = Logs::start().text();
    let logs = logs.lines().map(str::to_owned);
    world.whole_table().await.into_iter().chain(events).chain(world.metrics.take()).chain(logs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_goes_to_the_vendor_and_is_left_nowhere_else() {
    Logs::start();
    let (world, accounts) = World::ready().await;
    let sim = world.simulated("ALIBABA");
    let operation = api("ALIBABA").create;
    let created = world.call(create(&world, &accounts.alibaba, "k1")).await.expect(201);
    assert_eq!(sim.ticket(&created.text("cloud_id")).secret_info.as_deref(), Some(secret().as_str()));
    assert_eq!(created.body.get("secret_info"), None);

    // A refusal that quotes the request, answers that nobody can read, and one that never comes.
    let quoting =
        Fault::Refuse { code: api("ALIBABA").create_refused.to_owned(), message: format!("illegal: {}", secret()) };
    sim.fault(FaultRule::times(operation, 1, quoting));
    let refused = world.call(create(&world, &accounts.alibaba, "k2")).await.expect_problem(400, "vendor_rejected");
    assert!(refused.text("detail").ends_with("Its message is left out: it may quote a secret."), "{refused}");
    let mut answers = vec![created, refused];
    for (key, fault) in [("k3", Fault::CutAfter), ("k4", Fault::CutBefore), ("k5", Fault::Rubbish)] {
        sim.fault(FaultRule::times(operation, 1, fault));
        answers.push(world.call(create(&world, &accounts.alibaba, key)).await.expect(202));
    }
    world.clock.advance(SETTLE_TIME + LEASE);
    world.sync().await;
    world.call(ApiEvent::close(&answers[0].text("id"))).await.expect(200);

    for text in left_behind(&world).await.into_iter().chain(answers.iter().map(ToString::to_string)) {
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_no_part_of_the_request_of_a_key() {
    let (world, accounts) = World::ready().await;
    let first = world.call(create(&world, &accounts.alibaba, "k1")).await.expect(201);
    let mut body = world.ticket_body("ALIBABA", &accounts.alibaba);
    for secret in [json!("another"), Value::Null] {
        body["secret_info"] = secret;
        let event = ApiEvent::of("POST /tickets").key("k1").body(body.clone());
        let again = world.call(event).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    }
    let [ticket] = world.simulated("ALIBABA").tickets().try_into().unwrap();
    assert_eq!(ticket.secret_info, Some(secret()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_a_create_that_never_arrived_sends_the_secret_of_the_retry() {
    let (world, accounts) = World::ready().await;
    let sim = world.simulated("ALIBABA");
    sim.fault(FaultRule::times(api("ALIBABA").create, 1, Fault::CutBefore));
    world.call(create(&world, &accounts.alibaba, "k1")).await.expect(202);
    world.clock.advance(SETTLE_TIME + LEASE);
    let created = world.call(create(&world, &accounts.alibaba, "k1")).await.expect(201);
    assert_eq!(created.header("idempotency-replayed"), None);
    let [ticket] = sim.tickets().try_into().unwrap();
    assert_eq!(ticket.secret_info, Some(secret()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_a_place_for_secrets_gets_none() {
    let (world, accounts) = World::ready().await;
    let mut body = world.ticket_body("HUAWEI", &accounts.huawei);
    body["secret_info"] = json!(CANARY);
    let before = world.table().await;
    let refused = world.call(ApiEvent::of("POST /tickets").key("k1").body(body.clone())).await;
    let refused = refused.expect_problem(400, "secret_info_not_supported");
    assert_eq!(refused.pointers(), ["/secret_info"]);
    for bad in [json!(""), json!(7), json!("x".repeat(1001)), json!("bell\u{7}")] {
        body["secret_info"] = bad;
        let refused = world.call(ApiEvent::of("POST /tickets").key("k1").body(body.clone())).await;
        assert_eq!(refused.expect_problem(400, "invalid_fields").pointers(), ["/secret_info"]);
    }
    assert_eq!((world.table().await, world.simulated("HUAWEI").tickets().len()), (before, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_a_secret_is_answered_with_a_warning_also_when_it_is_replayed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let mut body = world.ticket_body(vendor, account);
        body["description"] = json!("ssh root@10.0.0.1, password=Tr0ub4dor&3");
        let event = || ApiEvent::of("POST /tickets").key(&format!("{vendor}-k1")).body(body.clone());
        let first = world.call(event()).await.expect(201);
        let again = world.call(event()).await.expect(201);
        for answer in [&first, &again] {
            let [warning] = answer.body["warnings"].as_array().unwrap().as_slice() else { panic!("{answer}") };
            assert_eq!((&warning["pointer"], &warning["code"]), (&json!("/description"), &json!("secret_in_text")));
            assert!(!warning["detail"].as_str().unwrap().contains("Tr0ub4dor"), "{warning}");
        }
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let id = first.text("id");
        assert_eq!(world.ticket(&id).await.get("warnings"), None, "a warning is about a request");

        let reply = json!({"content": "LTAI5tExampleExampleExa1 is our key"});
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(&format!("{vendor}-r1")).body(reply);
        let reply = world.call(reply).await.expect(201);
        assert_eq!(reply.body["warnings"][0]["pointer"], "/content");
        let plain = world.call(world.create_event(vendor, account, "k2")).await.expect(201);
        assert_eq!(plain.body.get("warnings"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_with_a_secret_is_refused_where_none_is_allowed() {
    let (world, accounts) = World::ready().await;
    let key = "-----BEGIN RSA PRIVATE KEY-----";
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k0").await;
        let mut body = world.ticket_body(vendor, account);
        body["allow_secrets"] = json!(false);
        body["name"] = json!("AKIAIOSFODNN7EXAMPLE");
        body["description"] = json!(key);
        let before = (world.table().await, world.vendor_calls());
        let refused = world.call(ApiEvent::of("POST /tickets").key("k1").body(body.clone())).await;
        let refused = refused.expect_problem(400, "secret_in_text");
        assert_eq!(refused.pointers(), ["/name", "/description"]);
        assert!(!refused.to_string().contains("AKIAIOS"), "{refused}");
        let reply = json!({"content": key, "allow_secrets": false});
        for route in ["POST /tickets/{id}/messages", "POST /tickets/{id}/reopen"] {
            let refused = world.call(ApiEvent::of(route).id(&id).key("r1").body(reply.clone())).await;
            assert_eq!(refused.expect_problem(400, "secret_in_text").pointers(), ["/content"]);
        }
        assert_eq!((world.table().await, world.vendor_calls()), before);

        body["name"] = json!("云服务器无法远程连接");
        body["description"] = json!("重启之后 SSH 一直超时");
        let created =
            world.call(ApiEvent::of("POST /tickets").key(&format!("{vendor}-k2")).body(body)).await.expect(201);
        assert_eq!(created.body.get("warnings"), None);
    }
}
