//! Alibaba's files that go out: a link to the object storage, and what is put to it.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::params::CallParams;
use super::{AlibabaFailure, AlibabaSettings, AlibabaSuccess, link_secret};
use crate::answer::VendorReply;
use crate::files::{self, Links, SimulatedFile};
use crate::simulator::AuthorizedCall;
use crate::uploads::SimulatedUpload;
use crate::vendor_state::VendorState;

/// The longest name of a file, in characters.
const NAME_CHARS: usize = 255;

pub(super) fn upload_url(
    state: &mut VendorState,
    settings: &AlibabaSettings,
    call: &AuthorizedCall<'_>,
    params: &CallParams,
) -> Result<AlibabaSuccess, AlibabaFailure> {
    let name = params.required("FileName")?;
    if name.chars().count() > NAME_CHARS || name.contains(['/', '\\']) {
        return Err(AlibabaFailure::illegal("file name is illegal"));
    }
    let object = files::uploaded_object(state.persisted.uploads.len());
    let key = files::key(&object, name);
    let links = Links { secret: link_secret(state), now_ms: call.now_ms, valid_seconds: settings.link_seconds };
    let put = settings.upload_link.clone().unwrap_or_else(|| links.put_link(call.request, &object, name));
    let data = json!({
        "ObjectKey": key, "PutSignedUrl": put, "GetSignedUrl": links.link(call.request, &object, name),
    });
    state.persisted.uploads.push(SimulatedUpload {
        account: call.account.to_owned(),
        id: key,
        name: name.to_owned(),
        purpose: None,
        content: None,
    });
    Ok(AlibabaSuccess::data(0, data))
}

/// The files of `FileNameList`, whose keys are separated by commas. An unknown key is refused.
pub(super) fn named(
    state: &VendorState,
    call: &AuthorizedCall<'_>,
    keys: Option<&str>,
) -> Result<Vec<SimulatedFile>, AlibabaFailure> {
    let keys = keys.unwrap_or_default().split(',').filter(|key| !key.is_empty());
    state.files_of(call.account, keys).ok_or_else(|| AlibabaFailure::illegal("file does not exist"))
}

/// The object storage's answer to a PUT.
pub(super) fn put(state: &mut VendorState, request: &Request<Bytes>) -> VendorReply {
    let key = files::requested_key(request);
    if state.receive(&key, request.body()) {
        return VendorReply::raw(200, "application/xml", Bytes::new());
    }
    files::reply(None)
}

/// The object storage's answer to a GET.
pub(super) fn get(state: &VendorState, request: &Request<Bytes>) -> VendorReply {
    let uploaded = state.upload(&files::requested_key(request)).and_then(SimulatedUpload::file);
    let of_message = || {
        let (message, place) = files::find(state, files::requested(request))?;
        message.files.get(place).cloned()
    };
    files::reply(uploaded.or_else(of_message).as_ref())
}
