//! Which answers leave the outcome of a write unknown and which are definite.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::{china, client, file};
use crate::{
    error::{ErrorKind, Retry},
    vendors::{
        Access, TicketVendor,
        testing::{
            ScriptedSender, Step, cloud_id, fixture, foreign_refusals, new_ticket, ok, status, unusable_answers,
        },
    },
};

#[tokio::test]
async fn an_answer_that_proves_nothing_leaves_a_write_unknown() {
    let id = cloud_id("TT1");
    let mut answers = unusable_answers();
    answers.push(("internal error", status(500, fixture("huawei/error-OSM.0004"))));
    for (name, step) in answers {
        for write in 0..3 {
            let error = match write {
                0 => client(&ScriptedSender::new([step.clone()]))
                    .create_ticket(&china(), &new_ticket())
                    .await
                    .unwrap_err(),
                1 => client(&ScriptedSender::new([step.clone()]))
                    .reply_ticket(&china(), &id, "x", &[])
                    .await
                    .unwrap_err(),
                _ => client(&ScriptedSender::new([ok(r#"{"status":1}"#), step.clone()]))
                    .close_ticket(&china(), &id)
                    .await
                    .unwrap_err(),
            };
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{name} {write}");
            assert_eq!(error.code(), "vendor_outcome_unknown", "{name} {write}");
        }
        let read = client(&ScriptedSender::new([step])).ticket_status(&china(), &id).await.unwrap_err();
        assert_eq!((read.kind(), read.retry()), (ErrorKind::VendorUnavailable, Retry::Yes { after: None }), "{name}");
    }
}

#[tokio::test]
async fn an_empty_answer_is_no_new_ticket_and_an_empty_body_no_new_message() {
    for empty in ["", "{}"] {
        let script = ScriptedSender::new([ok(empty)]);
        let error = client(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown);
        let script = ScriptedSender::new([ok(empty)]);
        let reply = client(&script).reply_ticket(&china(), &cloud_id("TT1"), "x", &[]).await;
        assert_eq!(reply.is_ok(), empty == "{}", "{reply:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn business_errors_with_status_200_are_definite() {
    for (step, kind, retry) in [
        (Step::NotSent, ErrorKind::VendorUnavailable, Retry::Yes { after: None }),
        (file("error-OSM.01010009"), ErrorKind::PermissionDenied, Retry::No),
        (file("error-OSM.01010001"), ErrorKind::InvalidInput, Retry::No),
        (status(401, "<html>"), ErrorKind::VendorUnavailable, Retry::OutcomeUnknown),
        (
            Step::Answer(429, vec![("retry-after", "3")], fixture("huawei/error-APIGW.0308")),
            ErrorKind::RateLimited,
            Retry::Yes { after: Some(Duration::from_secs(3)) },
        ),
    ] {
        let script = ScriptedSender::new([step]);
        // There is no time to wait for the pace.
        let access = Access { deadline: Instant::now() + Duration::from_secs(3), ..china() };
        let error = client(&script).create_ticket(&access, &new_ticket()).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (kind, retry));
    }
}

#[tokio::test]
async fn an_unlisted_code_is_no_definite_refusal_of_a_write() {
    for code in ["OSM.9999", "OSM.01010019", "OSM.01010061", "OSM.01010063", "APIGW.0999"] {
        let step = |number| status(number, json!({"error_code": code, "error_msg": "m"}).to_string());
        let create =
            client(&ScriptedSender::new([step(200)])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        let reply = client(&ScriptedSender::new([step(200)]))
            .reply_ticket(&china(), &cloud_id("TT1"), "x", &[])
            .await
            .unwrap_err();
        for error in [create, reply] {
            assert_eq!(error.code(), "vendor_outcome_unknown", "{code}");
            assert_eq!(error.retry(), Retry::OutcomeUnknown, "{code}");
        }
        // For a read, and with the status of a client error, the vendor's format is a definite refusal.
        let read =
            client(&ScriptedSender::new([step(200)])).ticket_status(&china(), &cloud_id("TT1")).await.unwrap_err();
        let create =
            client(&ScriptedSender::new([step(400)])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        for error in [read, create] {
            assert_eq!((error.code(), error.retry()), ("vendor_rejected", Retry::No), "{code}");
        }
    }
    for step in foreign_refusals() {
        let error = client(&ScriptedSender::new([step])).create_ticket(&china(), &new_ticket()).await.unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown, "{error:?}");
    }
}

#[tokio::test]
async fn a_refusal_with_an_odd_message_is_no_success() {
    let script = ScriptedSender::new([ok(r#"{"error_code":"OSM.01010005","error_msg":[]}"#)]);
    let refused = client(&script).reply_ticket(&china(), &cloud_id("TT1"), "x", &[]).await.unwrap_err();
    assert_eq!((refused.code(), refused.retry()), ("vendor_rejected", Retry::No));
}
