//! Messages that callers withdrew.

use serde_json::json;
use simulators::huawei;

use super::{archive, check, correct, violated};
use crate::{
    history::{ActionRequest, CallerAction, WithdrawalCall},
    invariants::{Facts, Invariant},
};

/// The first of two messages is withdrawn at the vendor, and stored as withdrawn.
fn withdrawn() -> (Facts, String) {
    let mut facts = correct();
    let message = &mut facts.at_vendors[0].1.messages[0];
    message.deleted = true;
    let (id, number) = (huawei::message_id(message), message.id);
    facts.withdrawals = vec![call(&id, Some(number))];
    let (key, ticket) = ("action-1".to_owned(), "T1".to_owned());
    facts.actions = vec![ActionRequest { key, ticket, action: CallerAction::Withdraw(id.clone()), answers: vec![200] }];
    facts.items.get_mut(&("TICKET#T1".to_owned(), "MESSAGE#0".to_owned())).unwrap()["message_id"] = json!(id);
    facts.tickets.get_mut("T1").unwrap()["withdrawals"] = json!([{"message_id": id, "time": 1_500}]);
    // The digest is about the ids, too.
    let contents = {
        let mut digest = shared::domain::ArchiveDigest::default();
        for message in facts.archive("T1") {
            digest.add(&serde_json::from_value(message.clone()).unwrap());
        }
        digest.finish()
    };
    facts.tickets.get_mut("T1").unwrap()["digest"] = json!(contents.digest);
    (facts, id)
}

fn call(message_id: &str, withdrawn: Option<u64>) -> WithdrawalCall {
    WithdrawalCall { cloud_id: "C1".to_owned(), message_id: message_id.to_owned(), withdrawn }
}

#[test]
fn a_message_that_is_withdrawn_again_by_the_same_key_is_reported() {
    let (mut facts, id) = withdrawn();
    assert_eq!(check(&facts), []);
    facts.withdrawals.push(call(&id, None));
    assert_eq!(violated(&facts), [Invariant::WithdrawalsHold]);
    facts.actions.push(ActionRequest { key: "action-2".to_owned(), ..facts.actions[0].clone() });
    assert_eq!(check(&facts), [], "another key may withdraw it again");
    facts.tickets.get_mut("T1").unwrap()["withdrawals"] = json!([{"message_id": id}, {"message_id": id}]);
    facts.actions.pop();
    facts.withdrawals.pop();
    assert_eq!(violated(&facts), [Invariant::WithdrawalsHold], "it is stored twice");
}

#[test]
fn an_answer_without_a_withdrawal_is_reported() {
    let (mut facts, _) = withdrawn();
    facts.at_vendors[0].1.messages[0].deleted = false;
    assert_eq!(violated(&facts), [Invariant::WithdrawalsHold], "the vendor shows it");
    let (mut facts, _) = withdrawn();
    facts.tickets.get_mut("T1").unwrap()["withdrawals"] = json!([]);
    assert_eq!(violated(&facts), [Invariant::WithdrawalsHold], "the ticket does not say it");
}

#[test]
fn an_archive_that_loses_a_withdrawn_message_is_reported() {
    let (mut facts, _) = withdrawn();
    facts.actions[0].answers = vec![202];
    archive(&mut facts, &["two"]);
    assert_eq!(violated(&facts), [Invariant::ArchiveIsComplete, Invariant::WithdrawalsHold]);
    // The vendor's deletion alone excuses it.
    facts.withdrawals.clear();
    facts.actions.clear();
    assert_eq!(check(&facts), []);
}
