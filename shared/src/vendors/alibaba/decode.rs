//! From an answer to domain values. Pure, but for a metric. A success without its required fields is a bad answer.

use serde::de::DeserializeOwned;
use serde_json::{Value, value::RawValue};

use super::{
    error::check,
    model::{
        AlibabaAnswer, AttachmentUpload, CallerIdentity, Category, Directory, File, Note, TicketData, TicketRow,
        TicketStatus,
    },
};
use crate::{
    domain::{
        Attachment, CaseKind, CloudId, CustomerId, Message, MessageType, ProblemType, ProblemTypeId, Product,
        ProductId, Severity, VendorFileRef,
    },
    error::Result,
    vendors::{
        ListedTicket, Phase, TicketPage, VendorStatus, VendorTicket,
        answer::{VendorAnswer, distinct},
        conversation::{self, Messages, Order, TimedMessage},
        lenient::{Integer, Row, Text},
        pager, time,
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

/// GetAttachmentUploadUrl: the object key of a file, and the link to which it is put.
pub fn attachment_upload(answer: &VendorAnswer) -> Result<(VendorFileRef, String)> {
    let AttachmentUpload { object_key, put_signed_url } = required(answer)?;
    let key = object_key.non_blank().and_then(|key| VendorFileRef::parse(key).ok());
    let key = key.ok_or_else(|| answer.bad("no usable ObjectKey"))?;
    Ok((key, put_signed_url.non_blank().ok_or_else(|| answer.bad("no PutSignedUrl"))?))
}

/// GetTicket: the ticket's status.
pub fn ticket_status(answer: &VendorAnswer) -> Result<VendorStatus> {
    let ticket: TicketStatus = required(answer)?;
    ticket.status.value.0.map(status).ok_or_else(|| answer.bad("no Status.Value"))
}

/// GetTicket: the fields of `ticket`. It has no product and no region; the category is the problem type.
pub fn vendor_ticket(answer: &VendorAnswer, ticket: &CloudId) -> Result<VendorTicket> {
    let data: TicketData = required(answer)?;
    Ok(VendorTicket {
        cloud_id: ticket.clone(),
        name: data.title.non_blank(),
        text: data.description.0.ok_or_else(|| answer.bad("no Description"))?,
        create_time: time_ms(data.create_time),
        latest_create_time: time_ms(data.create_time).map(time::last_ms),
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
    let list: AlibabaAnswer<Vec<Row<TicketRow>>> = successful(answer)?;
    let rows = answer.rows(list.data, list.total_count, "no Data")?;
    // The server may have smaller pages than the request asks for; then it counts pages of its own size.
    let requested = i64::from(page_size);
    let size = list.page_size.0.filter(|size| (1..requested).contains(size)).unwrap_or(requested);
    let before = i64::from(page) * size;
    let count = rows.len();
    // After a full page the total is not enough to end the list: it may be too low by one.
    let total = list.total_count.0.filter(|_| i64::try_from(count).is_ok_and(|count| count < size));
    let has_next = pager::has_next(before, count, total).map_err(|reason| answer.bad(reason))?;
    let tickets: Vec<_> = rows.into_iter().filter_map(Row::read).filter_map(listed).collect();
    // A row that the total counts and no page shows may be any ticket.
    let not_shown = usize::from(pager::is_one_short(before, count, list.total_count.0));
    let unreadable = answer.unreadable_rows(count - tickets.len())? + not_shown;
    Ok(TicketPage { tickets, unreadable, next: has_next.then_some(page + 1) })
}

/// A row of a list; `None` without a usable id.
fn listed(row: TicketRow) -> Option<ListedTicket> {
    Some(ListedTicket {
        cloud_id: CloudId::parse(row.ticket_id.non_blank()?).ok()?,
        status: status(row.status.value.0.unwrap_or_default()),
        create_time: time_ms(row.create_time),
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

/// ListTicketNotes: the messages, and their number; sorted by time and id, as their order is not documented. A note
/// that can't be read is kept as a message of unknown origin.
///
/// `Data` is required: only an empty list is an empty conversation.
pub fn messages(answer: &VendorAnswer) -> Result<(Messages, usize)> {
    check(answer)?;
    let notes = answer.raw_rows(|json| Ok(serde_json::from_slice::<AlibabaAnswer<Vec<&RawValue>>>(json)?.data))?;
    let notes = notes.ok_or_else(|| answer.bad("no Data"))?;
    Ok(conversation::messages(notes, Order::ById, message))
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
    (message, time_ms(note.create_time))
}

/// A time as Unix milliseconds. They are documented as milliseconds, and older examples have seconds.
fn time_ms(time: Integer) -> Option<i64> {
    match time.0? {
        seconds @ 1_000_000_000..10_000_000_000 => Some(seconds * 1000),
        ms @ 1_000_000_000_000..10_000_000_000_000 => Some(ms),
        _ => None,
    }
}

/// A note's files, and how many of its entries can't be read.
fn files(attachments: Option<Value>) -> (Vec<Attachment>, u64) {
    let file = |File { name, url }| {
        let url = url.0.filter(|url| is_web(url));
        Attachment { name: name.0.unwrap_or_default(), id: None, url }
    };
    conversation::files(attachments, file)
}

/// Whether a link is one to a file on the web, and not, say, a script.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}
