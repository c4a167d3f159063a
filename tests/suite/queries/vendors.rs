//! `GET /vendors` and `GET /version`.

use serde_json::json;

use crate::support::{ApiEvent, World};

#[tokio::test(flavor = "multi_thread")]
async fn what_each_vendor_can_do_is_data() {
    let world = World::start().await;
    let answer = world.call(ApiEvent::of("GET /vendors")).await.expect(200);
    let wanted = json!({"items": [
        {
            "type": "ALIBABA",
            "api": "Workorder 2021-06-10",
            "documentation": "https://help.aliyun.com/document_detail/2402439.html",
            "console": "https://smartservice.console.aliyun.com/service/create-ticket",
        "console_international": "https://smartservice.console.aliyun.com/service/create-ticket-intl",
            "products": true,
            "problem_types": true,
            "sources": false,
            "regions": false,
            "tickets": true,
            "replies": true,
            "severities": ["normal", "urgent"],
            "title": true,
            "catalog_parallelism": 1,
        },
        {
            "type": "HUAWEI",
            "api": "OSM v2",
            "documentation": "https://support.huaweicloud.com/api-ticket/CreateCases.html",
            "console": "https://console.huaweicloud.com/ticket/",
        "console_international": "https://console-intl.huaweicloud.com/ticket/",
            "products": true,
            "problem_types": true,
            "sources": true,
            "default_source": "83aeb0f2834c4df49826c781d32a963e",
            "regions": true,
            "tickets": true,
            "replies": true,
            "severities": ["normal"],
            "title": false,
            "max_text_chars": 1200,
            "max_reply_chars": 10_000,
            "max_new_messages_tickets": 100,
            "catalog_parallelism": 1,
        },
        {
            "type": "TENCENT",
            "api": "API 3.0: sts 2018-08-13, region 2022-06-27",
            "documentation": "https://cloud.tencent.com/document/api",
            "console": "https://console.cloud.tencent.com/workorder/category",
        "console_international": "https://console.tencentcloud.com/workorder/category",
            "products": true,
            "problem_types": false,
            "sources": false,
            "regions": false,
            "tickets": false,
            "replies": false,
            "severities": [],
            "title": false,
            "catalog_parallelism": 1,
        },
    ]});
    assert_eq!(answer.body, wanted);
    let refused = world.call(ApiEvent::of("GET /vendors").query("type=HUAWEI")).await;
    refused.expect_problem(400, "invalid_fields").expect_field("type");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_is_that_of_the_package_outside_a_release() {
    let world = World::start().await;
    let answer = world.call(ApiEvent::of("GET /version")).await.expect(200);
    assert_eq!(answer.body, json!({"version": env!("CARGO_PKG_VERSION")}));
    world.call(ApiEvent::of("GET /version").query("v=1")).await.expect_problem(400, "invalid_fields").expect_field("v");
}
