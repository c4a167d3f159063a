//! The wire form of answers. Every field is optional and scalars may be text or number: the documented examples
//! contradict the documented types.

use serde::Deserialize;
use serde_json::Value;

use crate::vendors::lenient::{self, Integer, Text};

/// The fields of every answer, including errors of the gateway (those have a text `Code` and no `Success`).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlibabaEnvelope {
    /// The only reliable sign of success.
    pub success: Option<Value>,
    #[serde(default, deserialize_with = "lenient::scalar")]
    code: Text,
    #[serde(rename = "code", default, deserialize_with = "lenient::scalar")]
    code_lower: Text,
    #[serde(default, deserialize_with = "lenient::scalar")]
    message: Text,
    #[serde(rename = "message", default, deserialize_with = "lenient::scalar")]
    message_lower: Text,
    #[serde(default, deserialize_with = "lenient::scalar")]
    request_id: Text,
    #[serde(rename = "requestId", default, deserialize_with = "lenient::scalar")]
    request_id_lower: Text,
    /// In answers with status 200 JSON as text, empty when access is allowed; in gateway errors an object.
    pub access_denied_detail: Option<Value>,
}

impl AlibabaEnvelope {
    /// The code; the gateway's errors may have it in lower case, too.
    pub fn code(&self) -> Option<String> {
        self.code.0.clone().or_else(|| self.code_lower.0.clone())
    }

    /// The message, as the code.
    pub fn message(&self) -> Option<String> {
        self.message.0.clone().or_else(|| self.message_lower.0.clone())
    }

    /// The request id, as the code.
    pub fn request_id(&self) -> Option<String> {
        self.request_id.0.clone().or_else(|| self.request_id_lower.0.clone())
    }
}

/// Answer of GetCallerIdentity.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CallerIdentity {
    pub account_id: Text,
}

/// An answer with its `Data`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AlibabaAnswer<T> {
    pub data: Option<T>,
    pub total_count: Integer,
    /// The real size of the pages.
    pub page_size: Integer,
}

/// Where a file is put (GetAttachmentUploadUrl).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AttachmentUpload {
    pub object_key: Text,
    pub put_signed_url: Text,
}

/// A product directory (ListProducts).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Directory {
    pub directory_name: Text,
    #[serde(default, deserialize_with = "lenient::list")]
    pub product_list: Vec<DirectoryProduct>,
}

/// A product in a directory.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DirectoryProduct {
    pub product_id: Text,
    pub product_name: Text,
}

/// A problem category of a product (ListCategories).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Category {
    pub category_id: Text,
    pub category_name: Text,
}

/// A label with its value. The label is in the account's language; only the value is read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Labelled {
    pub value: Text,
}

/// A ticket in a list (ListTickets), without what no step needs: an odd title does not make the row unreadable.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TicketRow {
    pub ticket_id: Text,
    #[serde(default, deserialize_with = "lenient::object")]
    pub status: Labelled,
    pub create_time: Integer,
}

/// A ticket (GetTicket), where only its status is needed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TicketStatus {
    #[serde(default, deserialize_with = "lenient::object")]
    pub status: Labelled,
}

/// A ticket (GetTicket).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TicketData {
    pub description: Text,
    #[serde(default, deserialize_with = "lenient::object")]
    pub status: Labelled,
    pub title: Text,
    pub create_time: Integer,
    pub category_id: Text,
    /// "1" normal, "2" urgent.
    #[serde(default, deserialize_with = "lenient::object")]
    pub severity: Labelled,
}

/// A note of a ticket (ListTicketNotes).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Note {
    pub dialog_id: Text,
    pub create_time: Integer,
    /// 1 card, 2 text.
    #[serde(rename = "Type")]
    pub kind: Integer,
    #[serde(default, deserialize_with = "lenient::object_or_null")]
    pub dialog: Dialog,
    #[serde(default, deserialize_with = "lenient::object_or_null")]
    pub user: User,
    pub attachments: Option<Value>,
}

/// The content of a note.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dialog {
    pub content: Text,
    /// A card's JSON, as text or as JSON: the form is not documented.
    pub schema: Option<Value>,
}

/// Who wrote a note.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct User {
    /// 2 agent, 3 customer.
    pub role: Integer,
    pub name: Text,
}

/// A file of a note; its link is temporary.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct File {
    pub name: Text,
    pub url: Text,
}
