//! The wire form of answers; fields may be missing or null.

use serde::{Deserialize, Serialize};

use crate::vendors::lenient;

/// The outer object of every answer.
#[derive(Debug, Deserialize)]
pub struct TencentEnvelope<T> {
    #[serde(rename = "Response")]
    pub response: T,
}

/// The fields that decide between success and error.
#[derive(Debug, Deserialize)]
pub struct ErrorFields {
    #[serde(rename = "Error")]
    pub error: Option<ErrorBody>,
    #[serde(rename = "RequestId", default, deserialize_with = "lenient::text")]
    pub request_id: Option<String>,
}

/// An error. Its message may change, so no code matches it.
#[derive(Debug, Deserialize)]
pub struct ErrorBody {
    #[serde(rename = "Code", default, deserialize_with = "lenient::text")]
    pub code: Option<String>,
    #[serde(rename = "Message", default, deserialize_with = "lenient::text")]
    pub message: Option<String>,
}

/// Answer of sts GetCallerIdentity.
#[derive(Debug, Deserialize)]
pub struct CallerIdentity {
    #[serde(rename = "AccountId", default, deserialize_with = "lenient::text")]
    pub account_id: Option<String>,
    #[serde(rename = "Arn", default, deserialize_with = "lenient::text")]
    pub arn: Option<String>,
}

/// Body of region DescribeProducts.
#[derive(Debug, Serialize)]
pub struct DescribeProducts {
    #[serde(rename = "Limit")]
    pub limit: u32,
    #[serde(rename = "Offset")]
    pub offset: u32,
}

/// Answer of region DescribeProducts.
#[derive(Debug, Deserialize)]
pub struct Products {
    #[serde(rename = "Products")]
    pub products: Option<Vec<ProductName>>,
    #[serde(rename = "TotalCount", default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
}

/// A product; it has only a short name, for example `cvm`.
#[derive(Debug, Deserialize)]
pub struct ProductName {
    #[serde(rename = "Name", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}
