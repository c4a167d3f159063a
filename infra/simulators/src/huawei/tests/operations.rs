//! Huawei's catalog and tickets.

use super::*;

#[test]
fn the_catalog_is_of_real_size() {
    let mut caller = HuaweiTestClient::new();
    let flat = caller.get("config/product-categories", &[]);
    assert!(flat["total_count"].as_u64().unwrap() >= 150);
    let problems = caller.get("config/problems", &[]);
    let list = problems["incident_business_type_list"].as_array().unwrap();
    let ids: std::collections::HashSet<_> = list.iter().map(|row| row["business_type_id"].as_str().unwrap()).collect();
    assert!(ids.len() >= 1200 && ids.len() == list.len() && ids.iter().all(|id| id.len() == 32));
    assert!(list.iter().any(|row| row["case_type"] == "0") && list.iter().any(|row| row["case_type"] == "5"));
    assert!(caller.get("config/regions", &[])["data_center_list"].as_array().unwrap().len() >= 10);
    let unknown = caller.get("config/problems", &[("product_category_id", "0")]);
    assert_eq!(unknown["error_code"], "OSM.01010001");
    caller.language = "en-us";
    let named =
        caller.get("config/product-categories", &[("product_category_name", "elastic compute service ECS (ent")]);
    assert_eq!(
        named["incident_product_category_list"][0]["incident_product_category_name"],
        "Elastic Compute Service ECS (Enterprise)"
    );
    let (status, body) = read(&caller.simulator.handle(caller.signed("config/sources", &[], None, NOW), NOW));
    assert_eq!((status, &body["error_code"]), (404, &json!("APIGW.0101")));
}

#[test]
fn creating_checks_every_field() {
    let caller = HuaweiTestClient::new();
    let code = |changes: Value| caller.create_with(&changes)["error_code"].as_str().unwrap_or("ok").to_owned();
    let fault = caller.get("config/problems", &[("product_category_id", ECS)])["incident_business_type_list"]
        .as_array()
        .and_then(|list| list.iter().find(|row| row["case_type"] == "5").cloned())
        .unwrap()["business_type_id"]
        .clone();
    assert_eq!(code(json!({ "simple_description": "长".repeat(1200) })), "ok");
    assert_eq!(code(json!({ "business_type_id": fault, "region_id": "cn-north-4" })), "ok");
    for wrong in [
        json!({ "simple_description": "长".repeat(1201) }),
        json!({ "simple_description": "" }),
        json!({ "source_id": "1" }),
        json!({ "business_type_id": "1" }),
        json!({ "business_type_id": fault }),
        json!({ "business_type_id": fault, "region_id": "cn-nowhere-1" }),
        json!({ "product_category_id": "1" }),
        json!({ "incident_sub_type_id": "1" }),
        json!({ "remind_mail": "x".repeat(129) }),
        json!({ "remind_time": 5 }),
    ] {
        assert_eq!(code(wrong.clone()), "OSM.01010001", "{wrong}");
    }
    assert_eq!(code(json!({ "severity_id": "1" })), "OSM.01010006");
    caller.simulator.set_settings(HuaweiSettings {
        registered_mail: Some("ops@example.com".into()),
        count_utf16: true,
        ..HuaweiSettings::default()
    });
    assert_eq!(code(json!({ "remind_mail": "other@example.com" })), "OSM.01010010");
    assert_eq!(code(json!({ "remind_mail": "ops@example.com" })), "ok");
    assert_eq!(code(json!({ "simple_description": "😀".repeat(601) })), "OSM.01010001");
    assert_eq!(caller.simulator.tickets().len(), 3);
    assert_eq!(caller.simulator.tickets()[0].id, "TT20240501000001");
}

