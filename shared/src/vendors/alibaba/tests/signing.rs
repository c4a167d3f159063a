//! Golden signatures, made by the vendor's SDK and printed in its documents.

use std::collections::BTreeMap;

use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    digest,
    domain::AccountKeys,
    vendors::{
        alibaba::{
            params::AlibabaParams,
            sign::{self, sign},
        },
        encoding,
        golden::{Golden, authorization, headers, map, number, only_known, pairs, same, text, text_or_null},
    },
};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
const LEGACY: &str = "RPC HMAC-SHA1 (legacy)";

const LEFT_OUT: &[(&str, &str)] = &[
    ("name", "names the vector"),
    ("covers", "says what the vector is about"),
    ("source", "says where the vector is printed"),
];

static GOLDEN: Golden = Golden {
    prefix: "alibaba",
    lists: &[("vectors", check), ("vendor_documented_vectors", check_documented)],
    skipped_lists: &[("optional_legacy_rpc_vectors", "the old RPC signature (HMAC-SHA1) is not implemented")],
    // From the vendor's page of the old signature; it has neither headers nor an Authorization.
    skipped_vector: |vector| {
        vector["signature_style"] == LEGACY && vector.get("headers").is_none() && vector.get("authorization").is_none()
    },
    left_out: LEFT_OUT,
};

fn keys(vector: &Value) -> Result<AccountKeys, String> {
    Ok(AccountKeys {
        secret_id: text(vector, "access_key_id")?.to_owned(),
        secret_key_secret: text(vector, "access_key_secret")?.to_owned(),
    })
}

fn millis(date: &str) -> Result<i64, String> {
    let time: Timestamp = date.parse().map_err(|error| format!("date: {error}"))?;
    Ok(time.as_millisecond())
}

/// A JSON scalar as the vendor's text: booleans in lower case, whole numbers in decimal.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A parameter of `input` flattened by its style: names and texts. The client itself sends scalars only.
fn flat(name: &str, style: Option<&str>, value: &Value) -> Result<Vec<(String, String)>, String> {
    let items = || value.as_array().map(Vec::as_slice).unwrap_or_default().iter();
    Ok(match style {
        None => vec![(name.to_owned(), scalar(value))],
        Some("simple") => vec![(name.to_owned(), items().map(scalar).collect::<Vec<_>>().join(","))],
        Some("repeatList") => {
            items().zip(1..).map(|(item, number)| (format!("{name}.{number}"), scalar(item))).collect()
        }
        Some("json") => vec![(name.to_owned(), value.to_string())],
        Some(other) => return Err(format!("a style {other:?}")),
    })
}

/// The parameters of `input`.
fn flattened(input: &Value) -> Result<AlibabaParams, String> {
    let mut params = AlibabaParams::default();
    for parameter in input.as_array().ok_or("no input")? {
        only_known(parameter, &["name", "in", "style", "value"], &[])?;
        let name = text(parameter, "name")?;
        let place = text(parameter, "in")?;
        let value = parameter.get("value").ok_or("no value")?;
        for (name, text) in flat(name, text_or_null(parameter, "style")?, value)? {
            params = match place {
                "query" => params.query(&name, text),
                "formData" => params.form(&name, text),
                other => return Err(format!("a place {other:?}")),
            };
        }
    }
    Ok(params)
}

