//! Huawei's files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::query::{body, required, texts};
use super::{HuaweiFailure, HuaweiResult, HuaweiSettings, HuaweiSuccess, link_secret};
use crate::files::{Links, SimulatedFile, object};
use crate::simulator::AuthorizedCall;
use crate::ticket::SimulatedMessage;
use crate::uploads::SimulatedUpload;
use crate::vendor_state::VendorState;
use crate::wire::hex_id;

/// The id of the file at that place of a message.
pub(super) fn accessory_id(message: &SimulatedMessage, place: usize, file: &SimulatedFile) -> String {
    file.id.clone().unwrap_or_else(|| hex_id(&format!("f/{}/{place}", message.id)))
}

/// The file, when it belongs to a ticket of the caller.
fn own<'a>(
    state: &'a VendorState,
    call: &AuthorizedCall<'_>,
    id: &str,
) -> Result<(&'a SimulatedMessage, usize, &'a SimulatedFile), HuaweiFailure> {
    let tickets = state.persisted.tickets.iter().filter(|ticket| ticket.account == call.account && !ticket.deleted);
    let messages = tickets.flat_map(|ticket| &ticket.messages);
    let mut files =
        messages.flat_map(|message| message.files.iter().enumerate().map(move |(place, file)| (message, place, file)));
    let found = files.find(|(message, place, file)| accessory_id(message, *place, file) == id);
    found.ok_or_else(|| HuaweiFailure::parameter("accessory_id"))
}

pub(super) fn download(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    id: &str,
) -> HuaweiResult {
    let (_, _, file) = own(state, call, id)?;
    if settings.links_only {
        return Err(HuaweiFailure::parameter("accessory_id"));
    }
    Ok(HuaweiSuccess::File(file.clone()))
}

pub(super) fn access_url(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    id: &str,
) -> HuaweiResult {
    let (message, place, file) = own(state, call, id)?;
    let links = Links { secret: link_secret(state), now_ms: call.now_ms, valid_seconds: settings.link_seconds };
    let link = file.link.clone().unwrap_or_else(|| links.link(call.request, &object(message, place), &file.name));
    Ok(HuaweiSuccess::Body(json!({ "error_code": null, "error_msg": null, "accessory_url": link })))
}

/// The files of `accessory_ids`. An unknown id is refused.
pub(super) fn named(
    state: &VendorState,
    settings: &HuaweiSettings,
    call: &AuthorizedCall<'_>,
    fields: &Map<String, Value>,
) -> Result<Vec<SimulatedFile>, HuaweiFailure> {
    let ids = texts(fields, "accessory_ids", settings.accessories.count.min(10))?;
    state.files_of(call.account, ids).ok_or_else(|| HuaweiFailure::parameter("accessory_ids"))
}

pub(super) fn upload(state: &mut VendorState, settings: &HuaweiSettings, call: &AuthorizedCall<'_>) -> HuaweiResult {
    let fields = body(call.request, false)?;
    let name = required(&fields, "accessory_name", 256, settings)?;
    let purpose = required(&fields, "accessory_from", 32, settings)?;
    if !matches!(purpose, "incident" | "message") {
        return Err(HuaweiFailure::parameter("accessory_from"));
    }
    let upload_type = fields.get("upload_type").filter(|value| !value.is_null());
    if upload_type.is_some_and(|value| !matches!(value.as_u64(), Some(0 | 1))) {
        return Err(HuaweiFailure::parameter("upload_type"));
    }
    let data = fields.get("accessory_data").and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok());
    let data = data.ok_or_else(|| HuaweiFailure::parameter("accessory_data"))?;
    let limits = &settings.accessories;
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    if !limits.types.is_empty() && limits.types.split(',').all(|known| known.to_lowercase() != ending) {
        return Err(HuaweiFailure::parameter("accessory_name"));
    }
    if data.len() > limits.megabytes << 20 {
        return Err(HuaweiFailure::parameter("accessory_data"));
    }
    let id = hex_id(&format!("u/{}", state.persisted.uploads.len()));
    state.persisted.uploads.push(SimulatedUpload {
        account: call.account.to_owned(),
        id: id.clone(),
        name: name.to_owned(),
        purpose: Some(purpose.to_owned()),
        content: None,
    });
    state.receive(&id, &data);
    Ok(HuaweiSuccess::Body(json!({ "accessory_id": id })))
}

pub(super) fn limits(settings: &HuaweiSettings) -> HuaweiResult {
    let limits = &settings.accessories;
    // The documented types are texts, the documented example has numbers.
    let own = || {
        json!({
            "limit_count": limits.count, "limit_size": limits.megabytes.to_string(), "limit_file_type": limits.types,
        })
    };
    Ok(HuaweiSuccess::Body(json!({ "accessory_limit": limits.shown.clone().unwrap_or_else(own) })))
}
