//! Alibaba's ticket actions.

use serde_json::{Value, json};

use super::messages::{dialog_id, ticket_messages};
use super::params::{CallParams, invalid, number};
use super::uploads::{named, upload_url};
use super::{AlibabaFailure, AlibabaRules, AlibabaSettings, AlibabaSuccess, CloseClosed, link_secret};
use crate::files::Links;
use crate::row_defect::with_defect;
use crate::simulator::{AuthorizedCall, VendorRules};
use crate::ticket::{MessageAuthor, SimulatedRating, SimulatedTicket};
use crate::vendor_state::VendorState;

/// The status of a closed ticket.
pub(super) const CLOSED: i64 = 6;
/// The status of one that was closed and is opened again.
pub(super) const REOPENED: i64 = 1;

/// Status codes from 1, their names and labels.
const STATUSES: [(&str, &str); 6] = [
    ("assigned", "待响应"),
    ("dealing", "处理中"),
    ("wait_feedback", "待反馈"),
    ("feedback", "已反馈"),
    ("wait_confirm", "待确认"),
    ("confirmed", "已完成"),
];

pub(super) fn perform(
    state: &mut VendorState,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let params = CallParams::of(call.request);
    match call.operation {
        "CreateTicket" => create(state, settings, call, &params),
        "GetTicket" => get(own(state, call, params.required("TicketId")?)?, settings, call),
        "ListTicketNotes" => {
            let ticket = own(state, call, params.required_query("TicketId")?)?;
            let valid_seconds = settings.link_seconds;
            let links = Links { secret: link_secret(state), now_ms: call.now_ms, valid_seconds };
            Ok(ticket_messages(ticket, call, &links))
        }
        "CloseTicket" => close(state, settings, call, params.required("TicketId")?),
        "ListTickets" => list(state, settings, call, &params),
        "GetAttachmentUploadUrl" => upload_url(state, settings, call, &params),
        "ReplyTicket" => reply(state, call, &params),
        "EvaluateTicket" => rate(state, call, &params),
        _ => reopen(state, call, &params),
    }
}

fn refused(message: &str) -> AlibabaFailure {
    AlibabaFailure::Business { code: -101, message: message.to_owned() }
}

/// The ticket, when it is the caller's.
fn own<'a>(state: &'a VendorState, call: &AuthorizedCall<'_>, id: &str) -> Result<&'a SimulatedTicket, AlibabaFailure> {
    let ticket = state.ticket(id).ok_or_else(|| AlibabaFailure::illegal("ticket does not exist"))?;
    if ticket.account == call.account {
        Ok(ticket)
    } else {
        Err(AlibabaFailure::gateway(401, "illegal.auth", "no authority on this ticket"))
    }
}

fn create(
    state: &mut VendorState,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let description = params.required("Description")?;
    let severity = number(params.required("Severity")?, "Severity", 0..=1000)?;
    let category = params.required("CategoryId")?;
    let (product, _) =
        state.catalog().problem_type(category).ok_or_else(|| AlibabaFailure::illegal("category does not exist"))?;
    if !matches!(severity, 1 | 2) {
        return Err(AlibabaFailure::illegal("severity must be 1 or 2"));
    }
    let product = Some(product.id.clone());
    let files = named(state, call, params.form("FileNameList"))?;
    let secret_info = params.secret_info()?;
    let id = ticket_id(state.ticket_count());
    let ticket = SimulatedTicket {
        id: id.clone(),
        account: call.account.to_owned(),
        created_at_ms: call.now_ms,
        visible_at_ms: call.now_ms,
        status: 1,
        title: params.form("Title").unwrap_or_default().to_owned(),
        description: description.to_owned(),
        sent: None,
        product,
        problem_type: category.to_owned(),
        region: None,
        severity: Some(severity.to_string()),
        email: params.form("Email").filter(|email| !email.is_empty()).map(str::to_owned),
        secret_info,
        details: Value::Null,
        closed_at_ms: None,
        urged_at_ms: None,
        ratings: Vec::new(),
        deleted: false,
        searchable_at_ms: 0,
        defect: None,
        files,
        messages: Vec::new(),
    };
    state.open(ticket, call.operation, call.now_ms);
    if settings.description_as_note {
        state.add_message(&id, MessageAuthor::Customer, "customer", description, call.now_ms);
        state.begin_with(&id);
    }
    Ok(AlibabaSuccess::data(0, json!(id)))
}

