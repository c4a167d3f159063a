//! The wire form of requests and answers. Every answer field is optional and scalars may be text or number: the
//! documented examples contradict the documented types.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vendors::lenient;

/// Body of CreateCases.
#[derive(Debug, Serialize)]
pub struct NewCase<'a> {
    pub product_category_id: &'a str,
    pub business_type_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<&'a str>,
    pub simple_description: &'a str,
    pub source_id: &'a str,
}

/// Body of CreateMessages.
#[derive(Debug, Serialize)]
pub struct NewMessage<'a> {
    pub message: NewMessageContent<'a>,
}

/// The message of [`NewMessage`].
#[derive(Debug, Serialize)]
pub struct NewMessageContent<'a> {
    pub content: &'a str,
}

/// The error fields of any answer, in the forms that the official SDK recognises.
#[derive(Debug, Default, Deserialize)]
pub struct HuaweiEnvelope {
    #[serde(default, alias = "errorCode", alias = "code", deserialize_with = "lenient::text")]
    pub error_code: Option<String>,
    #[serde(default, alias = "errorMsg", alias = "message", deserialize_with = "lenient::text")]
    pub error_msg: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub request_id: Option<String>,
}

/// Answer of CreateCases.
#[derive(Debug, Deserialize)]
pub struct Created {
    #[serde(default, deserialize_with = "lenient::text")]
    pub incident_id: Option<String>,
}

/// Answer of ShowCaseStatus.
#[derive(Debug, Deserialize)]
pub struct Status {
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

/// Answer of ShowCaseDetail.
#[derive(Debug, Deserialize)]
pub struct Detail {
    pub incident_detail_info: Option<DetailInfo>,
}

/// A ticket with its messages.
#[derive(Debug, Deserialize)]
pub struct DetailInfo {
    #[serde(default, deserialize_with = "lenient::text")]
    pub simple_description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub create_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub message_list: Vec<CaseMessage>,
}

/// Answer of ListMessages.
#[derive(Debug, Deserialize)]
pub struct Messages {
    #[serde(default, alias = "total_count", deserialize_with = "lenient::integer")]
    pub count: Option<i64>,
    pub message_list: Option<Vec<CaseMessage>>,
}

/// One message; only ShowCaseDetail gives its id.
#[derive(Clone, Debug, Hash, Deserialize)]
pub struct CaseMessage {
    #[serde(default, deserialize_with = "lenient::text")]
    pub message_id: Option<String>,
    /// 0 customer, 1 engineer; may be removed in the future, says a page of the vendor.
    #[serde(default, rename = "type", deserialize_with = "lenient::integer")]
    pub kind: Option<i64>,
    /// 0 customer, 1 Huawei, 2 third party.
    #[serde(default, deserialize_with = "lenient::integer")]
    pub replier_type: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub replier: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub replier_name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub content: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub create_time: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub accessory_list: Vec<Accessory>,
}

/// A file of a message.
#[derive(Clone, Debug, Hash, Deserialize)]
pub struct Accessory {
    #[serde(default, deserialize_with = "lenient::text")]
    pub accessory_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub file_actual_name: Option<String>,
}

/// Answer of ListCases. The total is `total_count` or, on an older page, `count`.
#[derive(Debug, Deserialize)]
pub struct Cases {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    #[serde(default, deserialize_with = "lenient::integer")]
    pub count: Option<i64>,
    pub incident_info_list: Option<Vec<CaseInfo>>,
}

/// A ticket in a list.
#[derive(Debug, Deserialize)]
pub struct CaseInfo {
    #[serde(default, deserialize_with = "lenient::text")]
    pub incident_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub simple_description: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub create_time: Option<String>,
}

/// Answer of ListCaseCategories.
#[derive(Debug, Deserialize)]
pub struct Categories {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    pub incident_sub_type_list: Option<Vec<SubType>>,
}

/// A group of products.
#[derive(Debug, Deserialize)]
pub struct SubType {
    #[serde(default, deserialize_with = "lenient::list")]
    pub incident_product_category_list: Vec<ProductCategory>,
}

/// Answer of ListProductCategories.
#[derive(Debug, Deserialize)]
pub struct ProductCategories {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    pub incident_product_category_list: Option<Vec<ProductCategory>>,
}

/// A product.
#[derive(Debug, Deserialize)]
pub struct ProductCategory {
    #[serde(default, rename = "incident_product_category_id", deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(default, rename = "incident_product_category_name", deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, rename = "incident_product_category_desc", deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(default, rename = "incident_product_category_acronym", deserialize_with = "lenient::text")]
    pub acronym: Option<String>,
}

/// Answer of ListProblemTypes.
#[derive(Debug, Deserialize)]
pub struct BusinessTypes {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    pub incident_business_type_list: Option<Vec<BusinessType>>,
}

/// A problem type.
#[derive(Debug, Deserialize)]
pub struct BusinessType {
    #[serde(default, deserialize_with = "lenient::text")]
    pub business_type_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub business_type_name: Option<String>,
    /// "0" consulting, "5" fault.
    #[serde(default, deserialize_with = "lenient::text")]
    pub case_type: Option<String>,
}

/// Answer of ListRegions.
#[derive(Debug, Deserialize)]
pub struct Regions {
    #[serde(default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    pub data_center_list: Option<Vec<DataCenter>>,
}

/// A region.
#[derive(Debug, Deserialize)]
pub struct DataCenter {
    #[serde(default, deserialize_with = "lenient::text")]
    pub region_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub region_name: Option<String>,
}

/// The fields of an answer to an action, by name; the values of a success are not read.
pub type ActionAnswer = serde_json::Map<String, Value>;
