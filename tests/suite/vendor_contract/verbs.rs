//! Reopening, urging, rating and withdrawing, by what each vendor's capability says.

use shared::{
    domain::{CloudId, Rating, Vendor},
    error::{ErrorKind, Result, Retry},
    vendors::Phase,
};
use simulators::{Fault, FaultRule, SimulatedRating};

use super::{ContractCase, all_vendors, vendors_with_tickets};
use crate::support::{World, cases};

const TEXT: &str = "问题又出现了 <br> 😀";

/// A verb of the trait, with its operation at the vendor that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Reopen,
    Urge,
    Rate,
    Withdraw,
}

impl Verb {
    const ALL: [Verb; 4] = [Verb::Reopen, Verb::Urge, Verb::Rate, Verb::Withdraw];

    fn is_offered(self, case: &ContractCase<'_>) -> bool {
        let capability = case.capability();
        match self {
            Verb::Reopen => capability.reopening,
            Verb::Urge => capability.urging,
            Verb::Rate => capability.rating.is_some(),
            Verb::Withdraw => capability.withdrawing,
        }
    }

    fn operation(self, case: &ContractCase<'_>) -> &'static str {
        match self {
            Verb::Reopen => "ReopenTicket",
            Verb::Urge => "UpdateCases",
            Verb::Rate if case.vendor == Vendor::Alibaba => "EvaluateTicket",
            Verb::Rate => "CreateScores",
            Verb::Withdraw => "RevokeMessage",
        }
    }

    /// A ticket to which it can be done, and the vendor's id of a message of the customer's.
    async fn ticket(self, case: &ContractCase<'_>, number: usize) -> (CloudId, String) {
        let (id, session) = (case.create(number).await, case.session());
        session.reply_ticket(&id, "补充", &[]).await.unwrap();
        let message = session.list_messages(&id).await.unwrap().pop().unwrap();
        if matches!(self, Verb::Reopen | Verb::Rate) {
            session.close_ticket(&id).await.unwrap();
        }
        (id, message.message_id)
    }

    async fn perform(self, case: &ContractCase<'_>, (id, message): &(CloudId, String)) -> Result<()> {
        let session = case.session();
        match self {
            Verb::Reopen => session.reopen_ticket(id, TEXT).await,
            Verb::Urge => session.urge_ticket(id).await,
            Verb::Rate => session.rate_ticket(id, &rating(4)).await,
            Verb::Withdraw => session.withdraw_message(id, message).await,
        }
    }

    /// Whether the vendor's ticket shows that it was done.
    fn was_done(self, case: &ContractCase<'_>, (id, _): &(CloudId, String)) -> bool {
        let ticket = case.at_vendor(id);
        match self {
            Verb::Reopen => ticket.closed_at_ms.is_none(),
            Verb::Urge => ticket.urged_at_ms.is_some(),
            Verb::Rate => !ticket.ratings.is_empty(),
            Verb::Withdraw => ticket.messages.iter().any(|message| message.deleted),
        }
    }
}

fn rating(score: u8) -> Rating {
    Rating { solved: true, score, comment: Some("谢谢 👍 & a=b".into()) }
}

/// The cases of the vendors that offer it.
fn offered(world: &World, verb: Verb) -> Vec<ContractCase<'_>> {
    let offered: Vec<_> = vendors_with_tickets(world).filter(|case| verb.is_offered(case)).collect();
    assert_eq!(offered.len(), if verb == Verb::Rate { 2 } else { 1 }, "{verb:?}");
    offered
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_that_a_vendor_does_not_have_names_its_console_and_makes_no_call() {
    let world = World::start().await;
    for case in all_vendors(&world) {
        for verb in Verb::ALL.into_iter().filter(|verb| !verb.is_offered(&case)) {
            let error = verb.perform(&case, &(CloudId::parse("1").unwrap(), "m".into())).await.unwrap_err();
            let context = format!("{} {verb:?}: {error:?}", case.vendor);
            assert_eq!((error.code(), error.retry()), ("capability_not_supported", Retry::No), "{context}");
            assert!(error.message().contains(case.capability().console), "{context}");
        }
        assert_eq!(case.sim.calls(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_is_done_by_one_write() {
    let world = World::start().await;
    for verb in Verb::ALL {
        for case in cases(offered(&world, verb)) {
            let ticket = verb.ticket(&case, 1).await;
            let before = case.sim.count(verb.operation(&case));
            verb.perform(&case, &ticket).await.unwrap();
            assert!(verb.was_done(&case, &ticket), "{} {verb:?}", case.vendor);
            assert_eq!(case.sim.count(verb.operation(&case)) - before, 1, "{} {verb:?}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verb_without_a_definite_answer_is_unknown_and_sent_once() {
    let world = World::start().await;
    let lost = [Fault::Status { code: 500 }, Fault::Html, Fault::EmptyBody, Fault::Rubbish, Fault::WrongShape];
    for verb in Verb::ALL {
        for case in cases(offered(&world, verb)) {
            let operation = verb.operation(&case);
            let mut rules = vec![
                (FaultRule::times(operation, 1, Fault::CutBefore), false),
                (FaultRule::times(operation, 1, Fault::CutAfter), true),
            ];
            for fault in &lost {
                rules.push((FaultRule::times(operation, 1, fault.clone()), false));
                rules.push((FaultRule::times(operation, 1, fault.clone()).after_the_work(), true));
            }
            // Of Alibaba's answers `Success` alone is read.
            let is_success = |rule: &FaultRule| rule.fault == Fault::WrongShape && case.vendor == Vendor::Alibaba;
            rules.retain(|(rule, _)| !is_success(rule));
            for (number, (rule, done)) in rules.into_iter().enumerate() {
                let ticket = verb.ticket(&case, number).await;
                let before = case.sim.count(operation);
                case.sim.fault(rule.clone());
                let error = verb.perform(&case, &ticket).await.unwrap_err();
                let context = format!("{} {verb:?} {rule:?}: {error:?}", case.vendor);
                assert_eq!(error.retry(), Retry::OutcomeUnknown, "{context}");
                assert_eq!(error.code(), "vendor_outcome_unknown", "{context}");
                assert_eq!(verb.was_done(&case, &ticket), done, "{context}");
                assert_eq!(case.sim.count(operation) - before, 1, "{context}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reopened_ticket_is_open_and_has_the_text() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Reopen)) {
        let ticket = Verb::Reopen.ticket(&case, 1).await;
        Verb::Reopen.perform(&case, &ticket).await.unwrap();
        let session = case.session();
        assert_eq!(session.ticket_status(&ticket.0).await.unwrap().phase, Phase::Waiting);
        let last = session.list_messages(&ticket.0).await.unwrap().pop().unwrap();
        assert_eq!(last.content, TEXT, "{}", case.vendor);
        // It is not closed any more, which the vendor says with a code that it does not document.
        let error = Verb::Reopen.perform(&case, &ticket).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
        let closed = Verb::Reopen.ticket(&case, 2).await;
        let refusal = Fault::Refuse { code: "param.illegal".into(), message: "工单不能重新打开".into() };
        case.sim.fault(FaultRule::times("ReopenTicket", 1, refusal));
        let error = Verb::Reopen.perform(&case, &closed).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "vendor_action_refused"), "{error:?}");
        assert!(error.message().contains("不能重新打开"), "{error:?}");
        case.sim.fault(FaultRule::times("ReopenTicket", 1, Fault::WrongShape));
        let error = Verb::Reopen.perform(&case, &closed).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_urge_is_refused_and_does_not_slow_the_account() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Urge)) {
        let ticket = Verb::Urge.ticket(&case, 1).await;
        Verb::Urge.perform(&case, &ticket).await.unwrap();
        let error = Verb::Urge.perform(&case, &ticket).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "urged_too_often"), "{error:?}");
        assert_eq!((error.retry(), case.sim.count("UpdateCases")), (Retry::No, 2));
        assert_eq!(world.stack.app.vendors.paces.changed(&case.account), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_decides_nothing_is_a_refusal_where_the_status_is_not_for_it() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Urge)) {
        let ticket = Verb::Urge.ticket(&case, 1).await;
        // It waits for the customer.
        case.sim.set_status(ticket.0.as_str(), 2);
        let error = Verb::Urge.perform(&case, &ticket).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "vendor_action_refused"), "{error:?}");
    }
    for case in cases(offered(&world, Verb::Rate)) {
        let ticket = Verb::Withdraw.ticket(&case, 2).await;
        let error = Verb::Rate.perform(&case, &ticket).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "vendor_action_refused"), "{error:?}");
        assert_eq!(case.at_vendor(&ticket.0).ratings, [], "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_has_its_score_and_comment() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Rate)) {
        let (id, session) = (Verb::Rate.ticket(&case, 1).await.0, case.session());
        let without = Rating { solved: false, comment: None, ..rating(1) };
        session.rate_ticket(&id, &without).await.unwrap();
        session.rate_ticket(&id, &rating(5)).await.unwrap();
        let expected = |solved, score: i64, comment: &str| match case.vendor {
            Vendor::Alibaba => SimulatedRating { solved: Some(solved), scores: vec![score], comment: comment.into() },
            _ => SimulatedRating { solved: None, scores: vec![score; 2], comment: comment.into() },
        };
        let ratings = [expected(false, 1, ""), expected(true, 5, "谢谢 👍 & a=b")];
        assert_eq!(case.at_vendor(&id).ratings, ratings, "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rating_is_shown_by_its_score_and_comment() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Rate)) {
        let (id, session) = (Verb::Rate.ticket(&case, 1).await.0, case.session());
        if !case.capability().rating.as_ref().unwrap().shown {
            let error = session.shows_rating(&id, &rating(5)).await.unwrap_err();
            assert_eq!(error.code(), "capability_not_supported", "{}", case.vendor);
            continue;
        }
        assert_eq!(session.shows_rating(&id, &rating(5)).await.ok(), Some(false), "{}", case.vendor);
        session.rate_ticket(&id, &rating(5)).await.unwrap();
        let without_comment = Rating { comment: None, ..rating(5) };
        for (asked, is_shown) in [(rating(5), true), (rating(4), false), (without_comment.clone(), false)] {
            assert_eq!(session.shows_rating(&id, &asked).await.ok(), Some(is_shown), "{asked:?}");
        }
        session.rate_ticket(&id, &without_comment).await.unwrap();
        assert_eq!(session.shows_rating(&id, &without_comment).await.ok(), Some(true), "{}", case.vendor);
        case.sim.fault(FaultRule::times("ShowCaseDetail", 3, Fault::WrongShape));
        let error = session.shows_rating(&id, &without_comment).await.unwrap_err();
        assert_ne!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_message_is_gone_and_supports_message_stays() {
    let world = World::start().await;
    for case in cases(offered(&world, Verb::Withdraw)) {
        let ticket = Verb::Withdraw.ticket(&case, 1).await;
        Verb::Withdraw.perform(&case, &ticket).await.unwrap();
        let session = case.session();
        let messages = session.list_messages(&ticket.0).await.unwrap();
        assert!(messages.iter().all(|message| message.message_id != ticket.1), "{messages:?}");
        case.sim.support_says(ticket.0.as_str(), "您好", case.now_ms());
        let support = session.list_messages(&ticket.0).await.unwrap().pop().unwrap();
        let error = session.withdraw_message(&ticket.0, &support.message_id).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "vendor_action_refused"), "{error:?}");
        assert_eq!(session.list_messages(&ticket.0).await.unwrap().pop(), Some(support));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_ticket_is_not_touched() {
    let world = World::start().await;
    for verb in Verb::ALL {
        for case in cases(offered(&world, verb)) {
            let (id, message) = verb.ticket(&case, 1).await;
            let (before, other) = (case.at_vendor(&id), case.other_customer());
            let refused = match verb {
                Verb::Reopen => other.reopen_ticket(&id, TEXT).await,
                Verb::Urge => other.urge_ticket(&id).await,
                Verb::Rate => other.rate_ticket(&id, &rating(1)).await,
                Verb::Withdraw => other.withdraw_message(&id, &message).await,
            };
            let kind = refused.unwrap_err().kind();
            assert!(matches!(kind, ErrorKind::PermissionDenied | ErrorKind::NotFound), "{verb:?} {kind:?}");
            assert_eq!(case.at_vendor(&id), before, "{verb:?}");
        }
    }
}
