//! From an answer to domain values. Pure. A success without its required fields is a bad answer.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    conversation::message,
    error::check,
    model::{
        AuthDomains, BusinessTypes, CaseInfo, Cases, Categories, Created, Detail, DetailMessages, DetailRating,
        Dimension, Dimensions, ListedMessages, NewInstantMessages, NewMessagesOfCase, ProductCategories,
        ProductCategory, Regions, Status,
    },
    time::{self, Time},
};
use crate::{
    digest::sha256_hex,
    domain::{CaseKind, CloudId, CustomerId, ProblemType, ProblemTypeId, Product, ProductId, Rating, Region, RegionId},
    error::Result,
    vendors::{
        ListedTicket, NewMessages, Phase, VendorStatus, VendorTicket,
        answer::{VendorAnswer, distinct},
        conversation::{self, Messages, Order},
        lenient::{self, Integer, Row, Text},
        pager,
        text::same_text,
    },
};

fn successful<T: DeserializeOwned>(answer: &VendorAnswer) -> Result<T> {
    check(answer)?;
    answer.json()
}

/// KeystoneListAuthDomains: the customer. A list with more or fewer entries is not documented and proves nothing.
pub fn customer(answer: &VendorAnswer) -> Result<CustomerId> {
    let list: AuthDomains = successful(answer)?;
    match <[_; 1]>::try_from(list.domains) {
        Ok([domain]) => answer.customer_id(domain.id),
        Err(_) => Err(answer.bad("not exactly one domain")),
    }
}

/// ListCaseCategories: every product once, whichever groups hold it.
pub fn product_tree(answer: &VendorAnswer) -> Result<Vec<Product>> {
    let tree: Categories = successful(answer)?;
    let groups = answer.rows(tree.incident_sub_type_list, tree.total_count, "no list")?;
    products(answer, groups.into_iter().flat_map(|group| group.incident_product_category_list))
}

/// ListProductCategories: every product once.
pub fn product_list(answer: &VendorAnswer) -> Result<Vec<Product>> {
    let list: ProductCategories = successful(answer)?;
    products(answer, answer.rows(list.incident_product_category_list, list.total_count, "no list")?)
}

fn products(answer: &VendorAnswer, rows: impl IntoIterator<Item = ProductCategory>) -> Result<Vec<Product>> {
    let some = |text: Text| text.0.filter(|text| !text.is_empty());
    let products = rows.into_iter().map(|row| {
        let id = answer.row_id(row.id, ProductId::parse)?;
        let name = some(row.name).unwrap_or_else(|| id.to_string());
        Ok(Product { id, name, description: some(row.description), acronym: some(row.acronym) })
    });
    Ok(distinct(products.collect::<Result<Vec<_>>>()?, |product| product.id.clone()))
}

/// ListProblemTypes: every problem type of `product` once.
pub fn problem_types(answer: &VendorAnswer, product: &ProductId) -> Result<Vec<ProblemType>> {
    let list: BusinessTypes = successful(answer)?;
    let rows = answer.rows(list.incident_business_type_list, list.total_count, "no list")?;
    let types = rows.into_iter().map(|row| {
        let id = answer.row_id(row.business_type_id, ProblemTypeId::parse)?;
        let name = row.business_type_name.0.unwrap_or_else(|| id.to_string());
        let case_kind = match row.case_type.0.as_deref() {
            Some("0") => CaseKind::Consulting,
            Some("5") => CaseKind::Fault,
            _ => CaseKind::General,
        };
        Ok(ProblemType { id, name, product_id: product.clone(), case_kind })
    });
    Ok(distinct(types.collect::<Result<Vec<_>>>()?, |kind| kind.id.clone()))
}

/// ListRegions: every region once.
pub fn regions(answer: &VendorAnswer) -> Result<Vec<Region>> {
    let list: Regions = successful(answer)?;
    let rows = answer.rows(list.data_center_list, list.total_count, "no list")?;
    let regions = rows.into_iter().map(|row| {
        let id = answer.row_id(row.region_id, RegionId::parse)?;
        Ok(Region { name: row.region_name.0.unwrap_or_else(|| id.to_string()), id })
    });
    Ok(distinct(regions.collect::<Result<Vec<_>>>()?, |region| region.id.clone()))
}

/// ListSatisfactionDimensions: the id and the name of each dimension.
pub fn dimensions(answer: &VendorAnswer) -> Result<Vec<(i64, Option<String>)>> {
    let list: Dimensions = successful(answer)?;
    let rows = answer.rows(list.satisfaction_dimension_list, list.total_count, "no list")?;
    let dimension = |row: Dimension| {
        let id = row.satisfaction_id.0.ok_or_else(|| answer.bad("a dimension without an id"))?;
        Ok((id, row.satisfaction_name.non_blank()))
    };
    rows.into_iter().map(dimension).collect()
}

/// CreateCases: the new ticket's id. Status 200 without an id is a bad answer (the official SDK accepts it).
pub fn created(answer: &VendorAnswer) -> Result<CloudId> {
    // The id comes first: with an id in the answer a ticket exists, whatever else the answer holds.
    let id = lenient::json::<Created>(&answer.response)
        .ok()
        .filter(|_| answer.response.status().is_success())
        .and_then(|created| created.incident_id.non_blank())
        .and_then(|id| CloudId::parse(id).ok());
    match id {
        Some(id) => Ok(id),
        None => check(answer).and_then(|()| Err(answer.bad("no incident_id"))),
    }
}

pub fn ticket_status(answer: &VendorAnswer) -> Result<VendorStatus> {
    let ticket: Status = successful(answer)?;
    ticket.status.0.map(status).ok_or_else(|| answer.bad("no status"))
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
    /// How many rows can't be read.
    pub unreadable: usize,
    /// The offset of the next page, if there may be one.
    pub next: Option<u32>,
}

