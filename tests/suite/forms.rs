//! What a ticket of one problem type needs and may have: shown as JSON Schema, and checked by the same rules.

mod odd;
mod sent;

use std::time::Duration;

use serde_json::{Value, json};
use simulators::huawei::HuaweiSettings;

use crate::support::{Answer, ApiEvent, World};

/// The rows of a form: a required text, a sensitive one, a number, and a choice.
fn rows() -> Vec<Value> {
    let row = |key: &str, fields: Value| {
        let mut row = json!({
            "param_key": key, "param_name": format!("{key} 名称"), "required": 0, "is_show": 1, "is_sensitive": 0,
            "length": 0, "language": "zh-cn", "param_type": 1, "min_value": 0, "max_value": 0, "select_item": "",
            "tips": "提示", "param_desc": "", "default_value": "",
        });
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        row
    };
    vec![
        row("instance", json!({"required": 1, "length": 20})),
        row("login", json!({"is_sensitive": "1"})),
        row("count", json!({"min_value": 1, "max_value": "9"})),
        row("os", json!({"select_item": "[\"linux\",\"windows\"]"})),
        row("instance", json!({"language": "en-us", "param_name": "Instance"})),
        row("hidden", json!({"required": 1, "is_show": 0})),
    ]
}

fn set(world: &World, change: impl FnOnce(&mut HuaweiSettings)) {
    let huawei = &world.stack.simulators.vendors.huawei;
    let mut settings = huawei.settings();
    change(&mut settings);
    huawei.set_settings(settings);
}

/// A stack whose problem type of [`World::ticket_body`] has that form at Huawei. Gives the body of a ticket without
/// `extra`.
async fn with_form(rows: Vec<Value>) -> (World, Value) {
    let (world, accounts) = World::ready().await;
    let body = world.ticket_body("HUAWEI", &accounts.huawei);
    let problem_type = body["product_business_id"].as_str().unwrap().to_owned();
    set(&world, |settings| drop(settings.extends_params.insert(problem_type, rows)));
    (world, body)
}

