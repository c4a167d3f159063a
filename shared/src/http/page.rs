//! Cursors: where the next page of a list starts. Opaque, bound to the list and its filters, and checked.

use ::http::{Response, StatusCode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

use super::json;
use crate::{
    digest::hmac_sha256,
    error::{Error, Result},
    problem_code::ProblemCode,
    store::Page,
};

/// How many items a page holds when the caller does not say.
pub const DEFAULT_LIMIT: i64 = 20;
/// The most items of a page.
pub const MAX_LIMIT: i64 = 100;

/// How many bytes of the checksum a cursor carries.
const CHECKSUM_BYTES: usize = 16;

/// The cursors of one list: its route and filters.
pub struct Cursors<'a> {
    key: &'a str,
    scope: String,
}

/// A page of a list as it is answered.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "{T}List"))]
pub struct ListBody<T, E> {
    /// The items, in the list's order.
    items: Vec<T>,
    /// The cursor of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(flatten)]
    extra: E,
}

/// Nothing beside a page.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Nothing {}

impl<'a> Cursors<'a> {
    /// The cursors of the list that `scope` names, under the stack's `key`.
    pub fn new(key: &'a str, scope: impl Into<String>) -> Self {
        Self { key, scope: scope.into() }
    }

    /// The position in a cursor, if there is one.
    pub fn position<P: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<P>> {
        cursor.map(|cursor| decode_cursor(self.key, &self.scope, cursor)).transpose()
    }

    /// Answers a page: `items`, and `next_cursor` unless it is the last one.
    pub fn answer<T: Serialize, P: Serialize>(&self, page: Page<T, P>) -> Result<Response<String>> {
        self.answer_with(page, Nothing {})
    }

    /// The same, with the fields of `extra` beside it.
    pub fn answer_with<T: Serialize, P: Serialize, E: Serialize>(
        &self,
        page: Page<T, P>,
        extra: E,
    ) -> Result<Response<String>> {
        let next_cursor = page.next.map(|next| encode_cursor(self.key, &self.scope, &next)).transpose()?;
        json(StatusCode::OK, &ListBody { items: page.items, next_cursor, extra })
    }
}

/// The cursor of a position in the list that `scope` names: its route and filters.
fn encode_cursor(key: &str, scope: &str, position: &impl Serialize) -> Result<String> {
    let position = serde_json::to_vec(position)
        .map_err(|source| Error::unexpected("A cursor could not be written.").with_source(source))?;
    let mut bytes = checksum(key, scope, &position).to_vec();
    bytes.extend_from_slice(&position);
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The position in a cursor; `InvalidInput` with code `invalid_cursor` when it was not made for this list and these
/// filters.
fn decode_cursor<T: DeserializeOwned>(key: &str, scope: &str, cursor: &str) -> Result<T> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid_cursor())?;
    let (sum, position) = bytes.split_at_checked(CHECKSUM_BYTES).ok_or_else(invalid_cursor)?;
    if sum != checksum(key, scope, position) {
        return Err(invalid_cursor());
    }
    serde_json::from_slice(position).map_err(|_| invalid_cursor())
}

fn checksum(key: &str, scope: &str, position: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut message = scope.as_bytes().to_vec();
    message.push(0);
    message.extend_from_slice(position);
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&hmac_sha256(key.as_bytes(), &message)[..CHECKSUM_BYTES]);
    sum
}

fn invalid_cursor() -> Error {
    Error::invalid_field(
        "cursor",
        "must be a next_cursor of this list, with the same filters; leave it out for the first page",
    )
    .with_code(ProblemCode::InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_for_its_list_and_filters_only() {
        let cursor = encode_cursor("key", "/tickets?status=1", &(7, "T1")).unwrap();
        let read = |key: &str, scope: &str, cursor: &str| decode_cursor::<(i64, String)>(key, scope, cursor);
        assert_eq!(read("key", "/tickets?status=1", &cursor).unwrap(), (7, "T1".to_owned()));
        assert_eq!(read("key", "/tickets?status=0", &cursor).unwrap_err().code(), "invalid_cursor");
        assert_eq!(read("other", "/tickets?status=1", &cursor).unwrap_err().code(), "invalid_cursor");
    }

    #[test]
    fn a_changed_or_invented_cursor_is_refused() {
        let cursor = encode_cursor("key", "s", &7).unwrap();
        for position in 0..cursor.len() {
            let mut changed: Vec<char> = cursor.chars().collect();
            changed[position] = if changed[position] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert!(decode_cursor::<i64>("key", "s", &changed).is_err(), "{changed} was accepted");
        }
        for invented in ["", "x", "!!", "AAAA", "工单"] {
            assert!(decode_cursor::<i64>("key", "s", invented).is_err(), "{invented} was accepted");
        }
    }
}
