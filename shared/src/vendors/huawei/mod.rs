//! Huawei Cloud OSM (service tickets), API v2: JSON over HTTPS, signed with `SDK-HMAC-SHA256`.
//!
//! Special rules: business errors come with HTTP 200; a ticket has no title; create gives only the id; messages have
//! ids in one of two lists; a waiting ticket is cancelled, any other is closed; there is no interface for sources,
//! their only id is a documented constant.
//!
//! An e-mail address is never sent. The vendor takes only the account's registered mailbox or one verified by a code
//! that a person must read; with any other it refuses the whole ticket. The address stays in our own record.

mod client;
mod close;
mod conversation;
mod decode;
mod error;
mod model;
mod pages;
mod requests;
pub mod sign;
mod time;

#[cfg(test)]
mod tests;

pub use client::HuaweiClient;

use crate::{
    domain::{Severity, Vendor},
    vendors::Capability,
};

/// The only ticket source, fixed by the vendor's documentation; no operation lists it.
pub const SOURCE_ID: &str = "83aeb0f2834c4df49826c781d32a963e";
/// The name of that source in the vendor's console; a constant, as no operation reads it.
pub const SOURCE_NAME: &str = "用户中心 (user center)";

/// What the API can do, with the sources.
///
/// - Operations: <https://support.huaweicloud.com/api-ticket/CreateCases.html> and its neighbours.
/// - 1200 characters of `simple_description`, title and marker in it: the same page. 10000 characters of a reply:
///   <https://support.huaweicloud.com/api-ticket/CreateMessages.html>.
/// - 100 tickets in a call that asks for new messages: 0 to 100 `case_ids`,
///   <https://support.huaweicloud.com/api-ticket/ListNewInstantMessages.html>.
/// - Severities are for support-plan accounts only (<https://support.huaweicloud.com/api-ticket/ListSeverities.html>)
///   and are not sent.
/// - Parallelism: no rate limit is published, so the catalog is read call by call.
pub static CAPABILITY: Capability = Capability {
    vendor: Vendor::Huawei,
    api: "OSM v2",
    documentation: "https://support.huaweicloud.com/api-ticket/CreateCases.html",
    console: "https://console.huaweicloud.com/ticket/",
    console_international: "https://console-intl.huaweicloud.com/ticket/",
    products: true,
    problem_types: true,
    sources: true,
    default_source: Some(SOURCE_ID),
    regions: true,
    tickets: true,
    replies: true,
    max_new_messages_tickets: Some(100),
    severities: &[Severity::Normal],
    title: false,
    max_text_chars: Some(1200),
    max_reply_chars: Some(10_000),
    catalog_parallelism: 1,
};