fn with(body: &Value, fields: Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

async fn create(world: &World, key: &str, body: Value) -> Answer {
    world.call(ApiEvent::of("POST /tickets").key(key).body(body)).await
}

async fn validate(world: &World, body: Value) -> Answer {
    let event = ApiEvent::of("POST /tickets").key("v").query("validate_only=true").body(body);
    world.call(event).await
}

fn form_of(body: &Value, vendor: &str) -> ApiEvent {
    let text = |name: &str| body[name].as_str().unwrap();
    let (product, problem_type) = (text("product_id"), text("product_business_id"));
    let query = format!("type={vendor}&product_id={product}&product_business_id={problem_type}");
    ApiEvent::of("GET /catalog/form").query(&query)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_shows_what_the_vendor_tells() {
    let (world, body) = with_form(rows()).await;
    let form = world.call(form_of(&body, "HUAWEI")).await.expect(200).body;
    assert_eq!(form["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let fields = &form["properties"];
    assert_eq!(fields["product_id"]["const"], body["product_id"]);
    assert_eq!(fields["severity"]["enum"], json!(["normal"]));
    assert_eq!(fields["region_id"]["oneOf"].as_array().unwrap().len(), world.catalog("HUAWEI").regions.len());
    assert_eq!(fields["severity_id"]["oneOf"][0]["title"], "系统瘫痪");
    assert_eq!((&fields["cc"]["maxItems"], fields.get("secret_info")), (&json!(10), None));
    let extra = &fields["extra"];
    assert_eq!((&extra["required"], &extra["additionalProperties"]), (&json!(["instance"]), &json!(false)));
    let instance = &extra["properties"]["instance"];
    assert_eq!((&instance["title"], &instance["maxLength"]), (&json!("instance 名称"), &json!(20)));
    assert_eq!(instance["description"], "提示");
    assert_eq!(extra["properties"]["login"]["writeOnly"], true);
    assert_eq!(extra["properties"]["os"]["enum"], json!(["linux", "windows"]));
    assert_eq!((&form["x-unread"], &form["x-unreadable"]), (&json!([]), &json!(0)));
    assert_eq!(
        (&form["x-templates"][0]["name"], &form["x-vendor-fields"][0]["key"]),
        (&json!("通用"), &json!("region"))
    );
    assert!(form["required"].as_array().unwrap().contains(&json!("extra")));

    // Where the account has no choice of severities, there is no such field; the form is read again after a while.
    set(&world, |settings| settings.severities = false);
    let fields = |form: Answer| form.expect(200).body["properties"].clone();
    assert!(fields(world.call(form_of(&body, "HUAWEI")).await).get("severity_id").is_some());
    world.clock.advance(Duration::from_mins(11));
    assert!(fields(world.call(form_of(&body, "HUAWEI")).await).get("severity_id").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_forms_shows_its_own_fields_without_a_call() {
    let (world, accounts) = World::ready().await;
    let body = world.ticket_body("ALIBABA", &accounts.alibaba);
    let calls = world.vendor_calls();
    let form = world.call(form_of(&body, "ALIBABA")).await.expect(200).body;
    assert_eq!(world.vendor_calls(), calls);
    let fields = &form["properties"];
    assert_eq!(fields["severity"]["enum"], json!(["normal", "urgent"]));
    assert_eq!(
        (&fields["secret_info"]["maxLength"], &fields["secret_info"]["writeOnly"]),
        (&json!(1000), &json!(true))
    );
    assert!(fields.get("extra").is_none() && fields.get("region_id").is_none());

    let before = (world.table().await, world.vendor_calls());
    let given = json!({
        "severity_id": "1", "extra": {"a": 1}, "cc": ["a@example.com"], "contact": {"phone": "13800138000"},
    });
    let refused = create(&world, "k1", with(&body, given)).await.expect_problem(400, "form_mismatch");
    assert_eq!(refused.pointers(), ["/severity_id", "/extra", "/cc", "/contact"]);
    assert_eq!((world.table().await, world.vendor_calls()), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_not_there_is_refused() {
    let (world, accounts) = World::ready().await;
    let body = world.ticket_body("HUAWEI", &accounts.huawei);
    let form = |fields: Value| world.call(form_of(&with(&body, fields), "HUAWEI"));
    form(json!({"product_id": "none"})).await.expect_problem(400, "product_not_found").expect_field("product_id");
    let refused = form(json!({"product_business_id": "none"})).await.expect_problem(400, "problem_type_not_found");
    refused.expect_field("product_business_id");
    let alibaba = form_of(&body, "HUAWEI");
    let query = format!("type=HUAWEI&product_id=1&product_business_id=2&custom_id={}", accounts.alibaba);
    let refused = world.call(alibaba.query(&query)).await.expect_problem(400, "account_not_found");
    refused.expect_field("custom_id");
    let refused = world.call(ApiEvent::of("GET /catalog/form")).await.expect_problem(400, "invalid_fields");
    assert_eq!(refused.pointers(), ["type", "product_id", "product_business_id"]);

    world.register("TENCENT").await;
    let tencent = "type=TENCENT&product_id=cvm&product_business_id=1";
    let refused = world.call(ApiEvent::of("GET /catalog/form").query(tencent)).await;
    refused.expect_problem(422, "capability_not_supported");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_refuses_and_accepts_what_a_ticket_does() {
    let (world, body) = with_form(rows()).await;
    let form = world.call(form_of(&body, "HUAWEI")).await.expect(200).body;
    let schema = jsonschema::options().should_validate_formats(true).build(&form).unwrap();
    let good = json!({"instance": "ecs-1"});
    for (fields, is_good) in [
        (json!({}), false),
        (json!({"extra": {}}), false),
        (json!({"extra": good}), true),
        (json!({"extra": {"instance": "  "}}), false),
        (json!({"extra": {"instance": "x".repeat(20)}}), true),
        (json!({"extra": {"instance": "x".repeat(21)}}), false),
        (json!({"extra": {"instance": 7, "login": ["a"]}}), true),
        (json!({"extra": {"instance": "a", "count": 9}}), true),
        (json!({"extra": {"instance": "a", "count": 10}}), false),
        (json!({"extra": {"instance": "a", "count": "10"}}), true),
        (json!({"extra": {"instance": "a", "os": "linux"}}), true),
        (json!({"extra": {"instance": "a", "os": "beos"}}), false),
        (json!({"extra": {"instance": "a", "hidden": "x"}}), true),
        (json!({"extra": {"instance": "a", "other": "x"}}), false),
        (json!({"extra": good, "severity_id": form["properties"]["severity_id"]["oneOf"][1]["const"]}), true),
        (json!({"extra": good, "severity_id": "none"}), false),
        (json!({"extra": good, "cc": ["a@example.com"]}), true),
        (json!({"extra": good, "cc": vec!["a@example.com"; 11]}), false),
        (
            json!({"extra": good, "contact": {"phone": "138 0013-8000", "area_code": "+86", "time": "09:00-18:00"}}),
            true,
        ),
        (json!({"extra": good, "contact": {"time": "9-18"}}), false),
        (json!({"extra": good, "contact": {"fax": "1"}}), false),
        (json!({"extra": good, "region_id": world.catalog("HUAWEI").regions[0].id}), true),
        (json!({"extra": good, "region_id": "none"}), false),
        (json!({"extra": good, "secret_info": "x"}), false),
        (json!({"extra": good, "severity": "urgent"}), false),
    ] {
        let body = with(&body, fields.clone());
        let answer = validate(&world, body.clone()).await;
        assert_eq!(answer.status, if is_good { 200 } else { 400 }, "{fields} {answer}");
        assert_eq!(schema.is_valid(&body), is_good, "{fields}");
    }
}
