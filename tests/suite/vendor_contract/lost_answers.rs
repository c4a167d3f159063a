//! Creates that fail: which failures are definite, which are unknown, and that nothing is sent twice unchecked.

use std::time::Duration;

use shared::{
    domain::{AccountId, Vendor},
    error::{Error, ErrorKind, Retry},
};
use simulators::{Fault, FaultRule};

use super::{ContractCase, of_vendor, vendors_with_tickets};
use crate::support::World;

/// Creates a ticket that must fail.
async fn fail(case: &ContractCase<'_>, number: usize) -> Error {
    fail_in(case, Duration::from_secs(60), number).await
}

async fn fail_in(case: &ContractCase<'_>, time_left: Duration, number: usize) -> Error {
    let ticket = case.new_ticket(number);
    case.session_for(time_left).create_ticket(&ticket).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_without_a_definite_answer_is_unknown_and_sent_once() {
    let world = World::start().await;
    let lost = [
        Fault::Status { code: 500 },
        Fault::Status { code: 503 },
        Fault::Html,
        Fault::EmptyBody,
        Fault::Huge { bytes: 5 << 20 },
        Fault::Rubbish,
        Fault::WrongShape,
    ];
    for case in vendors_with_tickets(&world) {
        let operation = case.api().create;
        let mut rules = vec![
            (FaultRule::times(operation, 1, Fault::CutBefore), 0),
            (FaultRule::times(operation, 1, Fault::CutAfter), 1),
        ];
        for fault in &lost {
            rules.push((FaultRule::times(operation, 1, fault.clone()), 0));
            rules.push((FaultRule::times(operation, 1, fault.clone()).after_the_work(), 1));
        }
        for (number, (rule, made)) in rules.into_iter().enumerate() {
            let (tickets, calls) = (case.sim.tickets().len(), case.creates());
            case.sim.fault(rule.clone());
            let error = fail(&case, number).await;
            let context = format!("{} {rule:?}: {error:?}", case.vendor);
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{context}");
            assert_eq!(error.kind(), ErrorKind::VendorUnavailable, "{context}");
            assert_eq!(error.code(), "vendor_outcome_unknown", "{context}");
            assert_eq!(case.sim.tickets().len() - tickets, made, "{context}");
            assert_eq!(case.creates() - calls, 1, "{context}");

            let found = case.session().find_tickets(&case.new_ticket(number).id, case.now_ms() - 60_000).await;
            assert_eq!(found.unwrap().found.len(), made, "{context}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_never_answered_is_unknown_at_the_callers_deadline() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        for (number, (fault, made)) in [(Fault::Hang, 0), (Fault::AcceptThenHang, 1)].into_iter().enumerate() {
            let tickets = case.sim.tickets().len();
            case.sim.fault(FaultRule::times(case.api().create, 1, fault));
            let error = fail_in(&case, Duration::from_millis(400), number).await;
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
            assert_eq!(case.sim.tickets().len() - tickets, made, "{}", case.vendor);
        }
        assert_eq!(case.creates(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_whose_time_is_up_is_not_sent() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let error = fail_in(&case, Duration::ZERO, 1).await;
        assert_eq!((error.code(), error.retry()), ("deadline_reached", Retry::Yes { after: None }));
        assert_eq!(case.sim.calls(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_create_is_repeated_and_makes_one_ticket() {
    let world = World::start().await;
    let throttle = Fault::Throttle { retry_after_ms: Some(20) };
    for case in vendors_with_tickets(&world) {
        case.sim.fault(FaultRule::times(case.api().create, 2, throttle.clone()));
        let id = case.create(1).await;
        assert_eq!(case.creates(), 3);
        assert_eq!(case.sim.tickets().len(), 1);
        assert_eq!(case.at_vendor(&id).id, id.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_stays_throttled_fails_when_its_time_is_up() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let throttle = Fault::Throttle { retry_after_ms: None };
        case.sim.fault(FaultRule::always(case.api().create, throttle));
        let error = fail_in(&case, Duration::from_secs(6), 1).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::RateLimited, "vendor_throttled"));
        assert_eq!(error.retry(), Retry::Yes { after: None });
        // The waits double from 20 ms on.
        assert!((3..=10).contains(&case.creates()), "{} calls", case.creates());
        assert_eq!(case.sim.tickets().len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_hint_past_the_deadline_is_passed_on_instead_of_waited_for() {
    let world = World::start().await;
    // Alibaba alone names a wait.
    let case = &of_vendor(&world, Vendor::Alibaba);
    let throttle = Fault::Throttle { retry_after_ms: Some(600_000) };
    case.sim.fault(FaultRule::always("CreateTicket", throttle));
    let error = fail(case, 1).await;
    let after = Some(Duration::from_secs(600));
    assert_eq!(error.retry(), Retry::Yes { after });
    assert_eq!(case.creates(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_create_is_definite() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let code = case.api().create_refused;
        let refusal = Fault::Refuse { code: code.into(), message: "类目不存在".into() };
        case.sim.fault(FaultRule::times(case.api().create, 1, refusal));
        let error = fail(&case, 1).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidInput, "vendor_rejected"));
        assert_eq!(error.retry(), Retry::No);
        assert_eq!(error.vendor().unwrap().code.as_deref(), Some(code));
        assert!(error.message().contains("类目不存在"), "{error:?}");
        assert_eq!((case.creates(), case.sim.tickets().len()), (1, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_at_a_vendor_that_is_not_there_was_not_sent() {
    let world = World::start().await;
    for mut case in vendors_with_tickets(&world) {
        // Nothing listens on the discard port.
        case.account.endpoint = Some("http://127.0.0.1:9".into());
        let error = fail(&case, 1).await;
        assert_eq!((error.code(), error.retry()), ("vendor_unreachable", Retry::Yes { after: None }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_is_repeated_until_it_is_whole() {
    let world = World::start().await;
    for mut case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        case.sim.add_messages(id.as_str(), 3);
        let whole = case.session().list_messages(&id).await.unwrap();
        let faults = [Fault::CutAfter, Fault::Html, Fault::Rubbish, Fault::WrongShape, Fault::EmptyBody];
        for (number, fault) in faults.into_iter().enumerate() {
            // Alibaba's success without data is an empty list, which can't be distinguished from a true one.
            if case.vendor == Vendor::Alibaba && fault == Fault::WrongShape {
                continue;
            }
            case.sim.fault(FaultRule::times("*", 2, fault.clone()));
            // Each with a retry budget of its own: one account's is less than they need together.
            case.account.id = AccountId::parse(format!("{}-{number}", case.vendor)).unwrap();
            let again = case.session().list_messages(&id).await.unwrap();
            assert_eq!(again, whole, "{} {fault:?}", case.vendor);
            assert!(case.sim.faults_left() == 0, "{} {fault:?}", case.vendor);
        }
    }
}
