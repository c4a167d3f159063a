//! The wire form of requests and answers. Every answer field is optional and scalars may be text or number: the
//! documented examples contradict the documented types.

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};

use super::requests::PAGE_SIZE;
use crate::vendors::lenient::{self, Integer, Row, Text};

/// Body of CreateMessages.
#[derive(Debug, Serialize)]
pub struct NewMessage<'a> {
    pub message: NewMessageContent<'a>,
}

/// The message of [`NewMessage`].
#[derive(Debug, Serialize)]
pub struct NewMessageContent<'a> {
    pub content: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accessory_ids: Vec<&'a str>,
}

/// Body of CreateScores.
#[derive(Debug, Serialize)]
pub struct NewScores<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement: Option<&'a str>,
    pub incident_satisfaction_list: Vec<NewScore>,
}

/// The score of a dimension.
#[derive(Debug, Serialize)]
pub struct NewScore {
    pub satisfaction_id: i64,
    pub satisfaction_value: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfaction_name: Option<String>,
}

/// The error fields of any answer, in the forms that the official SDK recognises.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct HuaweiEnvelope {
    #[serde(deserialize_with = "lenient::scalar")]
    error_code: Text,
    #[serde(rename = "errorCode", deserialize_with = "lenient::scalar")]
    error_code_camel: Text,
    #[serde(deserialize_with = "lenient::scalar")]
    code: Text,
    #[serde(deserialize_with = "lenient::scalar")]
    error_msg: Text,
    #[serde(rename = "errorMsg", deserialize_with = "lenient::scalar")]
    error_msg_camel: Text,
    #[serde(deserialize_with = "lenient::scalar")]
    message: Text,
    #[serde(deserialize_with = "lenient::scalar")]
    pub request_id: Text,
}

impl HuaweiEnvelope {
    /// The code, in the first of its forms that has one.
    pub fn code(&self) -> Option<&str> {
        first([&self.error_code, &self.error_code_camel, &self.code])
    }

    /// The message, in the first of its forms that has one.
    pub fn message(&self) -> Option<&str> {
        first([&self.error_msg, &self.error_msg_camel, &self.message])
    }
}

fn first(forms: [&Text; 3]) -> Option<&str> {
    forms.into_iter().find_map(|text| text.0.as_deref().filter(|text| !text.is_empty()))
}

/// Answer of KeystoneListAuthDomains.
#[derive(Debug, Deserialize)]
pub struct AuthDomains {
    #[serde(default, deserialize_with = "lenient::list")]
    pub domains: Vec<AuthDomain>,
}

/// A domain: a customer.
#[derive(Debug, Deserialize)]
pub struct AuthDomain {
    pub id: Text,
}

/// Answer of CreateCases.
#[derive(Debug, Deserialize)]
pub struct Created {
    pub incident_id: Text,
}

/// Answer of ShowCaseStatus.
#[derive(Debug, Deserialize)]
pub struct Status {
    pub status: Text,
}

/// Answer of ShowCaseDetail.
#[derive(Debug, Deserialize)]
pub struct Detail {
    pub incident_detail_info: Option<DetailInfo>,
}

/// A ticket without its messages.
#[derive(Debug, Deserialize)]
pub struct DetailInfo {
    pub simple_description: Text,
    pub status: Text,
    pub create_time: Text,
}

/// Answer of ShowCaseDetail, for the rating.
#[derive(Debug, Deserialize)]
pub struct DetailRating {
    pub incident_detail_info: Option<RatingInfo>,
}

/// The rating of a ticket: its text, and the score of each dimension, as CreateScores takes them.
#[derive(Debug, Deserialize)]
pub struct RatingInfo {
    pub judgement: Text,
    pub incident_satisfaction: Option<Value>,
}

/// Answer of ShowCaseDetail, for its messages.
#[derive(Debug, Deserialize)]
pub struct DetailMessages<'a> {
    #[serde(borrow)]
    pub incident_detail_info: Option<MessageList<'a>>,
}

/// The messages of a ticket.
#[derive(Debug, Deserialize)]
pub struct MessageList<'a> {
    #[serde(borrow, default)]
    pub message_list: Option<Vec<&'a RawValue>>,
}

