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
mod uploads;
mod verbs;

#[cfg(test)]
mod tests;

pub use client::AlibabaClient;

use crate::{
    domain::{RightName, Severity, Vendor},
    vendors::{Capability, FileCapability, RatingCapability, RightCapability},
};

/// Where the policy is attached.
const POLICY_PAGE: &str = "https://help.aliyun.com/document_detail/2330745.html";

const fn right(name: RightName) -> RightCapability {
    RightCapability {
        name,
        grant: "Attach the system policy AliyunSupportFullAccess to the RAM user or role.",
        page: POLICY_PAGE,
        page_international: POLICY_PAGE,
    }
}

/// What the API can do, with the sources.
///
/// - Actions: <https://help.aliyun.com/document_detail/2402439.html> and its neighbours. No action lists sources or
///   regions, and a ticket names none.
/// - Severities 1 and 2: the same page. No page states a limit of title, description or reply.
/// - `SecretInfo` of CreateTicket: the same page and the official SDK. It travels in the query, and no page states its
///   limit: 1000 characters in percent encoding are within the lengths of a URL that gateways take.
/// - Files: <https://help.aliyun.com/document_detail/2402439.html> takes any number, and no page states limits. The old
///   partner interface took 3 files (<https://help.aliyun.com/document_detail/143228.html>), so no more are sent. No
///   page has limits of size or type.
/// - ReopenTicket and EvaluateTicket: <https://help.aliyun.com/document_detail/2402448.html> and the official SDK
///   `alibabacloud_workorder20210610`. No action urges support or withdraws a message.
/// - Rights: <https://help.aliyun.com/document_detail/2330745.html> attaches the one policy that is published for this
///   API. No call tells whether a ticket may be created: only a create does.
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
    reopening: true,
    urging: false,
    rating: Some(RatingCapability { solved: true, max_comment_chars: None, shown: false }),
    withdrawing: false,
    max_new_messages_tickets: None,
    severities: &[Severity::Normal, Severity::Urgent],
    max_secret_chars: Some(1000),
    forms: false,
    title: true,
    max_text_chars: None,
    max_reply_chars: None,
    files: Some(FileCapability {
        max_per_ticket: 3,
        max_per_reply: 3,
        max_bytes: None,
        types: None,
        account_limits: false,
    }),
    rights: &[right(RightName::Products), right(RightName::Tickets), right(RightName::Messages)],
    catalog_parallelism: 1,
};
