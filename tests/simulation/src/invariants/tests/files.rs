//! Files at the vendors and in the bucket.

use serde_json::json;
use shared::{
    digest::sha256_hex,
    domain::{ArchivedMessage, AttachmentCopy, MessagePosition, TicketId, Vendor},
};
use simulators::{FileContent, SimulatedFile};

use super::{check, correct, violated};
use crate::{
    files,
    history::UploadedFile,
    invariants::{Invariant, files::files_are_archived},
};

#[test]
fn a_file_that_is_missing_at_the_vendor_or_not_whole_is_reported() {
    let sent = UploadedFile { id: String::new(), name: files::name(1), number: 1, link: String::new() };
    let there = |number, content| SimulatedFile { name: files::name(number), content, link: None, id: None };
    let with = |there: Vec<SimulatedFile>| {
        let mut facts = correct();
        facts.creates[0].files = vec![sent.clone()];
        facts.at_vendors[0].1.files = there;
        facts
    };
    assert_eq!(check(&with(vec![there(1, files::at_vendor(1, 7))])), [], "any version");
    let (other, part) = (files::at_vendor(2, 0), FileContent::Text("<file 1 version".to_owned()));
    for wrong in [vec![], vec![there(2, other.clone())], vec![there(1, other)], vec![there(1, part)]] {
        assert_eq!(violated(&with(wrong.clone())), [Invariant::FilesAreSent], "{wrong:?}");
    }
}

#[test]
fn a_file_that_is_missing_in_the_bucket_or_another_one_is_reported() {
    let bytes = files::content(1, 0);
    let copied = |state: &str, object: &[u8]| {
        let mut facts = correct();
        let message = facts.items.get_mut(&("TICKET#T1".to_owned(), "MESSAGE#0".to_owned())).unwrap();
        message["attachments"] = json!([{"name": files::name(1)}]);
        let message: ArchivedMessage = serde_json::from_value(message.clone()).unwrap();
        let position = MessagePosition { create_time: 1_000, order: 0, message_id: "one".to_owned() };
        let ticket = TicketId::parse("T1").unwrap();
        let copies = AttachmentCopy::of_message(Vendor::Alibaba, &ticket, &position, &message.attachments, 0);
        let (size, sha256) = (Some(bytes.len() as u64), Some(sha256_hex(&bytes)));
        let copy = AttachmentCopy { size, sha256, object_key: Some("k".to_owned()), ..copies[0].clone() };
        let mut item = json!(copy);
        item["state"] = json!(state);
        let key = ("TICKET#T1".to_owned(), format!("ATTACHMENT#one#{}", copy.attachment_id));
        facts.items.insert(key, item);
        facts.objects.insert("k".to_owned(), object.to_vec().into());
        files_are_archived(&facts)
    };
    assert_eq!(copied("stored", &bytes), [""; 0]);
    for (state, object) in [("pending", &bytes), ("stored", &files::content(2, 0)), ("stored", &files::content(1, 1))] {
        assert_ne!(copied(state, object), [""; 0], "{state} {object:?}");
    }
}
