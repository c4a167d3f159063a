//! Conversations of open tickets that this process has read from their vendors a moment ago, so that one caller's
//! polling does not use up the account's calls.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{Message, TicketId};

/// How long a conversation is used, milliseconds.
const LIFETIME_MS: i64 = 10_000;
/// The most bytes of texts in all conversations. A longer conversation is not kept.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The conversations, the newest last.
#[derive(Debug, Default)]
pub struct ConversationCache(Mutex<Vec<Entry>>);

#[derive(Debug)]
struct Entry {
    ticket: TicketId,
    read_at_ms: i64,
    bytes: usize,
    messages: Arc<Vec<Message>>,
}

impl ConversationCache {
    /// The ticket's messages, if they were read within the last 10 seconds before `now_ms`.
    pub fn get(&self, ticket: &TicketId, now_ms: i64) -> Option<Arc<Vec<Message>>> {
        let mut entries = self.entries();
        entries.retain(|entry| (0..LIFETIME_MS).contains(&(now_ms - entry.read_at_ms)));
        let found = entries.iter().find(|entry| entry.ticket == *ticket)?;
        Some(Arc::clone(&found.messages))
    }

    /// Keeps the ticket's messages, which were read at `now_ms`; the oldest make room.
    pub fn put(&self, ticket: &TicketId, messages: Arc<Vec<Message>>, now_ms: i64) {
        let bytes = messages.iter().map(bytes_of).sum();
        if bytes > MAX_BYTES {
            return;
        }
        let mut entries = self.entries();
        entries.retain(|entry| entry.ticket != *ticket);
        entries.push(Entry { ticket: ticket.clone(), read_at_ms: now_ms, bytes, messages });
        while entries.iter().map(|entry| entry.bytes).sum::<usize>() > MAX_BYTES {
            entries.remove(0);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a message as they count for [`MAX_BYTES`].
pub fn bytes_of(message: &Message) -> usize {
    size_of::<Message>() + message.content.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MessageType;

    fn messages(bytes: usize) -> Arc<Vec<Message>> {
        Arc::new(vec![Message {
            message_id: "1".into(),
            message_type: MessageType::Support,
            replier: None,
            replier_name: None,
            content: "x".repeat(bytes),
            create_time: 0,
            origin_known: true,
            time_known: true,
            attachments: Vec::new(),
            unreadable_attachments: 0,
        }])
    }

    fn id(name: &str) -> TicketId {
        TicketId::parse(name).unwrap()
    }

    #[test]
    fn a_conversation_is_used_for_ten_seconds() {
        let cache = ConversationCache::default();
        cache.put(&id("T1"), messages(10), 1_000);
        assert!(cache.get(&id("T1"), 10_999).is_some() && cache.get(&id("T2"), 1_000).is_none());
        assert!(cache.get(&id("T1"), 11_000).is_none());
    }

    #[test]
    fn the_oldest_make_room() {
        let cache = ConversationCache::default();
        for name in ["T1", "T2", "T3"] {
            cache.put(&id(name), messages(MAX_BYTES / 3), 0);
        }
        let is_kept: Vec<_> = ["T1", "T2", "T3"].map(|name| cache.get(&id(name), 0).is_some()).into();
        assert_eq!(is_kept, [false, true, true]);
        cache.put(&id("T4"), messages(MAX_BYTES + 1), 0);
        assert!(cache.get(&id("T4"), 0).is_none());
    }
}
