use serde_json::{Value, json};
use shared::domain::TranscriptFormat;

use super::*;
use crate::testing::{CREATED, copy, message, ticket, transcript};

#[test]
fn the_document_holds_all_of_a_ticket() {
    let messages = vec![message(json!({
        "content": "见 <https://a.cn/f?Expires=1&Signature=s>", "from_console": true, "unreadable_attachments": 2,
        "revisions": [{"content": "旧 https://a.cn/f?Expires=0&Signature=r", "replaced_time": CREATED + 90_000}],
        "attachments": [{"name": "日志.txt", "url": "https://a.aliyuncs.com/f?Expires=1&Signature=s"}],
    }))];
    let line = transcript(json!({}), messages, &[copy("日志.txt")]).json_line().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&line).unwrap(),
        json!({
            "schema_version": 1,
            "ticket": {
                "id": "01KG9W0000000000000000TEST", "cloud_id": "0000059HB3", "type": "ALIBABA", "custom_id": "acc-1",
                "name": "ECS 无法连接", "description": "SSH 连接超时。\n\nref 01KG9W0000000000000000TEST",
                "product_id": "ecs", "product_name": "云服务器 ECS", "product_business_id": "1001",
                "severity": "urgent", "state": "closed", "adopted": false,
                "create_time": CREATED, "create_time_utc": "2026-01-31T23:59:59.999Z",
                "first_response_time": CREATED + 60_000, "first_response_time_utc": "2026-02-01T00:00:59.999Z",
                "last_support_time": CREATED + 120_000, "last_support_time_utc": "2026-02-01T00:01:59.999Z",
                "close_time": CREATED + 7_200_000, "close_time_utc": "2026-02-01T01:59:59.999Z",
                "resolution_ms": 5_400_000,
            },
            "archive": {"message_count": 1, "shown_count": 1, "digest": "ab".repeat(32)},
            "messages": [{
                "id": "01KG9W00000000000000000MSG", "message_id": "m1", "writer": "support", "replier": "e1",
                "replier_name": "小二", "from_console": true, "create_time": CREATED + 60_000,
                "create_time_utc": "2026-02-01T00:00:59.999Z", "unreadable_time": false,
                "content": "见 <https://a.cn/f>",
                "revisions": [{
                    "content": "旧 https://a.cn/f", "replaced_time": CREATED + 90_000,
                    "replaced_time_utc": "2026-02-01T00:01:29.999Z",
                }],
                "attachments": [{
                    "attachment_id": "b5aedc5843e40f4f60a7f5a606a41e31", "name": "日志.txt", "state": "stored",
                    "size": 1234, "sha256": "cd".repeat(32),
                }],
                "unreadable_attachments": 2,
            }],
        })
    );
}

#[test]
fn the_file_is_one_line_and_reads_back() {
    let messages = vec![message(json!({"content": "a\r\nb\nc\u{2028}\t\"\\"})), message(json!({"type": 0}))];
    let transcript = transcript(json!({"name": "两\n行"}), messages, &[]);
    let line = transcript.json_line().unwrap();
    assert_eq!((line.matches('\n').count(), line.matches('\r').count(), line.ends_with("}\n")), (1, 0, true));
    assert_eq!(serde_json::from_str::<Transcript>(&line).unwrap(), transcript);
    assert!(!line.contains("ops@example.com"));
}

#[test]
fn the_key_is_by_the_month_of_creation_in_utc() {
    for (create_time, folder) in [
        (CREATED, "transcripts/ALIBABA/2026/01"),
        (CREATED + 1, "transcripts/ALIBABA/2026/02"),
        (0, "transcripts/ALIBABA/1970/01"),
        (1_767_225_599_999, "transcripts/ALIBABA/2025/12"),
        (1_767_225_600_000, "transcripts/ALIBABA/2026/01"),
    ] {
        let key = TranscriptFormat::Json.key(&ticket(json!({"create_time": create_time})));
        assert_eq!(key, format!("{folder}/01KG9W0000000000000000TEST.json"));
    }
}

#[test]
fn only_a_committed_archive_has_a_transcript() {
    for fields in
        [json!({"state": "open", "status": 1}), json!({"state": "closing", "status": 1}), json!({"digest": null})]
    {
        let transcript = Transcript::new(ticket(fields.clone()), CatalogNames::default(), vec![], &[]).unwrap();
        assert_eq!(transcript, None, "{fields}");
    }
    let ticket = ticket(json!({"create_time": i64::MAX}));
    assert!(Transcript::new(ticket, CatalogNames::default(), vec![], &[]).is_err());
}

#[test]
fn a_time_that_no_calendar_has_is_left_out() {
    let transcript = transcript(json!({}), vec![message(json!({"create_time": i64::MIN}))], &[]);
    assert_eq!((transcript.messages[0].create_time, &transcript.messages[0].create_time_utc), (i64::MIN, &None));
}