/// Answer of ListMessages. The number of messages is `count` or, in a part of the documents, `total_count`.
#[derive(Debug, Deserialize)]
pub struct ListedMessages {
    pub count: Integer,
    pub total_count: Integer,
    pub message_list: Option<Vec<Box<RawValue>>>,
}

impl ListedMessages {
    /// The number of messages.
    pub fn count(&self) -> Option<i64> {
        self.count.0.or(self.total_count.0)
    }

    /// Whether it has as many messages as a page can have.
    pub fn is_full(&self) -> bool {
        self.message_list.as_ref().is_some_and(|list| list.len() >= PAGE_SIZE as usize)
    }
}

/// One message; only ShowCaseDetail gives its id.
#[derive(Clone, Debug, Hash, Deserialize)]
pub struct CaseMessage {
    pub message_id: Text,
    /// 0 customer, 1 engineer; may be removed in the future, says a page of the vendor.
    #[serde(rename = "type")]
    pub kind: Integer,
    /// 0 customer, 1 Huawei, 2 third party.
    pub replier_type: Integer,
    pub replier: Text,
    pub replier_name: Text,
    pub content: Text,
    pub create_time: Text,
    /// A list, or JSON as text.
    pub accessory_list: Option<Value>,
}

/// Answer of ListCases. The total is `total_count` or, on an older page, `count`.
#[derive(Debug, Deserialize)]
pub struct Cases {
    pub total_count: Integer,
    pub count: Integer,
    pub incident_info_list: Option<Vec<Row<CaseInfo>>>,
}

/// A ticket in a list.
#[derive(Debug, Deserialize)]
pub struct CaseInfo {
    pub incident_id: Text,
    pub status: Text,
    pub simple_description: Text,
    pub create_time: Text,
}

/// Answer of ListNewInstantMessages.
#[derive(Debug, Deserialize)]
pub struct NewInstantMessages {
    pub immsg: Option<Vec<Row<NewMessagesOfCase>>>,
    pub last_message_time_id: Text,
}

/// The new messages of a ticket.
#[derive(Debug, Deserialize)]
pub struct NewMessagesOfCase {
    pub incident_id: Text,
    #[serde(default, deserialize_with = "lenient::list")]
    pub message_list: Vec<Value>,
}

/// Answer of ListCaseCategories.
#[derive(Debug, Deserialize)]
pub struct Categories {
    pub total_count: Integer,
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
    pub total_count: Integer,
    pub incident_product_category_list: Option<Vec<ProductCategory>>,
}

/// A product.
#[derive(Debug, Deserialize)]
pub struct ProductCategory {
    #[serde(rename = "incident_product_category_id")]
    pub id: Text,
    #[serde(rename = "incident_product_category_name")]
    pub name: Text,
    #[serde(rename = "incident_product_category_desc")]
    pub description: Text,
    #[serde(rename = "incident_product_category_acronym")]
    pub acronym: Text,
}

/// Answer of ListProblemTypes.
#[derive(Debug, Deserialize)]
pub struct BusinessTypes {
    pub total_count: Integer,
    pub incident_business_type_list: Option<Vec<BusinessType>>,
}

/// A problem type.
#[derive(Debug, Deserialize)]
pub struct BusinessType {
    pub business_type_id: Text,
    pub business_type_name: Text,
    /// "0" consulting, "5" fault.
    pub case_type: Text,
}

/// Answer of ListRegions.
#[derive(Debug, Deserialize)]
pub struct Regions {
    pub total_count: Integer,
    pub data_center_list: Option<Vec<DataCenter>>,
}

/// A region.
#[derive(Debug, Deserialize)]
pub struct DataCenter {
    pub region_id: Text,
    pub region_name: Text,
}

/// Answer of ListSatisfactionDimensions.
#[derive(Debug, Deserialize)]
pub struct Dimensions {
    pub total_count: Integer,
    pub satisfaction_dimension_list: Option<Vec<Dimension>>,
}

/// What a rating may be about, for example the speed of answers.
#[derive(Debug, Deserialize)]
pub struct Dimension {
    pub satisfaction_id: Integer,
    pub satisfaction_name: Text,
}
