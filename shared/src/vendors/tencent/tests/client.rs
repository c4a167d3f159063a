//! The requests that the client sends, and the operations without a call.

use std::sync::Arc;

use serde_json::json;

use crate::{
    domain::{ProductId, Site},
    error::ErrorKind,
    vendors::{
        TicketVendor,
        tencent::TencentClient,
        testing::{ConstantClock, ScriptedSender, access, cloud_id, fixture, marked_id, new_ticket, ok},
    },
};

fn client(script: &Arc<ScriptedSender>) -> TencentClient {
    TencentClient::new(script.clone(), Arc::new(ConstantClock))
}

#[tokio::test]
async fn keys_are_checked_with_the_identity_call() {
    let script = ScriptedSender::new([ok(fixture("tencent/get-caller-identity"))]);
    client(&script).check_keys(&access(Site::China, "ap-guangzhou")).await.unwrap();
    let request = script.request(0);
    assert_eq!((request.method().as_str(), request.body().as_ref()), ("POST", b"{}".as_ref()));
    assert_eq!(request.uri(), "https://sts.tencentcloudapi.com/");
    for (name, value) in [
        ("content-type", "application/json"),
        ("host", "sts.tencentcloudapi.com"),
        ("x-tc-action", "GetCallerIdentity"),
        ("x-tc-version", "2018-08-13"),
        ("x-tc-region", "ap-guangzhou"),
        ("x-tc-language", "zh-CN"),
        ("x-tc-timestamp", "1768465800"),
    ] {
        assert_eq!(request.headers()[name], value);
    }
    let authorization = request.headers()["authorization"].to_str().unwrap();
    assert!(authorization.starts_with(
        "TC3-HMAC-SHA256 Credential=testKeyId/2026-01-15/sts/tc3_request, SignedHeaders=content-type;host, "
    ));
}

#[tokio::test]
async fn products_are_paged_by_a_hundred_and_an_override_takes_every_service() {
    let page = |from: u32, to: u32, total: u32| {
        let rows: Vec<_> = (from..to).map(|n| json!({"Name": format!("p{n}")})).collect();
        ok(json!({"Response": {"Products": rows, "TotalCount": total, "RequestId": "t"}}).to_string())
    };
    let script = ScriptedSender::new([page(0, 100, 130), page(100, 130, 130)]);
    let mut access = access(Site::International, "ap-singapore");
    access.endpoint = Some("http://127.0.0.1:8098".into());
    let products = client(&script).list_products(&access).await.unwrap();
    assert_eq!(products.len(), 130);
    assert_eq!((products[129].id.as_str(), products[129].name.as_str()), ("p129", "p129"));
    for (call, offset) in [(0, 0), (1, 100)] {
        let request = script.request(call);
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body, json!({"Limit": 100, "Offset": offset}));
        assert_eq!(request.uri(), "http://127.0.0.1:8098/");
        assert_eq!(request.headers()["host"], "127.0.0.1:8098");
        let authorization = request.headers()["authorization"].to_str().unwrap();
        assert!(authorization.contains("/region/tc3_request,"));
    }
}

#[tokio::test]
async fn a_list_that_ends_before_its_total_is_no_catalog() {
    let page = |from: u32, to: u32, total: Option<u32>| {
        let rows: Vec<_> = (from..to).map(|n| json!({"Name": format!("p{n}")})).collect();
        ok(json!({"Response": {"Products": rows, "TotalCount": total}}).to_string())
    };
    let access = access(Site::China, "ap-guangzhou");
    let endless = (0..1_000).map(|n| page(n * 100, n * 100 + 100, Some(200_000)));
    for (name, steps) in [
        ("the same page again", vec![page(0, 100, Some(250)), page(0, 100, Some(250))]),
        ("the same page up to the total", vec![page(0, 100, Some(130)), page(0, 100, Some(130))]),
        ("another order", vec![page(0, 100, Some(250)), page(50, 100, Some(250))]),
        ("an empty page", vec![page(0, 100, Some(250)), page(0, 0, Some(250))]),
        ("nothing of five", vec![page(0, 0, Some(5))]),
        ("too many", endless.collect()),
    ] {
        let error = client(&ScriptedSender::new(steps)).list_products(&access).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{name}");
    }
    // Without a total the list ends at an empty page, for any size of its pages.
    let script = ScriptedSender::new([page(0, 50, None), page(50, 80, None), page(0, 0, None)]);
    assert_eq!(client(&script).list_products(&access).await.unwrap().len(), 80);
}

#[tokio::test]
async fn every_ticket_operation_is_unsupported_without_a_call() {
    let script = ScriptedSender::new([]);
    let client = client(&script);
    for (site, console) in [
        (Site::China, "https://console.cloud.tencent.com/workorder/category"),
        (Site::International, "https://console.tencentcloud.com/workorder/category"),
    ] {
        let access = access(site, "ap-guangzhou");
        let id = cloud_id("202603244502");
        let product = ProductId::parse("cvm").unwrap();
        let errors = [
            client.list_problem_types(&access, &product).await.unwrap_err(),
            client.create_ticket(&access, &new_ticket()).await.unwrap_err(),
            client.find_tickets(&access, &marked_id(), 0).await.unwrap_err(),
            client.list_tickets(&access, 0, 0).await.unwrap_err(),
            client.show_ticket(&access, &id).await.unwrap_err(),
            client.ticket_status(&access, &id).await.unwrap_err(),
            client.list_messages(&access, &id).await.unwrap_err(),
            client.reply_ticket(&access, &id, "x", &[]).await.unwrap_err(),
            client.close_ticket(&access, &id).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.code()), (ErrorKind::Unsupported, "capability_not_supported"));
            assert!(error.message().contains(console));
        }
        assert_eq!(client.list_sources(&access).await.unwrap(), []);
        assert_eq!(client.list_regions(&access).await.unwrap(), []);
    }
    assert_eq!(script.calls(), 0);
}
