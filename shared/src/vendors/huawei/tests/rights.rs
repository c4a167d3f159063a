//! What the keys may do: requests, and answers whose fields have other types than documented.

use serde_json::{Value, json};

use super::{china, client};
use crate::{
    domain::RightName::{self, Agreement, Contacts, Creation, Quota},
    error::Result,
    problem_code::ProblemCode,
    vendors::{
        RightReading, TicketVendor,
        testing::{ScriptedSender, ok},
    },
};

async fn read(name: RightName, answers: &[Value]) -> (Result<RightReading>, Vec<String>) {
    let script = ScriptedSender::new(answers.iter().map(|answer| ok(answer.to_string())));
    let read = client(&script).read_right(&china(), name).await;
    (read, script.targets())
}

#[tokio::test]
async fn each_right_is_read_by_its_calls() {
    for (name, answers, targets) in [
        (
            Creation,
            vec![json!({"policy_switch": true}), json!({"has_privilege": 1})],
            vec!["/privileges/privilege-policy", "/privileges?privilege=createCase"],
        ),
        (Creation, vec![json!({"policy_switch": false})], vec!["/privileges/privilege-policy"]),
        (Agreement, vec![json!({"is_signed_latest": true})], vec!["/agreements/signed-latest?agreement_type=0"]),
        (
            Contacts,
            vec![json!({"count": 1, "contact_list": []}), json!({"count": "2"})],
            vec![
                "/verifycodes/has-verified?contact_way=0&limit=1&offset=0",
                "/verifycodes/has-verified?contact_way=1&limit=1&offset=0",
            ],
        ),
        (Quota, vec![json!({"total": 30, "un_used": 28})], vec!["/quotas"]),
    ] {
        let (reading, called) = read(name, &answers).await;
        assert_eq!(reading.unwrap().granted, Some(true), "{name:?}");
        assert_eq!(called, targets.iter().map(|path| format!("GET /v2/servicerequest{path}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_flag_may_be_a_number_and_a_number_a_text() {
    for (name, answer, granted) in [
        (Agreement, json!({"is_signed_latest": 1}), Some(true)),
        (Agreement, json!({"is_signed_latest": "0"}), Some(false)),
        (Creation, json!({"policy_switch": 0}), Some(true)),
        (Quota, json!({"total": "30", "un_used": "0"}), Some(false)),
        (Quota, json!({"total": 0, "un_used": 0}), None),
    ] {
        assert_eq!(read(name, &[answer]).await.0.unwrap().granted, granted, "{name:?}");
    }
}

#[tokio::test]
async fn an_answer_without_its_field_says_nothing() {
    for (name, answer) in [
        (Agreement, json!({})),
        (Agreement, json!({"is_signed_latest": null})),
        (Agreement, json!({"is_signed_latest": 2})),
        (Creation, json!({"policy_switch": "maybe"})),
        (Contacts, json!({"count": -1})),
        (Quota, json!({"total": 30})),
        (Quota, json!({"un_used": 0})),
    ] {
        let error = read(name, std::slice::from_ref(&answer)).await.0.unwrap_err();
        assert!(error.is(ProblemCode::VendorBadAnswer), "{name:?} {answer}: {error:?}");
    }
}
