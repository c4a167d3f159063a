//! The answers of `testdata/cases` that are this vendor's.

use bytes::Bytes;
use serde_json::Value;

use crate::{
    domain::{Message, MessageType, Vendor},
    vendors::{
        alibaba::decode,
        call::VendorOperation,
        testing::{answered, case_answers, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListTicketNotes");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CreateTicket");

fn messages(body: &[u8]) -> Vec<Message> {
    decode::messages(&answered(&READ, &response(200, &[], Bytes::copy_from_slice(body)))).unwrap().0.collect()
}

fn case(name: &str) -> Vec<Message> {
    let cases = case_answers("alibaba-notes-");
    messages(&cases.into_iter().find(|(file, _)| file == name).unwrap().1)
}

#[test]
fn every_row_of_every_conversation_is_kept() {
    for (name, body) in case_answers("alibaba-notes-") {
        assert_eq!(messages(&body).len(), rows(&body), "{name}");
    }
}

/// The number of rows, read in a way that shares nothing with the client: no escape is a lone surrogate afterwards.
fn rows(body: &[u8]) -> usize {
    let text = String::from_utf8_lossy(body).replace("\\ud", "\\u0").replace("\\uD", "\\u0");
    let answer: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    answer["Data"].as_array().unwrap().len()
}

#[test]
fn every_created_ticket_is_created() {
    for (name, body) in case_answers("alibaba-create-") {
        let created = decode::created(&answered(&WRITE, &response(200, &[], body)));
        assert_eq!(created.unwrap().as_str(), "0005PYGCW", "{name}");
    }
}

#[test]
fn a_lone_surrogate_is_the_replacement_character() {
    let texts: Vec<_> = case("alibaba-notes-lone-surrogate.json").into_iter().map(|message| message.content).collect();
    assert_eq!(texts, ["one", "cut \u{fffd}", "three"]);
}

#[test]
fn odd_rows_are_messages_of_unknown_origin_with_their_raw_text() {
    let messages = case("alibaba-notes-one-odd.json");
    let (known, odd): (Vec<_>, Vec<_>) = messages.iter().partition(|message| message.origin_known);
    assert_eq!(known.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(), ["one", "four"]);
    let mut raw: Vec<Value> = odd.iter().map(|message| serde_json::from_str(&message.content).unwrap()).collect();
    raw.sort_by_key(|row| row.is_object());
    assert_eq!((raw[0].is_null(), &raw[1]["DialogId"]["id"]), (true, &3.into()));
    // Their time is that of the row before them.
    assert!(odd.iter().all(|message| message.create_time == 1_780_000_000_000));
    let ids: std::collections::HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
    assert_eq!(ids.len(), 4);
}

#[test]
fn equal_ids_with_other_content_are_several_messages() {
    let messages = case("alibaba-notes-same-id.json");
    assert_eq!(messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert_eq!(messages[0].message_id, "0");
    assert_ne!(messages[1].message_id, messages[2].message_id);
    assert!(messages.iter().all(|message| message.message_type == MessageType::Support && message.origin_known));
}

#[test]
fn files_are_read_as_text_and_a_bad_one_is_counted() {
    let messages = case("alibaba-notes-attachments-as-text.json");
    let files = |message: &Message| -> Vec<(String, bool)> {
        message.attachments.iter().map(|file| (file.name.clone(), file.url.is_some())).collect()
    };
    assert_eq!((files(&messages[0]), messages[0].unreadable_attachments), (vec![("a.log".to_owned(), true)], 0));
    let second = vec![("b.png".to_owned(), true), ("c.txt".to_owned(), false)];
    assert_eq!((files(&messages[1]), messages[1].unreadable_attachments), (second, 1));
}
