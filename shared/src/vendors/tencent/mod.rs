//! Tencent Cloud: API 3.0, signed with `TC3-HMAC-SHA256`.
//!
//! Tencent publishes no support-ticket API: no official SDK has an action to create, read or close a ticket. So keys
//! are checked and products listed with published services, and every ticket operation is unsupported: it makes no
//! call and names the console. Special rules: errors come with HTTP 200, and every service has a host of its own.

mod client;
mod decode;
mod error;
mod model;
pub mod sign;

#[cfg(test)]
mod tests;

pub use client::TencentClient;

use crate::{
    domain::{RightName, Vendor},
    vendors::{Capability, RightCapability},
};

/// The documentation of the service that lists products.
const PRODUCTS_PAGE: &str = "https://cloud.tencent.com/document/product/1596/77930";

/// What the API can do: keys by <https://cloud.tencent.com/document/product/1312/48195> (STS), products by
/// <https://cloud.tencent.com/document/product/1596/77930> (region), nothing else.
pub static CAPABILITY: Capability = Capability {
    vendor: Vendor::Tencent,
    api: "API 3.0: sts 2018-08-13, region 2022-06-27",
    documentation: "https://cloud.tencent.com/document/api",
    console: "https://console.cloud.tencent.com/workorder/category",
    console_international: "https://console.tencentcloud.com/workorder/category",
    products: true,
    problem_types: false,
    sources: false,
    default_source: None,
    regions: false,
    tickets: false,
    replies: false,
    reopening: false,
    urging: false,
    rating: None,
    withdrawing: false,
    max_new_messages_tickets: None,
    severities: &[],
    max_secret_chars: None,
    forms: false,
    title: false,
    max_text_chars: None,
    max_reply_chars: None,
    files: None,
    rights: &[RightCapability {
        name: RightName::Products,
        grant: "Allow the CAM user region:DescribeProducts.",
        page: PRODUCTS_PAGE,
        page_international: PRODUCTS_PAGE,
    }],
    catalog_parallelism: 1,
};
