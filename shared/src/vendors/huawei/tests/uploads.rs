//! Files that go out, and the limits for them.

use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::{china, client, file};
use crate::{
    domain::{AttachmentLimits, FilePurpose, NewTicket, VendorFile, VendorFileRef},
    error::Retry,
    vendors::{
        TicketVendor,
        files::testing::TestFile,
        huawei::{file_body::FileEnvelope, file_model::NewAccessory, sign::sign},
        testing::{NOW_MS, ScriptedSender, Step, cloud_id, new_ticket, ok, status},
    },
};

async fn upload(script: &std::sync::Arc<ScriptedSender>) -> crate::error::Result<VendorFileRef> {
    client(script).upload_file(&china(), &TestFile::text("日志 \"1\".txt", "第一行\n"), FilePurpose::NewTicket).await
}

#[tokio::test]
async fn the_body_is_json_with_base64_and_signed() {
    let script = ScriptedSender::new([file("upload-json-accessories")]);
    let id = upload(&script).await.unwrap();
    assert_eq!(id.as_str(), "83aeb0f2834c4df49826c781d32a9631");
    assert_eq!(script.targets(), ["POST /v2/servicerequest/accessorys/json-format-content"]);
    let request = script.request(0);
    assert_eq!(request.headers()["content-length"], request.body().len().to_string().as_str());
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let wanted = json!({
        "accessory_name": "日志 \"1\".txt", "accessory_from": "incident", "upload_type": 0,
        "accessory_data": "56ys5LiA6KGMCg==",
    });
    assert_eq!(body, wanted);
    // The signature is that of a body in memory.
    let (mut head, body) = request.into_parts();
    let authorization = head.headers.remove("authorization").unwrap();
    head.headers.remove("content-length");
    sign(&mut head, &body, &china().keys, NOW_MS).unwrap();
    assert_eq!(head.headers["authorization"], authorization);
}

#[tokio::test]
async fn files_are_named_by_their_ids() {
    let ids = ["83aeb0f2834c4df49826c781d32a9631", "83aeb0f2834c4df49826c781d32a9632"];
    let files = ids.map(|id| VendorFile { id: VendorFileRef::parse(id).unwrap(), name: "c".into() }).to_vec();
    let script = ScriptedSender::new([file("create-cases"), file("create-messages")]);
    let client = client(&script);
    client.create_ticket(&china(), &NewTicket { files: files.clone(), ..new_ticket() }).await.unwrap();
    client.reply_ticket(&china(), &cloud_id("TT1"), "见附件", &files).await.unwrap();
    let body = |call| serde_json::from_slice::<Value>(script.request(call).body()).unwrap();
    assert_eq!(body(0)["accessory_ids"], json!(ids));
    assert_eq!(body(1), json!({"message": {"content": "见附件", "accessory_ids": ids}}));
}

#[tokio::test]
async fn one_large_chunk_is_sent_in_small_ones() {
    let fields = NewAccessory { accessory_name: "f", accessory_from: "message", upload_type: 0 };
    let envelope = FileEnvelope::new(&fields).unwrap();
    let large = TestFile { name: "f", size: 6_000_001, chunks: vec![Bytes::from(vec![7; 6_000_001])] };
    let sha256 = envelope.sha256(&large).await.unwrap();
    let mut sent = envelope.open(&large, &sha256).await.unwrap();
    let mut bytes = 0;
    while let Some(frame) = sent.body.frame().await {
        let chunk = frame.unwrap().into_data().unwrap();
        assert!(chunk.len() <= 64 * 1024 + 4, "{}", chunk.len());
        bytes += chunk.len() as u64;
    }
    assert_eq!(bytes, sent.bytes);
}

#[tokio::test]
async fn each_refusal_of_a_file_has_its_code() {
    let again = Retry::Yes { after: None };
    let refused = |status: u16, code: &str| {
        Step::Answer(status, Vec::new(), json!({"error_code": code, "error_msg": "no"}).to_string())
    };
    for (step, code, retry) in [
        (refused(200, "OSM.01010001"), "file_refused", Retry::No),
        (refused(200, "OSM.01010005"), "file_quota_exceeded", Retry::No),
        (refused(413, "APIGW.0201"), "file_refused", Retry::No),
        (refused(200, "OSM.01010002"), "vendor_permission_denied", Retry::No),
        (refused(200, "OSM.01010014"), "vendor_unavailable", again),
        (ok("{}"), "vendor_bad_answer", again),
        (ok(r#"{"accessory_id":" "}"#), "vendor_bad_answer", again),
        (status(502, "<html>bad gateway</html>"), "vendor_unavailable", again),
        (Step::NoAnswer, "vendor_unavailable", again),
    ] {
        let error = upload(&ScriptedSender::new([step])).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code, retry), "{error:?}");
    }
}

#[tokio::test]
async fn limits_are_read_from_texts_and_numbers_and_odd_ones_are_none() {
    let limits = async |limit: Value| {
        let script = ScriptedSender::new([ok(json!({ "accessory_limit": limit }).to_string())]);
        let limits = client(&script).attachment_limits(&china()).await.unwrap();
        assert_eq!(script.targets(), ["GET /v2/servicerequest/accessorys/limits"]);
        limits
    };
    let with_count = async |count: Value| limits(json!({ "limit_count": count })).await.max_files;
    let with_size = async |size: Value| limits(json!({ "limit_size": size })).await.max_bytes;
    let with_types = async |types: Value| limits(json!({ "limit_file_type": types })).await.types;
    for (count, read) in [
        (json!(5), Some(5)),
        (json!("5"), Some(5)),
        (json!(" 10 "), Some(10)),
        (json!("5.0"), Some(5)),
        (json!(0), None),
        (json!(-1), None),
        (json!(0.5), None),
        (json!("five"), None),
        (json!("5 MB"), None),
        (json!("1.2.3"), None),
        (json!(1e300), None),
        (json!(null), None),
        (json!([5]), None),
    ] {
        assert_eq!(with_count(count.clone()).await, read, "{count}");
    }
    for (size, read) in [
        (json!(4), Some(4 << 20)),
        (json!("4"), Some(4 << 20)),
        (json!("4M"), Some(4 << 20)),
        (json!("2.5 mb"), Some(5 << 19)),
        (json!("4 GB"), None),
        (json!(""), None),
        (json!({}), None),
    ] {
        assert_eq!(with_size(size.clone()).await, read, "{size}");
    }
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    for (types, read) in [
        (json!("jpg"), texts(&["jpg"])),
        (json!(".JPG, .png;log|7z\ttxt"), texts(&["jpg", "png", "log", "7z", "txt"])),
        (json!("jpg,jpg"), texts(&["jpg"])),
        (json!(["jpg", ".png"]), texts(&["jpg", "png"])),
        (json!("*"), None),
        (json!("*.*"), None),
        (json!(""), None),
        (json!(7), None),
    ] {
        assert_eq!(with_types(types.clone()).await, read, "{types}");
    }
    for odd in [json!(null), json!("text"), json!([1])] {
        assert_eq!(limits(odd.clone()).await, AttachmentLimits::default(), "{odd}");
    }
    let script = ScriptedSender::new([file("show-accessory-limits")]);
    let documented = client(&script).attachment_limits(&china()).await.unwrap();
    let types = texts(&["jpg"]);
    assert_eq!(documented, AttachmentLimits { max_files: Some(5), max_bytes: Some(4 << 20), types });
}
