//! From an answer to domain values. Pure; a success without what matters is not a success.

use std::collections::HashSet;

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use super::{
    error::check,
    model::{
        BusinessTypes, CaseInfo, Cases, Categories, Created, Detail, DetailInfo, Messages, ProductCategories,
        ProductCategory, Regions, Status,
    },
    time,
};
use crate::{
    domain::{CaseKind, CloudId, ProblemType, ProblemTypeId, Product, ProductId, Region, RegionId},
    error::Result,
    vendors::{ListedTicket, Phase, VendorStatus, VendorTicket, call::Operation, failure, lenient},
};

fn answer<T: DeserializeOwned>(operation: &Operation, response: &Response<Bytes>) -> Result<T> {
    check(operation, response)?;
    lenient::json(response).map_err(|reason| failure::bad_answer(operation, response, &reason))
}

/// The rows of a list. A missing list is an empty one only where the total is 0: nobody must take half an answer for
/// an empty catalog or for "no such ticket".
fn rows<T>(
    operation: &Operation,
    response: &Response<Bytes>,
    rows: Option<Vec<T>>,
    total: Option<i64>,
) -> Result<Vec<T>> {
    match rows {
        Some(rows) => Ok(rows),
        None if total == Some(0) => Ok(Vec::new()),
        None => Err(failure::bad_answer(operation, response, "no list")),
    }
}

/// ListCaseCategories: every product once, whichever groups hold it.
pub fn product_tree(operation: &Operation, response: &Response<Bytes>) -> Result<Vec<Product>> {
    let tree: Categories = answer(operation, response)?;
    let groups = rows(operation, response, tree.incident_sub_type_list, tree.total_count)?;
    let rows = groups.into_iter().flat_map(|group| group.incident_product_category_list);
    distinct_products(operation, response, rows)
}

/// ListProductCategories: every product once.
pub fn product_list(operation: &Operation, response: &Response<Bytes>) -> Result<Vec<Product>> {
    let list: ProductCategories = answer(operation, response)?;
    let all = rows(operation, response, list.incident_product_category_list, list.total_count)?;
    distinct_products(operation, response, all.into_iter())
}

fn distinct_products(
    operation: &Operation,
    response: &Response<Bytes>,
    rows: impl Iterator<Item = ProductCategory>,
) -> Result<Vec<Product>> {
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut seen = HashSet::new();
    let mut products = Vec::new();
    for row in rows {
        let id = failure::row_id(operation, response, row.id, ProductId::parse)?;
        if seen.insert(id.clone()) {
            products.push(Product {
                name: some(row.name).unwrap_or_else(|| id.to_string()),
                id,
                description: some(row.description),
                acronym: some(row.acronym),
            });
        }
    }
    Ok(products)
}

/// ListProblemTypes: every problem type of `product` once.
pub fn problem_types(
    operation: &Operation,
    response: &Response<Bytes>,
    product: &ProductId,
) -> Result<Vec<ProblemType>> {
    let list: BusinessTypes = answer(operation, response)?;
    let all = rows(operation, response, list.incident_business_type_list, list.total_count)?;
    let mut seen = HashSet::new();
    let mut problem_types = Vec::with_capacity(all.len());
    for row in all {
        let id = failure::row_id(operation, response, row.business_type_id, ProblemTypeId::parse)?;
        if seen.insert(id.clone()) {
            problem_types.push(ProblemType {
                name: row.business_type_name.unwrap_or_else(|| id.to_string()),
                id,
                product_id: product.clone(),
                case_kind: match row.case_type.as_deref() {
                    Some("0") => CaseKind::Consulting,
                    Some("5") => CaseKind::Fault,
                    _ => CaseKind::General,
                },
            });
        }
    }
    Ok(problem_types)
}

/// ListRegions: every region once.
pub fn regions(operation: &Operation, response: &Response<Bytes>) -> Result<Vec<Region>> {
    let list: Regions = answer(operation, response)?;
    let all = rows(operation, response, list.data_center_list, list.total_count)?;
    let mut seen = HashSet::new();
    let mut regions = Vec::with_capacity(all.len());
    for row in all {
        let id = failure::row_id(operation, response, row.region_id, RegionId::parse)?;
        if seen.insert(id.clone()) {
            regions.push(Region { name: row.region_name.unwrap_or_else(|| id.to_string()), id });
        }
    }
    Ok(regions)
}

