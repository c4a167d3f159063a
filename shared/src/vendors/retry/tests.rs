//! Whether, when and how often a call is repeated.

use super::*;
use crate::{
    domain::{Account, AccountId, Attachment, ProductId, Site},
    vendors::{
        Session, SessionKeys, Vendors,
        pace::FASTEST,
        testing::{
            ConstantClock, Largest, NoStore, ScriptedSender, Step, access, account, cloud_id, fixture, marked_id,
            new_ticket, ok, status,
        },
    },
};

/// An account, and the vendor clients over a script.
struct Caller {
    vendors: Vendors,
    account: Account,
    time_left: Duration,
}

impl Caller {
    fn at(vendor: Vendor, script: &Arc<ScriptedSender>) -> Self {
        let account = Account { vendor, ..account() };
        let vendors = Vendors::new(script.clone(), Arc::new(ConstantClock), Arc::new(Largest), Arc::new(NoStore));
        Self { vendors, account, time_left: Duration::from_secs(60) }
    }

    fn huawei(script: &Arc<ScriptedSender>) -> Self {
        Self::at(Vendor::Huawei, script)
    }

    fn session(&self) -> Session<'_> {
        let keys = SessionKeys::Given(access(Site::China, "cn-south-1").keys);
        self.vendors.session(&self.account, keys, false, tokio::time::Instant::now() + self.time_left)
    }
}

