//! Golden signatures, made by the vendor's Python SDK, and the example of the vendor's documents.

use http::Request;
use serde_json::Value;

use crate::{
    digest,
    domain::AccountKeys,
    vendors::{
        golden::{Golden, authorization, headers, map, number, only_known, same, text, text_or_null},
        tencent::sign::{self, sign},
    },
};

const LEFT_OUT: &[(&str, &str)] = &[("name", "names the vector"), ("why", "says what the vector is about")];

static GOLDEN: Golden = Golden {
    prefix: "tencent",
    lists: &[("vectors", check)],
    skipped_lists: &[],
    skipped_vector: |_| false,
    left_out: LEFT_OUT,
};

fn check(vector: &Value) -> Result<(), String> {
    only_known(
        vector,
        &[
            "secret_id",
            "secret_key",
            "token",
            "service",
            "action",
            "version",
            "region",
            "timestamp",
            "date_utc",
            "method",
            "path",
            "query",
            "host",
            "content_type",
            "body",
            "body_len_bytes",
            "body_sha256",
            "canonical_request",
            "string_to_sign",
            "signature",
            "authorization",
            "headers",
        ],
        LEFT_OUT,
    )?;
    let keys = AccountKeys {
        secret_id: text(vector, "secret_id")?.to_owned(),
        secret_key_secret: text(vector, "secret_key")?.to_owned(),
    };
    let body = text(vector, "body")?;
    let length = i64::try_from(body.len()).unwrap();
    same("body_len_bytes", length, number(vector, "body_len_bytes")?)?;
    let timestamp = number(vector, "timestamp")?;
    let service = text(vector, "service")?;
    let query = text(vector, "query")?;
    let mark = if query.is_empty() { "" } else { "?" };
    let uri = format!("https://{}{}{mark}{query}", text(vector, "host")?, text(vector, "path")?);
    let mut request = Request::builder()
        .method(text(vector, "method")?)
        .uri(uri)
        .header("content-type", text(vector, "content_type")?)
        .header("x-tc-action", text(vector, "action")?)
        .header("x-tc-version", text(vector, "version")?)
        .header("x-tc-language", "zh-CN");
    if let Some(region) = text_or_null(vector, "region")? {
        request = request.header("x-tc-region", region);
    }
    if let Some(token) = text_or_null(vector, "token")? {
        request = request.header("x-tc-token", token);
    }
    let (mut parts, ()) = request.body(()).map_err(|error| format!("request: {error}"))?.into_parts();
    // A fraction of a second must not count.
    let now_ms = timestamp * 1000 + 999;
    sign(&mut parts, body.as_bytes(), &keys, service, now_ms).map_err(|error| format!("{error:?}"))?;

    same("headers", headers(&parts, true), map(vector, "headers")?)?;
    let scope = sign::scope(service, now_ms).map_err(|error| format!("{error:?}"))?;
    same("scope", scope.as_str(), &format!("{}/{service}/tc3_request", text(vector, "date_utc")?))?;
    let body_sha256 = digest::sha256_hex(body);
    let canonical = sign::canonical_request(&parts, &body_sha256);
    let string_to_sign = sign::string_to_sign(timestamp, &scope, &canonical.text);
    same("body_sha256", body_sha256.as_str(), text(vector, "body_sha256")?)?;
    same("canonical_request", canonical.text.as_str(), text(vector, "canonical_request")?)?;
    same("string_to_sign", string_to_sign.as_str(), text(vector, "string_to_sign")?)?;
    same(
        "signature",
        sign::signature(&keys.secret_key_secret, &scope, &string_to_sign).as_str(),
        text(vector, "signature")?,
    )?;
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

/// The worked example of <https://cloud.tencent.com/document/api/213/30654>. It signs the action too, which we don't,
/// so its canonical request is a constant here.
#[test]
fn the_worked_example_of_the_vendor_is_reproduced() {
    let body = r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#;
    let canonical = format!(
        "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n\
         x-tc-action:describeinstances\n\ncontent-type;host;x-tc-action\n{}",
        digest::sha256_hex(body)
    );
    assert_eq!(digest::sha256_hex(&canonical), "7019a55be8395899b900fb5564e4200d984910f34794a27cb3fb7d10ff6a1e84");
    let scope = sign::scope("cvm", 1_551_113_065_000).unwrap();
    let string_to_sign = sign::string_to_sign(1_551_113_065, &scope, &canonical);
    assert_eq!(
        sign::signature(&"*".repeat(32), &scope, &string_to_sign),
        "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    );
}
