//! Bad input: each with its problem, no vendor call and nothing stored.

use serde_json::{Value, json};

use crate::support::{Answer, ApiEvent, World};

/// Sends `event` and asserts that it changed nothing and reached no vendor.
async fn refused(world: &World, event: ApiEvent) -> Answer {
    let (table, calls) = (world.table().await, world.vendor_calls());
    let answer = world.call(event).await;
    assert_eq!(world.vendor_calls(), calls, "a vendor was called for {answer}");
    assert_eq!(world.table().await, table, "something was stored for {answer}");
    answer
}

fn create(body: Value) -> ApiEvent {
    ApiEvent::of("POST /tickets").key("k1").body(body)
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::start().await;
    let huge = format!(r#"{{"description": "{}"}}"#, "x".repeat(64 * 1024));
    for (body, code) in [
        ("", "body_empty"),
        ("{\"name\": ", "body_not_json"),
        ("name=x", "body_not_json"),
        ("[]", "body_not_an_object"),
        ("\"text\"", "body_not_an_object"),
        (huge.as_str(), "body_too_large"),
    ] {
        for route in ["POST /tickets", "POST /accounts"] {
            refused(&world, ApiEvent::of(route).key("k1").raw_body(body)).await.expect_problem(400, code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_without_a_key_is_refused_with_the_reason() {
    let (world, accounts) = World::ready().await;
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let answer = refused(&world, ApiEvent::of("POST /tickets").body(body.clone())).await;
    let answer = answer.expect_problem(400, "idempotency_key_required");
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("idempotent"));
    for key in ["a b", "键", &"x".repeat(256)] {
        let event = ApiEvent::of("POST /tickets").key(key).body(body.clone());
        refused(&world, event).await.expect_problem(400, "invalid_idempotency_key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_of_a_ticket_is_named() {
    let (world, accounts) = World::ready().await;
    let good = world.ticket_body("ALIBABA", &accounts.alibaba);
    for name in ["custom_id", "product_id", "product_business_id", "name", "description"] {
        let answer = refused(&world, create(without(good.clone(), name))).await;
        answer.expect_problem(400, "invalid_fields").expect_field(&format!("/{name}"));
    }
    let cases = [
        ("name", json!("")),
        ("name", json!("   ")),
        ("name", json!("x".repeat(501))),
        ("name", json!("line\nbreak")),
        ("name", json!(7)),
        ("description", json!("")),
        ("description", json!("bell\u{7}")),
        ("description", json!(["text"])),
        ("email", json!("not-an-address")),
        ("email", json!("Name <ops@example.com>")),
        ("email", json!(format!("{}@example.com", "x".repeat(50)))),
        ("product_id", json!("a/b")),
        ("product_id", json!("..")),
        ("product_id", json!(7160)),
        ("product_business_id", json!("x".repeat(65))),
        ("custom_id", json!("工单")),
        ("region_id", json!("cn north")),
        ("osm_id", json!("a#b")),
        ("severity", json!("high")),
        ("cloud_id", json!("0005PYGCW")),
    ];
    for (name, value) in cases {
        let answer = refused(&world, create(with(good.clone(), name, value.clone()))).await;
        assert_eq!(answer.pointers(), [format!("/{name}")], "{name} = {value}");
        answer.expect_problem(400, "invalid_fields");
    }
    let several = json!({"name": "", "description": 1, "extra": true});
    let answer = refused(&world, create(several)).await.expect_problem(400, "invalid_fields");
    let expected = ["/custom_id", "/name", "/description", "/product_id", "/product_business_id", "/extra"];
    assert_eq!(answer.pointers(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_without_a_visible_character_names_its_field() {
    let (world, accounts) = World::ready().await;
    let good = world.ticket_body("ALIBABA", &accounts.alibaba);
    let (id, _) = world.create("ALIBABA", &accounts.alibaba, "k0").await;
    for invisible in ["\u{200b}", "\u{2060}\u{feff}", " \u{ad} \u{3000}", "\u{3164}", "\u{e0020}\u{fe0f}"] {
        for name in ["name", "description"] {
            let answer = refused(&world, create(with(good.clone(), name, json!(invisible)))).await;
            answer.expect_problem(400, "invalid_fields").expect_field(&format!("/{name}"));
        }
        let route = ApiEvent::of("POST /tickets/{id}/messages");
        let answer = refused(&world, route.id(&id).key("r1").body(json!({"content": invisible}))).await;
        answer.expect_problem(400, "invalid_fields").expect_field("/content");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_with_white_space_at_its_ends_names_its_field() {
    let (world, accounts) = World::ready().await;
    let good = world.account_body("ALIBABA");
    let secret = good["secret_key_secret"].as_str().unwrap();
    for copied in [format!("{secret} "), format!("\u{a0}{secret}"), format!(" {secret}\u{3000}")] {
        let body = with(good.clone(), "secret_key_secret", json!(copied));
        let answer = refused(&world, ApiEvent::of("POST /accounts").body(body)).await;
        answer.expect_problem(400, "invalid_fields").expect_field("/secret_key_secret");
        let keys = json!({"secret_id": good["secret_id"], "secret_key_secret": copied});
        let answer = refused(&world, ApiEvent::of("PUT /accounts/{id}/keys").id(&accounts.alibaba).body(keys)).await;
        answer.expect_problem(400, "invalid_fields").expect_field("/secret_key_secret");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_an_unknown_field_is_cut() {
    let (world, accounts) = World::ready().await;
    let good = world.ticket_body("ALIBABA", &accounts.alibaba);
    let name = format!("工{}", "x~/".repeat(5_000));
    let answer = refused(&world, create(with(good, &name, json!(1)))).await.expect_problem(400, "invalid_fields");
    assert_eq!(answer.pointers(), [format!("/工{}", "x~0~1".repeat(20)).chars().take(100).collect::<String>()]);
    assert!(answer.to_string().len() < 2_000);
    let event = ApiEvent::of("GET /tickets").query(&format!("{}=1", "x".repeat(5_000)));
    let answer = refused(&world, event).await.expect_problem(400, "invalid_fields");
    assert_eq!(answer.pointers(), ["x".repeat(100)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_catalog_is_refused() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let good = world.ticket_body(vendor, account);
        let catalog = world.catalog(vendor);
        let products = catalog.groups.iter().flat_map(|group| &group.products);
        let others: Vec<_> =
            products.filter(|one| good["product_id"] != one.id.as_str() && !one.problem_types.is_empty()).collect();

        let unknown_account = with(good.clone(), "custom_id", json!("01JD2Y5T9V7Z3M6Q8R4S0X1W2K"));
        let answer = refused(&world, create(unknown_account)).await;
        answer.expect_problem(400, "account_not_found").expect_field("/custom_id");

        let answer = refused(&world, create(with(good.clone(), "product_id", json!("999999")))).await;
        answer.expect_problem(400, "product_not_found").expect_field("/product_id");

        let answer = refused(&world, create(with(good.clone(), "product_business_id", json!("999999")))).await;
        answer.expect_problem(400, "problem_type_not_found").expect_field("/product_business_id");

        let of_other = with(good.clone(), "product_business_id", json!(others[0].problem_types[0].id));
        let answer = refused(&world, create(of_other)).await;
        answer.expect_problem(400, "problem_type_of_other_product").expect_field("/product_business_id");

        let answer = refused(&world, create(with(good.clone(), "osm_id", json!("unknown")))).await;
        answer.expect_problem(400, "source_not_found").expect_field("/osm_id");

        let answer = refused(&world, create(with(good.clone(), "region_id", json!("xx-moon-1")))).await;
        answer.expect_problem(400, "region_not_found").expect_field("/region_id");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_from_the_catalog_is_refused() {
    let (world, accounts) = World::ready().await;
    let good = world.ticket_body("ALIBABA", &accounts.alibaba);
    let (product, id) = (good["product_id"].as_str().unwrap(), good["product_business_id"].as_str().unwrap());
    let alibaba = world.simulated("ALIBABA");
    alibaba.change(simulators::CatalogChange::RemoveProblemType { product: product.into(), id: id.into() });
    world.refresh(json!({})).await;
    refused(&world, create(good.clone())).await.expect_problem(400, "problem_type_removed");
    alibaba.change(simulators::CatalogChange::RemoveProduct(product.into()));
    world.refresh(json!({})).await;
    refused(&world, create(good)).await.expect_problem(400, "product_removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_catalog_was_never_refreshed_has_a_problem_of_its_own() {
    let world = World::start().await;
    let account = world.register("HUAWEI").await;
    let answer = refused(&world, create(world.ticket_body("HUAWEI", &account))).await;
    let answer = answer.expect_problem(409, "catalog_not_refreshed");
    assert!(answer.text("detail").contains("POST /catalog/refresh"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_the_vendor_would_cut_is_refused_before_any_call() {
    let (world, accounts) = World::ready().await;
    // Huawei takes 1,200 characters: name, line break, description, empty line, `ref ` and the 26 of our id.
    let good = with(world.ticket_body("HUAWEI", &accounts.huawei), "name", json!("工".repeat(100)));
    let room = 1_200 - 100 - 1 - 2 - 30;
    let answer = refused(&world, create(with(good.clone(), "description", json!("单".repeat(room + 1))))).await;
    let answer = answer.expect_problem(400, "description_too_long").expect_field("/description");
    assert!(answer.body["errors"][0]["detail"].as_str().unwrap().ends_with("shorten it by 1"));
    let fits = create(with(good, "description", json!("单".repeat(room))));
    world.call(fits).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_ticket_is_refused_where_the_vendor_knows_none() {
    let (world, accounts) = World::ready().await;
    let body = with(world.ticket_body("HUAWEI", &accounts.huawei), "severity", json!("urgent"));
    refused(&world, create(body)).await.expect_problem(400, "severity_not_supported");
    let body = with(world.ticket_body("ALIBABA", &accounts.alibaba), "severity", json!("urgent"));
    world.call(create(body)).await.expect(201);
    assert_eq!(world.simulated("ALIBABA").tickets()[0].severity.as_deref(), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_in_the_path_cannot_leave_it() {
    let (world, accounts) = World::ready().await;
    world.create("ALIBABA", &accounts.alibaba, "k1").await;
    for id in ["a/b", "..", ".", "a b", "a?status=1", "a#b", "工单", "%2e%2e", "x\"y", &"x".repeat(65)] {
        for route in [
            "GET /tickets/{id}",
            "GET /tickets/{id}/messages",
            "POST /tickets/{id}/close",
            "GET /accounts/{id}",
            "DELETE /accounts/{id}",
            "GET /catalog/refreshes/{id}",
        ] {
            refused(&world, ApiEvent::of(route).id(id)).await.expect_problem(400, "invalid_id");
        }
        let keys = json!({"secret_id": "a", "secret_key_secret": "b"});
        let event = ApiEvent::of("PUT /accounts/{id}/keys").id(id).body(keys);
        refused(&world, event).await.expect_problem(400, "invalid_id");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_with_a_body_it_does_not_know_is_refused() {
    let (world, accounts) = World::ready().await;
    let (id, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let event = || ApiEvent::close(&id);
    refused(&world, event().body(json!({"force": true}))).await.expect_problem(400, "invalid_fields");
    refused(&world, event().raw_body("no")).await.expect_problem(400, "body_not_json");
}
