//! Forms that can't be read, or not in full: they are counted, and refuse no ticket that the vendor would take.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{create, form_of, validate, with, with_form};
use crate::support::cases;

const PARTS: [(&str, &str); 4] = [
    ("ListExtendsParams", "extra"),
    ("ListSeverities", "severities"),
    ("ListCaseTemplates", "templates"),
    ("ListCaseLimits", "limits"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_is_not_told_is_named_and_refuses_nothing() {
    for (operation, part) in cases(PARTS) {
        for fault in [Fault::Status { code: 500 }, Fault::Rubbish, Fault::Html, Fault::CutBefore] {
            let (world, body) = with_form(Vec::new()).await;
            world.simulated("HUAWEI").fault(FaultRule::always(operation, fault.clone()));
            let form = world.call(form_of(&body, "HUAWEI")).await.expect(200).body;
            assert_eq!(form["x-unread"], json!([part]), "{fault:?}");
            let fields = match part {
                "extra" => json!({"extra": {"any": "x"}}),
                "severities" => json!({"severity_id": "any"}),
                "limits" => json!({"cc": vec!["a@example.com"; 11]}),
                _ => json!({}),
            };
            validate(&world, with(&body, fields)).await.expect(200);
            create(&world, "k1", body.clone()).await.expect(201);
            // It is not asked for with each ticket, but after some minutes.
            let calls = world.simulated("HUAWEI").count(operation);
            create(&world, "k2", body.clone()).await.expect(201);
            assert_eq!(world.simulated("HUAWEI").count(operation), calls);
            world.simulated("HUAWEI").no_faults();
            world.clock.advance(Duration::from_mins(11));
            let form = world.call(form_of(&body, "HUAWEI")).await.expect(200).body;
            assert_eq!(form["x-unread"], json!([]));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_hangs_does_not_keep_the_ticket() {
    let (world, body) = with_form(Vec::new()).await;
    world.simulated("HUAWEI").fault(FaultRule::always("ListExtendsParams", Fault::Hang));
    create(&world, "k1", body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_can_not_be_read_are_counted_and_refuse_nothing() {
    let key = |key: &str, select: Value| json!({"param_key": key, "required": "0", "select_item": select});
    let rows = vec![
        json!(7),
        json!({"param_key": {"odd": true}, "required": 1}),
        json!({"param_key": ""}),
        json!({"param_key": "x".repeat(101)}),
        key("a", json!("one,two")),
        key("b", json!([{"value": "1"}])),
        key("c", json!(["1", "2"])),
        key("d", json!("null")),
    ];
    let (world, body) = with_form(rows).await;
    let form = world.call(form_of(&body, "HUAWEI")).await.expect(200).body;
    assert_eq!(form["x-unreadable"], 6);
    let extra = &form["properties"]["extra"];
    assert_eq!(extra["properties"].as_object().unwrap().keys().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    assert_eq!(extra["properties"]["a"]["x-vendor-choices"], "one,two");
    assert_eq!((&extra["properties"]["c"]["enum"], &extra["required"]), (&json!(["1", "2"]), &json!([])));
    assert_eq!(extra["additionalProperties"], true);
    let given = json!({"extra": {"a": "three", "b": "2", "unknown": "x"}});
    create(&world, "k1", with(&body, given)).await.expect(201);
    let refused = create(&world, "k2", with(&body, json!({"extra": {"c": "3"}}))).await;
    assert_eq!(refused.expect_problem(400, "form_mismatch").pointers(), ["/extra/c"]);
}
