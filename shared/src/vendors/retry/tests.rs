//! Whether, when and how often a call is repeated.

use super::*;
use crate::{
    domain::{AccountId, Site, Vendor},
    vendors::{
        Vendors,
        huawei::HuaweiClient,
        testing::{
            ConstantClock, Largest, ScriptedSender, Step, access, cloud_id, fixture, new_ticket, ok, status,
        },
    },
};

fn retrying(script: &Arc<ScriptedSender>) -> Retrying<HuaweiClient> {
    let client = HuaweiClient::new(script.clone(), Arc::new(ConstantClock));
    Retrying::new(client, Arc::new(Largest), Arc::default())
}

fn china() -> Access {
    access(Site::China, "cn-south-1")
}

fn throttled(retry_after: &'static str) -> Step {
    Step::Answer(429, vec![("retry-after", retry_after)], fixture("huawei/error-APIGW.0308"))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_three_times_with_growing_waits() {
    let script = ScriptedSender::new([status(500, "{}"), Step::NoAnswer, ok(fixture("huawei/list-regions"))]);
    let start = tokio::time::Instant::now();
    retrying(&script).list_regions(&china()).await.unwrap();
    assert_eq!(script.calls(), 3);
    // The largest jitter: 200 ms and 400 ms.
    let waited = start.elapsed();
    assert!((Duration::from_millis(590)..=Duration::from_millis(610)).contains(&waited), "{waited:?}");

    let script = ScriptedSender::new([Step::NoAnswer, Step::NoAnswer, Step::NoAnswer]);
    retrying(&script).list_regions(&china()).await.unwrap_err();
    assert_eq!(script.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_vendors_hint_counts_where_it_is_longer() {
    let script = ScriptedSender::new([throttled("3"), ok(fixture("huawei/create-cases"))]);
    let start = tokio::time::Instant::now();
    retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(3));
    assert_eq!(script.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_wait_past_the_deadline_does_not_start() {
    let script = ScriptedSender::new([throttled("120")]);
    let start = tokio::time::Instant::now();
    let error = retrying(&script).list_regions(&china()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!((script.calls(), start.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_write_is_repeated_only_when_nothing_was_done() {
    for step in [Step::NotSent, throttled("1")] {
        let script = ScriptedSender::new([step, ok(fixture("huawei/create-cases"))]);
        retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap();
        assert_eq!(script.calls(), 2);
    }
    for step in [Step::NoAnswer, Step::TooLarge, status(500, "{}"), ok("<html>"), ok("{}")] {
        let script = ScriptedSender::new([step]);
        let error = retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!((error.retry(), script.calls()), (Retry::OutcomeUnknown, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_keys_are_never_tried_again() {
    for body in [fixture("huawei/error-APIGW.0301"), "<html>".to_owned(), String::new()] {
        let script = ScriptedSender::new([status(401, body)]);
        let error = retrying(&script).ticket_status(&china(), &cloud_id("TT1")).await.unwrap_err();
        assert_eq!((error.kind(), script.calls()), (ErrorKind::CredentialInvalid, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_tried_without_time() {
    let script = ScriptedSender::new([]);
    let mut late = china();
    late.deadline = tokio::time::Instant::now();
    let error = retrying(&script).list_regions(&late).await.unwrap_err();
    assert_eq!((error.code(), script.calls()), ("deadline_reached", 0));
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_retry_in_a_row_is_not_made() {
    // GIVEN a vendor that is down, and one account with many calls
    let script = ScriptedSender::new((0..40).map(|_| Step::NotSent));
    let vendor = retrying(&script);
    let id = cloud_id("TT1");
    for _ in 0..5 {
        let before = script.calls();
        vendor.list_regions(&china()).await.unwrap_err();
        assert_eq!(script.calls() - before, 3);
    }
    // WHEN its ten retries are used up THEN each operation, of any kind, is tried once and its error returned
    for _ in 0..2 {
        let before = script.calls();
        let read = vendor.ticket_status(&china(), &id).await.unwrap_err();
        let write = vendor.create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!((read.code(), write.code()), ("vendor_unreachable", "vendor_unreachable"));
        assert_eq!(read.retry(), Retry::Yes { after: None });
        assert_eq!(script.calls() - before, 2);
    }
    // WHEN another account calls THEN it has its own
    let mut other = china();
    other.account = AccountId::parse("01JD2Y5T9V7Z3M6Q8R4S0X1BBB").unwrap();
    let before = script.calls();
    vendor.list_regions(&other).await.unwrap_err();
    assert_eq!(script.calls() - before, 3);
    // WHEN six seconds have passed THEN there is one retry more
    tokio::time::advance(REFILL_EVERY).await;
    let before = script.calls();
    vendor.list_regions(&china()).await.unwrap_err();
    vendor.list_regions(&china()).await.unwrap_err();
    assert_eq!(script.calls() - before, 3);
}

#[tokio::test(start_paused = true)]
async fn what_needs_no_retry_costs_none() {
    let mut steps: Vec<Step> = (0..30).map(|_| ok(fixture("huawei/list-regions"))).collect();
    // Nor does a call that must not be repeated, nor a wait that does not start.
    steps.extend((0..15).map(|_| status(401, "")));
    steps.extend((0..15).map(|_| throttled("120")));
    steps.extend([Step::NotSent, Step::NotSent, Step::NotSent]);
    let script = ScriptedSender::new(steps);
    let vendor = retrying(&script);
    for _ in 0..30 {
        vendor.list_regions(&china()).await.unwrap();
    }
    for _ in 0..30 {
        vendor.list_regions(&china()).await.unwrap_err();
    }
    for _ in 0..8 {
        assert!(vendor.budgets.take(&china().account));
    }
    vendor.list_regions(&china()).await.unwrap_err();
    assert_eq!((script.calls(), vendor.budgets.take(&china().account)), (63, false));
}

#[tokio::test(start_paused = true)]
async fn all_vendors_clients_of_a_process_share_an_accounts_budget() {
    let script = ScriptedSender::new((0..40).map(|_| Step::NotSent));
    let vendors = Vendors::new(script.clone(), Arc::new(ConstantClock), Arc::new(Largest));
    for _ in 0..5 {
        vendors.get(Vendor::Huawei).list_regions(&china()).await.unwrap_err();
    }
    assert_eq!(script.calls(), 15);
    vendors.get(Vendor::Alibaba).list_products(&china()).await.unwrap_err();
    vendors.get(Vendor::Tencent).list_products(&china()).await.unwrap_err();
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
        let vendors = Vendors::new(script.clone(), Arc::new(ConstantClock), Arc::new(Largest));
        let error = vendors.get(vendor).list_products(&china()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, two_minutes), "{vendor}");
        assert_eq!(script.calls(), 1, "{vendor}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_ends_before_the_deadline_starts() {
    for (left_ms, calls) in [(999, 1), (1000, 1), (1001, 2)] {
        let script = ScriptedSender::new([throttled("1"), ok(fixture("huawei/list-regions"))]);
        let mut access = china();
        access.deadline = tokio::time::Instant::now() + Duration::from_millis(left_ms);
        let done = retrying(&script).list_regions(&access).await;
        assert_eq!((done.is_ok(), script.calls()), (calls == 2, calls), "{left_ms}");
    }
}

#[test]
fn what_may_be_made_again() {
    let error = |code, retry| Error::new(code, "x").with_retry(retry);
    let (hint, after) = (Duration::from_secs(3), Some(Duration::from_secs(3)));
    let yes = Retry::Yes { after };
    for (error, read, write) in [
        (error(ProblemCode::VendorThrottled, yes), Some(hint), Some(hint)),
        (error(ProblemCode::VendorUnreachable, yes), Some(hint), Some(hint)),
        (
            error(ProblemCode::VendorUnreachable, Retry::Yes { after: None }),
            Some(Duration::ZERO),
            Some(Duration::ZERO),
        ),
        (error(ProblemCode::VendorUnavailable, yes), Some(hint), None),
        (error(ProblemCode::VendorBadAnswer, yes), Some(hint), None),
        // Refused keys, with any retry.
        (error(ProblemCode::AccountKeysRefused, yes), None, None),
        (error(ProblemCode::VendorOutcomeUnknown, Retry::OutcomeUnknown), None, None),
        (error(ProblemCode::VendorThrottled, Retry::No), None, None),
    ] {
        assert_eq!(
            (may_repeat(&error, Repeat::Read), may_repeat(&error, Repeat::Write)),
            (read, write),
            "{error:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_operation_is_wrapped_as_a_read_or_a_write() {
    // Without a connection every operation is tried three times; without an answer only reads are.
    for (step, reads, writes) in [(Step::NotSent, 3, 3), (Step::NoAnswer, 3, 1)] {
        let script = ScriptedSender::new((0..60).map(|_| step.clone()));
        let (id, product) = (cloud_id("TT1"), ProductId::parse("P").unwrap());
        let mut seen = 0;
        let mut calls = || {
            let new = script.calls() - seen;
            seen += new;
            new
        };
        // A wrapper for each operation, so that each has a full budget.
        let vendor = || retrying(&script);
        vendor().check_keys(&china()).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().list_products(&china()).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().list_problem_types(&china(), &product).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().list_regions(&china()).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().find_tickets(&china(), "ref X", 0).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().list_tickets(&china(), 0, 0).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().show_ticket(&china(), &id).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().ticket_status(&china(), &id).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().list_messages(&china(), &id).await.unwrap_err();
        assert_eq!(calls(), reads);
        vendor().create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!(calls(), writes);
        vendor().reply_ticket(&china(), &id, "x").await.unwrap_err();
        assert_eq!(calls(), writes);
    }
    let script = ScriptedSender::new([]);
    assert_eq!(retrying(&script).list_sources(&china()).await.unwrap().len(), 1);
    assert_eq!(retrying(&script).capability().vendor, Vendor::Huawei);
    // A close reads the status first; the write is sent once.
    let script = ScriptedSender::new([ok(r#"{"status":1}"#), Step::NoAnswer]);
    retrying(&script).close_ticket(&china(), &cloud_id("TT1")).await.unwrap_err();
    assert_eq!(script.calls(), 2);
}
