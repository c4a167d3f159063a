//! Huawei's list of tickets and its filters.

use serde_json::{Value, json};

use super::cases::names;
use super::query::QueryParameters;
use super::{HuaweiFailure, HuaweiResult, HuaweiSettings, HuaweiSuccess, english};
use crate::row_defect::with_defect;
use crate::simulator::AuthorizedCall;
use crate::ticket::SimulatedTicket;
use crate::vendor_state::VendorState;
use crate::wire::{header, utc_text};

pub(super) fn list(state: &VendorState, settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let query = QueryParameters::of(call.request);
    let (offset, limit) = (query.number("offset", 0, 65_535)?, query.number("limit", 10, 100)?);
    let app_key = query.text("app_key", 64)?;
    let id = query.text("incident_id", 64)?;
    let number = |name, text: &str| text.trim().parse::<i64>().map_err(|_| HuaweiFailure::parameter(name));
    let status = query.text("status", 8)?.map(|text| number("status", text)).transpose()?;
    let statuses = query.text("incident_status", 32)?.unwrap_or_default().split(',').filter(|text| !text.is_empty());
    let statuses = statuses.map(|text| number("incident_status", text)).collect::<Result<Vec<_>, _>>()?;
    let search: Vec<_> = query.all("search_key").filter(|key| !key.is_empty()).collect();
    if search.len() > 32 {
        return Err(HuaweiFailure::parameter("search_key"));
    }
    let time = |name| {
        query
            .text(name, 32)?
            .map(|text| query_time(text, call).ok_or_else(|| HuaweiFailure::parameter(name)))
            .transpose()
    };
    let (start_ms, end_ms) = (time("query_start_time")?, time("query_end_time")?);
    let listed_status = |ticket: &SimulatedTicket| state.listed_status(ticket, call.now_ms);
    let matching: Vec<_> = state
        .persisted
        .tickets
        .iter()
        .rev()
        .filter(|ticket| ticket.is_listed(call.account, call.now_ms) && ticket.status != 13)
        .filter(|ticket| app_key.is_none_or(|key| ticket.id.contains(key) || ticket.matches(key, call.now_ms)))
        .filter(|ticket| search.is_empty() || search.iter().any(|key| ticket.matches(key, call.now_ms)))
        .filter(|ticket| id.is_none_or(|id| ticket.id == id))
        .filter(|ticket| status.is_none_or(|status| listed_status(ticket) == status))
        .filter(|ticket| statuses.is_empty() || statuses.contains(&listed_status(ticket)))
        .filter(|ticket| start_ms.is_none_or(|start| ticket.created_at_ms >= start))
        .filter(|ticket| end_ms.is_none_or(|end| ticket.created_at_ms <= end))
        .collect();
    let english = english(call.request);
    let page: Vec<_> =
        matching.iter().skip(offset).take(limit).map(|ticket| row(state, ticket, call.now_ms, english)).collect();
    let total = if settings.total_as_count { "count" } else { "total_count" };
    Ok(HuaweiSuccess::Body(json!({ total: matching.len(), "incident_info_list": page })))
}

fn row(state: &VendorState, ticket: &SimulatedTicket, now_ms: i64, english: bool) -> Value {
    let (problem_type, product, region) = names(state, ticket, english);
    let row = json!({
        "incident_id": ticket.id,
        "status": state.listed_status(ticket, now_ms),
        "business_type_name": problem_type,
        "incident_type_name": if english { "Technical" } else { "技术类" },
        "product_category_name": product,
        "customer_id": ticket.account,
        "xcustomer_id": ticket.account,
        "xcustomer_name": "customer",
        "dc_name": region,
        "simple_description": ticket.description,
        "create_time": utc_text(ticket.created_at_ms),
        "label_list": [],
    });
    with_defect(row, ticket.defect, "incident_id", "create_time")
}

/// A time in a query: with `Z` it is UTC, without a zone it is in the caller's time zone.
fn query_time(text: &str, call: &AuthorizedCall<'_>) -> Option<i64> {
    let text = text.replace(' ', "T");
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.as_millisecond());
    }
    let zone = header(call.request, "x-time-zone").unwrap_or("GMT+8");
    let hours = zone.strip_prefix("GMT").or_else(|| zone.strip_prefix("UTC"))?;
    let hours: i64 = if hours.is_empty() { 0 } else { hours.split(':').next()?.parse().ok()? };
    let time: jiff::Timestamp = format!("{text}Z").parse().ok()?;
    Some(time.as_millisecond() - hours * 3_600_000)
}
