//! Forms of a conversation that the documents do not have: nothing of it fails the rest or is silently dropped.

use crate::{
    domain::{Message, MessageType, Vendor},
    vendors::{
        Phase,
        alibaba::decode,
        call::VendorOperation,
        testing::{answered, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListTicketNotes");
const TIME: i64 = 1_780_000_000_000;

fn read(body: impl Into<bytes::Bytes>) -> Vec<Message> {
    decode::messages(&answered(&READ, &response(200, &[], body))).unwrap().0.collect()
}

fn body(rows: &str) -> String {
    format!(r#"{{"Success":true,"Data":[{rows}]}}"#)
}

fn note(id: u32, fields: &str) -> String {
    let time = TIME + i64::from(id);
    format!(r#"{{"DialogId":{id},"CreateTime":{time},"Type":2,"User":{{"Role":3,"Name":"我"}},{fields}}}"#)
}

fn said(id: u32, content: &str) -> String {
    note(id, &format!(r#""Dialog":{{"Content":"{content}"}}"#))
}

fn contents(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.content.as_str()).collect()
}

#[test]
fn what_is_no_unicode_is_the_replacement_character() {
    let marked = format!("\u{feff}{}", body(&said(1, "one")));
    assert_eq!(contents(&read(marked)), ["one"]);
    for (bad, shown) in [
        (&b"cut \xe5\xb7"[..], "cut \u{fffd}"),
        (b"\xff", "\u{fffd}"),
        (br"cut \ud83d", "cut \u{fffd}"),
        (br"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (br"\ud83d\ude00 \\ud83d", "\u{1f600} \\ud83d"),
    ] {
        let whole = body(&format!("{},{},{}", said(1, "one"), said(2, "@@"), said(3, "three")));
        let (before, after) = whole.split_once("@@").unwrap();
        let bytes = [before.as_bytes(), bad, after.as_bytes()].concat();
        let messages = read(bytes);
        assert_eq!(contents(&messages), ["one", shown, "three"]);
        assert!(messages.iter().all(|message| message.origin_known));
    }
}

#[test]
fn a_row_in_any_other_form_is_kept_raw_and_the_others_are_read() {
    for odd in [
        "null",
        "7",
        r#""text""#,
        "[]",
        "[1,2]",
        r#"{"DialogId":{"id":2}}"#,
        r#"{"DialogId":2,"Dialog":{"Content":{"html":"x"}}}"#,
        r#"{"DialogId":2,"Dialog":"the text itself"}"#,
        r#"{"DialogId":2,"DialogId":3,"Dialog":{"Content":"twice"}}"#,
        r#"{"DialogId":1e999}"#,
    ] {
        let messages = read(body(&format!("{},{odd},{}", said(1, "one"), said(3, "three"))));
        assert_eq!(messages.len(), 3, "{odd}");
        let raw = messages.iter().find(|message| !message.origin_known).unwrap();
        assert_eq!((raw.create_time, raw.time_known), (TIME + 1, false), "{odd}");
        assert_eq!(raw.content, odd);
        assert!(raw.message_id.starts_with("h-"));
        // The same in the next reading, with links that are signed anew.
        let again = read(body(&format!("{},{odd},{}", said(1, "one"), said(3, "three"))));
        assert_eq!(again, messages, "{odd}");
    }
}

#[test]
fn a_list_or_text_for_an_object_is_an_empty_one() {
    for empty in ["[]", "null", r#""null""#, r#""""#] {
        let fields = format!(r#""Dialog":{{"Content":"one","Schema":{empty}}},"Attachments":{empty}"#);
        let [message] = <[_; 1]>::try_from(read(body(&note(1, &fields)))).unwrap();
        assert_eq!((message.content.as_str(), message.attachments.len()), ("one", 0), "{empty}");
        assert_eq!(message.unreadable_attachments, 0, "{empty}");
        let without_user =
            format!(r#"{{"DialogId":1,"CreateTime":{TIME},"Dialog":{{"Content":"one"}},"User":{empty}}}"#);
        let [message] = <[_; 1]>::try_from(read(body(&without_user))).unwrap();
        assert_eq!((message.content.as_str(), message.origin_known), ("one", false), "{empty}");
        assert_eq!(message.message_type, MessageType::Support);
    }
}

#[test]
fn a_card_is_kept_as_its_text_or_as_the_card_itself() {
    for (dialog, content) in [
        (r#"{"Content":"null","Schema":"{\"a\":1}"}"#, r#"{"a":1}"#),
        (r#"{"Content":null,"Schema":{"a":[1]}}"#, r#"{"a":[1]}"#),
        (r#"{"Schema":7}"#, "7"),
        (r#"{"Content":"text","Schema":{"a":1}}"#, "text"),
    ] {
        let card = note(1, &format!(r#""Dialog":{dialog}"#)).replace(r#""Type":2"#, r#""Type":1"#);
        assert_eq!(contents(&read(body(&card))), [content], "{dialog}");
    }
}

#[test]
fn files_are_read_in_every_form_and_a_bad_one_is_counted() {
    for (attachments, files, unreadable) in [
        (r#"[{"Name":"a","Url":"http://x/a"},{"Name":"b","Url":"HTTPS://x/b"}]"#, vec![("a", true), ("b", true)], 0),
        (r#""[{\"Name\":\"a\",\"Url\":\"https://x/a\"}]""#, vec![("a", true)], 0),
        (r#"[{"Name":"a","Url":"javascript:x"},{"Name":"b","Url":"oss://x/b"}]"#, vec![("a", false), ("b", false)], 0),
        (r#"[{"Name":"a","Url":[]},{"Name":"b"},7]"#, vec![("b", false)], 2),
        (r#"{"Name":"a"}"#, vec![], 1),
        (r#""not JSON""#, vec![], 1),
        ("7", vec![], 1),
    ] {
        let fields = format!(r#""Dialog":{{"Content":"one"}},"Attachments":{attachments}"#);
        let messages = read(body(&format!("{},{}", note(1, &fields), said(2, "two"))));
        assert_eq!(contents(&messages), ["one", "two"]);
        let read: Vec<_> =
            messages[0].attachments.iter().map(|file| (file.name.as_str(), file.url.is_some())).collect();
        assert_eq!((read, messages[0].unreadable_attachments), (files, unreadable), "{attachments}");
    }
}

#[test]
fn an_unreadable_time_takes_its_place_by_the_order_of_the_list() {
    for odd in [r#""soon""#, "null", "0", "-1", "1e300", r#""""#, "17"] {
        let row = said(2, "two").replace(&(TIME + 2).to_string(), odd);
        let messages = read(body(&format!("{},{row},{}", said(1, "one"), said(3, "three"))));
        assert_eq!(contents(&messages), ["one", "two", "three"], "{odd}");
        assert_eq!((messages[1].create_time, messages[1].time_known), (TIME + 1, false), "{odd}");
        let first = read(body(&format!("{row},{}", said(3, "three"))));
        assert_eq!(first.iter().map(|message| message.create_time).collect::<Vec<_>>(), [TIME + 3; 2], "{odd}");
    }
    // Seconds, as in older examples.
    let seconds = said(1, "one").replace(&(TIME + 1).to_string(), "1780000000");
    assert_eq!((read(body(&seconds))[0].create_time, read(body(&seconds))[0].time_known), (TIME, true));
}

#[test]
fn a_field_beside_its_alias_fails_nothing() {
    let beside = r#""RequestId":"a","requestId":"b","Code":200,"code":"OK","Message":"x","message":"y""#;
    let both = format!(r#"{{{beside},"Success":true,"Data":[{}]}}"#, said(1, "one"));
    assert_eq!(contents(&read(both)), ["one"]);
}

#[test]
fn equal_ids_are_several_messages_in_any_order_of_the_list() {
    let rows = [said(1, "a"), said(1, "b"), said(1, "c").replace(&(TIME + 1).to_string(), &TIME.to_string())];
    let read_rows = |order: [usize; 4]| read(body(&order.map(|row| rows[row].clone()).join(",")));
    // The first is there twice: it is one message.
    let messages = read_rows([0, 1, 2, 0]);
    assert_eq!((messages.len(), messages[0].message_id.as_str(), messages[0].content.as_str()), (3, "1", "c"));
    for order in [[2, 1, 0, 0], [1, 0, 2, 2], [0, 0, 1, 2]] {
        let mut again = read_rows(order);
        again.sort_by_key(|message| messages.iter().position(|first| first.message_id == message.message_id));
        assert_eq!(again, messages, "{order:?}");
    }
}

#[test]
fn equal_ids_without_a_time_are_told_apart_by_their_texts_wherever_they_stand() {
    let odd = |content: &str| said(2, content).replace(&(TIME + 2).to_string(), r#""soon""#);
    let ids = |rows: &[String]| {
        let mut ids: Vec<_> =
            read(body(&rows.join(","))).into_iter().map(|one| (one.message_id, one.content)).collect();
        ids.sort();
        ids
    };
    let all = ids(&[said(1, "one"), odd("a"), odd("b"), said(3, "three")]);
    assert_eq!(all.len(), 4);
    // Each has the time of the row before it, which is another one now.
    assert_eq!(ids(&[odd("a"), said(1, "one"), odd("a"), said(3, "three"), odd("b")]), all);
}

#[test]
fn a_long_conversation_is_read_as_a_short_one_is() {
    let rows: Vec<_> = (0..1_500).map(|number| said(number, &format!("#{number}"))).collect();
    let shuffled: Vec<_> = (0..1_500).map(|number| rows[number * 7 % 1_500].clone()).collect();
    let messages = read(body(&shuffled.join(",")));
    assert_eq!(messages.len(), 1_500);
    assert!(messages.iter().enumerate().all(|(number, message)| message.content == format!("#{number}")));
    assert_eq!(messages[..100], read(body(&rows[..100].join(","))));
}

#[test]
fn a_list_with_bad_rows_has_the_others() {
    let rows = r#"null,7,{"TicketId":{"a":1}},{"TicketId":"a/b"},
        {"TicketId":"T1","Status":[],"CreateTime":"soon"},{"TicketId":"T2","Status":{"Value":6},"Title":[]}"#;
    let body = format!(r#"{{"Success":true,"TotalCount":6,"Data":[{rows}]}}"#);
    let page = decode::tickets(&answered(&READ, &response(200, &[], body)), 0, 100).unwrap();
    let read: Vec<_> = page.tickets.iter().map(|ticket| (ticket.cloud_id.as_str(), ticket.status.phase)).collect();
    assert_eq!(read, [("T1", Phase::Other), ("T2", Phase::Ended)]);
    assert_eq!((page.unreadable, page.next), (4, None));
}