#[test]
fn actions_follow_the_status() {
    let caller = HuaweiTestClient::new();
    let (one, two) = (caller.create(), caller.create());
    let refused = json!("OSM.01010014");
    assert_eq!((caller.status(&one), caller.act(&one, "close")["error_code"].clone()), (json!(0), refused.clone()));
    assert_eq!(caller.act(&one, "reopen")["error_code"], "OSM.01010013");
    assert_eq!(caller.act(&one, "press"), json!({}));
    assert_eq!(caller.act(&one, "press")["error_code"], "OSM.01010004");
    assert_eq!(caller.act(&one, "cancel"), json!({}));
    assert_eq!((caller.status(&one), caller.act(&one, "cancel")["error_code"].clone()), (json!(4), refused.clone()));
    caller.simulator.reply(&two, None, "处理中", NOW);
    assert_eq!((caller.status(&two), caller.act(&two, "cancel")["error_code"].clone()), (json!(1), refused.clone()));
    caller.simulator.reply(&two, None, "请确认", NOW);
    assert_eq!(caller.status(&two), 17);
    let message = json!({ "message": { "content": "好的", "accessory_ids": [] } });
    assert_eq!(caller.call(&format!("cases/{two}/message"), &[], Some(&message)), json!({}));
    assert_eq!(caller.status(&two), 1);
    assert_eq!((caller.act(&two, "close"), caller.status(&two)), (json!({}), json!(3)));
    assert_eq!(caller.call(&format!("cases/{two}/message"), &[], Some(&message))["error_code"], refused);
    assert_eq!((caller.act(&two, "delete"), caller.status(&two)), (json!({}), json!(13)));
    assert_eq!(caller.get("cases", &[])["total_count"], 1);
    assert_eq!(caller.get("cases/TT0/status", &[])["error_code"], "OSM.01010015");
    for (answer, body) in
        [(ActionSuccessBody::Empty, ""), (ActionSuccessBody::Nulls, r#"{"error_code":null,"error_msg":null}"#)]
    {
        let id = caller.create();
        caller.simulator.set_settings(HuaweiSettings { action_answer: answer, ..HuaweiSettings::default() });
        let request = caller.signed(&format!("cases/{id}/action"), &[("action_id", "cancel")], Some(&Value::Null), NOW);
        assert_eq!(caller.simulator.handle(request, NOW).response().unwrap().body(), body);
    }
}

#[test]
fn a_refusal_is_never_replaced_by_what_reads_as_success() {
    let caller = HuaweiTestClient::new();
    let message = |ticket: &str| {
        let work = FaultRule::times("CreateMessages", 1, Fault::EmptyBody).after_the_work();
        caller.simulator.add_faults([work]);
        let message = json!({ "message": { "content": "还有进展吗", "accessory_ids": [] } });
        let request = caller.signed(&format!("cases/{ticket}/message"), &[], Some(&message), NOW);
        caller.simulator.handle(request, NOW).response().unwrap().body().clone()
    };
    assert_eq!(message(&caller.create()), "");
    let refused: Value = serde_json::from_slice(&message("TT0")).unwrap();
    assert_eq!(refused["error_code"], "OSM.01010015");
}

#[test]
fn faults_have_the_vendors_shapes() {
    let caller = HuaweiTestClient::new();
    let call_with_fault = |fault| {
        caller.simulator.add_faults([FaultRule::times("ListRegions", 1, fault)]);
        read(&caller.simulator.handle(caller.signed("config/regions", &[], None, NOW), NOW))
    };
    let (status, body) = call_with_fault(Fault::Throttle { retry_after_ms: None });
    assert_eq!((status, &body["error_code"]), (429, &json!("APIGW.0308")));
    assert!(body["request_id"].is_string());
    let (status, body) = call_with_fault(Fault::Status { code: 500 });
    assert_eq!((status, &body["error_code"]), (500, &json!("OSM.0004")));
    let (status, body) = call_with_fault(Fault::Refuse { code: "OSM.01010009".into(), message: "否".into() });
    assert_eq!((status, body), (200, json!({ "error_code": "OSM.01010009", "error_msg": "否" })));
    assert!(call_with_fault(Fault::WrongShape).1.get("data_center_list").is_none());
}

#[test]
fn iam_names_the_one_domain_of_a_key() {
    let client = HuaweiTestClient::new();
    client.simulator.lock().settings.require_domain_id = true;
    let body = client.get("/v3/auth/domains", &[]);
    assert_eq!(body["domains"].as_array().unwrap().len(), 1);
    assert_eq!(body["domains"][0]["id"], DEMO_KEYS.account);
}