fn throttled(retry_after: &'static str) -> Step {
    Step::Answer(429, vec![("retry-after", retry_after)], fixture("huawei/error-APIGW.0308"))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_three_times_with_growing_waits() {
    let script = ScriptedSender::new([status(500, "{}"), Step::NoAnswer, ok(fixture("huawei/list-regions"))]);
    let start = tokio::time::Instant::now();
    Caller::huawei(&script).session().list_regions().await.unwrap();
    assert_eq!(script.calls(), 3);
    // The largest jitter: 200 ms and 400 ms.
    let waited = start.elapsed();
    assert!((Duration::from_millis(590)..=Duration::from_millis(610)).contains(&waited), "{waited:?}");

    let script = ScriptedSender::new([Step::NoAnswer, Step::NoAnswer, Step::NoAnswer]);
    Caller::huawei(&script).session().list_regions().await.unwrap_err();
    assert_eq!(script.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_vendors_hint_counts_where_it_is_longer() {
    let script = ScriptedSender::new([throttled("3"), ok(fixture("huawei/create-cases"))]);
    let start = tokio::time::Instant::now();
    Caller::huawei(&script).session().create_ticket(&new_ticket()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3));
    assert_eq!(script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_does_not_start() {
    let script = ScriptedSender::new([throttled("120")]);
    let start = tokio::time::Instant::now();
    let error = Caller::huawei(&script).session().list_regions().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!((script.calls(), start.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_write_is_repeated_only_when_nothing_was_done() {
    for step in [Step::NotSent, throttled("1")] {
        let script = ScriptedSender::new([step, ok(fixture("huawei/create-cases"))]);
        Caller::huawei(&script).session().create_ticket(&new_ticket()).await.unwrap();
        assert_eq!(script.calls(), 2);
    }
    for step in [Step::NoAnswer, Step::TooLarge, status(500, "{}"), ok("<html>"), ok("{}")] {
        let script = ScriptedSender::new([step]);
        let error = Caller::huawei(&script).session().create_ticket(&new_ticket()).await.unwrap_err();
        assert_eq!((error.retry(), script.calls()), (Retry::OutcomeUnknown, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_keys_are_never_tried_again() {
    for body in [fixture("huawei/error-APIGW.0301"), "<html>".to_owned(), String::new()] {
        let script = ScriptedSender::new([status(401, body)]);
        let error = Caller::huawei(&script).session().ticket_status(&cloud_id("TT1")).await.unwrap_err();
        assert_eq!((error.kind(), script.calls()), (ErrorKind::CredentialInvalid, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_server_is_not_asked_for_a_link() {
    let file = Attachment { name: "a.log".into(), id: Some("83aeb0f2".into()), url: None };
    // GIVEN a failed server THEN the link, which is for files that the vendor refuses, is not asked for
    let script = ScriptedSender::new([502, 408, 500].map(|code| status(code, "<html>")));
    let error = Caller::huawei(&script).session().open_file(&file, 100).await.err().unwrap();
    assert_eq!((error.code(), script.calls()), ("vendor_unavailable", 3));
    // GIVEN a refusal, in a form of the vendor's or another, THEN it is
    let coded = |code| fixture(&format!("huawei/error-{code}"));
    for refusal in [ok(coded("OSM.01010008")), ok(coded("OSM.0004")), status(404, "<html>")] {
        let script = ScriptedSender::new([refusal, status(401, "<html>")]);
        Caller::huawei(&script).session().open_file(&file, 100).await.err().unwrap();
        assert!(script.targets()[1].ends_with("/access-url"));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_without_time() {
    let script = ScriptedSender::new([]);
    let late = Caller { time_left: Duration::ZERO, ..Caller::huawei(&script) };
    let error = late.session().list_regions().await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("deadline_reached", 0));
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_retry_in_a_row_is_not_made() {
    // GIVEN a vendor that is down, and one account with many calls
    let script = ScriptedSender::new((0..40).map(|_| Step::NotSent));
    let mut caller = Caller::huawei(&script);
    let first_account = caller.account.id.clone();
    let id = cloud_id("TT1");
    for _ in 0..5 {
        let before = script.calls();
        caller.session().list_regions().await.unwrap_err();
        assert_eq!(script.calls() - before, 3);
    }
    // WHEN its ten retries are used up THEN each operation, of any kind, is tried once and its error returned
    for _ in 0..2 {
        let before = script.calls();
        let read = caller.session().ticket_status(&id).await.unwrap_err();
        let write = caller.session().create_ticket(&new_ticket()).await.unwrap_err();
        assert_eq!((read.code(), write.code()), ("vendor_unreachable", "vendor_unreachable"));
        assert_eq!(read.retry(), Retry::Yes { after: None });
        assert_eq!(script.calls() - before, 2);
    }
    // WHEN another account calls THEN it has its own
    caller.account.id = AccountId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1BBB").unwrap();
    let before = script.calls();
    caller.session().list_regions().await.unwrap_err();
    assert_eq!(script.calls() - before, 3);
    // WHEN six seconds have passed THEN there is one retry more
    caller.account.id = first_account;
    tokio::time::advance(REFILL_EVERY).await;
    let before = script.calls();
    caller.session().list_regions().await.unwrap_err();
    caller.session().list_regions().await.unwrap_err();
    assert_eq!(script.calls() - before, 3);
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_retry_costs_none() {
    let mut steps: Vec<Step> = (0..30).map(|_| ok(fixture("huawei/list-regions"))).collect();
    // Nor does a call that must not be repeated, nor a wait that does not start.
    steps.extend((0..15).map(|_| status(401, "")));
    steps.extend((0..15).map(|_| throttled("120")));
    steps.extend((0..16).map(|_| Step::NotSent));
    let script = ScriptedSender::new(steps);
    let mut caller = Caller::huawei(&script);
    for _ in 0..30 {
        caller.session().list_regions().await.unwrap();
    }
    for _ in 0..30 {
        caller.session().list_regions().await.unwrap_err();
    }
    // The throttling made the calls slow.
    caller.account.calls_per_minute = Some(FASTEST - 1);
    for calls in [63, 66, 69, 72, 75] {
        caller.session().list_regions().await.unwrap_err();
        assert_eq!(script.calls(), calls);
    }
    caller.session().list_regions().await.unwrap_err();
    assert_eq!(script.calls(), 76);
}

#[tokio::test(start_paused = true)]
async fn all_vendors_clients_of_a_process_share_an_accounts_budget() {
    let script = ScriptedSender::new((0..40).map(|_| Step::NotSent));
    let mut caller = Caller::huawei(&script);
    for _ in 0..5 {
        caller.session().list_regions().await.unwrap_err();
    }
    assert_eq!(script.calls(), 15);
    for vendor in [Vendor::Alibaba, Vendor::Tencent] {
        caller.account.vendor = vendor;
        caller.session().list_products().await.unwrap_err();
    }
    assert_eq!(script.calls(), 17);
}

#[tokio::test(start_paused = true)]
async fn a_hint_longer_than_the_time_left_is_returned() {
    let two_minutes = Retry::Yes { after: Some(Duration::from_secs(120)) };
    for (vendor, answer) in [
        (
            Vendor::Alibaba,
            Step::Answer(400, vec![("x-acs-retry-after", "120000")], fixture("alibaba/error-Throttling")),
        ),
        (Vendor::Huawei, throttled("120")),
        (
            Vendor::Tencent,
            Step::Answer(200, vec![("retry-after", "120")], fixture("tencent/error-RequestLimitExceeded")),
        ),
        // A proxy that throttles, in no vendor's format.
        (Vendor::Alibaba, Step::Answer(429, vec![("retry-after", "120")], "<html>".into())),
        (Vendor::Huawei, Step::Answer(429, vec![("retry-after", "120")], "<html>".into())),
        (Vendor::Tencent, Step::Answer(429, vec![("retry-after", "120")], "<html>".into())),
    ] {
        let script = ScriptedSender::new([answer]);
        let error = Caller::at(vendor, &script).session().list_products().await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, two_minutes), "{vendor}");
        assert_eq!(script.calls(), 1, "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_before_the_deadline_starts() {
    for (left_ms, calls) in [(999, 1), (1000, 1), (1001, 2)] {
        let script = ScriptedSender::new([throttled("1"), ok(fixture("huawei/list-regions"))]);
        let caller = Caller { time_left: Duration::from_millis(left_ms), ..Caller::huawei(&script) };
        let done = caller.session().list_regions().await;
        assert_eq!((done.is_ok(), script.calls()), (calls == 2, calls), "{left_ms}");
    }
}

#[test]
fn what_may_be_made_again() {
    let error = |code, retry| Error::new(code, "x").with_retry(retry);
    let (hint, after) = (Duration::from_secs(3), Some(Duration::from_secs(3)));
    let yes = Retry::Yes { after };
    for (error, read, write) in [
        // The pace has repeated it.
        (error(ProblemCode::VendorThrottled, yes), None, None),
        (error(ProblemCode::VendorUnreachable, yes), Some(hint), Some(hint)),
        (error(ProblemCode::VendorUnreachable, Retry::Yes { after: None }), Some(Duration::ZERO), Some(Duration::ZERO)),
        (error(ProblemCode::VendorUnavailable, yes), Some(hint), None),
        (error(ProblemCode::VendorBadAnswer, yes), Some(hint), None),
        // Refused keys, with any retry.
        (error(ProblemCode::AccountKeysRefused, yes), None, None),
        (error(ProblemCode::VendorOutcomeUnknown, Retry::OutcomeUnknown), None, None),
        (error(ProblemCode::VendorThrottled, Retry::No), None, None),
    ] {
        assert_eq!((may_repeat(&error, Effect::Read), may_repeat(&error, Effect::Write)), (read, write), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_is_a_read_or_a_write() {
    async fn call(session: Session<'_>, operation: &str) -> Result<()> {
        let (id, product) = (cloud_id("TT1"), ProductId::parse("P").unwrap());
        match operation {
            "check_keys" => session.check_keys().await,
            "list_products" => session.list_products().await.map(drop),
            "list_problem_types" => session.list_problem_types(&product).await.map(drop),
            "list_regions" => session.list_regions().await.map(drop),
            "find_tickets" => session.find_tickets(&marked_id(), 0).await.map(drop),
            "list_tickets" => session.list_tickets(0, 0).await.map(drop),
            "show_ticket" => session.show_ticket(&id).await.map(drop),
            "ticket_status" => session.ticket_status(&id).await.map(drop),
            "list_messages" => session.list_messages(&id).await.map(drop),
            "create_ticket" => session.create_ticket(&new_ticket()).await.map(drop),
            "reply_ticket" => session.reply_ticket(&id, "x", &[]).await.map(drop),
            other => panic!("{other}"),
        }
    }
    let reads = "check_keys list_products list_problem_types list_regions find_tickets list_tickets show_ticket \
                 ticket_status list_messages";
    // Without a connection every operation is tried three times; without an answer only reads are.
    for (operations, without_answer) in [(reads, 3), ("create_ticket reply_ticket", 1)] {
        for operation in operations.split_whitespace() {
            for (step, calls) in [(Step::NotSent, 3), (Step::NoAnswer, without_answer)] {
                let script = ScriptedSender::new((0..3).map(|_| step.clone()));
                call(Caller::huawei(&script).session(), operation).await.unwrap_err();
                assert_eq!(script.calls(), calls, "{operation}");
            }
        }
    }
    let script = ScriptedSender::new([]);
    assert_eq!(Caller::huawei(&script).session().list_sources().await.unwrap().len(), 1);
    // A close reads the status first; the write is sent once.
    let script = ScriptedSender::new([ok(r#"{"status":1}"#), Step::NoAnswer]);
    Caller::huawei(&script).session().close_ticket(&cloud_id("TT1")).await.unwrap_err();
    assert_eq!(script.calls(), 2);
}
