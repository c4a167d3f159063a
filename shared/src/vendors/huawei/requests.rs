//! The unsigned requests, named after the vendor's operations. Pure.

use bytes::Bytes;
use http::{Method, Request, header, request::Builder};
use serde::Serialize;

use super::{
    SOURCE_ID,
    model::{NewCase, NewMessage, NewMessageContent},
    time::TIME_ZONE,
};
use crate::{
    domain::{CloudId, NewTicket, ProductId, Site, Vendor},
    error::Result,
    vendors::{Access, call, encoding, endpoint},
};

/// The largest page of ListCases and ListMessages.
pub const PAGE_SIZE: u32 = 100;
/// The largest offset of ListCases and ListMessages.
pub const MAX_OFFSET: u32 = 65_535;

const ROOT: &str = "/v2/servicerequest";

fn head(access: &Access, method: Method, path: &str, query: &[(&str, &str)]) -> Builder {
    let base = endpoint::base_url(Vendor::Huawei, access, "osm");
    let query = encoding::query(query.to_vec());
    let mark = if query.is_empty() { "" } else { "?" };
    let language = match access.site {
        Site::China => "zh-cn",
        Site::International => "en-us",
    };
    let head = Request::builder()
        .method(method)
        .uri(format!("{base}{ROOT}{path}{mark}{query}"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-language", language)
        .header("x-time-zone", TIME_ZONE);
    match &access.domain_id {
        Some(domain_id) => head.header("x-domain-id", domain_id),
        None => head,
    }
}

/// KeystoneListAuthDomains of IAM, by which the official SDK learns the domain of a key.
pub fn list_auth_domains(access: &Access) -> Result<Request<Bytes>> {
    let base = endpoint::base_url(Vendor::Huawei, access, "iam");
    let head = Request::get(format!("{base}/v3/auth/domains"));
    call::request(head.header(header::CONTENT_TYPE, "application/json;charset=utf8"), Bytes::new())
}

fn get(access: &Access, path: &str, query: &[(&str, &str)]) -> Result<Request<Bytes>> {
    call::request(head(access, Method::GET, path, query), Bytes::new())
}

fn post(access: &Access, path: &str, query: &[(&str, &str)], body: &impl Serialize) -> Result<Request<Bytes>> {
    call::json_request(head(access, Method::POST, path, query), body)
}

pub fn list_case_categories(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/config/categories", &[])
}

pub fn list_product_categories(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/config/product-categories", &[])
}

pub fn list_problem_types(access: &Access, product: &ProductId) -> Result<Request<Bytes>> {
    get(access, "/config/problems", &[("product_category_id", product.as_str())])
}

pub fn list_regions(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/config/regions", &[])
}

/// CreateCases: title, text and marker as the description. Never an e-mail address (see the module's page).
pub fn create_case(access: &Access, ticket: &NewTicket) -> Result<Request<Bytes>> {
    let body = NewCase {
        product_category_id: ticket.product_id.as_str(),
        business_type_id: ticket.problem_type_id.as_str(),
        region_id: ticket.region_id.as_ref().map(|id| id.as_str()),
        simple_description: &ticket.text_with_name(),
        source_id: ticket.source_id.as_ref().map_or(SOURCE_ID, |id| id.as_str()),
    };
    post(access, "/cases", &[], &body)
}

/// ShowCaseDetail, with messages as they were written.
pub fn show_case_detail(access: &Access, ticket: &CloudId) -> Result<Request<Bytes>> {
    get(access, &format!("/cases/{ticket}"), &[("trim_osm_rich_text_label", "false")])
}

pub fn show_case_status(access: &Access, ticket: &CloudId) -> Result<Request<Bytes>> {
    get(access, &format!("/cases/{ticket}/status"), &[])
}

/// ListCases; `app_key` matches id or description. No time range is sent: its format is not documented for v2.
pub fn list_cases(access: &Access, app_key: Option<&str>, offset: u32) -> Result<Request<Bytes>> {
    let (offset, limit) = (offset.to_string(), PAGE_SIZE.to_string());
    let mut query = vec![("offset", offset.as_str()), ("limit", limit.as_str())];
    if let Some(app_key) = app_key {
        query.push(("app_key", app_key));
    }
    get(access, "/cases", &query)
}

/// ListMessages, with messages as they were written.
pub fn list_messages(access: &Access, ticket: &CloudId, offset: u32, limit: u32) -> Result<Request<Bytes>> {
    let (offset, limit) = (offset.to_string(), limit.to_string());
    get(
        access,
        &format!("/cases/{ticket}/messages"),
        &[("offset", &offset), ("limit", &limit), ("trim_osm_rich_text_label", "false")],
    )
}

/// ListNewInstantMessages: the messages of these tickets after `mark`. The official SDK sends the ids as one value, with
/// commas.
pub fn list_new_instant_messages(access: &Access, tickets: &[CloudId], mark: Option<&str>) -> Result<Request<Bytes>> {
    let ids: Vec<_> = tickets.iter().map(CloudId::as_str).collect();
    let ids = ids.join(",");
    let mut query = vec![("case_ids", ids.as_str())];
    query.extend(mark.map(|mark| ("last_message_time_id", mark)));
    get(access, "/cases/instant-messages", &query)
}

/// CreateMessages; the path's last part is singular.
pub fn create_message(access: &Access, ticket: &CloudId, content: &str) -> Result<Request<Bytes>> {
    let body = NewMessage { message: NewMessageContent { content } };
    post(access, &format!("/cases/{ticket}/message"), &[], &body)
}

/// UpdateCases; the action is in the query.
pub fn update_case(access: &Access, ticket: &CloudId, action: &str) -> Result<Request<Bytes>> {
    post(access, &format!("/cases/{ticket}/action"), &[("action_id", action)], &serde_json::Map::new())
}
