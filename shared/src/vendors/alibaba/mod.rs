//! Alibaba Cloud support tickets: product code `Workorder`, API version 2021-06-10, RPC style, signed with
//! `ACS3-HMAC-SHA256`.
//!
//! Special rules: throttling comes as HTTP 400; only `Success` decides success, as `Code` may be a number or text and
//! `Message` may hold an error text beside `Success: true`; a ticket's messages come in one answer, in no documented
//! order. Times are Unix milliseconds.

mod client;
mod decode;
mod error;
mod model;
pub mod params;
pub mod sign;

#[cfg(test)]
mod tests;

pub use client::AlibabaClient;

use crate::{
    domain::{Severity, Vendor},
    vendors::Capability,
};

/// What the API can do, with the sources.
///
/// - Actions: <https://help.aliyun.com/document_detail/2402439.html> and its neighbours. No action lists sources or
///   regions, and a ticket names none.
/// - Severities 1 and 2: the same page. No page states a limit of title, description or reply.
/// - Parallelism: the vendor publishes no rate limit, so the catalog is read call by call.
pub static CAPABILITY: Capability = Capability {
    vendor: Vendor::Alibaba,
    api: "Workorder 2021-06-10",
    documentation: "https://help.aliyun.com/document_detail/2402439.html",
    console: "https://smartservice.console.aliyun.com/service/create-ticket",
    console_international: "https://smartservice.console.aliyun.com/service/create-ticket-intl",
    products: true,
    problem_types: true,
    sources: false,
    default_source: None,
    regions: false,
    tickets: true,
    replies: true,
    max_new_messages_tickets: None,
    severities: &[Severity::Normal, Severity::Urgent],
    title: true,
    max_text_chars: None,
    max_reply_chars: None,
    catalog_parallelism: 1,
};
