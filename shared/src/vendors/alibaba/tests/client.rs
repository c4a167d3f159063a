//! The requests that the client sends, and how it handles a series of answers.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{
    domain::{ProductId, Site},
    error::{ErrorKind, Retry},
    vendors::{
        Access, Phase, TicketVendor,
        alibaba::AlibabaClient,
        encoding,
        testing::{
            ConstantClock, Counting, MARKER, NOW_MS, ScriptedSender, Step, access, cloud_id, fixture, foreign_refusals,
            new_ticket, ok, status, unusable_answers,
        },
    },
};

pub(super) fn client(script: &Arc<ScriptedSender>) -> AlibabaClient {
    AlibabaClient::new(script.clone(), Arc::new(ConstantClock), Arc::new(Counting::default()))
}

pub(super) fn china() -> Access {
    access(Site::China, "cn-hangzhou")
}

fn json(name: &str) -> Step {
    ok(fixture(&format!("alibaba/{name}")))
}

fn decoded(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| encoding::unpercent(&text.replace('+', " "));
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (decode(name), decode(value))
        })
        .collect()
}

/// Action, query and form of a call; checks what all calls have in common.
pub(super) fn sent(
    script: &ScriptedSender,
    call: usize,
) -> (String, BTreeMap<String, String>, BTreeMap<String, String>) {
    let request = script.request(call);
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap());
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/"));
    assert_eq!(request.uri().scheme_str(), Some("https"));
    assert_eq!(header("host"), request.uri().host());
    assert_eq!(header("accept"), Some("application/json"));
    assert_eq!(header("x-acs-version"), Some("2021-06-10"));
    assert_eq!(header("x-acs-date"), Some("2026-01-15T08:30:00Z"));
    let form_type = (!request.body().is_empty()).then_some("application/x-www-form-urlencoded");
    assert_eq!(header("content-type"), form_type);
    assert!(header("authorization").unwrap().starts_with("ACS3-HMAC-SHA256 Credential=testKeyId,"));
    let body = std::str::from_utf8(request.body()).unwrap();
    (header("x-acs-action").unwrap().to_owned(), decoded(request.uri().query().unwrap_or_default()), decoded(body))
}

fn map<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn every_request_has_its_parameters_in_their_places() {
    let script = ScriptedSender::new([
        json("list-products"),
        json("list-categories"),
        json("create-ticket"),
        json("get-ticket"),
        json("list-tickets"),
        json("list-ticket-notes"),
        json("reply-ticket"),
        json("close-ticket"),
        json("list-products"),
    ]);
    let (client, access, id) = (client(&script), china(), cloud_id("0005PYGCW"));
    client.list_products(&access).await.unwrap();
    let product = ProductId::parse("7160").unwrap();
    client.list_problem_types(&access, &product).await.unwrap();
    assert_eq!(client.create_ticket(&access, &new_ticket()).await.unwrap(), id);
    assert_eq!(client.ticket_status(&access, &id).await.unwrap().phase, Phase::Ended);
    client.list_tickets(&access, 1000, 2).await.unwrap();
    client.list_messages(&access, &id).await.unwrap();
    let reply = client.reply_ticket(&access, &id, "好的 a+b", &[]).await.unwrap();
    assert_eq!(reply.as_deref(), Some("46434030"));
    client.close_ticket(&access, &id).await.unwrap();
    client.check_keys(&access).await.unwrap();
    assert_eq!(client.list_sources(&access).await.unwrap(), []);
    assert_eq!(client.list_regions(&access).await.unwrap(), []);

    let description = format!("line 1\nline & 2 = 50%\n\n{MARKER}");
    let end_date = (NOW_MS + 86_400_000).to_string();
    let ticket = [("TicketId", "0005PYGCW")];
    let expected = [
        ("ListProducts", map([("Language", "zh")]), map([])),
        ("ListCategories", map([("Language", "zh")]), map([("ProductId", "7160")])),
        (
            "CreateTicket",
            map([]),
            map([
                ("Title", "磁盘 a+b"),
                ("Description", &description),
                ("Severity", "2"),
                ("CategoryId", "7161"),
                ("Email", "ops+alert@example.com"),
            ]),
        ),
        ("GetTicket", map([]), map(ticket)),
        (
            "ListTickets",
            map([("PageNumber", "3"), ("PageSize", "100")]),
            map([("StartDate", "1000"), ("EndDate", &end_date)]),
        ),
        ("ListTicketNotes", map(ticket), map([])),
        ("ReplyTicket", map([]), map([("TicketId", "0005PYGCW"), ("Content", "好的 a+b"), ("Encrypt", "false")])),
        ("CloseTicket", map([]), map(ticket)),
        ("ListProducts", map([("Language", "zh")]), map([])),
    ];
    for (call, (action, query, form)) in expected.into_iter().enumerate() {
        assert_eq!(sent(&script, call), (action.to_owned(), query, form));
        let messages = action == "ListTicketNotes";
        let limit = script.limit(call);
        assert_eq!(limit.timeout, Duration::from_secs(if messages { 20 } else { 10 }));
        assert_eq!(limit.max_bytes, if messages { 128 << 20 } else { 4 << 20 });
    }
    assert_eq!(script.calls(), 9);
}