fn decoded_form(body: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| encoding::unpercent(&text.replace('+', " "));
    body.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn sorted(mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.sort();
    pairs
}

fn check(vector: &Value) -> Result<(), String> {
    only_known(
        vector,
        &[
            "action",
            "version",
            "method",
            "host",
            "path",
            "access_key_id",
            "access_key_secret",
            "security_token",
            "timestamp",
            "nonce",
            "input",
            "query",
            "form",
            "content_type",
            "body",
            "body_length_bytes",
            "content_sha256",
            "signed_header_values",
            "canonical_query_string",
            "canonical_headers",
            "signed_headers",
            "canonical_request",
            "hashed_canonical_request",
            "string_to_sign",
            "signature",
            "authorization",
        ],
        LEFT_OUT,
    )?;
    let keys = keys(vector)?;
    let body = text(vector, "body")?;

    // The parameters by location, then the body.
    let params = flattened(&vector["input"])?;
    let query: BTreeMap<String, String> = decoded_form(&params.query_string()).into_iter().collect();
    same("query", query, map(vector, "query")?)?;
    same("form of body", decoded_form(body), pairs(vector, "form")?)?;
    same("form of our body", sorted(decoded_form(&params.body())), sorted(pairs(vector, "form")?))?;
    let length = i64::try_from(body.len()).unwrap();
    same("body_length_bytes", length, number(vector, "body_length_bytes")?)?;

    // The head as the client builds it, then signed.
    let query = params.query_string();
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("https://{}{}{mark}{query}", text(vector, "host")?, text(vector, "path")?);
    let mut request = Request::builder()
        .method(text(vector, "method")?)
        .uri(uri)
        .header("accept", "application/json")
        .header("x-acs-action", text(vector, "action")?)
        .header("x-acs-version", text(vector, "version")?);
    if let Some(content_type) = text_or_null(vector, "content_type")? {
        request = request.header("content-type", content_type);
    }
    if let Some(token) = text_or_null(vector, "security_token")? {
        request = request.header("x-acs-accesskey-id", &keys.secret_id).header("x-acs-security-token", token);
    }
    let (mut parts, ()) = request.body(()).map_err(|error| format!("request: {error}"))?.into_parts();
    let timestamp = text(vector, "timestamp")?;
    let nonce = text(vector, "nonce")?;
    sign(&mut parts, body.as_bytes(), &keys, millis(timestamp)?, nonce).map_err(|error| format!("{error:?}"))?;

    let content_sha256 = digest::sha256_hex(body);
    let canonical = sign::canonical_request(&parts, &content_sha256);
    let string_to_sign = sign::string_to_sign(&canonical.text);
    same("content_sha256", content_sha256.as_str(), text(vector, "content_sha256")?)?;
    same("query as sent", parts.uri.query().unwrap_or_default(), text(vector, "canonical_query_string")?)?;
    let mut sent = headers(&parts, false);
    sent.remove("accept");
    sent.remove("authorization");
    same("timestamp", sent["x-acs-date"].as_str(), timestamp)?;
    same("signed_header_values", sent, map(vector, "signed_header_values")?)?;
    same("canonical_headers", canonical.headers.as_str(), text(vector, "canonical_headers")?)?;
    same("signed_headers", canonical.signed_headers.as_str(), text(vector, "signed_headers")?)?;
    same("canonical_request", canonical.text.as_str(), text(vector, "canonical_request")?)?;
    same(
        "hashed_canonical_request",
        digest::sha256_hex(&canonical.text).as_str(),
        text(vector, "hashed_canonical_request")?,
    )?;
    same("string_to_sign", string_to_sign.as_str(), text(vector, "string_to_sign")?)?;
    same("signature", sign::signature(&keys.secret_key_secret, &string_to_sign).as_str(), text(vector, "signature")?)?;
    same("authorization", authorization(&parts)?.as_str(), text(vector, "authorization")?)
}

/// A vector from the vendor's documents: it has no intermediate steps.
fn check_documented(vector: &Value) -> Result<(), String> {
    only_known(
        vector,
        &[
            "signature_style",
            "method",
            "path",
            "query",
            "body",
            "headers",
            "access_key_id",
            "access_key_secret",
            "signature",
            "authorization",
        ],
        LEFT_OUT,
    )?;
    same("signature_style", ALGORITHM, text(vector, "signature_style")?)?;
    let keys = keys(vector)?;
    let body = text(vector, "body")?;
    let expected = map(vector, "headers")?;
    let header = |name: &str| expected.get(name).ok_or(format!("no header {name}"));
    let query = encoding::query(map(vector, "query")?.into_iter().collect());
    let uri = format!("https://{}{}?{query}", header("host")?, text(vector, "path")?);
    let mut request = Request::builder().method(text(vector, "method")?).uri(uri);
    for (name, value) in &expected {
        if name != "host" {
            request = request.header(name, value);
        }
    }
    let (mut parts, ()) = request.body(()).map_err(|error| format!("request: {error}"))?.into_parts();
    let date = millis(header("x-acs-date")?)?;
    let nonce = header("x-acs-signature-nonce")?;
    sign(&mut parts, body.as_bytes(), &keys, date, nonce).map_err(|error| format!("{error:?}"))?;

    let mut sent = headers(&parts, false);
    sent.remove("authorization");
    same("headers", &sent, &expected)?;
    let canonical = sign::canonical_request(&parts, &digest::sha256_hex(body));
    let signature = sign::signature(&keys.secret_key_secret, &sign::string_to_sign(&canonical.text));
    same("signature", signature.as_str(), text(vector, "signature")?)?;
    same("authorization", authorization(&parts)?.as_str(), text(vector, "authorization")?)
}

#[test]
fn every_golden_vector_is_reproduced() {
    assert!(GOLDEN.check_all() > 0);
}

#[test]
fn a_change_of_any_golden_value_is_noticed() {
    GOLDEN.check_mutations();
}

#[test]
fn only_the_old_signature_is_skipped() {
    let names: Vec<&str> = GOLDEN.skipped_lists.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["optional_legacy_rpc_vectors"]);
}

#[test]
fn a_key_id_with_a_line_break_is_refused_not_sent() {
    let keys = AccountKeys { secret_id: "a\r\nx-evil: 1".into(), secret_key_secret: "s".into() };
    let (mut parts, ()) = Request::post("https://workorder.aliyuncs.com/").body(()).unwrap().into_parts();
    let error = sign(&mut parts, b"", &keys, 0, "n").unwrap_err();
    assert_eq!(error.code(), "account_keys_refused");
}
