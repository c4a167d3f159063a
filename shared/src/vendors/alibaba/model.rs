//! The wire form of answers. Every field is optional and scalars may be text or number: the documented examples
//! contradict the documented types.

use serde::Deserialize;
use serde_json::Value;

use crate::vendors::lenient;

/// The fields of every answer, including errors of the gateway (those have a text `Code` and no `Success`).
#[derive(Debug, Default, Deserialize)]
pub struct AlibabaEnvelope {
    /// The only reliable sign of success.
    #[serde(rename = "Success")]
    pub success: Option<Value>,
    #[serde(rename = "Code", alias = "code", default, deserialize_with = "lenient::text")]
    pub code: Option<String>,
    #[serde(rename = "Message", alias = "message", default, deserialize_with = "lenient::text")]
    pub message: Option<String>,
    #[serde(rename = "RequestId", alias = "requestId", default, deserialize_with = "lenient::text")]
    pub request_id: Option<String>,
    /// In answers with status 200 JSON as text, empty when access is allowed; in gateway errors an object.
    #[serde(rename = "AccessDeniedDetail")]
    pub access_denied: Option<Value>,
}

/// An answer with its `Data`.
#[derive(Debug, Deserialize)]
pub struct AlibabaAnswer<T> {
    #[serde(rename = "Data", default = "nothing")]
    pub data: Option<T>,
    #[serde(rename = "TotalCount", default, deserialize_with = "lenient::integer")]
    pub total_count: Option<i64>,
    /// The real size of the pages.
    #[serde(rename = "PageSize", default, deserialize_with = "lenient::integer")]
    pub page_size: Option<i64>,
}

fn nothing<T>() -> Option<T> {
    None
}

/// A product directory (ListProducts).
#[derive(Debug, Deserialize)]
pub struct Directory {
    #[serde(rename = "DirectoryName", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(rename = "ProductList", default, deserialize_with = "lenient::list")]
    pub products: Vec<DirectoryProduct>,
}

/// A product in a directory.
#[derive(Debug, Deserialize)]
pub struct DirectoryProduct {
    #[serde(rename = "ProductId", default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(rename = "ProductName", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// A problem category of a product (ListCategories).
#[derive(Debug, Deserialize)]
pub struct Category {
    #[serde(rename = "CategoryId", default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(rename = "CategoryName", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// A label with its value. The label is in the account's language; only the value is read.
#[derive(Debug, Default, Deserialize)]
pub struct Labelled {
    #[serde(rename = "Value", default, deserialize_with = "lenient::text")]
    pub value: Option<String>,
}

/// A ticket (GetTicket; ListTickets has fewer fields).
#[derive(Debug, Deserialize)]
pub struct TicketData {
    #[serde(rename = "TicketId", default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(rename = "Description", default, deserialize_with = "lenient::text")]
    pub description: Option<String>,
    #[serde(rename = "Status", default, deserialize_with = "lenient::object")]
    pub status: Labelled,
    #[serde(rename = "Title", default, deserialize_with = "lenient::text")]
    pub title: Option<String>,
    #[serde(rename = "CreateTime", default, deserialize_with = "lenient::integer")]
    pub create_time: Option<i64>,
    #[serde(rename = "CategoryId", default, deserialize_with = "lenient::text")]
    pub category_id: Option<String>,
    /// "1" normal, "2" urgent.
    #[serde(rename = "Severity", default, deserialize_with = "lenient::object")]
    pub severity: Labelled,
}

/// A note of a ticket (ListTicketNotes).
#[derive(Debug, Deserialize)]
pub struct Note {
    #[serde(rename = "DialogId", default, deserialize_with = "lenient::text")]
    pub id: Option<String>,
    #[serde(rename = "CreateTime", default, deserialize_with = "lenient::integer")]
    pub create_time: Option<i64>,
    /// 1 card, 2 text.
    #[serde(rename = "Type", default, deserialize_with = "lenient::integer")]
    pub kind: Option<i64>,
    #[serde(rename = "Dialog", default, deserialize_with = "lenient::object")]
    pub dialog: Dialog,
    #[serde(rename = "User", default, deserialize_with = "lenient::object")]
    pub user: User,
    #[serde(rename = "Attachments", default)]
    pub attachments: Option<Value>,
}

/// The content of a note.
#[derive(Debug, Default, Deserialize)]
pub struct Dialog {
    #[serde(rename = "Content", default, deserialize_with = "lenient::text")]
    pub content: Option<String>,
    /// A card's JSON, as text or as JSON: the form is not documented.
    #[serde(rename = "Schema")]
    pub schema: Option<Value>,
}

/// Who wrote a note.
#[derive(Debug, Default, Deserialize)]
pub struct User {
    /// 2 agent, 3 customer.
    #[serde(rename = "Role", default, deserialize_with = "lenient::integer")]
    pub role: Option<i64>,
    #[serde(rename = "Name", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// A file of a note; its link is temporary.
#[derive(Debug, Deserialize)]
pub struct File {
    #[serde(rename = "Name", default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(rename = "Url", default, deserialize_with = "lenient::text")]
    pub url: Option<String>,
}