/// ListCases from `offset`. Tickets that are certainly older than `since_ms` are left out here: the vendor's own time
/// filter has no documented format.
pub fn cases(answer: &VendorAnswer, offset: u32, page_size: u32, since_ms: i64) -> Result<CasePage> {
    let list: Cases = successful(answer)?;
    let total = list.total_count.0.or(list.count.0);
    let all = answer.rows(list.incident_info_list, Integer(total), "no list")?;
    // After a full page the total is not enough to end the list.
    let total = total.filter(|_| all.len() < page_size as usize);
    let next = pager::next_offset(offset, all.len(), total).map_err(|reason| answer.bad(reason))?;
    // A row that the total counts and no page shows may be any ticket.
    let not_shown = usize::from(pager::is_one_short(offset.into(), all.len(), total));
    let is_recent = |row: &Row<CaseInfo>| !row_time(row).is_some_and(|time| time.is_before(since_ms));
    let recent: Vec<_> = all.into_iter().filter(is_recent).collect();
    let count = recent.len();
    let tickets: Vec<_> = recent.into_iter().filter_map(Row::read).filter_map(listed).collect();
    let unreadable = answer.unreadable_rows(count - tickets.len())? + not_shown;
    Ok(CasePage { tickets, unreadable, next })
}

fn row_time(row: &Row<CaseInfo>) -> Option<Time> {
    let text = match row {
        Row::Read(row) => row.create_time.0.as_deref(),
        Row::Odd(row) => row.get("create_time").and_then(Value::as_str),
    };
    text.and_then(time::parse)
}

/// A row of a list with its text; `None` without a usable id.
fn listed(row: CaseInfo) -> Option<(ListedTicket, Option<String>)> {
    let ticket = ListedTicket {
        cloud_id: CloudId::parse(row.incident_id.non_blank()?).ok()?,
        status: status(row.status.0.unwrap_or_default()),
        create_time: row.create_time.0.as_deref().and_then(time::parse).map(|time| time.ms),
    };
    Some((ticket, row.simple_description.0))
}

/// ListNewInstantMessages: the tickets with new messages. A row that can't be read is left out: its ticket is copied at
/// its own time.
pub fn new_messages(answer: &VendorAnswer) -> Result<NewMessages> {
    let NewInstantMessages { immsg, last_message_time_id } = successful(answer)?;
    let tickets = immsg.unwrap_or_default().into_iter().filter_map(|row| {
        let NewMessagesOfCase { incident_id, message_list } = row.read()?;
        let id = CloudId::parse(incident_id.non_blank()?).ok()?;
        (!message_list.is_empty()).then(|| (id, sha256_hex(Value::from(message_list).to_string())))
    });
    Ok(NewMessages { tickets: tickets.collect(), mark: last_message_time_id.non_blank() })
}

/// ShowCaseDetail: the messages with their ids, and their number.
pub fn detail_messages(answer: &VendorAnswer) -> Result<(Messages, usize)> {
    check(answer)?;
    let rows = answer.raw_rows(|json| {
        let detail = serde_json::from_slice::<DetailMessages>(json)?.incident_detail_info;
        Ok(detail.map(|detail| detail.message_list.unwrap_or_default()))
    })?;
    let rows = rows.ok_or_else(|| answer.bad("no incident_detail_info"))?;
    Ok(conversation::messages(rows, Order::AsListed, message))
}

/// ShowCaseDetail: the fields of `ticket`. Product, problem type, region and severity come as names in the request's
/// language and without ids, so they are left out; there is no title.
///
/// The text is required: without it the ticket may or may not have a marker.
pub fn vendor_ticket(answer: &VendorAnswer, ticket: &CloudId) -> Result<VendorTicket> {
    let detail: Detail = successful(answer)?;
    let info = detail.incident_detail_info.ok_or_else(|| answer.bad("no incident_detail_info"))?;
    let create_time = info.create_time.0.as_deref().and_then(time::parse);
    Ok(VendorTicket {
        cloud_id: ticket.clone(),
        name: None,
        text: info.simple_description.0.ok_or_else(|| answer.bad("no simple_description"))?,
        create_time: create_time.map(|time| time.ms),
        latest_create_time: create_time.map(Time::latest_ms),
        status: status(info.status.0.unwrap_or_default()),
        product_id: None,
        problem_type_id: None,
        region_id: None,
        severity: None,
    })
}

/// ShowCaseDetail: whether it shows the rating as [`HuaweiClient::score`](super::HuaweiClient) sends it, each dimension
/// with its score. Rows in a form that is not known are none.
pub fn shows_rating(answer: &VendorAnswer, rating: &Rating) -> Result<bool> {
    let detail: DetailRating = successful(answer)?;
    let info = detail.incident_detail_info.ok_or_else(|| answer.bad("no incident_detail_info"))?;
    let rows = info.incident_satisfaction.and_then(|rows| rows.as_array().cloned()).unwrap_or_default();
    let score = |row: &Value| Integer::deserialize(&row["satisfaction_value"]).ok().and_then(|value| value.0);
    let has_score = |row: &Value| score(row) == Some(i64::from(rating.score));
    let comment = info.judgement.0.unwrap_or_default();
    let is_its = same_text(&comment, rating.comment.as_deref().unwrap_or_default());
    Ok(is_its && !rows.is_empty() && rows.iter().all(has_score))
}

pub fn messages(answer: &VendorAnswer) -> Result<ListedMessages> {
    let list: ListedMessages = successful(answer)?;
    if list.count().is_none() && list.message_list.is_none() {
        return Err(answer.bad("neither count nor list"));
    }
    Ok(list)
}
