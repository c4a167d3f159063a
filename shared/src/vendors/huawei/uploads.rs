//! Files that go out, and the account's limits for them. UploadJsonAccessories is the operation for clients without a
//! browser (<https://support.huaweicloud.com/api-ticket/UploadJsonAccessories.html>).

use serde_json::Value;

use super::{
    HuaweiClient, MAX_FILE_BYTES, error,
    file_body::FileEnvelope,
    file_model::{AccessoryLimits, NewAccessory, UploadedAccessory},
    requests,
    sign::sign_digest,
};
use crate::{
    domain::{AttachmentLimits, FilePurpose, Vendor, VendorFileRef},
    error::{Error, Result},
    vendors::{
        Access, FileSource,
        answer::VendorAnswer,
        call::{self, VendorOperation},
        failure, files,
    },
};

/// A read: the file is shown nowhere until a ticket or a reply names it.
const UPLOAD_JSON_ACCESSORIES: VendorOperation = VendorOperation::read(Vendor::Huawei, "UploadJsonAccessories");
const SHOW_ACCESSORY_LIMITS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ShowAccessoryLimits");
/// The code for an account that has sent as much as the vendor takes on a day
/// (<https://support.huaweicloud.com/api-ticket/ErrorCode.html>).
const DAILY_VOLUME: &str = "OSM.01010005";
/// "M" in the documents.
const MEGABYTE: f64 = 1024.0 * 1024.0;

impl HuaweiClient {
    /// Sends the file, and gives its id for `accessory_ids`.
    pub(super) async fn upload_accessory(
        &self,
        access: &Access,
        file: &dyn FileSource,
        purpose: FilePurpose,
    ) -> Result<VendorFileRef> {
        if file.size() > MAX_FILE_BYTES {
            return Err(files::too_large(&UPLOAD_JSON_ACCESSORIES, MAX_FILE_BYTES));
        }
        let accessory_from = match purpose {
            FilePurpose::NewTicket => "incident",
            FilePurpose::Reply => "message",
        };
        let fields = NewAccessory { accessory_name: file.name(), accessory_from, upload_type: 0 };
        let envelope = FileEnvelope::new(&fields)?;
        let sha256 = files::within(access, &UPLOAD_JSON_ACCESSORIES, envelope.sha256(file)).await?;
        let send = async || {
            let (mut head, _) = requests::upload_json_accessories(access)?.into_parts();
            sign_digest(&mut head, &sha256, &access.keys, self.clock.signing_ms())?;
            let body = files::within(access, &UPLOAD_JSON_ACCESSORIES, envelope.open(file, &sha256)).await?;
            files::upload(&*self.sender, access, &UPLOAD_JSON_ACCESSORIES, head, body).await
        };
        let answer = call::paced(access, &UPLOAD_JSON_ACCESSORIES, &self.clock, error::check, send).await?;
        uploaded(&answer)
    }

    pub(super) async fn accessory_limits(&self, access: &Access) -> Result<AttachmentLimits> {
        let request = requests::show_accessory_limits(access)?;
        limits(&self.call(access, &SHOW_ACCESSORY_LIMITS, request).await?)
    }
}

/// UploadJsonAccessories: the file's id.
fn uploaded(answer: &VendorAnswer) -> Result<VendorFileRef> {
    error::check(answer).map_err(refused)?;
    let id = answer.json::<UploadedAccessory>()?.accessory_id.non_blank();
    id.and_then(|id| VendorFileRef::parse(id).ok()).ok_or_else(|| answer.bad("no usable accessory_id"))
}

fn refused(error: Error) -> Error {
    let code = error.vendor().and_then(|vendor| vendor.code.as_deref());
    if code == Some(DAILY_VOLUME) { failure::file_quota_exceeded(&error) } else { failure::file_refused(error) }
}

/// ShowAccessoryLimits. Documented as texts, and shown with numbers; how the types are separated is not documented.
fn limits(answer: &VendorAnswer) -> Result<AttachmentLimits> {
    error::check(answer)?;
    let limit = answer.json::<AccessoryLimits>()?.accessory_limit.unwrap_or_default();
    Ok(AttachmentLimits {
        max_files: number(&limit["limit_count"], &[""]).map(|count| count as u64).filter(|count| *count > 0),
        max_bytes: number(&limit["limit_size"], &["", "m", "mb"]).map(|size| (size * MEGABYTE) as u64),
        types: Some(types(&limit["limit_file_type"])).filter(|types| !types.is_empty()),
    })
}

/// A number above 0 that can be counted, or text with one and one of the units.
fn number(value: &Value, units: &[&str]) -> Option<f64> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_lowercase(),
        _ => return None,
    };
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: f64 = digits.parse().ok().filter(|_| units.contains(&unit.trim()))?;
    (number > 0.0 && number <= f64::from(u32::MAX)).then_some(number)
}

/// The endings of names in a text or a list, whatever stands between them. A text that names any type, such as `*`,
/// has none.
fn types(value: &Value) -> Vec<String> {
    let texts = match value {
        Value::String(text) => vec![text.as_str()],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let words = texts.into_iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut types: Vec<String> = Vec::new();
    for word in words.map(str::to_lowercase).filter(|word| !word.is_empty()) {
        if !types.contains(&word) {
            types.push(word);
        }
    }
    types
}