/// Ten characters with leading zeros, never the same twice.
pub(crate) fn ticket_id(count: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKLMNPQRSTUVWX";
    let mut number = 5_555_555 + count * 7919;
    let mut text = [b'0'; 10];
    for place in text.iter_mut().rev() {
        *place = DIGITS[usize::try_from(number % 32).unwrap_or_default()];
        number /= 32;
    }
    String::from_utf8_lossy(&text).into_owned()
}

fn status(code: i64, settings: &AlibabaSettings) -> Value {
    let known = usize::try_from(code - 1).ok().and_then(|at| STATUSES.get(at));
    let (name, label) = known.copied().unwrap_or(("unknown", "未知"));
    let value = if settings.status_names { name.to_owned() } else { code.to_string() };
    json!({ "Label": label, "Value": value })
}

fn get(
    ticket: &SimulatedTicket,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let severity = ticket.severity.as_deref().unwrap_or("1");
    let label = if severity == "2" { "紧急问题" } else { "一般问题" };
    let data = json!({
        "TicketId": ticket.id,
        "Title": ticket.title,
        "Description": ticket.description,
        "CreateTime": ticket.created_at_ms,
        "CreatorId": call.account,
        "CreatorName": "customer",
        "CategoryId": ticket.problem_type,
        "Status": status(ticket.status, settings),
        "Severity": { "Label": label, "Value": severity },
    });
    // Page fields without meaning, as the vendor sends them.
    let success = AlibabaSuccess::data(0, data).with("PageNumber", json!(1)).with("PageSize", json!(10));
    Ok(success.with("TotalCount", json!(108)).with("AccessDeniedDetail", json!("")))
}

fn close(
    state: &mut VendorState,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
    id: &str,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    if own(state, call, id)?.status == CLOSED && settings.close_closed == CloseClosed::Refuse {
        return Err(refused("工单已关闭"));
    }
    if let Some(ticket) = state.ticket_mut(id) {
        ticket.status = CLOSED;
        ticket.closed_at_ms.get_or_insert(call.now_ms);
    }
    Ok(AlibabaSuccess::done(200).with("AccessDeniedDetail", json!("")))
}

fn reply(
    state: &mut VendorState,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let (id, content) = (params.required("TicketId")?, params.required("Content")?);
    // The Python SDK writes `True` and `False`, the others lower case.
    if !matches!(params.required("Encrypt")?.to_lowercase().as_str(), "true" | "false") {
        return Err(invalid("Encrypt"));
    }
    if own(state, call, id)?.status == CLOSED {
        return Err(refused("工单已关闭，无法回复"));
    }
    let files = named(state, call, params.query("FileNameList"))?;
    let message = state.add_message(id, MessageAuthor::Customer, "customer", content, call.now_ms).unwrap_or_default();
    state.attach(id, files);
    if let Some(ticket) = state.ticket_mut(id) {
        ticket.status = AlibabaRules::status_after_customer(ticket.status);
    }
    state.after_customer_message(id, call.operation, call.now_ms);
    Ok(AlibabaSuccess::data(0, json!(dialog_id(message).to_string())))
}

