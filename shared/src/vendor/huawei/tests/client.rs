//! What the client sends, and what it makes of answers in a row.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use crate::{
    domain::{ProductId, Site},
    error::{ErrorKind, Retry},
    vendor::{
        Access, TicketVendor,
        huawei::{Huawei, SOURCE_ID},
        testing::{
            FixedClock, MARKER, Script, Step, access, cloud_id, fixture, new_ticket, ok, status,
            unusable_answers,
        },
    },
};

fn client(script: &Arc<Script>) -> Huawei {
    Huawei::new(script.clone(), Arc::new(FixedClock))
}

fn china() -> Access {
    let mut access = access(Site::China, "cn-south-1");
    access.domain_id = Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0".into());
    access
}

fn file(name: &str) -> Step {
    ok(fixture(&format!("huawei/{name}")))
}

fn body(script: &Script, call: usize) -> Value {
    serde_json::from_slice(script.request(call).body()).unwrap()
}

#[tokio::test]
async fn every_request_has_its_method_target_headers_and_body() {
    let script = Script::new([
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
    client.list_tickets(&access, 0, 3).await.unwrap();
    client.reply_ticket(&access, &id, "好的").await.unwrap();
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
    // The title is the first line, the marker the last; no e-mail address goes out.
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
async fn abroad_the_language_is_english_and_no_unknown_domain_is_sent() {
    let script = Script::new([file("list-regions")]);
    let access = access(Site::International, "ap-southeast-3");
    client(&script).list_regions(&access).await.unwrap();
    let request = script.request(0);
    assert_eq!(request.uri().host(), Some("osm.ap-southeast-3.myhuaweicloud.com"));
    assert_eq!(request.headers()["x-language"], "en-us");
    assert!(!request.headers().contains_key("x-domain-id"));
}

#[tokio::test]
async fn an_empty_tree_falls_back_to_the_flat_list() {
    let script = Script::new([file("list-case-categories-none"), file("list-product-categories")]);
    assert_eq!(client(&script).list_products(&china()).await.unwrap().len(), 1);
    assert_eq!(script.targets()[1], "GET /v2/servicerequest/config/product-categories");
}

#[tokio::test]
async fn an_answer_that_proves_nothing_leaves_a_write_unknown() {
    let id = cloud_id("TT1");
    let mut answers = unusable_answers();
    answers.push(("internal error", status(500, fixture("huawei/error-OSM.0004"))));
    for (name, step) in answers {
        for write in 0..3 {
            let error = match write {
                0 => client(&Script::new([step.clone()]))
                    .create_ticket(&china(), &new_ticket())
                    .await
                    .unwrap_err(),
                1 => client(&Script::new([step.clone()])).reply_ticket(&china(), &id, "x").await.unwrap_err(),
                _ => client(&Script::new([ok(r#"{"status":1}"#), step.clone()]))
                    .close_ticket(&china(), &id)
                    .await
                    .unwrap_err(),
            };
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{name} {write}");
            assert_eq!(error.code(), "vendor_outcome_unknown", "{name} {write}");
        }
        let read = client(&Script::new([step])).ticket_status(&china(), &id).await.unwrap_err();
        assert_eq!(
            (read.kind(), read.retry()),
            (ErrorKind::VendorUnavailable, Retry::Yes { after: None }),
            "{name}"
        );
    }
}

#[tokio::test]
async fn an_empty_answer_is_no_new_ticket_but_may_answer_an_action() {
    for empty in ["", "{}"] {
        let script = Script::new([ok(empty)]);
        let error = client(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown);
        let script = Script::new([ok(empty)]);
        client(&script).reply_ticket(&china(), &cloud_id("TT1"), "x").await.unwrap();
    }
}

#[tokio::test]
async fn business_errors_with_status_200_are_definite() {
    for (step, kind, retry) in [
        (Step::NotSent, ErrorKind::VendorUnavailable, Retry::Yes { after: None }),
        (file("error-OSM.01010009"), ErrorKind::PermissionDenied, Retry::No),
        (file("error-OSM.01010001"), ErrorKind::InvalidInput, Retry::No),
        (status(401, "<html>"), ErrorKind::CredentialInvalid, Retry::No),
        (
            Step::Answer(429, vec![("retry-after", "3")], fixture("huawei/error-APIGW.0308")),
            ErrorKind::RateLimited,
            Retry::Yes { after: Some(Duration::from_secs(3)) },
        ),
    ] {
        let script = Script::new([step]);
        let error = client(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry));
    }
}

#[tokio::test]
async fn an_unlisted_code_is_no_definite_refusal_of_a_write() {
    for code in ["OSM.9999", "OSM.01010019", "OSM.01010061", "OSM.01010063", "APIGW.0999", "500"] {
        let step = |number| status(number, json!({"error_code": code, "error_msg": "m"}).to_string());
        let create =
            client(&Script::new([step(200)])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        let reply = client(&Script::new([step(200)]))
            .reply_ticket(&china(), &cloud_id("TT1"), "x")
            .await
            .unwrap_err();
        for error in [create, reply] {
            assert_eq!(error.code(), "vendor_outcome_unknown", "{code}");
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{code}");
        }
        // A read has nothing to lose, and with a client error's status the vendor's own shape is a refusal.
        let read =
            client(&Script::new([step(200)])).ticket_status(&china(), &cloud_id("TT1")).await.unwrap_err();
        let create =
            client(&Script::new([step(400)])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        for error in [read, create] {
            assert_eq!((error.code(), error.retry()), ("vendor_rejected", Retry::No), "{code}");
        }
    }
}

#[tokio::test]
async fn closing_follows_the_status_and_tries_the_other_action_once() {
    let state = |code: u32| ok(format!(r#"{{"status":{code}}}"#));
    let refused = || file("error-OSM.01010013");
    let internal = || file("error-OSM.01010014");
    let unlisted = || ok(r#"{"error_code":"OSM.01010040","error_msg":"m"}"#);
    let done = || ok("{}");
    type Case = (&'static str, Vec<Step>, Vec<&'static str>, Option<ErrorKind>);
    let cases: Vec<Case> = vec![
        ("ended", vec![state(3)], vec!["status"], None),
        ("cancelled", vec![state(4)], vec!["status"], None),
        ("invalid", vec![state(12)], vec!["status"], None),
        ("deleted", vec![state(13)], vec!["status"], None),
        ("waiting", vec![state(0), done()], vec!["status", "cancel"], None),
        ("processing", vec![state(1), done()], vec!["status", "close"], None),
        ("to confirm", vec![state(2), done()], vec!["status", "close"], None),
        ("paused", vec![state(5), done()], vec!["status", "close"], None),
        ("feedback", vec![state(17), done()], vec!["status", "close"], None),
        ("unknown", vec![state(20), done()], vec!["status", "close"], None),
        ("ended meanwhile", vec![state(1), refused(), state(3)], vec!["status", "close", "status"], None),
        (
            "taken up meanwhile",
            vec![state(0), refused(), state(1), done()],
            vec!["status", "cancel", "status", "close"],
            None,
        ),
        (
            "failed, says the vendor",
            vec![state(0), internal(), state(1), done()],
            vec!["status", "cancel", "status", "close"],
            None,
        ),
        (
            "refused twice",
            vec![state(1), refused(), state(1), refused(), state(1)],
            vec!["status", "close", "status", "cancel", "status"],
            Some(ErrorKind::Conflict),
        ),
        (
            "refused twice with an unlisted code",
            vec![state(1), unlisted(), state(1), unlisted(), state(1)],
            vec!["status", "close", "status", "cancel", "status"],
            Some(ErrorKind::Conflict),
        ),
        (
            "ended after all",
            vec![state(1), refused(), state(1), refused(), state(4)],
            vec!["status", "close", "status", "cancel", "status"],
            None,
        ),
        ("no such ticket", vec![file("error-OSM.01010015")], vec!["status"], Some(ErrorKind::NotFound)),
        (
            "no right",
            vec![state(1), file("error-OSM.01010002")],
            vec!["status", "close"],
            Some(ErrorKind::PermissionDenied),
        ),
    ];
    for (name, steps, expected, kind) in cases {
        let script = Script::new(steps);
        let result = client(&script).close_ticket(&china(), &cloud_id("TT1")).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{name}");
        let calls: Vec<String> = script
            .targets()
            .iter()
            .map(|target| target.rsplit(['/', '=']).next().unwrap().to_owned())
            .collect();
        assert_eq!(calls, expected, "{name}");
    }
}

#[tokio::test]
async fn finding_confirms_by_the_list_or_the_detail_and_walks_on() {
    let row = |id: usize, text: &str| json!({"incident_id": format!("TT{id}"), "status": 1, "simple_description": text});
    let mut first: Vec<Value> = (0..99).map(|id| row(id, "x")).collect();
    first.push(row(99, &format!("text\n\n{MARKER}")));
    let mut steps = vec![ok(json!({"total_count": 101, "incident_info_list": first}).to_string())];
    let detail = |text: &str| ok(json!({"incident_detail_info": {"simple_description": text}}).to_string());
    steps.extend((0..99).map(|_| detail("x")));
    steps.push(ok(json!({"total_count": 101, "incident_info_list": [row(100, "cut off")]}).to_string()));
    steps.push(detail(&format!("<p>text</p><p>{MARKER}</p>")));
    let script = Script::new(steps);
    let found = client(&script).find_tickets(&china(), MARKER, i64::MAX).await.unwrap();
    assert_eq!(found, [cloud_id("TT99"), cloud_id("TT100")]);
    assert_eq!(
        script.targets()[100],
        "GET /v2/servicerequest/cases?app_key=01JD2Y5T9V7Z3M6Q8R4S0X1W2K&limit=100&offset=100"
    );
}

/// A page of ListCases with one ticket, whose text is `text`.
fn one_case(text: &str) -> Step {
    let row = json!({"incident_id": "TT1", "status": 1, "simple_description": text});
    ok(json!({"total_count": 1, "incident_info_list": [row]}).to_string())
}

#[tokio::test]
async fn a_hit_that_cannot_be_read_fails_the_look_up() {
    for (name, kind) in
        [("error-OSM.01010002", ErrorKind::PermissionDenied), ("error-OSM.01010001", ErrorKind::InvalidInput)]
    {
        let script = Script::new([one_case("cut off"), file(name)]);
        let error = client(&script).find_tickets(&china(), MARKER, 0).await.unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    // It is gone meanwhile.
    let script = Script::new([one_case("cut off"), file("error-OSM.01010015")]);
    let found = client(&script).find_tickets(&china(), MARKER, 0).await.unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn a_ticket_that_quotes_the_marker_is_another() {
    let quoting = format!("it said\n{MARKER}\nplease help\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X");
    let detail = ok(json!({"incident_detail_info": {"simple_description": quoting}}).to_string());
    let script = Script::new([one_case(&quoting), detail]);
    let found = client(&script).find_tickets(&china(), MARKER, 0).await.unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn a_list_that_does_not_reach_its_end_fails_the_look_up() {
    let cases = |total: Option<u32>, ids: std::ops::Range<u32>| {
        let rows: Vec<Value> = ids
            .map(|id| json!({"incident_id": format!("TT{id}"), "simple_description": format!("x\n\n{MARKER}")}))
            .collect();
        ok(json!({"total_count": total, "incident_info_list": rows}).to_string())
    };
    let no_text = json!({"total_count": 1, "incident_info_list": [{"incident_id": "TT0"}]});
    for (name, steps) in [
        ("the same page again", vec![cases(Some(2), 0..1), cases(Some(2), 0..1)]),
        ("an empty page before the total", vec![cases(Some(2), 0..1), cases(Some(2), 0..0)]),
        ("a ticket without its text", vec![ok(no_text.to_string()), detail(Vec::new())]),
    ] {
        let error = client(&Script::new(steps)).find_tickets(&china(), MARKER, 0).await.unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{name}");
        assert_eq!(error.retry(), Retry::Yes { after: None }, "{name}");
    }
    // Without a total the list ends at an empty page.
    let script = Script::new([cases(None, 0..1), cases(None, 1..3), cases(None, 0..0)]);
    let found = client(&script).find_tickets(&china(), MARKER, 0).await.unwrap();
    assert_eq!(found, ["TT0", "TT1", "TT2"].map(cloud_id));
}

fn rows(range: std::ops::Range<i64>, ids: bool) -> Vec<Value> {
    range
        .map(|n| {
            let mut row = json!({"type": n % 2, "replier": "u", "content": format!("c{n}"),
                "create_time": (1_714_534_252_000 + n / 3 * 1000).to_string()});
            if ids {
                row["message_id"] = json!(format!("m{n}"));
            }
            row
        })
        .collect()
}

fn detail(messages: Vec<Value>) -> Step {
    ok(json!({"incident_detail_info": {"message_list": messages}}).to_string())
}

fn uncounted(messages: Vec<Value>) -> Step {
    ok(json!({ "message_list": messages }).to_string())
}

fn page(count: i64, messages: Vec<Value>) -> Step {
    ok(json!({"count": count, "message_list": messages}).to_string())
}

#[tokio::test]
async fn a_complete_detail_needs_no_pages() {
    let script = Script::new([detail(rows(0..5, true)), page(5, rows(0..1, false))]);
    let messages = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    let ids: Vec<&str> = messages.iter().map(|m| m.message_id.as_str()).collect();
    assert_eq!(ids, ["m0", "m1", "m2", "m3", "m4"]);
    assert_eq!(
        script.targets(),
        [
            "GET /v2/servicerequest/cases/TT1?trim_osm_rich_text_label=false",
            "GET /v2/servicerequest/cases/TT1/messages?limit=1&offset=0&trim_osm_rich_text_label=false",
        ]
    );
    assert_eq!(script.limit(0).timeout, Duration::from_secs(20));
    assert_eq!(script.limit(1).max_bytes, 32 << 20);
}

#[tokio::test]
async fn a_cut_detail_is_completed_from_the_pages() {
    let script = || {
        Script::new([
            detail(rows(0..120, true)),
            page(250, rows(0..1, false)),
            page(250, rows(0..100, false)),
            page(250, rows(100..200, false)),
            page(250, rows(200..250, false)),
            detail(rows(0..120, true)),
        ])
    };
    let first = client(&script()).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    let contents: Vec<String> = first.iter().map(|m| m.content.clone()).collect();
    let expected: Vec<String> = (0..250).map(|n| format!("c{n}")).collect();
    assert_eq!(contents, expected);
    assert!(first[..120].iter().all(|m| m.message_id.starts_with('m')));
    assert!(first[120..].iter().all(|m| m.message_id.starts_with("h-")));
    assert_eq!(client(&script()).list_messages(&china(), &cloud_id("TT1")).await.unwrap(), first);
}

#[tokio::test]
async fn a_message_has_the_same_id_in_every_reading() {
    // GIVEN a reply that comes in after the first detail, or while the pages are read
    for meanwhile in [
        vec![page(2, rows(0..1, false)), page(2, rows(0..2, false))],
        vec![uncounted(rows(0..1, false)), uncounted(rows(0..2, false)), uncounted(Vec::new())],
        vec![uncounted(rows(0..1, false)), uncounted(rows(0..1, false)), uncounted(Vec::new())],
    ] {
        let mut steps = vec![detail(rows(0..1, true))];
        steps.extend(meanwhile);
        steps.extend([detail(rows(0..2, true))]);
        // WHEN it is read again, all in one piece
        steps.extend([detail(rows(0..2, true)), page(2, rows(0..1, false))]);
        let script = Script::new(steps);
        let client = client(&script);
        let first = client.list_messages(&china(), &cloud_id("TT1")).await.unwrap();
        let second = client.list_messages(&china(), &cloud_id("TT1")).await.unwrap();
        // THEN the ids are the same
        assert_eq!(first, second);
        let ids: Vec<&str> = first.iter().map(|m| m.message_id.as_str()).collect();
        assert_eq!(ids, ["m0", "m1"]);
    }
}

#[tokio::test]
async fn without_a_count_the_pages_end_at_an_empty_one() {
    // A server whose pages are smaller than asked for.
    let script = Script::new([
        detail(rows(0..10, true)),
        uncounted(rows(0..1, false)),
        uncounted(rows(0..50, false)),
        uncounted(rows(50..70, false)),
        uncounted(Vec::new()),
        detail(rows(0..10, true)),
    ]);
    let messages = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
    assert_eq!(messages.len(), 70);
    assert!(script.targets()[4].contains("offset=70"));
}

#[tokio::test]
async fn messages_that_are_known_to_be_missing_are_an_error() {
    for (name, pages) in [
        (
            "the offset is ignored",
            vec![
                page(900, rows(0..1, false)),
                page(900, rows(0..100, false)),
                page(900, rows(0..100, false)),
            ],
        ),
        (
            "the offset is ignored, without a count",
            vec![uncounted(rows(0..1, false)), uncounted(rows(0..50, false)), uncounted(rows(0..50, false))],
        ),
        (
            "the pages end early",
            vec![page(900, rows(0..1, false)), page(900, rows(0..100, false)), page(900, Vec::new())],
        ),
        (
            "the pages count fewer",
            vec![page(900, rows(0..1, false)), page(100, rows(0..100, false)), detail(rows(0..10, true))],
        ),
    ] {
        let mut steps = vec![detail(rows(0..10, true))];
        steps.extend(pages);
        let script = Script::new(steps);
        let error = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap_err();
        assert_eq!(
            (error.code(), error.retry()),
            ("vendor_bad_answer", Retry::Yes { after: None }),
            "{name}"
        );
    }
}

#[tokio::test]
async fn more_messages_than_can_be_paged_are_an_error() {
    let mut steps = vec![detail(Vec::new()), page(70_000, rows(0..1, false))];
    steps.extend((0..656).map(|n| page(70_000, rows(n * 100..n * 100 + 100, false))));
    let script = Script::new(steps);
    let error = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 658));
}
