//! Conditional reads: `ETag` and `If-None-Match`.

mod writes;

use serde_json::{Value, json};

use crate::support::{Answer, ApiEvent, World};

fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").unwrap();
    let digest = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
    assert!(digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{tag}");
    tag.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_answer_gets_none_until_it_changes() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let routes: [&dyn Fn() -> ApiEvent; 6] = [
        &|| ApiEvent::of("GET /tickets"),
        &|| ApiEvent::of("GET /tickets/{id}").id(&ticket),
        &|| ApiEvent::of("GET /tickets/{id}/messages").id(&ticket),
        &|| ApiEvent::of("GET /accounts/{id}").id(&accounts.huawei),
        &|| ApiEvent::of("GET /catalog/products"),
        &|| ApiEvent::of("GET /vendors"),
    ];
    for route in routes {
        let full = world.call(route()).await.expect(200);
        let tag = tag(&full);
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let answer = world.call(route().header("if-none-match", &known)).await.expect(304);
            assert_eq!((&answer.body, answer.header("etag")), (&Value::Null, Some(&*tag)), "{known}");
            assert_eq!(answer.header("content-type"), None);
        }
        for other in ["\"other\"", "", tag.trim_matches('"')] {
            let answer = world.call(route().header("if-none-match", other)).await.expect(200);
            assert_eq!((&answer.body, answer.header("etag")), (&full.body, Some(&*tag)), "{other}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_has_another_tag() {
    let (world, accounts) = World::ready().await;
    let (ticket, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let show = || ApiEvent::of("GET /tickets/{id}").id(&ticket);
    let before = tag(&world.call(show()).await.expect(200));
    world.call(ApiEvent::of("POST /tickets/{id}/urge").id(&ticket).key("u1")).await.expect(200);
    let after = world.call(show().header("if-none-match", &before)).await.expect(200);
    assert!(after.body["urge_time"].is_i64());
    assert_ne!(tag(&after), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_reads_that_succeed_have_a_tag() {
    let (world, accounts) = World::ready().await;
    let missing = ApiEvent::of("GET /tickets/{id}").id("01M3V7N1DZ2D1VBPJKB9PWP87Y").header("if-none-match", "*");
    let missing = world.call(missing).await.expect_problem(404, "ticket_not_found");
    assert_eq!(missing.header("etag"), None);
    let change =
        ApiEvent::of("PATCH /accounts/{id}").id(&accounts.huawei).body(json!({"adopt_console_tickets": false}));
    let changed = world.call(change.header("if-none-match", "*")).await.expect(200);
    assert_eq!((&changed.body["id"], changed.header("etag")), (&json!(accounts.huawei), None));
}