#[tokio::test]
async fn nonce_and_host_follow_call_and_account() {
    let script = ScriptedSender::new([json("list-products"), json("list-products"), json("list-products")]);
    let client = client(&script);
    let mut abroad = access(Site::International, "ap-southeast-1");
    client.list_products(&abroad).await.unwrap();
    client.list_products(&abroad).await.unwrap();
    abroad.endpoint = Some("http://127.0.0.1:8099".into());
    client.list_products(&abroad).await.unwrap();
    let nonce = |call| script.request(call).headers()["x-acs-signature-nonce"].clone();
    assert_ne!(nonce(0), nonce(1));
    assert_eq!(script.request(0).uri(), "https://workorder.ap-southeast-1.aliyuncs.com/?Language=en");
    assert_eq!(script.request(2).uri(), "http://127.0.0.1:8099/?Language=en");
    assert_eq!(script.request(2).headers()["host"], "127.0.0.1:8099");
}

#[tokio::test]
async fn an_answer_that_proves_nothing_leaves_a_write_unknown_and_a_read_repeatable() {
    let id = cloud_id("0005PYGCW");
    let mut answers = unusable_answers();
    answers.push(("empty", ok("")));
    answers.push(("internal error", status(500, fixture("alibaba/error-System.error"))));
    for (name, step) in answers {
        for write in 0..3 {
            let script = ScriptedSender::new([step.clone()]);
            let client = client(&script);
            let error = match write {
                0 => client.create_ticket(&china(), &new_ticket()).await.unwrap_err(),
                1 => client.reply_ticket(&china(), &id, "x", &[]).await.unwrap_err(),
                _ => client.close_ticket(&china(), &id).await.unwrap_err(),
            };
            assert_eq!(error.kind(), ErrorKind::VendorUnavailable, "{name} {write}");
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{name} {write}");
            assert_eq!(error.code(), "vendor_outcome_unknown", "{name} {write}");
            assert!(error.vendor().is_some());
        }
        let read = client(&ScriptedSender::new([step])).ticket_status(&china(), &id).await.unwrap_err();
        assert_eq!(read.kind(), ErrorKind::VendorUnavailable, "{name}");
        assert_eq!(read.retry(), Retry::Yes { after: None }, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_and_an_unreached_vendor_are_definite() {
    for (step, kind, retry) in [
        (Step::NotSent, ErrorKind::VendorUnavailable, Retry::Yes { after: None }),
        (status(400, fixture("alibaba/error-Throttling.User")), ErrorKind::RateLimited, Retry::Yes { after: None }),
        (status(400, fixture("alibaba/error-param.illegal")), ErrorKind::InvalidInput, Retry::No),
        (status(400, fixture("alibaba/error-SignatureDoesNotMatch")), ErrorKind::CredentialInvalid, Retry::No),
    ] {
        let script = ScriptedSender::new([step]);
        // There is no time to wait for the pace.
        let access = Access { deadline: Instant::now() + Duration::from_millis(5), ..china() };
        let error = client(&script).create_ticket(&access, &new_ticket()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry));
    }
}

#[tokio::test]
async fn an_unlisted_code_is_no_definite_refusal_of_a_write() {
    let id = cloud_id("0005PYGCW");
    for (http_status, body) in [
        (200, r#"{"Success":false,"Code":-101,"Message":"m"}"#),
        (200, r#"{"Success":false,"Code":10001}"#),
        (200, r#"{"Success":false,"Code":403}"#),
        (200, r#"{"Success":false,"Code":"Ticket.Busy"}"#),
        (200, r#"{"Success":false}"#),
        (302, r#"{"Success":false,"Code":"Ticket.Busy"}"#),
        (400, r#"{"Success":true,"Code":0,"Data":"0005PYGCW"}"#),
        (500, r#"{"Code":"InvalidState","Message":"m"}"#),
    ] {
        let step = || status(http_status, body);
        let create = client(&ScriptedSender::new([step()])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        let reply = client(&ScriptedSender::new([step()])).reply_ticket(&china(), &id, "x", &[]).await.unwrap_err();
        for error in [create, reply] {
            assert_eq!(error.code(), "vendor_outcome_unknown", "{body}");
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{body}");
        }
    }
    // With the status of a client error the vendor's format is a refusal, for any code.
    let script = ScriptedSender::new([status(400, r#"{"RequestId":"r","Code":"Ticket.Busy","Message":"m"}"#)]);
    let error = client(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::InvalidInput, Retry::No));
    for step in foreign_refusals() {
        let error = client(&ScriptedSender::new([step])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
    }
}

#[tokio::test]
async fn the_status_decides_a_close_that_is_refused_with_an_unlisted_code() {
    let id = cloud_id("0005PYGCW");
    for code in ["-101", "500", r#""Ticket.Busy""#] {
        let refused = || ok(format!(r#"{{"Success":false,"Code":{code},"Message":"m"}}"#));
        let script = ScriptedSender::new([refused(), json("get-ticket")]);
        client(&script).close_ticket(&china(), &id).await.unwrap();

        let open = ok(r#"{"Success":true,"Data":{"Status":{"Value":"dealing"}}}"#);
        let script = ScriptedSender::new([refused(), open]);
        let error = client(&script).close_ticket(&china(), &id).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code(), error.retry()),
            (ErrorKind::Conflict, "vendor_close_refused", Retry::No)
        );
    }
}

#[tokio::test]
async fn nothing_is_sent_when_no_time_is_left() {
    let script = ScriptedSender::new([]);
    let mut expired = china();
    expired.deadline = tokio::time::Instant::now();
    let error = client(&script).create_ticket(&expired, &new_ticket()).await.unwrap_err();
    assert_eq!((error.code(), error.retry()), ("deadline_reached", Retry::Yes { after: None }));
    assert_eq!(script.calls(), 0);
}

#[tokio::test]
async fn closing_a_closed_ticket_is_fine_and_a_refusal_is_a_conflict() {
    let id = cloud_id("0005PYGCW");
    let refused = || status(400, fixture("alibaba/error-param.illegal"));
    let script = ScriptedSender::new([refused(), json("get-ticket")]);
    client(&script).close_ticket(&china(), &id).await.unwrap();

    let open = ok(r#"{"Success":true,"Data":{"Status":{"Value":"dealing"}}}"#);
    let script = ScriptedSender::new([refused(), open]);
    let error = client(&script).close_ticket(&china(), &id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "vendor_close_refused"));
    assert!(error.message().contains("said"));

    let script = ScriptedSender::new([refused(), refused()]);
    let error = client(&script).close_ticket(&china(), &id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_ticket_is_read_by_its_id() {
    let script = ScriptedSender::new([json("get-ticket"), status(400, fixture("alibaba/error-param.illegal"))]);
    let client = client(&script);
    let ticket = client.show_ticket(&china(), &cloud_id("0005PYGCW")).await.unwrap();
    assert_eq!((ticket.cloud_id, ticket.text.as_str()), (cloud_id("0005PYGCW"), "ecs无法启动"));
    assert_eq!(sent(&script, 0), ("GetTicket".into(), map([]), map([("TicketId", "0005PYGCW")])));
    let missing = client.show_ticket(&china(), &cloud_id("T")).await.unwrap_err();
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::NotFound, "vendor_ticket_not_found"));
}
