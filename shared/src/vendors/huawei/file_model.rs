//! The wire form of files, which this vendor calls accessories.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vendors::lenient::Text;

/// The begin of the body of UploadJsonAccessories; `accessory_data` follows.
#[derive(Debug, Serialize)]
pub struct NewAccessory<'a> {
    pub accessory_name: &'a str,
    /// `incident` for a ticket that is to be created, `message` for a reply.
    pub accessory_from: &'a str,
    /// 0, or 1 for a text with Markdown.
    pub upload_type: u8,
}

/// Answer of UploadJsonAccessories.
#[derive(Debug, Deserialize)]
pub struct UploadedAccessory {
    pub accessory_id: Text,
}

/// Answer of ShowAccessoryLimits.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccessoryLimits {
    pub accessory_limit: Option<Value>,
}

/// A file of a message.
#[derive(Clone, Debug, Hash, Deserialize)]
pub struct Accessory {
    pub accessory_id: Text,
    pub file_actual_name: Text,
}

/// The answer of ShowDownloadAccessoryUrl.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AccessoryUrl {
    pub accessory_url: Text,
}
