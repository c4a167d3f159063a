//! Messages of an archive, and what is computed of it.

use super::*;
use crate::domain::Vendor;

fn message(id: &str, create_time: i64) -> Message {
    Message {
        message_id: id.into(),
        message_type: MessageType::Support,
        replier: None,
        replier_name: Some("小二".into()),
        content: "您好 👋".into(),
        create_time,
        origin_known: true,
        time_known: true,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    }
}

fn archived(id: &str) -> ArchivedMessage {
    let (ticket, case) = (TicketId::parse("T1").unwrap(), CloudId::parse("C1").unwrap());
    ArchivedMessage::new(&ticket, &case, message(id, 1_700_000_000_000))
}

#[test]
fn archiving_again_gives_the_same_id() {
    assert_eq!(archived("m1"), archived("m1"));
    assert_ne!(archived("m1").id, archived("m2").id);
    assert_eq!(Ulid::from_string(&archived("m1").id).unwrap().timestamp_ms(), 1_700_000_000_000);
}

#[test]
fn another_text_keeps_the_older_ones() {
    let shown = |content: &str| ArchivedMessage { content: content.into(), ..archived("a") };
    assert_eq!(archived("a").revised(shown("您好 👋"), 1), None);
    let link =
        |query: &str| ArchivedMessage { content: format!("<img src=\"https://x/a{query}\"> ok?"), ..archived("a") };
    assert_eq!(link("?Expires=1").revised(link("?Expires=2&Signature=b"), 1), None);
    assert!(link("?Expires=1").revised(link("/b?Expires=1"), 1).is_some());
    let once = archived("a").revised(shown("b"), 1).unwrap();
    let twice = once.clone().revised(shown("您好 👋"), 2).unwrap();
    let revision = |content: &str, replaced_time| Revision { content: content.into(), replaced_time };
    assert_eq!((twice.content.as_str(), &twice.id), ("您好 👋", &once.id));
    assert_eq!(twice.revisions, [revision("您好 👋", 1), revision("b", 2)]);
    let digest = |message: &ArchivedMessage| {
        let mut digest = ArchiveDigest::default();
        digest.add(message);
        digest.finish().digest
    };
    assert_ne!(digest(&twice), digest(&archived("a")));
}

#[test]
fn digest_depends_on_order_and_content() {
    let digest = |ids: &[&str]| {
        let mut digest = ArchiveDigest::default();
        ids.iter().for_each(|id| digest.add(&archived(id)));
        digest.finish()
    };
    assert_eq!(digest(&["a", "b"]), digest(&["a", "b"]));
    assert_ne!(digest(&["a", "b"]).digest, digest(&["b", "a"]).digest);
    let nothing = digest(&[]);
    let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!((nothing.message_count, nothing.digest.as_str()), (0, sha256));
}

#[test]
fn digest_has_stored_files_and_counts_the_others() {
    let file = |name: &str| Attachment { name: name.into(), id: None, url: None };
    let message = ArchivedMessage {
        attachments: vec![file("a"), file("b"), file("c")],
        unreadable_attachments: 1,
        ..archived("m")
    };
    let position = MessagePosition { create_time: 1, order: 0, message_id: "m".into() };
    let ticket = TicketId::parse("T1").unwrap();
    let copies = AttachmentCopy::of_message(Vendor::Alibaba, &ticket, &position, &message.attachments, 0);
    let contents = |states: [(CopyState, &str); 3]| {
        let mut digest = ArchiveDigest::default();
        digest.add(&message);
        for (copy, (state, sha256)) in copies.iter().zip(states) {
            digest.add_file(&AttachmentCopy { state, sha256: Some(sha256.into()), ..copy.clone() });
        }
        digest.finish()
    };
    let one = contents([(CopyState::Stored, "x"), (CopyState::Pending, ""), (CopyState::TooLarge, "")]);
    assert_eq!((one.attachments_missing, one.attachments_pending), (3, 1));
    let other = contents([(CopyState::Stored, "y"), (CopyState::Pending, ""), (CopyState::TooLarge, "")]);
    assert_ne!(one.digest, other.digest);
    let all = contents([(CopyState::Stored, "x"), (CopyState::Stored, "x"), (CopyState::Stored, "x")]);
    assert_eq!((all.attachments_missing, all.attachments_pending), (1, 0));
    assert_ne!(one.digest, all.digest);
}

#[test]
fn files_count_only_where_a_message_shows_one() {
    let position = MessagePosition { create_time: 1, order: 0, message_id: "m".into() };
    let file = Attachment { name: "a".into(), id: None, url: None };
    let copies = AttachmentCopy::of_message(
        Vendor::Alibaba,
        &TicketId::parse("T1").unwrap(),
        &position,
        std::slice::from_ref(&file),
        0,
    );
    let stored = [AttachmentCopy { state: CopyState::Stored, ..copies[0].clone() }];
    let digest = |attachments: Vec<Attachment>, files: &[AttachmentCopy]| {
        let mut digest = ArchiveDigest::default();
        digest.add(&ArchivedMessage { attachments, ..archived("m") });
        digest.add_files(files);
        digest.finish().digest
    };
    assert_ne!(digest(vec![file.clone()], &stored), digest(vec![file], &[]));
    assert_eq!(digest(Vec::new(), &stored), digest(Vec::new(), &[]));
}
