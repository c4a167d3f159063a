//! The unsigned requests, named after the vendor's operations. Pure.

use bytes::Bytes;
use http::{Method, Request, header, request::Builder};
use serde::Serialize;

use super::{
    SOURCE_ID,
    model::{NewMessage, NewMessageContent, NewScores},
    new_case::{ContactExtension, NewCase},
    time::TIME_ZONE,
};
use crate::{
    domain::{CloudId, NewTicket, ProductId, Site, Vendor, VendorFile},
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
    let language = match access.language {
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

/// One of the small calls that tell what a ticket can be made of.
pub fn config(access: &Access, path: &str, query: &[(&str, &str)]) -> Result<Request<Bytes>> {
    get(access, &format!("/config/{path}"), query)
}

/// CreateCases: title, text and marker as the description. An e-mail address is that of `contact` alone (see the
/// module's page).
pub fn create_case(access: &Access, ticket: &NewTicket) -> Result<Request<Bytes>> {
    let details = &ticket.details;
    let contact = details.contact.clone().unwrap_or_default();
    let cc_email = details.cc.join(",");
    let body = NewCase {
        product_category_id: ticket.product_id.as_str(),
        business_type_id: ticket.problem_type_id.as_str(),
        region_id: ticket.region_id.as_ref().map(|id| id.as_str()),
        simple_description: &ticket.text_with_name(),
        source_id: ticket.source_id.as_ref().map_or(SOURCE_ID, |id| id.as_str()),
        accessory_ids: accessory_ids(&ticket.files),
        severity_id: details.severity_id.as_deref(),
        extends_map: &details.extra,
        extension_map: (!cc_email.is_empty()).then_some(ContactExtension { cc_email: &cc_email }),
        remind_mobile: contact.phone.as_deref(),
        area_code: contact.area_code.as_deref(),
        remind_mail: contact.email.as_deref(),
        remind_time: contact.time.as_deref(),
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

/// ListNewInstantMessages: the messages of these tickets after `mark`. The official SDK sends the ids as one value,
/// with commas.
pub fn list_new_instant_messages(access: &Access, tickets: &[CloudId], mark: Option<&str>) -> Result<Request<Bytes>> {
    let ids: Vec<_> = tickets.iter().map(CloudId::as_str).collect();
    let ids = ids.join(",");
    let mut query = vec![("case_ids", ids.as_str())];
    query.extend(mark.map(|mark| ("last_message_time_id", mark)));
    get(access, "/cases/instant-messages", &query)
}

/// CreateMessages; the path's last part is singular.
pub fn create_message(
    access: &Access,
    ticket: &CloudId,
    content: &str,
    files: &[VendorFile],
) -> Result<Request<Bytes>> {
    let body = NewMessage { message: NewMessageContent { content, accessory_ids: accessory_ids(files) } };
    post(access, &format!("/cases/{ticket}/message"), &[], &body)
}

fn accessory_ids(files: &[VendorFile]) -> Vec<&str> {
    files.iter().map(|file| file.id.as_str()).collect()
}

/// UpdateCases; the action is in the query.
pub fn update_case(access: &Access, ticket: &CloudId, action: &str) -> Result<Request<Bytes>> {
    post(access, &format!("/cases/{ticket}/action"), &[("action_id", action)], &serde_json::Map::new())
}

/// ListSatisfactionDimensions.
pub fn list_satisfaction_dimensions(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/config/satisfaction-dimensions", &[])
}

/// CreateScores.
pub fn create_scores(access: &Access, ticket: &CloudId, scores: &NewScores<'_>) -> Result<Request<Bytes>> {
    post(access, &format!("/cases/{ticket}/score"), &[], scores)
}

/// RevokeMessage, which has no body.
pub fn revoke_message(access: &Access, ticket: &CloudId, message: &str) -> Result<Request<Bytes>> {
    let path = format!("/cases/{ticket}/instant-messages/{}/withdraw", encoding::percent(message));
    call::request(head(access, Method::POST, &path, &[]), Bytes::new())
}

/// ShowCustomerPrivilegePolicy.
pub fn show_customer_privilege_policy(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/privileges/privilege-policy", &[])
}

/// ListPrivileges: whether the caller has the privilege.
pub fn list_privileges(access: &Access, privilege: &str) -> Result<Request<Bytes>> {
    get(access, "/privileges", &[("privilege", privilege)])
}

/// ShowSignedLatestPublishedAgreement of that type.
pub fn show_signed_latest_published_agreement(access: &Access, agreement_type: &str) -> Result<Request<Bytes>> {
    get(access, "/agreements/signed-latest", &[("agreement_type", agreement_type)])
}

/// ListHasVerifiedContacts of that way, one of them: their number is read, not what they are.
pub fn list_has_verified_contacts(access: &Access, contact_way: &str) -> Result<Request<Bytes>> {
    get(access, "/verifycodes/has-verified", &[("contact_way", contact_way), ("offset", "0"), ("limit", "1")])
}

/// ListCaseQuotas of all tickets.
pub fn list_case_quotas(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/quotas", &[])
}

/// DownloadAccessories: the file itself.
pub fn download_accessory(access: &Access, id: &str) -> Result<Request<Bytes>> {
    get(access, &format!("/accessorys/{}", encoding::percent(id)), &[])
}

/// UploadJsonAccessories without its body.
pub fn upload_json_accessories(access: &Access) -> Result<Request<Bytes>> {
    call::request(head(access, Method::POST, "/accessorys/json-format-content", &[]), Bytes::new())
}

/// ShowAccessoryLimits.
pub fn show_accessory_limits(access: &Access) -> Result<Request<Bytes>> {
    get(access, "/accessorys/limits", &[])
}

/// ShowDownloadAccessoryUrl: a link to the file.
pub fn show_accessory_url(access: &Access, id: &str) -> Result<Request<Bytes>> {
    get(access, &format!("/accessorys/{}/access-url", encoding::percent(id)), &[])
}
