//! Forms of a conversation that the documents do not have: nothing of it fails the rest or is silently dropped.

use std::{collections::HashSet, ops::Range};

use serde_json::json;

use super::{china, client};
use crate::{
    domain::{Message, Vendor},
    vendors::{
        Phase, TicketVendor,
        call::VendorOperation,
        huawei::decode,
        testing::{ScriptedSender, Step, answered, cloud_id, ok, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Huawei, "ShowCaseDetail");

fn said(number: u32, content: &str) -> String {
    format!(
        r#"{{"message_id":"m{number}","type":0,"content":"{content}","create_time":"2026-05-01T03:30:{number:02}Z"}}"#
    )
}

fn read(body: impl Into<bytes::Bytes>) -> Vec<Message> {
    decode::detail_messages(&answered(&READ, &response(200, &[], body))).unwrap().0.collect()
}

fn detail(rows: &str) -> String {
    format!(r#"{{"incident_detail_info":{{"message_list":[{rows}]}}}}"#)
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.content.as_str()).collect()
}

#[test]
fn what_is_no_unicode_is_the_replacement_character() {
    assert_eq!(contents(&read(format!("\u{feff}{}", detail(&said(1, "one"))))), ["one"]);
    for (bad, shown) in [(&b"cut \xe5\xb7"[..], "cut \u{fffd}"), (br"cut \ud83d", "cut \u{fffd}")] {
        let whole = detail(&format!("{},{},{}", said(1, "one"), said(2, "@@"), said(3, "three")));
        let (before, after) = whole.split_once("@@").unwrap();
        let messages = read([before.as_bytes(), bad, after.as_bytes()].concat());
        assert_eq!(contents(&messages), ["one", shown, "three"]);
        assert!(messages.iter().all(|message| message.origin_known));
    }
}

#[test]
fn a_row_in_any_other_form_is_kept_raw_and_the_others_are_read() {
    for odd in
        ["null", "7", r#""text""#, "[]", r#"{"message_id":[]}"#, r#"{"content":{"html":"x"}}"#, r#"{"type":1e999}"#]
    {
        for newest_first in [false, true] {
            let mut rows = [said(1, "one"), odd.to_owned(), said(3, "three")];
            if newest_first {
                rows.reverse();
            }
            let messages = read(detail(&rows.join(",")));
            assert_eq!(contents(&messages), ["one", odd, "three"], "{odd} {newest_first}");
            let raw = &messages[1];
            assert!(!raw.origin_known && !raw.time_known && raw.create_time > 1_700_000_000_000);
        }
    }
}

#[test]
fn an_unreadable_time_takes_its_place_by_the_order_of_the_list() {
    for odd in [r#""soon""#, "null", r#""""#, "7", r#""2026-13-01T00:00:00Z""#] {
        let row = said(2, "two").replace(r#""2026-05-01T03:30:02Z""#, odd);
        let messages = read(detail(&format!("{},{row},{}", said(1, "one"), said(3, "three"))));
        assert_eq!(contents(&messages), ["one", "two", "three"], "{odd}");
        assert_eq!((messages[1].create_time, messages[1].time_known), (messages[0].create_time, false), "{odd}");
    }
}

#[test]
fn files_are_read_in_every_form_and_a_bad_one_is_counted() {
    let a = ("f1", "a.log");
    for (list, files, unreadable) in [
        (r#"[{"accessory_id":"f1","file_actual_name":"a.log"}]"#, vec![a], 0),
        (r#""[{\"accessory_id\":\"f1\",\"file_actual_name\":\"a.log\"}]""#, vec![a], 0),
        (r#"[7,{"accessory_id":"f1","file_actual_name":"a.log"},{"accessory_id":{}}]"#, vec![a], 2),
        (r#"{"accessory_id":"f1"}"#, vec![], 1),
        (r#""x""#, vec![], 1),
        ("null", vec![], 0),
        (r#""null""#, vec![], 0),
    ] {
        let row = said(1, "one").replace('}', &format!(r#","accessory_list":{list}}}"#));
        let messages = read(detail(&format!("{row},{}", said(2, "two"))));
        assert_eq!(contents(&messages), ["one", "two"], "{list}");
        let read: Vec<_> = messages[0]
            .attachments
            .iter()
            .map(|file| (file.id.as_deref().unwrap_or_default(), file.name.as_str()))
            .collect();
        assert_eq!((read, messages[0].unreadable_attachments), (files, unreadable), "{list}");
    }
}

/// The number of messages of a conversation whose count says `count`, read in parts.
async fn read_parts(count: i64, parts: &[Range<u32>]) -> Result<usize, &'static str> {
    let part = |rows: Range<u32>| {
        let row =
            |n: u32| json!({"type": 0, "content": format!("c{n}"), "create_time": (1_714_534_252 + n).to_string()});
        ok(json!({"count": count, "message_list": rows.map(row).collect::<Vec<_>>()}).to_string())
    };
    let mut steps: Vec<Step> = vec![ok(detail("")), part(0..1)];
    steps.extend(parts.iter().cloned().map(part));
    steps.push(ok(detail("")));
    let script = ScriptedSender::new(steps);
    let read = client(&script).list_messages(&china(), &cloud_id("TT1")).await;
    read.map(|messages| messages.len()).map_err(|error| error.code())
}

#[tokio::test]
async fn a_count_that_is_off_by_one_loses_nothing_and_fails_nothing() {
    // Too low: what is behind a full part is read all the same.
    assert_eq!(read_parts(100, &[0..100, 100..101]).await, Ok(101));
    assert_eq!(read_parts(100, &[0..100, 100..100]).await, Ok(100));
    // Too high.
    assert_eq!(read_parts(51, &[0..50, 50..50]).await, Ok(50));
    assert_eq!(read_parts(52, &[0..50, 50..50]).await, Err("vendor_bad_answer"));
}

#[tokio::test]
async fn the_messages_of_a_moment_that_lie_on_two_parts_keep_their_order_and_their_ids() {
    for newest_first in [false, true] {
        let part = |rows: Range<usize>| {
            let row = |n: usize| {
                let place = if newest_first { 149 - n } else { n };
                let time = (1_714_534_252 + place / 7).to_string();
                json!({"type": 1, "content": format!("c{}", place % 4), "create_time": time})
            };
            ok(json!({"count": 150, "message_list": rows.map(row).collect::<Vec<_>>()}).to_string())
        };
        let script = ScriptedSender::new([ok(detail("")), part(0..1), part(0..100), part(100..150), ok(detail(""))]);
        let messages = client(&script).list_messages(&china(), &cloud_id("TT1")).await.unwrap();
        let shown: Vec<_> = messages.iter().map(|message| message.content.clone()).collect();
        assert_eq!(shown, (0..150).map(|n| format!("c{}", n % 4)).collect::<Vec<_>>(), "{newest_first}");
        let ids: HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
        assert_eq!(ids.len(), 150);
    }
}

#[test]
fn a_list_with_bad_rows_has_the_others() {
    let rows = r#"null,7,{"incident_id":[]},{"incident_id":"TT1","status":3,"create_time":"soon"}"#;
    let body = format!(r#"{{"total_count":4,"incident_info_list":[{rows}]}}"#);
    let page = decode::cases(&answered(&READ, &response(200, &[], body)), 0, 100, i64::MIN).unwrap();
    let read: Vec<_> = page.tickets.iter().map(|(ticket, _)| (ticket.cloud_id.as_str(), ticket.status.phase)).collect();
    assert_eq!(read, [("TT1", Phase::Ended)]);
    assert_eq!((page.unreadable, page.next), (3, None));
}
