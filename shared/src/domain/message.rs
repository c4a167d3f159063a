//! One entry in a ticket's conversation.

use serde::{Deserialize, Serialize};

/// Who wrote a message. In JSON and in the store a number: `0` customer, `1` support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("enum" = [0, 1])))]
#[serde(into = "u8", try_from = "u8")]
pub enum MessageType {
    /// Written by the customer.
    Customer = 0,
    /// Written by the vendor's support, or by its system.
    Support = 1,
}

impl From<MessageType> for u8 {
    fn from(message_type: MessageType) -> u8 {
        message_type as u8
    }
}

impl TryFrom<u8> for MessageType {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            0 => Ok(MessageType::Customer),
            1 => Ok(MessageType::Support),
            _ => Err(format!("a message type is 0 or 1, not {number}")),
        }
    }
}

/// A message as the vendor has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The vendor's id of it, or one that the client derives where the vendor gives none.
    pub message_id: String,
    /// Who wrote it.
    pub message_type: MessageType,
    /// The writer's id at the vendor, where it gives one.
    pub replier: Option<String>,
    /// The writer's name at the vendor.
    pub replier_name: Option<String>,
    /// The text, verbatim.
    pub content: String,
    /// When it was written, Unix milliseconds.
    pub create_time: i64,
    /// Whether the vendor gave writer and time in a known form. If not, `message_type` and `create_time` are guesses,
    /// and no decision may depend on them.
    pub origin_known: bool,
    /// Whether the vendor gave the time in a known form.
    pub time_known: bool,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// How many entries among its files can't be read.
    pub unreadable_attachments: u64,
}

/// A file of a message, as the vendor lists it. Vendors' links expire; the file is copied by `copy-attachments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// The vendor's id of the file, where it has one (Huawei).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The vendor's link, where it gives one (Alibaba); temporary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
