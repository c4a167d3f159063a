//! The answers of `testdata/cases` that are this vendor's.

use super::{china, client};
use crate::{
    domain::Vendor,
    error::{ErrorKind, Retry},
    vendors::{
        TicketVendor,
        call::VendorOperation,
        huawei::error,
        testing::{ScriptedSender, Step, answered, case_answers, cloud_id, ok, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCases");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateMessages");

#[test]
fn an_expired_signature_is_a_matter_of_the_clock() {
    for (name, body) in case_answers("huawei-401-") {
        let error = error::check(&answered(&READ, &response(401, &[], body))).unwrap_err();
        assert_eq!((error.code(), error.kind()), ("vendor_clock_refused", ErrorKind::VendorUnavailable), "{name}");
    }
}

#[tokio::test]
async fn after_an_expired_signature_requests_have_the_vendors_time() {
    let (_, expired) = case_answers("huawei-401-").pop().unwrap();
    for (date, learned) in [
        ("Thu, 15 Jan 2026 09:30:00 GMT", "20260115T093000Z"),
        // More than a day off, or no date: our own time.
        ("Sun, 18 Jan 2026 09:30:00 GMT", "20260115T083000Z"),
        ("soon", "20260115T083000Z"),
    ] {
        let refused = Step::Answer(401, vec![("date", date)], String::from_utf8(expired.clone()).unwrap());
        let is_learned = learned != "20260115T083000Z";
        let script = ScriptedSender::new([refused, ok(r#"{"status":1}"#)]);
        let client = client(&script);
        let first = client.ticket_status(&china(), &cloud_id("TT1")).await;
        assert_eq!(first.is_ok(), is_learned, "{date}");
        if !is_learned {
            client.ticket_status(&china(), &cloud_id("TT1")).await.unwrap();
        }
        assert_eq!(script.request(1).headers()["x-sdk-date"], learned, "{date}");
    }
}

#[test]
fn a_reply_without_the_documented_fields_is_unknown() {
    for (name, body) in case_answers("huawei-message-") {
        let error = error::check_documented(&answered(&WRITE, &response(200, &[], body))).unwrap_err();
        assert_eq!(error.retry(), Retry::OutcomeUnknown, "{name}");
    }
}
