//! `POST /accounts`, and reading accounts.

use std::path::Path;

use serde_json::json;

use super::{VENDORS, assert_no_key_in_table, refusals, with};
use crate::support::{ApiEvent, World, cases, demo_keys};

fn register(body: serde_json::Value) -> ApiEvent {
    ApiEvent::of("POST /accounts").body(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_each_vendor_is_registered_and_shows_no_key() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let body = world.account_body(vendor);
        let created = world.call(register(body.clone())).await.expect(201);
        let id = created.text("id");
        assert_eq!(created.header("location"), Some(format!("/accounts/{id}").as_str()));
        assert_eq!(created.text("type"), vendor);
        assert_eq!(created.text("site"), "china");
        assert_eq!(created.body["region_id"], body["region_id"]);
        assert_eq!(created.body["endpoint"], body["endpoint"]);
        let time = &created.body["create_time"];
        assert_eq!(created.body["health"], json!({"last_check": time}));
        assert_eq!(created.text("customer_id"), demo_keys(vendor).account);

        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&id)).await.expect(200);
        assert_eq!(shown.body, created.body);
        let keys = demo_keys(vendor);
        assert!(!created.body.to_string().contains(keys.id));
        assert!(!created.body.to_string().contains(keys.secret));
        assert_no_key_in_table(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_region_decides_the_site() {
    let world = World::start().await;
    for (vendor, region, site) in [
        ("ALIBABA", "ap-southeast-1", "international"),
        ("ALIBABA", "cn-hongkong", "china"),
        ("HUAWEI", "ap-southeast-3", "international"),
        ("TENCENT", "ap-singapore", "international"),
        ("TENCENT", "ap-shanghai-fsi", "china"),
    ] {
        let mut body = with(world.account_body(vendor), "region_id", region);
        body["allow_same_customer"] = json!(true);
        let created = world.call(register(body)).await.expect(201);
        assert_eq!(created.text("site"), site, "{vendor} {region}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_keys_the_vendor_refuses_is_not_stored() {
    let world = World::start().await;
    let before = world.table().await;
    for vendor in cases(VENDORS) {
        let good = world.account_body(vendor);
        let bad = [with(good.clone(), "secret_key_secret", "wrong-canary"), with(good, "secret_id", "no-such-key")];
        for (body, code) in bad.into_iter().zip(refusals(vendor)) {
            let refused = world.call(register(body).key(&format!("{vendor}-{code}"))).await;
            let refused = refused.expect_problem(422, "account_keys_refused");
            assert_eq!(refused.body["vendor"]["type"], vendor);
            assert_eq!(refused.body["vendor"]["code"], code, "{refused}");
            assert!(!refused.body.to_string().contains("wrong-canary"));
        }
    }
    assert_eq!(world.table().await, before);
    let listed = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
    assert_eq!(listed.body, json!({"items": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_keys_never_reach_the_store_of_keys() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused-keys");
    // What an earlier run left, if any.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let world = World::start_in(folder.join("polydesk.db")).await;
    world.register("ALIBABA").await;
    let secrets = || std::fs::read_to_string(folder.join("polydesk.db.secrets.json")).unwrap();
    let before = secrets();
    assert!(before.contains(demo_keys("ALIBABA").secret), "the file holds no keys");
    for vendor in cases(VENDORS) {
        let body = with(world.account_body(vendor), "secret_key_secret", "wrong-canary");
        world.call(register(body)).await.expect(422);
        assert_eq!(secrets(), before);
    }
    world.stack.stop().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named_and_no_vendor_called() {
    let world = World::start().await;
    let good = world.account_body("ALIBABA");
    for (name, value) in [
        ("type", "AWS"),
        ("type", "alibaba"),
        ("region_id", "hangzhou"),
        ("region_id", "CN-Hangzhou"),
        ("region_id", "cn hangzhou"),
        ("domain_id", "0f1e2d3c"),
        ("secret_id", "with space"),
        ("secret_id", "schlüssel"),
        ("secret_key_secret", ""),
        ("secret_key_secret", "two\nlines"),
        ("colour", "blue"),
    ] {
        let answer = world.call(register(with(good.clone(), name, value))).await;
        answer.expect_problem(400, "invalid_fields").expect_field(&format!("/{name}"));
    }
    let empty = world.call(register(json!({}))).await.expect_problem(400, "invalid_fields");
    assert_eq!(empty.pointers(), ["/type", "/secret_id", "/secret_key_secret", "/region_id"]);
    assert!(world.vendor_calls().is_empty());
    assert!(world.table().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_sent_to_the_vendors_own_hosts_only() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        for endpoint in [
            "https://evil.example.com",
            "http://workorder.aliyuncs.com",
            "https://workorder.aliyuncs.com.evil.example.com",
            "https://workorder.aliyuncs.com@evil.example.com",
            "https://osm.cn-south-1.myhuaweicloud.com/path",
            "https://sts.tencentcloudapi.com:8443",
            "https://127.0.0.1:1",
            "http://127.0.0.1",
            "http://127.0.0.1:1@evil.example.com:80",
            "http://127.0.0.1.evil.example.com:80",
            "http://169.254.169.254:80",
            "",
        ] {
            let body = with(world.account_body(vendor), "endpoint", endpoint);
            let answer = world.call(register(body)).await;
            answer.expect_problem(400, "invalid_fields").expect_field("/endpoint");
        }
    }
    assert!(world.vendor_calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loopback_endpoint_is_for_local_stacks_only() {
    let world = World::start_with(&[("ALLOW_LOOPBACK_ENDPOINTS", "false")]).await;
    for vendor in cases(VENDORS) {
        let refused = world.call(register(world.account_body(vendor))).await;
        refused.expect_problem(400, "invalid_fields").expect_field("/endpoint");
    }
    assert!(world.vendor_calls().is_empty());
    assert!(world.table().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_endpoint_that_is_not_allowed_is_never_called() {
    let world = World::start_with(&[("ALLOW_LOOPBACK_ENDPOINTS", "false")]).await;
    // GIVEN an account whose item names loopback, as one restored from a local stack's table would
    let app = &world.stack.app;
    for vendor in cases(VENDORS) {
        let id: shared::domain::AccountId = shared::ids::new_id(app.clock.as_ref(), app.random.as_ref()).unwrap();
        let mut item = with(world.account_body(vendor), "id", id.as_str());
        for (name, value) in [("site", json!("china")), ("create_time", json!(1))] {
            item[name] = value;
        }
        let keys = serde_json::from_value(item.clone()).unwrap();
        app.secrets.create(&id, &keys).await.unwrap();
        app.store.put_account(&serde_json::from_value(item).unwrap()).await.unwrap();
        // WHEN it is used
        let keys = json!({"secret_id": "new-key", "secret_key_secret": "new-secret"});
        let rotated = world.call(ApiEvent::of("PUT /accounts/{id}/keys").id(id.as_str()).body(keys)).await;
        rotated.expect_problem(500, "endpoint_not_allowed");
    }
    let run = world.refresh(json!({})).await;
    world.sync().await;
    // THEN nobody is called
    for vendor in run["vendors"].as_array().unwrap() {
        assert_eq!(vendor["error"]["code"], "endpoint_not_allowed", "{vendor}");
    }
    assert_eq!(run["vendors"].as_array().unwrap().len(), VENDORS.len());
    assert!(world.vendor_calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_and_body_give_the_first_account_again() {
    let world = World::start().await;
    let body = world.account_body("HUAWEI");
    let first = world.call(register(body.clone()).key("k1")).await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let calls = world.vendor_calls();
    let again = world.call(register(body.clone()).key("k1")).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.body, first.body);
    assert_eq!(world.vendor_calls(), calls, "a replay calls no vendor");

    let other = with(body.clone(), "region_id", "cn-north-4");
    let refused = world.call(register(other).key("k1")).await;
    refused.expect_problem(422, "idempotency_key_reused");
    let listed = world.call(ApiEvent::of("GET /accounts")).await.expect(200);
    assert_eq!(listed.body["items"], json!([first.body]));
    assert_no_key_in_table(&world, "HUAWEI").await;

    let refused = world.call(register(body).key("k2")).await.expect_problem(409, "account_exists");
    assert!(refused.text("detail").contains(&first.text("id")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_says_that_its_account_was_removed() {
    let world = World::start().await;
    let body = world.account_body("ALIBABA");
    let first = world.call(register(body.clone()).key("k1")).await.expect(201).text("id");
    world.call(ApiEvent::of("DELETE /accounts/{id}").id(&first)).await.expect(204);
    let calls = world.vendor_calls();
    world.call(register(body.clone()).key("k1")).await.expect_problem(409, "account_not_found");
    assert_eq!(world.vendor_calls(), calls);
    world.call(register(body).key("k2")).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_registration_frees_its_key() {
    let world = World::start().await;
    let good = world.account_body("TENCENT");
    let bad = with(good.clone(), "secret_key_secret", "wrong");
    world.call(register(bad).key("k1")).await.expect(422);
    world.call(register(good).key("k1")).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_in_pages_without_gap_or_double() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        for vendor in cases(VENDORS) {
            ids.push(world.register(vendor).await);
        }
    }
    ids.sort();
    for limit in [1, 2, 4, 5, 6, 100] {
        let listed = world.all(|| ApiEvent::of("GET /accounts"), "", limit).await;
        let times: Vec<_> = listed.iter().map(|one| one["create_time"].as_i64().unwrap()).collect();
        assert!(times.is_sorted(), "oldest first");
        let mut listed: Vec<_> = listed.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        listed.sort();
        assert_eq!(listed, ids, "pages of {limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_is_not_found() {
    let world = World::start().await;
    let id = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    for event in [
        ApiEvent::of("GET /accounts/{id}").id(id),
        ApiEvent::of("DELETE /accounts/{id}").id(id),
        super::rotation(id, "some-key", "some-secret"),
    ] {
        world.call(event).await.expect_problem(404, "account_not_found");
    }
    assert!(world.vendor_calls().is_empty());
}
