//! Huawei's lists of messages and tickets.

use super::*;

#[test]
fn messages_come_in_pages_without_ids_and_whole_with_them() {
    let caller = HuaweiTestClient::new();
    let id = caller.create();
    caller.simulator.add_messages(&id, 250, None);
    let page = |query: &[(&str, &str)]| caller.get(&format!("cases/{id}/messages"), query);
    let first = page(&[]);
    assert_eq!((first["count"].as_i64(), first["message_list"].as_array().unwrap().len()), (Some(251), 10));
    assert_eq!(
        (&first["message_list"][0]["is_first_message"], &first["message_list"][0]["content"]),
        (&json!(1), &json!("描述"))
    );
    assert!(first["message_list"][0].get("message_id").is_none());
    assert_eq!(first["message_list"][1]["create_time"], "2024-05-01T03:30:53Z");
    assert_eq!(first["message_list"][1]["create_time"], first["message_list"][3]["create_time"]);
    assert_eq!(page(&[("offset", "200"), ("limit", "100")])["message_list"].as_array().unwrap().len(), 51);
    assert_eq!(page(&[("offset", "251")])["message_list"], json!([]));
    assert_eq!(page(&[("limit", "101")])["error_code"], "OSM.01010001");
    let detail =
        || caller.get(&format!("cases/{id}"), &[])["incident_detail_info"]["message_list"].as_array().unwrap().clone();
    let ids: std::collections::HashSet<_> =
        detail().iter().map(|m| m["message_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 251);
    let settings = HuaweiSettings {
        detail_limit: Some(100),
        newest_message_first: true,
        description_is_first_message: false,
        ..HuaweiSettings::default()
    };
    let all = detail();
    caller.simulator.set_settings(settings.clone());
    assert_eq!(detail(), all[..100]);
    caller.simulator.set_settings(HuaweiSettings { detail_has_newest: true, ..settings });
    assert_eq!(detail(), all[151..]);
    assert!(page(&[("limit", "1")])["message_list"][0]["content"].as_str().unwrap().starts_with("#250 "));
    assert_eq!(caller.get(&format!("cases/{}/messages", caller.create()), &[])["count"], 0);
}

#[test]
fn the_list_filters() {
    let caller = HuaweiTestClient::new();
    let ids: Vec<_> = (0..12)
        .map(|n| caller.create_with(&json!({ "simple_description": format!("第{n}个 a+b") }))["incident_id"].clone())
        .collect();
    let list = |query: &[(&str, &str)]| {
        let found = caller.get("cases", query);
        let rows = found["incident_info_list"].as_array().unwrap().iter().map(|row| row["incident_id"].clone());
        (found["total_count"].as_i64().unwrap(), rows.collect::<Vec<_>>())
    };
    let (total, page) = list(&[]);
    assert_eq!((total, page.len(), &page[0]), (12, 10, &ids[11]));
    assert_eq!(list(&[("offset", "10")]).1, [ids[1].clone(), ids[0].clone()]);
    assert_eq!(list(&[("app_key", "第3个 a+b")]).1, [ids[3].clone()]);
    assert_eq!(list(&[("app_key", ids[4].as_str().unwrap())]).1, [ids[4].clone()]);
    assert_eq!(list(&[("search_key", "第5"), ("search_key", "第6")]).0, 2);
    assert_eq!(list(&[("incident_status", "1,2")]).0, 0);
    assert_eq!(list(&[("status", "0"), ("query_start_time", "2024-05-01 11:30:52")]).0, 12);
    assert_eq!(list(&[("query_start_time", "2024-05-01 11:30:53")]).0, 0);
    assert_eq!(list(&[("query_end_time", "2024-05-01T03:30:52Z")]).0, 12);
    assert_eq!(caller.get("cases", &[("query_end_time", "yesterday")])["error_code"], "OSM.01010001");
    caller.simulator.set_settings(HuaweiSettings { total_as_count: true, ..HuaweiSettings::default() });
    assert_eq!(caller.get("cases", &[])["count"], 12);
    assert!(caller.simulator.change_catalog(crate::CatalogChange::RemoveProduct(ECS.into())));
    assert_eq!(caller.get("cases", &[])["incident_info_list"][0]["product_category_name"], "");
}
