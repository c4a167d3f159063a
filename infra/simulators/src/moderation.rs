//! What a vendor does later with texts that it has shown: masks or cuts them, deletes a message, shows one
//! again, replaces a file.

use serde::{Deserialize, Serialize};

use crate::files::FileContent;
use crate::rewrite::TextRewrite;
use crate::simulator::{Simulator, VendorRules};

/// A later change of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum MessageChange {
    /// Its text is shown in another form.
    Rewrite {
        /// The form.
        to: TextRewrite,
    },
    /// The conversation no longer shows it.
    Delete,
    /// The conversation has a second row of it, with the same id.
    Repeat,
    /// The conversation has its text a second time, as a later message of the same writer.
    Copy,
    /// Its first file has other bytes, under the same name and id.
    ReplaceFile {
        /// The bytes.
        content: FileContent,
    },
}

impl<R: VendorRules> Simulator<R> {
    /// Changes a message that is in the conversation. False when ticket or message is unknown or deleted, or nothing
    /// changes.
    pub fn change_message(&self, ticket: &str, message: u64, change: &MessageChange, at_ms: i64) -> bool {
        let state = &mut self.lock().state;
        let next_id = state.persisted.next_message + 1;
        let Some(known) = state.ticket_mut(ticket) else { return false };
        let Some(place) = known.messages.iter().position(|one| one.id == message && !one.deleted) else {
            return false;
        };
        let shown = &mut known.messages[place];
        match change {
            MessageChange::Rewrite { to } => {
                let text = to.apply(&shown.content);
                if text == shown.content {
                    return false;
                }
                let before = std::mem::replace(&mut shown.content, text);
                shown.sent.get_or_insert_with(|| before.clone());
                shown.earlier.push(before);
            }
            MessageChange::ReplaceFile { content } => {
                let Some(file) = shown.files.first_mut() else { return false };
                file.content = content.clone();
            }
            MessageChange::Delete => shown.deleted = true,
            MessageChange::Repeat => {
                let mut repeated = shown.clone();
                repeated.copy_of = Some(message);
                known.messages.insert(place + 1, repeated);
            }
            MessageChange::Copy => {
                let mut copy = shown.clone();
                (copy.id, copy.at_ms, copy.copy_of, copy.first) = (next_id, at_ms, Some(message), false);
                known.messages.push(copy);
                state.persisted.next_message = next_id;
            }
        }
        true
    }

    /// Shows the description of a ticket in another form. False when the ticket is unknown or nothing changes.
    pub fn rewrite_description(&self, ticket: &str, to: &TextRewrite) -> bool {
        let state = &mut self.lock().state;
        let Some(known) = state.ticket_mut(ticket) else { return false };
        let text = to.apply(&known.description);
        if text == known.description {
            return false;
        }
        let before = std::mem::replace(&mut known.description, text);
        known.sent.get_or_insert(before);
        true
    }
}
