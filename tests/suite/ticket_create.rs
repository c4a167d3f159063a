//! Creating a ticket: what is sent and stored, how often the vendor and the table are called, and what a key does.

mod unknown;

use serde_json::json;
use simulators::{CatalogChange, Fault, FaultRule};

use crate::support::{Answer, ApiEvent, World, api, refuse, without};

#[track_caller]
fn expect_replayed(answer: &Answer) {
    assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_at_the_vendor_and_in_the_store() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let created = world.call(world.create_event(vendor, account, "k1")).await.expect(201);

        let (id, cloud_id) = (created.text("id"), created.text("cloud_id"));
        assert_eq!(created.header("location"), Some(format!("/tickets/{id}").as_str()));
        assert_eq!((&created.body["status"], &created.body["state"]), (&json!(1), &json!("open")));
        assert_eq!((created.text("type"), created.text("custom_id")), (vendor.to_owned(), account.to_owned()));
        let stored = world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(stored.body, created.body);

        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!(ticket.id, cloud_id);
        assert_eq!(ticket.problem_type, created.text("product_business_id"));
        let last_line = ticket.description.lines().last().unwrap();
        assert_eq!(last_line, format!("ref {id}"));
        assert!(ticket.description.contains("重启之后 SSH 一直超时 🙏"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huawei_ticket_names_its_constant_source() {
    let (world, accounts) = World::ready().await;
    let created = world.call(world.create_event("HUAWEI", &accounts.huawei, "k1")).await.expect(201);
    assert_eq!(created.body["osm_id"], simulators::huawei::SOURCE_ID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_report_goes_out_with_its_region() {
    let (world, accounts) = World::ready().await;
    let catalog = world.catalog("HUAWEI");
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut types = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, fault) = types.find(|(_, one)| one.fault).unwrap();
    let mut body = world.ticket_body("HUAWEI", &accounts.huawei);
    body["product_id"] = json!(product.id);
    body["product_business_id"] = json!(fault.id);

    let without = world.call(ApiEvent::of("POST /tickets").key("k1").body(body.clone())).await;
    without.expect_problem(400, "region_required").expect_field("/region_id");

    body["region_id"] = json!(catalog.regions[0].id);
    world.call(ApiEvent::of("POST /tickets").key("k2").body(body)).await.expect(201);
    assert_eq!(world.simulated("HUAWEI").tickets()[0].region.as_deref(), Some(catalog.regions[0].id.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_makes_one_vendor_call_and_three_round_trips_to_the_table() {
    let world = World::start().await;
    let accounts = world.register_accounts().await;
    for (vendor, account) in accounts.both() {
        // The first one reads the form of its problem type, where the vendor has forms.
        world.create(vendor, account, "k0").await;
        let calls_before = world.vendor_calls();
        let trips_before = world.aws_calls.to_table();

        world.call(world.create_event(vendor, account, "k1")).await.expect(201);

        let operation = api(vendor).create;
        let mut calls = world.vendor_calls();
        let mut calls_before = calls_before;
        assert_eq!(calls.remove(operation), calls_before.remove(operation).map(|count| count + 1));
        assert_eq!(calls, calls_before, "other vendor calls were made");
        assert_eq!(world.aws_calls.to_table() - trips_before, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_first_answer_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let first = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        let again = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(first.header("idempotency-replayed"), None);
        expect_replayed(&again);
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_refused() {
    let (world, accounts) = World::ready().await;
    let first = world.create_event("ALIBABA", &accounts.alibaba, "k1").key("same");
    world.call(first).await.expect(201);
    let other = world.create_event("HUAWEI", &accounts.huawei, "k1").key("same");
    let other = world.call(other).await;
    other.expect_problem(422, "idempotency_key_reused");
    assert_eq!(world.simulated("HUAWEI").tickets().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_once_make_one_ticket() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let calls = (0..20).map(|_| world.call(world.create_event(vendor, account, "k1")));
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
        let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        let first: Vec<_> = created.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).collect();
        assert_eq!(first.len(), 1, "one answer is the original");
        assert!(created.iter().all(|answer| answer.body == created[0].body));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status, answer.text("code").as_str()), (409, "idempotency_key_in_use"), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_and_leaves_nothing() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // Beside another ticket, so that the account's count has somewhere to go back to.
        world.create(vendor, account, "k0").await;
        let before = without(world.table().await, &["version"]);
        let code = api(vendor).create_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, refuse(code)));

        let refused = world.call(world.create_event(vendor, account, "k1")).await;
        let refused = refused.expect_problem(400, "vendor_rejected");
        assert_eq!((&refused.body["vendor"]["type"], &refused.body["vendor"]["code"]), (&json!(vendor), &json!(code)));
        assert_eq!(without(world.table().await, &["version"]), before);

        // The key is free: the corrected try is a first one.
        let second = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(second.header("idempotency-replayed"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_ticket_does_not_block_the_removal_of_its_account() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let code = api(vendor).create_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 2, refuse(code)));
        for key in ["k1", "k2"] {
            let refused = world.call(world.create_event(vendor, account, key)).await;
            refused.expect_problem(400, "vendor_rejected");
        }
        world.call(ApiEvent::of("DELETE /accounts/{id}").id(account)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_create_is_answered_again_after_its_account_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let first = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        let close = ApiEvent::close(&first.text("id"));
        world.call(close).await.expect(200);
        world.remove(account).await;
        let calls = world.vendor_calls();
        let again = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        expect_replayed(&again);
        // Another request under the key, or another key, finds no account.
        let mut body = world.ticket_body(vendor, account);
        body["name"] = json!("another");
        for (key, body) in [("k1", body), ("k2", world.ticket_body(vendor, account))] {
            let event = ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body);
            let refused = world.call(event).await;
            refused.expect_problem(400, "account_not_found");
        }
        assert_eq!(world.vendor_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_create_is_answered_again_after_its_product_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let wanted = world.ticket_body(vendor, account);
        let event = |key: &str| ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(wanted.clone());
        let first = world.call(event("k1")).await.expect(201);
        // One whose outcome is not known, too.
        let lost = FaultRule::times(api(vendor).create, 1, Fault::CutAfter);
        world.simulated(vendor).fault(lost);
        let unknown = world.call(event("k2")).await.expect(202);

        let product = wanted["product_id"].as_str().unwrap().to_owned();
        world.simulated(vendor).change(CatalogChange::RemoveProduct(product));
        world.refresh(json!({"type": vendor})).await;

        let again = world.call(event("k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        expect_replayed(&again);
        let found = world.call(event("k2")).await.expect(201);
        assert_eq!(found.body["id"], unknown.body["id"]);
        expect_replayed(&found);
        let refused = world.call(event("k3")).await;
        refused.expect_problem(400, "product_removed");
        assert_eq!(world.simulated(vendor).tickets().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_taken_up_to_its_limit() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let mut body = world.ticket_body(vendor, account);
        let email = format!("{}@example.com", "o".repeat(38));
        assert_eq!(email.len(), 50);
        body["email"] = json!(email);
        body["severity"] = json!("normal");
        if let Some(source) = api(vendor).source_id {
            body["osm_id"] = json!(source);
        }
        let event = ApiEvent::of("POST /tickets").key(&format!("{vendor}-k1")).body(body.clone());
        let created = world.call(event).await.expect(201);
        for field in ["email", "severity", "osm_id"] {
            assert_eq!(created.body.get(field), body.get(field), "{vendor} {field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_an_api_is_unsupported() {
    let world = World::start().await;
    let account = world.register("TENCENT").await;
    let body = json!({
        "custom_id": account, "product_id": "cvm", "product_business_id": "1", "name": "n", "description": "d",
    });
    let before = world.table().await;
    let answer = world.call(ApiEvent::of("POST /tickets").key("k1").body(body)).await;
    let answer = answer.expect_problem(422, "capability_not_supported");
    assert!(answer.text("detail").contains("https://console.cloud.tencent.com/workorder/category"));
    assert_eq!(world.table().await, before);
}
