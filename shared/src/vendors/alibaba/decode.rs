//! From an answer to domain values. Pure, but for a metric. A success without its required fields is a bad answer.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    error::check,
    model::{AlibabaAnswer, CallerIdentity, Category, Directory, File, Note, TicketData},
};
use crate::{
    domain::{
        Attachment, CaseKind, CloudId, CustomerId, Message, MessageType, ProblemType, ProblemTypeId, Product,
        ProductId, Severity,
    },
    error::Result,
    telemetry::metrics,
    vendors::{
        ListedTicket, Phase, TicketPage, VendorStatus, VendorTicket,
        answer::{VendorAnswer, distinct},
        conversation::{self, TimedMessage},
        lenient::{self, Row, Text},
        pager,
    },
};

fn successful<T: DeserializeOwned>(answer: &VendorAnswer) -> Result<AlibabaAnswer<T>> {
    check(answer)?;
    answer.json()
}

/// The data of a successful answer.
fn required<T: DeserializeOwned>(answer: &VendorAnswer) -> Result<T> {
    successful(answer)?.data.ok_or_else(|| answer.bad("no Data"))
}

/// GetCallerIdentity of STS: the customer. A success has no `Success`; an error has the gateway's format.
pub fn customer(answer: &VendorAnswer) -> Result<CustomerId> {
    if !answer.response.status().is_success() {
        check(answer)?;
    }
    answer.customer_id(answer.json::<CallerIdentity>()?.account_id)
}

/// ListProducts: every product once, its directory's name as the description.
///
/// `Data` is required: an empty catalog would mark every product as removed.
pub fn products(answer: &VendorAnswer) -> Result<Vec<Product>> {
    let directories: Vec<Directory> = required(answer)?;
    let mut products = Vec::new();
    for directory in directories {
        for row in directory.product_list {
            let id = answer.row_id(row.product_id, ProductId::parse)?;
            let name = row.product_name.0.unwrap_or_else(|| id.to_string());
            products.push(Product { id, name, description: directory.directory_name.0.clone(), acronym: None });
        }
    }
    Ok(distinct(products, |product| product.id.clone()))
}

/// ListCategories: the problem types of `product`. The answer for a product without any may have no `Data`.
pub fn problem_types(answer: &VendorAnswer, product: &ProductId) -> Result<Vec<ProblemType>> {
    let categories: Vec<Category> = successful(answer)?.data.unwrap_or_default();
    let types = categories.into_iter().map(|row| {
        let id = answer.row_id(row.category_id, ProblemTypeId::parse)?;
        let name = row.category_name.0.unwrap_or_else(|| id.to_string());
        Ok(ProblemType { id, name, product_id: product.clone(), case_kind: CaseKind::General })
    });
    Ok(distinct(types.collect::<Result<Vec<_>>>()?, |kind| kind.id.clone()))
}

/// CreateTicket: the new ticket's id.
pub fn created(answer: &VendorAnswer) -> Result<CloudId> {
    CloudId::parse(new_id(answer)?).map_err(|_| answer.bad("Data is no ticket id"))
}

/// `Data` as an id: a number, or text that is not blank. The one of ReplyTicket is the message's `DialogId` in
/// ListTicketNotes.
pub fn new_id(answer: &VendorAnswer) -> Result<String> {
    let text = match required(answer)? {
        Value::String(id) => Text(Some(id)).non_blank(),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    };
    text.ok_or_else(|| answer.bad("Data is no id"))
}

/// GetTicket: the ticket's status.
pub fn ticket_status(answer: &VendorAnswer) -> Result<VendorStatus> {
    let ticket: TicketData = required(answer)?;
    ticket.status.value.0.map(status).ok_or_else(|| answer.bad("no Status.Value"))
}

/// GetTicket: the fields of `ticket`. It has no product and no region; the category is the problem type.
pub fn vendor_ticket(answer: &VendorAnswer, ticket: &CloudId) -> Result<VendorTicket> {
    let data: TicketData = required(answer)?;
    Ok(VendorTicket {
        cloud_id: ticket.clone(),
        name: data.title.non_blank(),
        text: data.description.0.ok_or_else(|| answer.bad("no Description"))?,
        create_time: data.create_time.0,
        status: status(data.status.value.0.unwrap_or_default()),
        product_id: None,
        problem_type_id: data.category_id.non_blank().and_then(|id| ProblemTypeId::parse(id).ok()),
        region_id: None,
        severity: match data.severity.value.0.as_deref() {
            Some("1") => Some(Severity::Normal),
            Some("2") => Some(Severity::Urgent),
            _ => None,
        },
    })
}

