//! The files of a message, with what is known of their copies.

use shared::domain::{Attachment, AttachmentCopy, AttachmentId};

use crate::transcript::TranscriptFile;

/// The state of a file whose copy was never begun.
pub const NOT_COPIED: &str = "not_copied";

impl TranscriptFile {
    /// The files of a message by their place: every copy, also one of a file that an edit took away, and every file
    /// that has no copy.
    pub(crate) fn of_message(message_id: &str, attachments: &[Attachment], copies: &[AttachmentCopy]) -> Vec<Self> {
        let copies: Vec<_> = copies.iter().filter(|copy| copy.message.message_id == message_id).collect();
        let is_copied = |place: usize, file: &Attachment| {
            let id = AttachmentId::of(message_id, place, file);
            copies.iter().any(|copy| copy.attachment_id == id)
        };
        let copied = copies.iter().map(|copy| {
            let file = Self {
                attachment_id: Some(copy.attachment_id.to_string()),
                name: copy.name.clone(),
                state: copy.state.as_str().to_owned(),
                size: copy.size,
                sha256: copy.sha256.clone(),
            };
            (copy.place, file)
        });
        let others = attachments.iter().enumerate().filter(|(place, file)| !is_copied(*place, file));
        let others = others.map(|(place, file)| {
            let (name, state) = (file.name.clone(), NOT_COPIED.to_owned());
            (place, Self { attachment_id: None, name, state, size: None, sha256: None })
        });
        let mut files: Vec<(usize, Self)> = copied.chain(others).collect();
        // The store gives copies in the order of their ids; the same files must always give the same bytes.
        files.sort_by(|(place, file), (other_place, other)| {
            (place, &file.name, &file.attachment_id).cmp(&(other_place, &other.name, &other.attachment_id))
        });
        files.into_iter().map(|(_, file)| file).collect()
    }
}

#[cfg(test)]
mod tests {
    use shared::domain::{CopyState, MessagePosition, TicketId, Vendor};

    use super::*;

    fn file(name: &str) -> Attachment {
        Attachment { name: name.into(), id: None, url: Some("https://a.aliyuncs.com/?Expires=1".into()) }
    }

    fn copy(message_id: &str, place: usize, name: &str) -> AttachmentCopy {
        let message = MessagePosition { create_time: 1, order: 0, message_id: message_id.into() };
        let files = vec![file(name); place + 1];
        let copy = AttachmentCopy::of_message(Vendor::Alibaba, &TicketId::parse("T1").unwrap(), &message, &files, 1)
            .remove(place);
        AttachmentCopy { state: CopyState::Stored, size: Some(3), sha256: Some("ab".into()), ..copy }
    }

    fn files(names: &[&str], copies: &[AttachmentCopy]) -> Vec<String> {
        let attachments: Vec<_> = names.iter().map(|name| file(name)).collect();
        let files = TranscriptFile::of_message("m", &attachments, copies).into_iter();
        files.map(|file| format!("{} {} {:?}", file.name, file.state, file.size)).collect()
    }

    #[test]
    fn a_copy_is_found_by_the_id_of_its_file() {
        let copies = [copy("m", 1, "b.log"), copy("other", 0, "x"), copy("m", 0, "a.log")];
        assert_eq!(files(&["a.log", "b.log"], &copies), ["a.log stored Some(3)", "b.log stored Some(3)"]);
        assert_eq!(files(&["b.log", "b.log"], &copies[..1]), ["b.log not_copied None", "b.log stored Some(3)"]);
        let large = [AttachmentCopy { state: CopyState::TooLarge, size: None, ..copy("m", 0, "a.log") }];
        assert_eq!(files(&["a.log"], &large), ["a.log too_large None"]);
    }

    #[test]
    fn a_file_that_an_edit_took_away_stays() {
        let copies = [copy("m", 0, "old.log"), copy("m", 0, "new.log")];
        assert_eq!(files(&["new.log"], &copies), ["new.log stored Some(3)", "old.log stored Some(3)"]);
        assert_eq!(files(&[], &[]), [] as [&str; 0]);
    }
}
