//! From an answer to domain values. Pure. A success without its required fields is a bad answer.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    error::check,
    model::{AlibabaAnswer, Category, Directory, File, Note, TicketData},
};
use crate::{
    domain::{
        Attachment, CaseKind, CloudId, Message, MessageType, ProblemType, ProblemTypeId, Product, ProductId, Severity,
    },
    error::Result,
    vendors::{
        ListedTicket, Phase, TicketPage, VendorStatus, VendorTicket, call::VendorOperation, failure, lenient, pager,
    },
};

/// The data of a successful answer.
fn answer<T: DeserializeOwned>(operation: &VendorOperation, response: &Response<Bytes>) -> Result<AlibabaAnswer<T>> {
    check(operation, response)?;
    lenient::json(response).map_err(|reason| failure::bad_answer(operation, response, &reason))
}

fn required<T: DeserializeOwned>(operation: &VendorOperation, response: &Response<Bytes>) -> Result<T> {
    answer(operation, response)?.data.ok_or_else(|| failure::bad_answer(operation, response, "no Data"))
}

/// ListProducts: every product once, its directory's name as the description.
///
/// `Data` is required: an empty catalog would mark every product as removed.
pub fn products(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Vec<Product>> {
    let directories: Vec<Directory> = required(operation, response)?;
    let mut seen = HashSet::new();
    let mut products = Vec::new();
    for directory in directories {
        for product in directory.products {
            let id = failure::row_id(operation, response, product.id, ProductId::parse)?;
            if seen.insert(id.clone()) {
                products.push(Product {
                    name: product.name.unwrap_or_else(|| id.to_string()),
                    id,
                    description: directory.name.clone(),
                    acronym: None,
                });
            }
        }
    }
    Ok(products)
}

/// ListCategories: the problem types of `product`. The answer for a product without any may have no `Data`.
pub fn problem_types(
    operation: &VendorOperation,
    response: &Response<Bytes>,
    product: &ProductId,
) -> Result<Vec<ProblemType>> {
    let categories: Vec<Category> = answer(operation, response)?.data.unwrap_or_default();
    let mut seen = HashSet::new();
    let mut problem_types = Vec::with_capacity(categories.len());
    for category in categories {
        let id = failure::row_id(operation, response, category.id, ProblemTypeId::parse)?;
        if seen.insert(id.clone()) {
            problem_types.push(ProblemType {
                name: category.name.unwrap_or_else(|| id.to_string()),
                id,
                product_id: product.clone(),
                case_kind: CaseKind::General,
            });
        }
    }
    Ok(problem_types)
}

/// CreateTicket: the new ticket's id.
pub fn created(operation: &VendorOperation, response: &Response<Bytes>) -> Result<CloudId> {
    CloudId::parse(id(operation, response)?)
        .map_err(|_| failure::bad_answer(operation, response, "Data is no ticket id"))
}

/// ReplyTicket: the new message's id, its `DialogId` in ListTicketNotes.
pub fn replied(operation: &VendorOperation, response: &Response<Bytes>) -> Result<String> {
    id(operation, response)
}

/// `Data` as an id: a number, or text that is not blank.
fn id(operation: &VendorOperation, response: &Response<Bytes>) -> Result<String> {
    let text = match required(operation, response)? {
        Value::String(id) => lenient::non_blank(Some(id)),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    text.ok_or_else(|| failure::bad_answer(operation, response, "Data is no id"))
}

pub fn ticket(operation: &VendorOperation, response: &Response<Bytes>) -> Result<TicketData> {
    required(operation, response)
}

/// GetTicket: the ticket's status.
pub fn ticket_status(operation: &VendorOperation, response: &Response<Bytes>) -> Result<VendorStatus> {
    let value = ticket(operation, response)?.status.value;
    value.map(status).ok_or_else(|| failure::bad_answer(operation, response, "no Status.Value"))
}

/// GetTicket: the fields of `ticket`. It has no product and no region; the category is the problem type.
///
/// The text is required: without it the ticket may or may not have a marker.
pub fn vendor_ticket(
    operation: &VendorOperation,
    response: &Response<Bytes>,
    ticket: &CloudId,
) -> Result<VendorTicket> {
    let data = self::ticket(operation, response)?;
    let missing = |reason| failure::bad_answer(operation, response, reason);
    Ok(VendorTicket {
        cloud_id: ticket.clone(),
        name: lenient::non_blank(data.title),
        text: data.description.ok_or_else(|| missing("no Description"))?,
        create_time: data.create_time,
        status: status(data.status.value.ok_or_else(|| missing("no Status.Value"))?),
        product_id: None,
        problem_type_id: lenient::non_blank(data.category_id).and_then(|id| ProblemTypeId::parse(id).ok()),
        region_id: None,
        severity: match data.severity.value.as_deref() {
            Some("1") => Some(Severity::Normal),
            Some("2") => Some(Severity::Urgent),
            _ => None,
        },
    })
}

/// ListTickets: one page; `page` counts from 0. Missing `Data` is an empty page only when the total is 0: an
/// incomplete answer must not mean "no such ticket".
pub fn tickets(
    operation: &VendorOperation,
    response: &Response<Bytes>,
    page: u32,
    page_size: u32,
) -> Result<TicketPage> {
    let answer: AlibabaAnswer<Vec<TicketData>> = answer(operation, response)?;
    let rows = match answer.data {
        Some(rows) => rows,
        None if answer.total_count == Some(0) => Vec::new(),
        None => return Err(failure::bad_answer(operation, response, "no Data")),
    };
    // The server may have smaller pages than the request asks for; then it counts pages of its own size.
    let requested = i64::from(page_size);
    let size = answer.page_size.filter(|size| (1..requested).contains(size)).unwrap_or(requested);
    let before = i64::from(page) * size;
    let has_next = pager::has_next(before, rows.len(), answer.total_count)
        .map_err(|reason| failure::bad_answer(operation, response, reason))?;
    let tickets = rows.into_iter().map(|row| {
        Ok(ListedTicket {
            cloud_id: failure::row_id(operation, response, row.id, CloudId::parse)?,
            status: status(row.status.value.unwrap_or_default()),
        })
    });
    Ok(TicketPage { tickets: tickets.collect::<Result<_>>()?, next: has_next.then_some(page + 1) })
}

/// The phase of a status. Numbers and names are both documented, names with `-` as well as `_`.
pub fn status(raw: String) -> VendorStatus {
    let phase = match raw.trim().to_ascii_lowercase().replace('-', "_").as_str() {
        "1" | "assigned" => Phase::Waiting,
        "2" | "dealing" | "4" | "feedback" => Phase::Processing,
        "3" | "wait_feedback" | "5" | "wait_confirm" => Phase::AwaitingCustomer,
        "6" | "confirmed" => Phase::Ended,
        _ => Phase::Other,
    };
    VendorStatus { phase, raw }
}

/// ListTicketNotes: every note once, sorted by time and id, as their order is not documented.
///
/// `Data` is required: only an empty list is an empty conversation.
pub fn messages(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Vec<Message>> {
    let notes: Vec<Note> = required(operation, response)?;
    let mut messages: Vec<Message> = notes.into_iter().map(message).collect();
    add_missing_ids(&mut messages);
    // Dialog ids are numbers: 9 is before 10.
    messages.sort_by_cached_key(|message| {
        let number: Option<u64> = message.message_id.parse().ok();
        (message.create_time, number, message.message_id.clone())
    });
    let mut seen = HashSet::new();
    messages.retain(|message| seen.insert(message.message_id.clone()));
    Ok(messages)
}

/// Gives every message without an id one made of its fields and of its position among equal messages, so that the id is
/// the same in every reading.
fn add_missing_ids(messages: &mut [Message]) {
    let mut equals: HashMap<(i64, u8, String), u32> = HashMap::new();
    for message in messages {
        if !message.message_id.is_empty() {
            continue;
        }
        let (time, role) = (message.create_time, u8::from(message.message_type));
        let ordinal = equals.entry((time, role, message.content.clone())).or_default();
        message.message_id =
            lenient::synthetic_id(&[&time.to_string(), &role.to_string(), &message.content, &ordinal.to_string()]);
        *ordinal += 1;
    }
}

/// A note as a message; its id is empty where the note has none.
fn message(note: Note) -> Message {
    let schema = note.dialog.schema.and_then(|schema| match schema {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    });
    let content = match note.kind {
        Some(2) => note.dialog.content,
        // The text of a card if it has one, else the card itself.
        _ => lenient::non_blank(note.dialog.content).or_else(|| lenient::non_blank(schema)),
    }
    .unwrap_or_default();
    let (message_type, writer_known) = match note.user.role {
        Some(3) => (MessageType::Customer, true),
        Some(2) => (MessageType::Support, true),
        // Undocumented, perhaps the system.
        _ => (MessageType::Support, false),
    };
    Message {
        message_id: lenient::non_blank(note.id).unwrap_or_default(),
        message_type,
        replier: None,
        replier_name: note.user.name,
        content,
        create_time: note.create_time.unwrap_or_default(),
        origin_known: writer_known && note.create_time.is_some(),
        attachments: files(note.attachments),
    }
}

/// A note's files; none for null, `"null"` or any other value that is no list. A link is returned only with HTTPS.
fn files(attachments: Option<Value>) -> Vec<Attachment> {
    let files: Vec<File> = attachments.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
    files
        .into_iter()
        .map(|file| Attachment {
            name: file.name.unwrap_or_default(),
            id: None,
            url: file.url.filter(|url| url.starts_with("https://")),
        })
        .collect()
}
