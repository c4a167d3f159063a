//! Conditional reads: an answer to a `GET` names itself by an `ETag`, and a caller that has it already is answered
//! `304` without a body (RFC 9110, sections 8.8.3 and 13.1.2).

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};

use crate::domain::EntityTag;

/// The answer to a read with these request headers, with its tag, or `304`. Only `200` has a tag.
pub(super) fn answer(full: Response<String>, headers: &HeaderMap) -> Response<String> {
    if full.status() != StatusCode::OK {
        return full;
    }
    let tag = EntityTag::of(full.body());
    let Ok(value) = HeaderValue::try_from(tag.as_str()) else { return full };
    let mut answer = full;
    answer.headers_mut().insert(ETAG, value);
    if is_known(headers, tag.as_str()) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        answer.headers_mut().remove(CONTENT_TYPE);
        answer.body_mut().clear();
    }
    answer
}

/// Whether the request names the tag, or any. A proxy may have made the tag a weak one.
pub fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}
