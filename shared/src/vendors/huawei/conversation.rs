//! A row of Huawei's messages as a message. Pure, but for a metric.

use super::{file_model::Accessory, model::CaseMessage, time};
use crate::{
    domain::{Attachment, Message, MessageType},
    vendors::{
        conversation::{self, TimedMessage},
        lenient::Text,
    },
};

/// A row as a message; its id is empty where the row has none.
pub fn message(row: CaseMessage) -> TimedMessage {
    let (message_type, writer_known) = match row.kind.0.or(row.replier_type.0) {
        Some(0) => (MessageType::Customer, true),
        Some(1) => (MessageType::Support, true),
        _ => (MessageType::Support, false),
    };
    let file = |Accessory { accessory_id: Text(id), file_actual_name: Text(name) }| Attachment {
        name: name.unwrap_or_default(),
        id,
        url: None,
    };
    let (attachments, unreadable_attachments) = conversation::files(row.accessory_list, file);
    let message = Message {
        message_id: row.message_id.non_blank().unwrap_or_default(),
        message_type,
        replier: row.replier.0,
        replier_name: row.replier_name.0,
        content: row.content.0.unwrap_or_default(),
        create_time: 0,
        origin_known: writer_known,
        time_known: true,
        attachments,
        unreadable_attachments,
    };
    (message, row.create_time.0.as_deref().and_then(time::parse).map(|time| time.ms))
}
