//! Tickets with the fields of a form: refused with every field's name, sent, stored without what is sensitive.

use std::time::Duration;

use serde_json::json;

use super::{create, form_of, rows, set, validate, with, with_form};
use crate::support::{ApiEvent, Logs, api};

#[tokio::test(flavor = "multi_thread")]
async fn a_required_field_is_named_before_any_ticket_is_sent_and_sent_when_it_is_there() {
    let (world, body) = with_form(rows()).await;
    let huawei = world.simulated("HUAWEI");
    let refused = create(&world, "k1", body.clone()).await.expect_problem(400, "form_mismatch");
    assert_eq!(refused.pointers(), ["/extra/instance"]);
    assert!(refused.body["errors"][0]["detail"].as_str().unwrap().contains("instance 名称"));
    assert_eq!((huawei.count("CreateCases"), huawei.tickets().len()), (0, 0));

    let given = json!({"instance": "ecs-1", "count": 3, "os": null});
    let created = create(&world, "k1", with(&body, json!({"extra": given}))).await.expect(201);
    let sent = json!({"instance": "ecs-1", "count": 3});
    assert_eq!(huawei.ticket(&created.text("cloud_id")).details["extends_map"], sent);
    assert_eq!(world.ticket(&created.text("id")).await["extra"], sent);
    // The same key with another value is another request.
    let other = with(&body, json!({"extra": {"instance": "ecs-2"}}));
    create(&world, "k1", other).await.expect_problem(422, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_breaks_a_rule_is_named_at_once() {
    let (world, body) = with_form(rows()).await;
    validate(&world, body.clone()).await.expect_problem(400, "form_mismatch");
    // The form is stored now.
    create(&world, "k0", body.clone()).await.expect_problem(400, "form_mismatch");
    let before = (world.table().await, world.vendor_calls());
    let bad = json!({
        "severity": "urgent", "region_id": "none", "secret_info": "x", "severity_id": "none",
        "extra": {"count": 10, "a/b": 1}, "cc": vec!["a@example.com"; 11], "description": "x".repeat(1200),
    });
    let refused = create(&world, "k1", with(&body, bad)).await.expect_problem(400, "severity_not_supported");
    let wanted = [
        "/severity",
        "/secret_info",
        "/description",
        "/region_id",
        "/extra/instance",
        "/extra/count",
        "/extra/a~1b",
        "/severity_id",
        "/cc",
    ];
    assert_eq!(refused.pointers(), wanted);
    assert_eq!((world.table().await, world.vendor_calls()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensitive_value_is_sent_and_kept_nowhere() {
    const CANARY: &str = "kanarien-login-77";
    Logs::start();
    let (world, body) = with_form(rows()).await;
    let body = with(&body, json!({"extra": {"instance": "ecs-1", "login": CANARY}}));
    let created = create(&world, "k1", body.clone()).await.expect(201);
    let sent = &world.simulated("HUAWEI").ticket(&created.text("cloud_id")).details["extends_map"];
    assert_eq!(sent["login"], CANARY);
    assert_eq!(created.body["extra"], json!({"instance": "ecs-1"}));
    // Where the vendor does not tell the form, anything may be sensitive.
    let fault = simulators::FaultRule::always("ListExtendsParams", simulators::Fault::Status { code: 500 });
    world.simulated("HUAWEI").fault(fault);
    world.clock.advance(Duration::from_hours(25));
    let created = create(&world, "k2", body).await.expect(201);
    assert_eq!(created.body.get("extra"), None);

    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter().map(|event| event.to_string());
    let left = world.whole_table().await.into_iter().chain(events).chain(world.metrics.take());
    for text in left.chain([Logs::start().text()]) {
        assert!(!text.contains(CANARY), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_stays_one_whatever_the_sensitive_values_are() {
    let (world, body) = with_form(rows()).await;
    // An empty value, and ones that stand in every answer.
    for (number, value) in ["", "0", "4", "OSM", "error_code"].into_iter().enumerate() {
        let message = format!("illegal {value}");
        let refusal = simulators::Fault::Refuse { code: api("HUAWEI").create_refused.to_owned(), message };
        world.simulated("HUAWEI").fault(simulators::FaultRule::times("CreateCases", 1, refusal));
        let body = with(&body, json!({"extra": {"instance": "ecs-1", "login": value}}));
        let refused = create(&world, &format!("k{number}"), body).await.expect_problem(400, "vendor_rejected");
        assert!(!refused.text("detail").contains("illegal"), "{value}: {refused}");
    }
    assert!(world.simulated("HUAWEI").tickets().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn carbon_copies_and_contact_are_sent_stored_and_erased() {
    let (world, body) = with_form(Vec::new()).await;
    let contact = json!({"phone": "13800138000", "area_code": "86", "email": "ops@example.com", "time": "0"});
    let fields = json!({"cc": ["a@example.com", "b@example.com"], "contact": contact});
    let created = create(&world, "k1", with(&body, fields)).await.expect(201);
    let (id, cloud_id) = (created.text("id"), created.text("cloud_id"));
    let wanted = json!({
        "extension_map": {"cc_email": "a@example.com,b@example.com"}, "remind_mobile": "13800138000", "area_code": "86",
        "remind_mail": "ops@example.com", "remind_time": "0",
    });
    assert_eq!(world.simulated("HUAWEI").ticket(&cloud_id).details, wanted);
    let ticket = world.ticket(&id).await;
    assert_eq!((&ticket["cc"][1], &ticket["contact"]), (&json!("b@example.com"), &contact));

    world.call(ApiEvent::close(&id)).await.expect(200);
    let erase = ApiEvent::of("DELETE /tickets/{id}").id(&id).body(json!({"reason": "request"}));
    world.call(erase).await.expect(200);
    assert!(
        world.whole_table().await.iter().all(|item| !item.contains("b@example.com") && !item.contains("13800138000"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validation_checks_everything_and_writes_nothing() {
    let (world, body) = with_form(rows()).await;
    let good = with(&body, json!({"extra": {"instance": "ecs-1"}, "name": "password=Tr0ub4dor&3"}));
    let before = world.table().await;
    let valid = validate(&world, good.clone()).await.expect(200);
    assert_eq!((valid.text("state"), &valid.body["warnings"][0]["pointer"]), ("creating".to_owned(), &json!("/name")));
    assert_eq!(valid.body["extra"], good["extra"]);
    let shown = world.call(ApiEvent::of("GET /tickets/{id}").id(&valid.text("id"))).await;
    shown.expect_problem(404, "ticket_not_found");
    for (fields, code) in [
        (json!({"extra": {}}), "form_mismatch"),
        (json!({"product_id": "none"}), "product_not_found"),
        (json!({"custom_id": "none"}), "account_not_found"),
        (json!({"attachments": ["none"]}), "upload_not_found"),
        (json!({"allow_secrets": false}), "secret_in_text"),
    ] {
        validate(&world, with(&good, fields)).await.expect_problem(400, code);
    }
    let bad = ApiEvent::of("POST /tickets").key("v").query("validate_only=yes").body(json!({}));
    world.call(bad).await.expect_problem(400, "invalid_fields").expect_field("validate_only");
    assert_eq!((world.table().await, world.simulated("HUAWEI").count("CreateCases")), (before, 0));
    // Its key is free.
    let created = create(&world, "v", good).await.expect(201);
    assert_eq!(created.header("idempotency-replayed"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_read_once_and_again_before_an_old_one_refuses() {
    let (world, body) = with_form(rows()).await;
    let huawei = world.simulated("HUAWEI");
    let body = with(&body, json!({"extra": {"instance": "ecs-1"}}));
    for key in ["k1", "k2"] {
        create(&world, key, body.clone()).await.expect(201);
    }
    assert_eq!((huawei.count("ListExtendsParams"), huawei.count("ListCaseLimits")), (1, 1));
    // The vendor's form changes: what the stored one refuses is asked for again, some minutes later.
    let problem_type = body["product_business_id"].as_str().unwrap().to_owned();
    set(&world, |settings| drop(settings.extends_params.insert(problem_type, Vec::new())));
    let without = with(&body, json!({"extra": null}));
    create(&world, "k3", without.clone()).await.expect_problem(400, "form_mismatch");
    world.clock.advance(Duration::from_mins(11));
    create(&world, "k3", without).await.expect(201);
    assert_eq!(huawei.count("ListExtendsParams"), 2);
    world.call(form_of(&body, "HUAWEI")).await.expect(200);
    assert_eq!(huawei.count("ListExtendsParams"), 2, "the new form is stored");
    // A retry is answered without it, however old it is.
    world.clock.advance(Duration::from_hours(25));
    let again = create(&world, "k1", body).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(huawei.count("ListExtendsParams"), 2);
}
