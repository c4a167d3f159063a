//! The wire form of a new ticket.

use serde::Serialize;
use serde_json::{Map, Value};

/// Body of CreateCases.
#[derive(Debug, Serialize)]
pub struct NewCase<'a> {
    pub product_category_id: &'a str,
    pub business_type_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_id: Option<&'a str>,
    pub simple_description: &'a str,
    pub source_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accessory_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extends_map: &'a Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension_map: Option<ContactExtension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mobile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_mail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remind_time: Option<&'a str>,
}

/// `extension_map`, whose keys are not documented: this is the name of the field in ShowCaseDetail's `ext_info`.
#[derive(Debug, Serialize)]
pub struct ContactExtension<'a> {
    pub cc_email: &'a str,
}
