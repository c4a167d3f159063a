//! When support and the customer wrote in a ticket's conversation, and who must write next.

use serde::{Deserialize, Serialize};

use super::{Message, MessageType};

/// Who must write next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::EnumString, strum::IntoStaticStr)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Awaiting {
    /// The vendor's support: the customer wrote last.
    Support,
    /// The customer: support wrote last.
    Customer,
}

impl Awaiting {
    /// Both.
    pub const ALL: [Awaiting; 2] = [Awaiting::Support, Awaiting::Customer];

    /// The name as it stands in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The times of a conversation's messages by their writer, as the vendor gives them, Unix milliseconds. A message whose
/// writer or time can't be read does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConversationTimes {
    /// When the vendor's support wrote first, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_time: Option<i64>,
    /// When the vendor's support wrote last, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_support_time: Option<i64>,
    /// When the customer wrote last, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_customer_time: Option<i64>,
}

impl ConversationTimes {
    /// Adds a message.
    pub fn add(&mut self, message: &Message) {
        if !message.origin_known || !message.time_known {
            return;
        }
        let time = Some(message.create_time);
        let of_message = match message.message_type {
            MessageType::Support => Self { first_response_time: time, last_support_time: time, ..Self::default() },
            MessageType::Customer => Self { last_customer_time: time, ..Self::default() },
        };
        self.merge(&of_message);
    }

    /// Adds the times of other messages of the conversation.
    pub fn merge(&mut self, other: &Self) {
        self.first_response_time = match (self.first_response_time, other.first_response_time) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.last_support_time = self.last_support_time.max(other.last_support_time);
        self.last_customer_time = self.last_customer_time.max(other.last_customer_time);
    }

    /// When somebody wrote last, Unix milliseconds.
    pub fn last(&self) -> Option<i64> {
        self.last_support_time.max(self.last_customer_time)
    }

    /// Who must write next. In the same millisecond support counts as the later one: it answers.
    pub fn awaiting(&self) -> Awaiting {
        match self.last_support_time {
            Some(_) if self.last_support_time >= self.last_customer_time => Awaiting::Customer,
            _ => Awaiting::Support,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(message_type: MessageType, create_time: i64) -> Message {
        Message {
            message_id: "m".into(),
            message_type,
            replier: None,
            replier_name: None,
            content: String::new(),
            create_time,
            origin_known: true,
            time_known: true,
            attachments: Vec::new(),
            unreadable_attachments: 0,
        }
    }

    #[test]
    fn who_wrote_last_decides_who_must_write_next() {
        let mut times = ConversationTimes::default();
        assert_eq!((times.awaiting(), times.last()), (Awaiting::Support, None));
        for (writer, time, awaiting) in [
            (MessageType::Customer, 5, Awaiting::Support),
            (MessageType::Support, 7, Awaiting::Customer),
            (MessageType::Customer, 6, Awaiting::Customer),
            (MessageType::Customer, 7, Awaiting::Customer),
            (MessageType::Customer, 8, Awaiting::Support),
            (MessageType::Support, 9, Awaiting::Customer),
        ] {
            times.add(&message(writer, time));
            assert_eq!(times.awaiting(), awaiting, "{time}");
        }
        let all =
            ConversationTimes { first_response_time: Some(7), last_support_time: Some(9), last_customer_time: Some(8) };
        assert_eq!((times, times.last()), (all, Some(9)));
    }

    #[test]
    fn a_message_of_unknown_origin_or_time_does_not_count() {
        let mut times = ConversationTimes::default();
        times.add(&Message { origin_known: false, ..message(MessageType::Support, 5) });
        times.add(&Message { time_known: false, ..message(MessageType::Support, 5) });
        assert_eq!(times, ConversationTimes::default());
    }
}
