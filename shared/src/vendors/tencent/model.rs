//! The wire form of answers; fields may be missing or null.

use serde::{Deserialize, Serialize};

use crate::vendors::lenient::{Integer, Text};

/// The outer object of every answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TencentEnvelope<T> {
    pub response: T,
}

/// The fields that decide between success and error.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ErrorFields {
    pub error: Option<ErrorBody>,
    pub request_id: Text,
}

/// An error. Its message may change, so no code matches it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ErrorBody {
    pub code: Text,
    pub message: Text,
}

/// Answer of sts GetCallerIdentity.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    pub account_id: Text,
}

/// Body of region DescribeProducts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct DescribeProducts {
    pub limit: u32,
    pub offset: u32,
}

/// Answer of region DescribeProducts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Products {
    pub products: Option<Vec<ProductName>>,
    pub total_count: Integer,
}

/// A product; it has only a short name, for example `cvm`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProductName {
    pub name: Text,
}
