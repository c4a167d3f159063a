//! Golden signatures, made by the vendor's Python SDK.

use std::collections::BTreeMap;

use http::Request;
use jiff::civil::DateTime;
use serde_json::Value;

use crate::{
    digest,
    domain::AccountKeys,
    vendors::{
        encoding,
        golden::{Golden, authorization, headers, map, only_known, pairs, same, text},
        huawei::sign::{self, sign},
    },
};

const LEFT_OUT: &[(&str, &str)] = &[
    ("id", "names the vector"),
    ("title", "says what the vector is about"),
    ("covers", "says what the vector is about"),
    ("note", "a remark"),
];

static GOLDEN: Golden = Golden {
    prefix: "huawei",
    lists: &[("vectors", check)],
    skipped_lists: &[],
    skipped_vector: |_| false,
    left_out: LEFT_OUT,
};

fn check(vector: &Value) -> Result<(), String> {
    only_known(
        vector,
        &[
            "ak",
            "sk",
            "date",
            "method",
            "scheme",
            "host",
            "path_template",
            "path_params",
            "path",
            "query",
            "headers",
            "body",
            "expected",
        ],
        LEFT_OUT,
    )?;
    let expected = &vector["expected"];
    only_known(
        expected,
        &[
            "body_sha256",
            "canonical_uri",
            "canonical_query",
            "signed_headers",
            "canonical_request",
            "canonical_request_sha256",
            "string_to_sign",
            "signature",
            "authorization",
            "request_target",
        ],
        &[],
    )?;
    let keys =
        AccountKeys { secret_id: text(vector, "ak")?.to_owned(), secret_key_secret: text(vector, "sk")?.to_owned() };
    let body = text(vector, "body")?;
    let date = text(vector, "date")?;
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", date).map_err(|error| format!("date: {error}"))?;
    let now_ms = jiff::tz::Offset::UTC.to_timestamp(time).map_err(|error| format!("date: {error}"))?.as_millisecond();
    same("scheme", "https", text(vector, "scheme")?)?;

    // The path, from its template.
    let mut path = text(vector, "path_template")?.to_owned();
    for (name, value) in map(vector, "path_params")? {
        let place = format!("{{{name}}}");
        if !path.contains(&place) {
            return Err(format!("path_template has no {place}"));
        }
        path = path.replace(&place, &encoding::percent(&value));
    }
    same("path", path.as_str(), text(vector, "path")?)?;

    // The head as the client builds it, then signed; the query is not sorted yet.
    let query: Vec<String> = pairs(vector, "query")?
        .iter()
        .map(|(name, value)| format!("{}={}", encoding::percent(name), encoding::percent(value)))
        .collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("https://{}{path}{mark}{}", text(vector, "host")?, query.join("&"));
    let given = pairs(vector, "headers")?;
    let mut request = Request::builder().method(text(vector, "method")?).uri(uri);
    for (name, value) in &given {
        if name != "Host" && name != "X-Sdk-Date" {
            request = request.header(name, value);
        }
    }
    let (mut parts, ()) = request.body(()).map_err(|error| format!("request: {error}"))?.into_parts();
    sign(&mut parts, body.as_bytes(), &keys, now_ms).map_err(|error| format!("{error:?}"))?;

    let mut sent = headers(&parts, true);
    sent.remove("Authorization");
    same("X-Sdk-Date", sent["X-Sdk-Date"].as_str(), date)?;
    same("headers", given.len(), sent.len())?;
    same("headers", sent, given.into_iter().collect::<BTreeMap<_, _>>())?;
    let body_sha256 = digest::sha256_hex(body);
    let canonical = sign::canonical_request(&parts, &body_sha256);
    let string_to_sign = sign::string_to_sign(date, &canonical.text);
    let mut lines = canonical.text.lines();
    same("method", lines.next(), Some(text(vector, "method")?))?;
    same("body_sha256", body_sha256.as_str(), text(expected, "body_sha256")?)?;
    same("canonical_uri", lines.next(), Some(text(expected, "canonical_uri")?))?;
    same("canonical_query", lines.next(), Some(text(expected, "canonical_query")?))?;
    same("signed_headers", canonical.signed_headers.as_str(), text(expected, "signed_headers")?)?;
    same("canonical_request", canonical.text.as_str(), text(expected, "canonical_request")?)?;
    same(
        "canonical_request_sha256",
        digest::sha256_hex(&canonical.text).as_str(),
        text(expected, "canonical_request_sha256")?,
    )?;
    same("string_to_sign", string_to_sign.as_str(), text(expected, "string_to_sign")?)?;
    same(
        "signature",
        sign::signature(&keys.secret_key_secret, &string_to_sign).as_str(),
        text(expected, "signature")?,
    )?;
    same("authorization", authorization(&parts)?.as_str(), text(expected, "authorization")?)?;
    let target = parts.uri.path_and_query().map(|target| target.as_str());
    same("request_target", target, Some(text(expected, "request_target")?))
}

#[test]
fn every_golden_vector_is_reproduced() {
    assert!(GOLDEN.check_all() > 0);
}

#[test]
fn a_change_of_any_golden_value_is_noticed() {
    GOLDEN.check_mutations();
}
