//! `GET /vendors` and `GET /version`.

use serde_json::{Value, json};

use crate::support::{ApiEvent, World};

const ROLE: &str = "Give the IAM user the role Ticket Administrator.";

fn policy(name: &str) -> Value {
    let page = "https://help.aliyun.com/document_detail/2330745.html";
    let grant = "Attach the system policy AliyunSupportFullAccess to the RAM user or role.";
    json!({"name": name, "grant": grant, "page": page, "page_international": page})
}

fn in_console(name: &str, grant: &str) -> Value {
    json!({
        "name": name,
        "grant": grant,
        "page": "https://console.huaweicloud.com/ticket/",
        "page_international": "https://console-intl.huaweicloud.com/ticket/",
    })
}

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
            "max_secret_chars": 1000,
            "forms": false,
            "title": true,
            "reopening": true,
            "urging": false, "withdrawing": false,
            "rating": {"solved": true},
            "files": {"max_per_ticket": 3, "max_per_reply": 3, "account_limits": false},
            "rights": [policy("products"), policy("tickets"), policy("messages")],
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
            "forms": true,
            "title": false,
            "max_text_chars": 1200,
            "max_reply_chars": 10_000,
            "max_new_messages_tickets": 100,
            "reopening": false,
            "urging": true, "withdrawing": true,
            "rating": {"solved": false, "max_comment_chars": 400},
            "files": {"max_per_ticket": 5, "max_per_reply": 5, "max_bytes": 8_388_608, "account_limits": true},
            "rights": [
                in_console("products", ROLE),
                in_console("tickets", ROLE),
                in_console("messages", ROLE),
                in_console(
                    "creation",
                    "The main account restricts who submits tickets: let this IAM user submit them.",
                ),
                in_console("agreement", "Sign the newest service agreement for new tickets."),
                in_console("contacts", "Verify a mailbox or a telephone, where support should write to one."),
                in_console(
                    "quota",
                    "No ticket of the support plan is left: wait for the next month, or extend the plan.",
                ),
            ],
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
            "forms": false,
            "title": false,
            "reopening": false,
            "urging": false, "withdrawing": false,
            "rights": [{
                "name": "products",
                "grant": "Allow the CAM user region:DescribeProducts.",
                "page": "https://cloud.tencent.com/document/product/1596/77930",
                "page_international": "https://cloud.tencent.com/document/product/1596/77930",
            }],
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