fn reopen(
    state: &mut VendorState,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let (id, content) = (params.required("TicketId")?, params.required("Content")?);
    if own(state, call, id)?.status != CLOSED {
        return Err(refused("工单未关闭"));
    }
    state.add_message(id, MessageAuthor::Customer, "customer", content, call.now_ms);
    if let Some(ticket) = state.ticket_mut(id) {
        ticket.status = REOPENED;
        ticket.closed_at_ms = None;
    }
    state.after_customer_message(id, call.operation, call.now_ms);
    Ok(AlibabaSuccess::data(0, json!(id)))
}

fn rate(
    state: &mut VendorState,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let id = params.required("TicketId")?;
    // The Python SDK writes `True` and `False`, the others lower case.
    let solved = match params.required("Solved")?.to_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => return Err(invalid("Solved")),
    };
    let score = number(params.required("Score")?, "Score", 1..=5)?;
    if own(state, call, id)?.status != CLOSED {
        return Err(refused("工单未关闭"));
    }
    let comment = params.form("Content").unwrap_or_default().to_owned();
    if let Some(ticket) = state.ticket_mut(id) {
        ticket.ratings.push(SimulatedRating { solved: Some(solved), scores: vec![score], comment });
    }
    Ok(AlibabaSuccess::done(200))
}

fn list(
    state: &VendorState,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let page = number(params.required_query("PageNumber")?, "PageNumber", 1..=9_999_999)?;
    let size = number(params.required_query("PageSize")?, "PageSize", 10..=100)?;
    let time = |name| {
        params.form(name).filter(|text| !text.is_empty()).map(|text| number(text, name, 0..=i64::MAX)).transpose()
    };
    let (start_ms, end_ms) = (time("StartDate")?, time("EndDate")?);
    let statuses = params.repeated("StatusList");
    if statuses.len() > 11 {
        return Err(invalid("StatusList"));
    }
    let statuses = statuses.into_iter().map(status_code).collect::<Result<Vec<_>, _>>()?;
    let keyword = params.form("Keyword").unwrap_or_default();
    let id = params.form("TicketId").filter(|id| !id.is_empty());
    let ids: Option<Vec<_>> =
        params.form("TicketIdList").filter(|ids| !ids.is_empty()).map(|ids| ids.split(',').collect());
    let found: Vec<_> = state
        .persisted
        .tickets
        .iter()
        .rev()
        .filter(|ticket| ticket.is_listed(call.account, call.now_ms))
        .filter(|ticket| start_ms.is_none_or(|start| ticket.created_at_ms >= start))
        .filter(|ticket| end_ms.is_none_or(|end| ticket.created_at_ms <= end))
        .filter(|ticket| statuses.is_empty() || statuses.contains(&state.listed_status(ticket, call.now_ms)))
        .filter(|ticket| ticket.matches(keyword, call.now_ms))
        .filter(|ticket| id.is_none_or(|id| ticket.id == id))
        .filter(|ticket| ids.as_ref().is_none_or(|ids| ids.contains(&ticket.id.as_str())))
        .collect();
    let skip = usize::try_from((page - 1) * size).unwrap_or(usize::MAX);
    let data: Vec<_> = found
        .iter()
        .skip(skip)
        .take(usize::try_from(size).unwrap_or_default())
        .map(|ticket| {
            let status = status(state.listed_status(ticket, call.now_ms), settings);
            let row = json!({ "TicketId": ticket.id, "Title": ticket.title, "Status": status });
            with_defect(row, ticket.defect, "TicketId", "CreateTime")
        })
        .collect();
    let success = AlibabaSuccess::data(0, json!(data)).with("PageNumber", json!(page)).with("PageSize", json!(size));
    Ok(success.with("TotalCount", json!(found.len())).with("AccessDeniedDetail", json!("")))
}

/// A status given by number or name, with `-` or `_`.
fn status_code(text: &str) -> Result<i64, AlibabaFailure> {
    let name = text.replace('-', "_");
    let by_name = (1_i64..).zip(STATUSES).find(|(_, (known, _))| *known == name).map(|(code, _)| code);
    by_name.or_else(|| text.parse().ok()).ok_or_else(|| invalid("StatusList"))
}
