//! The request of every operation.

use std::time::Duration;

use serde_json::{Value, json};

use super::{china, client, file};
use crate::{
    domain::{ProductId, Site},
    error::ErrorKind,
    vendors::{
        TicketVendor,
        huawei::SOURCE_ID,
        testing::{MARKER, ScriptedSender, access, cloud_id, new_ticket},
    },
};

fn body(script: &ScriptedSender, call: usize) -> Value {
    serde_json::from_slice(script.request(call).body()).unwrap()
}

#[tokio::test]
async fn every_request_has_its_method_target_headers_and_body() {
    let script = ScriptedSender::new([
        file("list-case-categories"),
        file("list-problem-types"),
        file("list-regions"),
        file("create-cases"),
        file("show-case-status"),
        file("list-cases"),
        file("create-messages"),
        file("list-regions"),
    ]);
    let (client, access, id) = (client(&script), china(), cloud_id("TT20240501000001"));
    client.list_products(&access).await.unwrap();
    let product = ProductId::parse("123").unwrap();
    client.list_problem_types(&access, &product).await.unwrap();
    client.list_regions(&access).await.unwrap();
    assert_eq!(client.create_ticket(&access, &new_ticket()).await.unwrap(), id);
    client.ticket_status(&access, &id).await.unwrap();
    client.list_tickets(&access, 0, 300).await.unwrap();
    // The answer has no id.
    assert_eq!(client.reply_ticket(&access, &id, "好的", &[]).await.unwrap(), None);
    client.check_keys(&access).await.unwrap();
    let sources = client.list_sources(&access).await.unwrap();
    assert_eq!((sources.len(), sources[0].id.as_str()), (1, SOURCE_ID));

    assert_eq!(
        script.targets(),
        [
            "GET /v2/servicerequest/config/categories",
            "GET /v2/servicerequest/config/problems?product_category_id=123",
            "GET /v2/servicerequest/config/regions",
            "POST /v2/servicerequest/cases",
            "GET /v2/servicerequest/cases/TT20240501000001/status",
            "GET /v2/servicerequest/cases?limit=100&offset=300",
            "POST /v2/servicerequest/cases/TT20240501000001/message",
            "GET /v2/servicerequest/config/regions",
        ]
    );
    // The title is the first line, the marker the last; no e-mail address is sent.
    assert_eq!(
        body(&script, 3),
        json!({
            "product_category_id": "7160",
            "business_type_id": "7161",
            "region_id": "cn-north-1",
            "simple_description": format!("磁盘 a+b\nline 1\nline & 2 = 50%\n\n{MARKER}"),
            "source_id": SOURCE_ID,
        })
    );
    assert_eq!(body(&script, 6), json!({"message": {"content": "好的"}}));
    for call in 0..script.calls() {
        let request = script.request(call);
        let names: Vec<&str> = request.headers().keys().map(|name| name.as_str()).collect();
        assert_eq!(names.len(), 7, "{names:?}");
        for (name, value) in [
            ("content-type", "application/json"),
            ("x-language", "zh-cn"),
            ("x-time-zone", "GMT+8"),
            ("x-domain-id", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
            ("x-sdk-date", "20260115T083000Z"),
            ("host", "osm.cn-south-1.myhuaweicloud.com"),
        ] {
            assert_eq!(request.headers()[name], value);
        }
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.starts_with(
            "SDK-HMAC-SHA256 Access=testKeyId, \
             SignedHeaders=content-type;host;x-domain-id;x-language;x-sdk-date;x-time-zone, Signature="
        ));
        assert_eq!(script.limit(call).timeout, Duration::from_secs(10));
    }
}

#[tokio::test]
async fn the_international_site_gets_english_and_no_unknown_domain_is_sent() {
    let script = ScriptedSender::new([file("list-regions")]);
    let access = access(Site::International, "ap-southeast-3");
    client(&script).list_regions(&access).await.unwrap();
    let request = script.request(0);
    assert_eq!(request.uri().host(), Some("osm.ap-southeast-3.myhuaweicloud.com"));
    assert_eq!(request.headers()["x-language"], "en-us");
    assert!(!request.headers().contains_key("x-domain-id"));
}

#[tokio::test]
async fn an_empty_tree_falls_back_to_the_flat_list() {
    let script = ScriptedSender::new([file("list-case-categories-none"), file("list-product-categories")]);
    assert_eq!(client(&script).list_products(&china()).await.unwrap().len(), 1);
    assert_eq!(script.targets()[1], "GET /v2/servicerequest/config/product-categories");
}

#[tokio::test]
async fn a_ticket_is_read_by_its_id() {
    let script = ScriptedSender::new([file("show-case-detail"), file("error-OSM.01010015")]);
    let (client, id) = (client(&script), cloud_id("TT20240501000001"));
    let ticket = client.show_ticket(&china(), &id).await.unwrap();
    assert_eq!((ticket.cloud_id, ticket.text.as_str()), (id, "text"));
    let missing = client.show_ticket(&china(), &cloud_id("TT1")).await.unwrap_err();
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::NotFound, "vendor_ticket_not_found"));
    assert_eq!(
        script.targets(),
        [
            "GET /v2/servicerequest/cases/TT20240501000001?trim_osm_rich_text_label=false",
            "GET /v2/servicerequest/cases/TT1?trim_osm_rich_text_label=false",
        ]
    );
}
