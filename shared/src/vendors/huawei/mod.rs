//! Huawei Cloud OSM (service tickets), API v2: JSON over HTTPS, signed with `SDK-HMAC-SHA256`.
//!
//! Special rules: business errors come with HTTP 200; a ticket has no title; create gives only the id; messages have
//! ids in one of two lists; a waiting ticket is cancelled, any other is closed; there is no interface for sources,
//! their only id is a documented constant.
//!
//! An e-mail address is never sent. The vendor takes only the account's registered mailbox or one verified by a code
//! that a person must read; with any other it refuses the whole ticket. The address stays in our own record.

mod accessories;
mod client;
mod close;
mod conversation;
mod decode;
mod error;
mod file_body;
mod file_model;
mod form;
mod model;
mod new_case;
mod pages;
mod requests;
mod rights;
pub mod sign;
mod time;
mod uploads;
mod verbs;

#[cfg(test)]
mod tests;

pub use client::HuaweiClient;

use crate::{
    domain::{RightName, Severity, Vendor},
    vendors::{Capability, FileCapability, RatingCapability, RightCapability},
};

/// The only ticket source, fixed by the vendor's documentation; no operation lists it.
pub const SOURCE_ID: &str = "83aeb0f2834c4df49826c781d32a963e";
/// The name of that source in the vendor's console; a constant, as no operation reads it.
pub const SOURCE_NAME: &str = "用户中心 (user center)";

/// The most bytes of a file; see [`CAPABILITY`].
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

const CONSOLE: &str = "https://console.huaweicloud.com/ticket/";
const CONSOLE_INTERNATIONAL: &str = "https://console-intl.huaweicloud.com/ticket/";

/// What a person grants an IAM user.
const ROLE: &str = "Give the IAM user the role Ticket Administrator.";

const fn right(name: RightName, grant: &'static str) -> RightCapability {
    RightCapability { name, grant, page: CONSOLE, page_international: CONSOLE_INTERNATIONAL }
}

/// What the API can do, with the sources.
///
/// - Operations: <https://support.huaweicloud.com/api-ticket/CreateCases.html> and its neighbours.
/// - 1200 characters of `simple_description`, title and marker in it: the same page. 10000 characters of a reply:
///   <https://support.huaweicloud.com/api-ticket/CreateMessages.html>.
/// - 100 tickets in a call that asks for new messages: 0 to 100 `case_ids`,
///   <https://support.huaweicloud.com/api-ticket/ListNewInstantMessages.html>.
/// - Files: ShowAccessoryLimits tells the account's limits
///   (<https://support.huaweicloud.com/api-ticket/ShowAccessoryLimits.html>); its documented example has 5 files, so no
///   more are sent where it tells nothing. A reply has at most 10 `accessory_ids`
///   (<https://support.huaweicloud.com/api-ticket/CreateMessages.html>). The body of a signed call has at most 12 MB,
///   so that a file in Base64 has at most 9 MB, and 8 MiB are sent.
/// - Severities are for support-plan accounts only (<https://support.huaweicloud.com/api-ticket/ListSeverities.html>):
///   they are part of the form, and have the vendor's own names.
/// - The form: ListExtendsParams (<https://support.huaweicloud.com/api-ticket/ListExtendsParams.html>), ListSeverities,
///   ListCaseTemplates and ListCaseLimits, which are beside it.
/// - `press` urges support: <https://support.huaweicloud.com/api-ticket/UpdateCases.html>. CreateScores has no field
///   for a solved problem, and its `judgement` has at most 400 characters
///   (<https://support.huaweicloud.com/api-ticket/CreateScores.html>). ShowCaseDetail has fields for both
///   (<https://support.huaweicloud.com/api-ticket/ShowCaseDetail.html>). RevokeMessage withdraws a message. No
///   operation opens an ended ticket again.
/// - Rights: the role of <https://support.huaweicloud.com/api-ticket/ListPrivileges.html>'s service, its privileges and
///   their switch (<https://support.huaweicloud.com/api-ticket/ShowCustomerPrivilegePolicy.html>), agreements, verified
///   contacts and quotas by the operations of these names. Whether a ticket without a signed agreement is refused is
///   not documented. A person grants all of them in the console.
/// - Parallelism: no rate limit is published, so the catalog is read call by call.
pub static CAPABILITY: Capability = Capability {
    vendor: Vendor::Huawei,
    api: "OSM v2",
    documentation: "https://support.huaweicloud.com/api-ticket/CreateCases.html",
    console: CONSOLE,
    console_international: CONSOLE_INTERNATIONAL,
    products: true,
    problem_types: true,
    sources: true,
    default_source: Some(SOURCE_ID),
    regions: true,
    tickets: true,
    replies: true,
    reopening: false,
    urging: true,
    rating: Some(RatingCapability { solved: false, max_comment_chars: Some(400), shown: true }),
    withdrawing: true,
    max_new_messages_tickets: Some(100),
    severities: &[Severity::Normal],
    max_secret_chars: None,
    forms: true,
    title: false,
    max_text_chars: Some(1200),
    max_reply_chars: Some(10_000),
    files: Some(FileCapability {
        max_per_ticket: 5,
        max_per_reply: 5,
        max_bytes: Some(MAX_FILE_BYTES),
        types: None,
        account_limits: true,
    }),
    rights: &[
        right(RightName::Products, ROLE),
        right(RightName::Tickets, ROLE),
        right(RightName::Messages, ROLE),
        right(RightName::Creation, "The main account restricts who submits tickets: let this IAM user submit them."),
        right(RightName::Agreement, "Sign the newest service agreement for new tickets."),
        right(RightName::Contacts, "Verify a mailbox or a telephone, where support should write to one."),
        right(RightName::Quota, "No ticket of the support plan is left: wait for the next month, or extend the plan."),
    ],
    catalog_parallelism: 1,
};
