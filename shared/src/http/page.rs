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

    /// The position in a cursor, if there is one; `InvalidInput` with code `invalid_cursor` when it was not made for
    /// this list and these filters.
    pub fn position<P: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<P>> {
        cursor.map(|cursor| self.decode(cursor).ok_or_else(invalid_cursor)).transpose()
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
        let next_cursor = page.next.map(|next| self.encode(&next)).transpose()?;
        json(StatusCode::OK, &ListBody { items: page.items, next_cursor, extra })
    }

    fn encode(&self, position: &impl Serialize) -> Result<String> {
        let position = serde_json::to_vec(position)
            .map_err(|source| Error::unexpected("A cursor could not be written.").with_source(source))?;
        Ok(URL_SAFE_NO_PAD.encode([&self.checksum(&position)[..CHECKSUM_BYTES], &position].concat()))
    }

    fn decode<P: DeserializeOwned>(&self, cursor: &str) -> Option<P> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (sum, position) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        if sum != &self.checksum(position)[..CHECKSUM_BYTES] {
            return None;
        }
        serde_json::from_slice(position).ok()
    }

    fn checksum(&self, position: &[u8]) -> [u8; 32] {
        hmac_sha256(self.key.as_bytes(), &[self.scope.as_bytes(), &[0], position].concat())
    }
}

fn invalid_cursor() -> Error {
    let rule = "must be a next_cursor of this list, with the same filters; leave it out for the first page";
    Error::invalid_field("cursor", rule).with_code(ProblemCode::InvalidCursor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_holds_for_its_list_and_filters_only() {
        let cursor = Cursors::new("key", "/tickets?status=1").encode(&(7, "T1")).unwrap();
        let read =
            |key: &str, scope: &str, cursor: &str| Cursors::new(key, scope).position::<(i64, String)>(Some(cursor));
        assert_eq!(read("key", "/tickets?status=1", &cursor).unwrap(), Some((7, "T1".to_owned())));
        assert_eq!(read("key", "/tickets?status=0", &cursor).unwrap_err().code(), "invalid_cursor");
        assert_eq!(read("other", "/tickets?status=1", &cursor).unwrap_err().code(), "invalid_cursor");
    }

    #[test]
    fn a_changed_or_invented_cursor_is_refused() {
        let cursors = Cursors::new("key", "s");
        let cursor = cursors.encode(&7).unwrap();
        for position in 0..cursor.len() {
            let mut changed: Vec<char> = cursor.chars().collect();
            changed[position] = if changed[position] == 'A' { 'B' } else { 'A' };
            let changed: String = changed.into_iter().collect();
            assert!(cursors.position::<i64>(Some(&changed)).is_err(), "{changed} was accepted");
        }
        for invented in ["", "x", "!!", "AAAA", "工单"] {
            assert!(cursors.position::<i64>(Some(invented)).is_err(), "{invented} was accepted");
        }
    }
}