/// CreateCases: the new ticket's id. Status 200 without it is no success (the official SDK returns an empty object).
pub fn created(operation: &Operation, response: &Response<Bytes>) -> Result<CloudId> {
    // The id first: beside it, whatever else stands there, a ticket exists.
    let id = lenient::json::<Created>(response)
        .ok()
        .filter(|_| response.status().is_success())
        .and_then(|created| lenient::non_blank(created.incident_id))
        .and_then(|id| CloudId::parse(id).ok());
    match id {
        Some(id) => Ok(id),
        None => {
            check(operation, response)?;
            Err(failure::bad_answer(operation, response, "no incident_id"))
        }
    }
}

/// ShowCaseStatus.
pub fn ticket_status(operation: &Operation, response: &Response<Bytes>) -> Result<VendorStatus> {
    let answer: Status = answer(operation, response)?;
    answer.status.map(status).ok_or_else(|| failure::bad_answer(operation, response, "no status"))
}

/// The status in our words (<https://support.huaweicloud.com/api-ticket/ShowCaseStatus.html>).
pub fn status(raw: String) -> VendorStatus {
    let phase = match raw.trim() {
        "0" => Phase::Waiting,
        "1" | "5" => Phase::Processing,
        "2" | "17" => Phase::AwaitingCustomer,
        "3" | "4" | "12" | "13" => Phase::Ended,
        _ => Phase::Other,
    };
    VendorStatus { phase, raw }
}

/// One page of ListCases.
pub struct CasePage {
    /// The tickets that can be older than the bound only by a reading of their time, with their description.
    pub tickets: Vec<(ListedTicket, Option<String>)>,
    /// How many rows the page had.
    pub rows: u32,
    /// Whether there may be another page.
    pub more: bool,
}

/// ListCases from `offset`. Tickets that are certainly older than `since_ms` are left out here: the vendor's own time
/// filter has no documented format.
pub fn cases(
    operation: &Operation,
    response: &Response<Bytes>,
    offset: u32,
    page_size: u32,
    since_ms: i64,
) -> Result<CasePage> {
    let list: Cases = answer(operation, response)?;
    let total = list.total_count.or(list.count);
    let all = rows(operation, response, list.incident_info_list, total)?;
    let rows = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let reached = i64::from(offset) + i64::from(rows);
    if rows == 0 && total.is_some_and(|total| total > reached) {
        return Err(failure::bad_answer(operation, response, "an empty page before the total"));
    }
    // Without a total only an empty page is the end: the server may have smaller pages than were asked for.
    let more = rows > 0 && (rows >= page_size || total.is_none_or(|total| total > reached));
    let is_recent = |row: &CaseInfo| {
        let time = row.create_time.as_deref().and_then(time::parse);
        !time.is_some_and(|time| time.is_before(since_ms))
    };
    let tickets = all.into_iter().filter(is_recent).map(|row| {
        let ticket = ListedTicket {
            cloud_id: failure::row_id(operation, response, row.incident_id, CloudId::parse)?,
            status: status(row.status.unwrap_or_default()),
        };
        Ok((ticket, row.simple_description))
    });
    Ok(CasePage { tickets: tickets.collect::<Result<_>>()?, rows, more })
}

/// ShowCaseDetail.
pub fn detail(operation: &Operation, response: &Response<Bytes>) -> Result<DetailInfo> {
    let detail: Detail = answer(operation, response)?;
    detail
        .incident_detail_info
        .ok_or_else(|| failure::bad_answer(operation, response, "no incident_detail_info"))
}

/// ShowCaseDetail: what it tells of `ticket`. Product, problem type, region and severity come as names in the
/// request's language and without ids, so they are left out; there is no title.
///
/// Without its text it is not an answer: whether the ticket bears a marker would be unknown.
pub fn shown_ticket(
    operation: &Operation,
    response: &Response<Bytes>,
    ticket: &CloudId,
) -> Result<VendorTicket> {
    let info = detail(operation, response)?;
    let missing = |reason| failure::bad_answer(operation, response, reason);
    Ok(VendorTicket {
        cloud_id: ticket.clone(),
        name: None,
        text: info.simple_description.ok_or_else(|| missing("no simple_description"))?,
        create_time: info.create_time.as_deref().and_then(time::parse).map(|time| time.ms),
        status: status(info.status.ok_or_else(|| missing("no status"))?),
        product_id: None,
        problem_type_id: None,
        region_id: None,
        severity: None,
    })
}

/// ListMessages.
pub fn messages(operation: &Operation, response: &Response<Bytes>) -> Result<Messages> {
    let list: Messages = answer(operation, response)?;
    if list.count.is_none() && list.message_list.is_none() {
        return Err(failure::bad_answer(operation, response, "neither count nor list"));
    }
    Ok(list)
}
