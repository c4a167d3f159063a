//! Files of messages, and the object storage of a vendor, where links to them lead. A link is signed, and expires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Method, Request};
use serde::{Deserialize, Serialize};

use crate::answer::VendorReply;
use crate::ticket::{SimulatedMessage, SimulatedTicket};
use crate::vendor_state::VendorState;
use crate::wire::{header, hex, hmac_sha256, pairs, percent_decode, percent_encode};

/// The operations of the object storage.
pub(crate) const GET_OBJECT: &str = "GetObject";
pub(crate) const PUT_OBJECT: &str = "PutObject";
/// Start of the paths of the object storage.
const FOLDER: &str = "/20221003/";
/// How long a link is valid without a setting.
const LINK_SECONDS: i64 = 3600;

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub content: FileContent,
    /// A link that is shown in place of its own (Alibaba).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The vendor's id of it, where the customer has sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileContent {
    /// A text.
    Text(String),
    /// Bytes, in Base64; nothing where it is none.
    Base64(String),
    /// That many bytes, the same in each reading.
    Bytes(u64),
}

impl FileContent {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match self {
            Self::Text(text) => Bytes::from(text.clone()),
            Self::Base64(text) => STANDARD.decode(text).unwrap_or_default().into(),
            Self::Bytes(count) => (0..*count).map(|place| place.wrapping_mul(31).to_le_bytes()[1]).collect(),
        }
    }
}

impl SimulatedFile {
    /// A file with a text.
    #[must_use]
    pub fn text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), content: FileContent::Text(text.to_owned()), link: None, id: None }
    }
}

impl VendorState {
    /// Adds files to the ticket's last message.
    pub(crate) fn attach(&mut self, ticket: &str, files: Vec<SimulatedFile>) {
        if let Some(message) = self.ticket_mut(ticket).and_then(|ticket| ticket.messages.last_mut()) {
            message.files.extend(files);
        }
    }

    /// Makes the ticket's one message its description, with the ticket's files.
    pub(crate) fn begin_with(&mut self, ticket: &str) {
        let Some(ticket) = self.ticket_mut(ticket) else { return };
        if let Some(first) = ticket.messages.first_mut() {
            first.first = true;
            first.files.clone_from(&ticket.files);
        }
    }
}

/// The name of an object: the message and the file's place in it.
pub(crate) fn object(message: &SimulatedMessage, place: usize) -> String {
    format!("{}-{place}", message.id)
}

/// What the links of a vendor are made with.
pub(crate) struct Links<'a> {
    pub(crate) secret: &'a str,
    pub(crate) now_ms: i64,
    pub(crate) valid_seconds: Option<u32>,
}

impl Links<'_> {
    /// The link to an object on the host of `request`.
    pub(crate) fn link<B>(&self, request: &Request<B>, object: &str, name: &str) -> String {
        self.signed(&Method::GET, request, object, name)
    }

    /// The link to which an object is put.
    pub(crate) fn put_link<B>(&self, request: &Request<B>, object: &str, name: &str) -> String {
        self.signed(&Method::PUT, request, object, name)
    }

    fn signed<B>(&self, method: &Method, request: &Request<B>, object: &str, name: &str) -> String {
        let host = header(request, "host").unwrap_or_default();
        let scheme = if host.contains("127.0.0.1") || host.contains("localhost") { "http" } else { "https" };
        let path = format!("{FOLDER}{object}/{}", percent_encode(name));
        let expires = self.now_ms / 1000 + self.valid_seconds.map_or(LINK_SECONDS, i64::from);
        let signature = signature(self.secret, method, &path, &expires.to_string());
        format!("{scheme}://{host}{path}?Expires={expires}&OSSAccessKeyId=storage&Signature={signature}")
    }
}

fn signature(secret: &str, method: &Method, path: &str, expires: &str) -> String {
    hex(&hmac_sha256(secret.as_bytes(), format!("{method}\n{path}\n{expires}").as_bytes()))
}

/// The object storage's operation of a request, if it is for that.
pub(crate) fn operation<B>(request: &Request<B>) -> Option<&'static str> {
    let is_object = request.uri().path().starts_with(FOLDER);
    match *request.method() {
        Method::GET if is_object => Some(GET_OBJECT),
        Method::PUT if is_object => Some(PUT_OBJECT),
        _ => None,
    }
}

/// The name of the object of an upload, of which there are `before` already.
pub(crate) fn uploaded_object(before: usize) -> String {
    format!("u{before:08}")
}

/// The key of an object.
pub(crate) fn key(object: &str, name: &str) -> String {
    format!("{}{object}/{name}", &FOLDER[1..])
}

/// The key that a request names.
pub(crate) fn requested_key<B>(request: &Request<B>) -> String {
    percent_decode(&request.uri().path()[1..])
}

/// The object that a request names.
pub(crate) fn requested<B>(request: &Request<B>) -> &str {
    let rest = request.uri().path().strip_prefix(FOLDER).unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

/// Checks a link, and gives the account of the ticket that the object belongs to.
pub(crate) fn authorize(
    state: &VendorState,
    secret: &str,
    request: &Request<Bytes>,
    now_ms: i64,
) -> Result<String, VendorReply> {
    let query = pairs(request.uri().query().unwrap_or_default(), false);
    let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let expires = value("Expires").unwrap_or_default();
    // The signature covers the content type, which is none.
    let has_type = request.method() == Method::PUT && request.headers().contains_key("content-type");
    let expected = signature(secret, request.method(), request.uri().path(), expires);
    if value("Signature") != Some(expected.as_str()) || has_type {
        return Err(refused(403, "SignatureDoesNotMatch"));
    }
    if request.headers().contains_key("authorization") {
        return Err(refused(400, "InvalidArgument"));
    }
    if expires.parse::<i64>().is_ok_and(|expires| expires <= now_ms / 1000) {
        return Err(refused(403, "AccessDenied"));
    }
    if let Some(upload) = state.upload(&requested_key(request)) {
        return Ok(upload.account.clone());
    }
    let name = requested(request);
    let has_object = |ticket: &&SimulatedTicket| ticket.messages.iter().any(|message| is_of(name, message));
    let ticket = state.persisted.tickets.iter().filter(|ticket| !ticket.deleted).find(has_object);
    ticket.map(|ticket| ticket.account.clone()).ok_or_else(|| refused(404, "NoSuchKey"))
}

fn is_of(object: &str, message: &SimulatedMessage) -> bool {
    object.split_once('-').is_some_and(|(id, _)| id.parse() == Ok(message.id))
}

/// The message and the place of an object.
pub(crate) fn find<'a>(state: &'a VendorState, object: &str) -> Option<(&'a SimulatedMessage, usize)> {
    let place = object.split_once('-')?.1.parse().ok()?;
    let mut messages = state.persisted.tickets.iter().flat_map(|ticket| &ticket.messages);
    Some((messages.find(|message| is_of(object, message))?, place))
}

/// An answer with a file.
pub(crate) fn reply(file: Option<&SimulatedFile>) -> VendorReply {
    match file {
        Some(file) => VendorReply::raw(200, "application/octet-stream", file.content.bytes()),
        None => refused(404, "NoSuchKey"),
    }
}

fn refused(status: u16, code: &str) -> VendorReply {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code></Error>");
    VendorReply { code: Some(code.to_owned()), ..VendorReply::raw(status, "application/xml", body.into()) }
}
