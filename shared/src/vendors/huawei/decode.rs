//! From an answer to domain values. Pure. A success without its required fields is a bad answer.

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
    vendors::{ListedTicket, Phase, VendorStatus, VendorTicket, call::VendorOperation, failure, lenient, pager},
};

fn answer<T: DeserializeOwned>(operation: &VendorOperation, response: &Response<Bytes>) -> Result<T> {
    check(operation, response)?;
    lenient::json(response).map_err(|reason| failure::bad_answer(operation, response, &reason))
}

/// The rows of a list. A missing list is an empty one only when the total is 0: an incomplete answer must not mean an
/// empty catalog or "no such ticket".
fn rows<T>(
    operation: &VendorOperation,
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
pub fn product_tree(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Vec<Product>> {
    let tree: Categories = answer(operation, response)?;
    let groups = rows(operation, response, tree.incident_sub_type_list, tree.total_count)?;
    let rows = groups.into_iter().flat_map(|group| group.incident_product_category_list);
    distinct_products(operation, response, rows)
}

/// ListProductCategories: every product once.
pub fn product_list(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Vec<Product>> {
    let list: ProductCategories = answer(operation, response)?;
    let all = rows(operation, response, list.incident_product_category_list, list.total_count)?;
    distinct_products(operation, response, all.into_iter())
}

fn distinct_products(
    operation: &VendorOperation,
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
    operation: &VendorOperation,
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
pub fn regions(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Vec<Region>> {
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

/// CreateCases: the new ticket's id. Status 200 without an id is a bad answer (the official SDK accepts it).
pub fn created(operation: &VendorOperation, response: &Response<Bytes>) -> Result<CloudId> {
    // The id comes first: with an id in the answer a ticket exists, whatever else the answer holds.
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

pub fn ticket_status(operation: &VendorOperation, response: &Response<Bytes>) -> Result<VendorStatus> {
    let answer: Status = answer(operation, response)?;
    answer.status.map(status).ok_or_else(|| failure::bad_answer(operation, response, "no status"))
}

/// The phase of a status (<https://support.huaweicloud.com/api-ticket/ShowCaseStatus.html>).
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
    /// The tickets that are not certainly too old, each with its description.
    pub tickets: Vec<(ListedTicket, Option<String>)>,
    /// The offset of the next page, if there may be one.
    pub next: Option<u32>,
}

/// ListCases from `offset`. Tickets that are certainly older than `since_ms` are left out here: the vendor's own time
/// filter has no documented format.
pub fn cases(
    operation: &VendorOperation,
    response: &Response<Bytes>,
    offset: u32,
    page_size: u32,
    since_ms: i64,
) -> Result<CasePage> {
    let list: Cases = answer(operation, response)?;
    let total = list.total_count.or(list.count);
    let all = rows(operation, response, list.incident_info_list, total)?;
    // After a full page the total is not enough to end the list.
    let total = total.filter(|_| all.len() < page_size as usize);
    let next = pager::next_offset(offset, all.len(), total)
        .map_err(|reason| failure::bad_answer(operation, response, reason))?;
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
    Ok(CasePage { tickets: tickets.collect::<Result<_>>()?, next })
}

pub fn detail(operation: &VendorOperation, response: &Response<Bytes>) -> Result<DetailInfo> {
    let detail: Detail = answer(operation, response)?;
    detail.incident_detail_info.ok_or_else(|| failure::bad_answer(operation, response, "no incident_detail_info"))
}

/// ShowCaseDetail: the fields of `ticket`. Product, problem type, region and severity come as names in the request's
/// language and without ids, so they are left out; there is no title.
///
/// The text is required: without it the ticket may or may not have a marker.
pub fn vendor_ticket(
    operation: &VendorOperation,
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

pub fn messages(operation: &VendorOperation, response: &Response<Bytes>) -> Result<Messages> {
    let list: Messages = answer(operation, response)?;
    if list.count.is_none() && list.message_list.is_none() {
        return Err(failure::bad_answer(operation, response, "neither count nor list"));
    }
    Ok(list)
}
