//! `POST /attachments`: announces a file, and gives the link to which its bytes are put.
//!
//! It needs no idempotency key: an upload that is not used expires.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::Serialize;
use shared::{
    app::App,
    audit,
    bucket::{CHECKSUM, UPLOAD_LINK_TIME},
    domain::{Upload, UploadId},
    error::{Error, Result},
    http::{Fields, fields::TextRule},
    ids,
    problem_code::ProblemCode,
    telemetry,
};

/// The rule of a file's name; it has no path separator either.
pub const NAME_RULE: TextRule = TextRule { max_chars: 255, multi_line: false };
/// The separators of paths.
const SEPARATORS: [char; 2] = ['/', '\\'];
/// The largest file that any stack takes, bytes: the largest `MaxAttachmentMiB`.
pub const MAX_BYTES: i64 = 5000 << 20;
/// The most characters of a media type.
pub const MAX_TYPE_CHARS: usize = 100;
/// The characters of a SHA-256.
pub const SHA256_CHARS: usize = 64;
/// A file whose type is not said.
const DEFAULT_TYPE: &str = "application/octet-stream";

/// The file that the caller announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttachment {
    name: String,
    size: u64,
    content_type: String,
    /// SHA-256 of its bytes in Base64, where the caller says it.
    checksum: Option<String>,
}

/// Where the file is to be put. Without `Debug`: whoever has the link can store a file.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Upload"))]
pub struct UploadTarget {
    /// The id for `attachments` of a ticket or a message. It is valid for a day.
    id: UploadId,
    /// The link to which the bytes are put (`PUT`), as the whole body. It needs no authorisation, so treat it as a
    /// secret.
    upload_url: String,
    /// The headers of that request. The link takes no other values.
    headers: UploadHeaders,
    /// When the link expires, Unix milliseconds: after 15 minutes.
    expire_time: i64,
}

/// The headers of an upload.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct UploadHeaders {
    /// The size that was announced, in bytes.
    #[serde(rename = "content-length")]
    content_length: String,
    /// The media type that was announced.
    #[serde(rename = "content-type")]
    content_type: String,
    /// The SHA-256 that was announced, in Base64.
    #[serde(rename = "x-amz-checksum-sha256", skip_serializing_if = "Option::is_none")]
    checksum: Option<String>,
}

/// Reads the body; every bad field is named. `max_bytes`: the largest file that this stack takes.
pub fn read(body: &[u8], max_bytes: u64) -> Result<NewAttachment> {
    let mut fields = Fields::of_body(body)?;
    let name = fields.text("name", NAME_RULE);
    if name.as_ref().is_some_and(|name| name.contains(SEPARATORS)) {
        fields.refuse("name", "must be a name without a path: it has / or \\");
    }
    let size = fields.integer("size", 1, MAX_BYTES);
    let content_type = fields.optional_parsed("type", read_type).unwrap_or_else(|| DEFAULT_TYPE.to_owned());
    let checksum = fields.optional_parsed("sha256", read_sha256);
    let new = fields
        .finish(|| Some(NewAttachment { name: name?, size: u64::try_from(size?).ok()?, content_type, checksum }))?;
    if new.size > max_bytes {
        let rule = format!("is too large: this stack takes files of up to {max_bytes} bytes");
        return Err(Error::invalid_field("/size", rule).with_code(ProblemCode::FileTooLarge));
    }
    Ok(new)
}

/// A media type without parameters.
fn read_type(text: &str) -> std::result::Result<String, String> {
    let is_token = |part: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
        !part.is_empty() && part.chars().all(allowed)
    };
    match text.split_once('/') {
        Some((kind, subtype)) if is_token(kind) && is_token(subtype) && text.len() <= MAX_TYPE_CHARS => {
            Ok(text.to_owned())
        }
        _ => {
            Err(format!("must be a media type without parameters, for example image/png, of at most {MAX_TYPE_CHARS}"))
        }
    }
}

/// Lower-case hex, as Base64.
fn read_sha256(text: &str) -> std::result::Result<String, String> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let pair = |pair: &[u8]| Some(digit(pair[0])? << 4 | digit(pair[1])?);
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks_exact(2).map(pair).collect();
    match bytes {
        Some(bytes) if text.len() == SHA256_CHARS => Ok(BASE64_STANDARD.encode(bytes)),
        _ => Err("must be the SHA-256 of the bytes as 64 lower-case hex digits".to_owned()),
    }
}

/// Stores the announcement, and gives the link.
pub async fn announce(app: &App, new: NewAttachment) -> Result<UploadTarget> {
    let now_ms = app.clock.now_ms();
    let NewAttachment { name, size, content_type, checksum } = new;
    let id = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    let upload = Upload {
        id,
        name,
        size,
        content_type,
        create_time: now_ms,
        created_by: telemetry::actor(),
        expires_at: Upload::expiry(now_ms),
    };
    let length = size.to_string();
    let mut headers = vec![(CONTENT_LENGTH.as_str(), &*length), (CONTENT_TYPE.as_str(), &*upload.content_type)];
    headers.extend(checksum.as_deref().map(|checksum| (CHECKSUM, checksum)));
    let upload_url = app.bucket.upload_link(&upload.key(), &headers)?;
    app.store.put_upload(&upload).await?;
    audit::set_subject(upload.id.as_str());
    let lifetime_ms = i64::try_from(UPLOAD_LINK_TIME.as_millis()).unwrap_or_default();
    Ok(UploadTarget {
        id: upload.id,
        upload_url,
        headers: UploadHeaders { content_length: length, content_type: upload.content_type, checksum },
        expire_time: now_ms + lifetime_ms,
    })
}