/// ListTickets: one page; `page` counts from 0.
pub fn tickets(answer: &VendorAnswer, page: u32, page_size: u32) -> Result<TicketPage> {
    let list: AlibabaAnswer<Vec<Row<TicketData>>> = successful(answer)?;
    let rows = answer.rows(list.data, list.total_count, "no Data")?;
    // The server may have smaller pages than the request asks for; then it counts pages of its own size.
    let requested = i64::from(page_size);
    let size = list.page_size.0.filter(|size| (1..requested).contains(size)).unwrap_or(requested);
    let before = i64::from(page) * size;
    let has_next = pager::has_next(before, rows.len(), list.total_count.0).map_err(|reason| answer.bad(reason))?;
    let count = rows.len();
    let tickets: Vec<_> = rows.into_iter().filter_map(Row::read).filter_map(listed).collect();
    let unreadable = answer.unreadable_rows(count - tickets.len())?;
    Ok(TicketPage { tickets, unreadable, next: has_next.then_some(page + 1) })
}

/// A row of a list; `None` without a usable id.
fn listed(row: TicketData) -> Option<ListedTicket> {
    Some(ListedTicket {
        cloud_id: CloudId::parse(row.ticket_id.non_blank()?).ok()?,
        status: status(row.status.value.0.unwrap_or_default()),
        create_time: row.create_time.0,
    })
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

/// ListTicketNotes: every note once, sorted by time and id, as their order is not documented. A note that can't be read
/// is kept as a message of unknown origin.
///
/// `Data` is required: only an empty list is an empty conversation.
pub fn messages(answer: &VendorAnswer) -> Result<Vec<Message>> {
    let notes: Vec<Row<Note>> = required(answer)?;
    let mut messages = conversation::read_rows(notes, message);
    add_missing_ids(&mut messages);
    let mut messages = conversation::dated(messages);
    // Dialog ids are numbers: 9 is before 10.
    messages.sort_by_cached_key(|message| {
        let number: u64 = message.message_id.parse().unwrap_or(u64::MAX);
        (message.create_time, number, message.message_id.clone())
    });
    Ok(conversation::distinct(messages))
}

/// Gives every message without an id one made of its fields and of its position among equal messages, so that the id is
/// the same in every reading.
fn add_missing_ids(messages: &mut [TimedMessage]) {
    let mut equals: HashMap<(i64, u8, String), u32> = HashMap::new();
    for (message, time) in messages {
        if !message.message_id.is_empty() {
            continue;
        }
        let (time, role) = (time.unwrap_or_default(), u8::from(message.message_type));
        let ordinal = equals.entry((time, role, message.content.clone())).or_default();
        message.message_id =
            lenient::synthetic_id(&[&time.to_string(), &role.to_string(), &message.content, &ordinal.to_string()]);
        *ordinal += 1;
    }
}

/// A note as a message; its id is empty where the note has none.
fn message(note: Note) -> TimedMessage {
    let schema = note.dialog.schema.and_then(|schema| match schema {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    });
    let content = match note.kind.0 {
        Some(2) => note.dialog.content.0,
        // The text of a card if it has one, else the card itself.
        _ => note.dialog.content.non_blank().or_else(|| Text(schema).non_blank()),
    }
    .unwrap_or_default();
    let (message_type, writer_known) = match note.user.role.0 {
        Some(3) => (MessageType::Customer, true),
        Some(2) => (MessageType::Support, true),
        // Undocumented, perhaps the system.
        _ => (MessageType::Support, false),
    };
    let (attachments, unreadable_attachments) = files(note.attachments);
    let message = Message {
        message_id: note.dialog_id.non_blank().unwrap_or_default(),
        message_type,
        replier: None,
        replier_name: note.user.name.0,
        content,
        create_time: 0,
        origin_known: writer_known,
        time_known: true,
        attachments,
        unreadable_attachments,
    };
    (message, note.create_time.0)
}

/// A note's files, and how many of its entries can't be read. The list may be JSON as text; null, a blank text and
/// `"null"` are no files.
fn files(attachments: Option<Value>) -> (Vec<Attachment>, u64) {
    let list = match attachments {
        None | Some(Value::Null) => return (Vec::new(), 0),
        Some(Value::String(text)) if matches!(text.trim(), "" | "null") => return (Vec::new(), 0),
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Some(value) => value,
    };
    let rows: Vec<Row<File>> = serde_json::from_value(list).unwrap_or_else(|_| vec![Row::Odd(Value::Null)]);
    let (mut files, mut unreadable) = (Vec::new(), 0);
    for row in rows {
        match row {
            Row::Read(File { name, url }) => {
                let url = url.0.filter(|url| is_web(url));
                files.push(Attachment { name: name.0.unwrap_or_default(), id: None, url });
            }
            Row::Odd(_) => unreadable += 1,
        }
    }
    metrics::UNREADABLE_ROWS.add([], unreadable);
    (files, unreadable)
}

/// Whether a link is one to a file on the web, and not, say, a script.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}
