//! Writes the transcripts of a few invented tickets into a folder, under their keys: `sample_transcripts FOLDER`.
//! `tests/analysis` queries them.

use std::{error::Error, fs, path::Path};

use serde_json::{Value, json};
use shared::domain::{
    ArchiveDigest, ArchivedMessage, Attachment, AttachmentCopy, CopyState, MessagePosition, Ticket, TranscriptFormat,
    Vendor,
};
use write_transcripts::{
    html, text,
    transcript::{CatalogNames, Transcript},
};

const HOUR_MS: i64 = 3_600_000;

/// The begin of September, October and November 2026, UTC.
const MONTHS: [i64; 3] = [1_788_220_800_000, 1_790_812_800_000, 1_793_491_200_000];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("Usage: sample_transcripts FOLDER")?;
    let mut number = 0;
    for (month, begin) in MONTHS.into_iter().enumerate() {
        for (vendor_index, vendor) in Vendor::ALL.into_iter().enumerate() {
            for _ in 0..=(month + vendor_index) % 3 {
                number += 1;
                let (ticket, transcript) = sample(number, vendor, begin + i64::from(number) * 20 * HOUR_MS)?;
                for (format, text) in [
                    (TranscriptFormat::Json, transcript.json_line()?),
                    (TranscriptFormat::Html, html::page(&transcript)),
                    (TranscriptFormat::Text, text::page(&transcript)),
                ] {
                    write(&Path::new(&folder).join(format.key(&ticket)), &text)?;
                }
            }
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}

/// A ticket with that number. Its first answer takes half an hour for each; the first one has everything that a
/// transcript may hold, and every seventh one no message.
fn sample(number: u32, vendor: Vendor, create_time: i64) -> Result<(Ticket, Transcript), Box<dyn Error>> {
    let messages = if number.is_multiple_of(7) { Vec::new() } else { messages(number, vendor, create_time)? };
    let mut digest = ArchiveDigest::default();
    messages.iter().for_each(|message| digest.add(message));
    let contents = digest.finish();
    let mut ticket = json!({
        "id": format!("SAMPLE{number:04}"), "cloud_id": format!("C{number}"), "status": 0, "state": "closed",
        "name": format!("云服务器无法连接 {number}"), "type": vendor, "custom_id": "acc-1",
        "severity": if number.is_multiple_of(4) { "urgent" } else { "normal" }, "create_time": create_time,
        "close_time": create_time + 30 * HOUR_MS, "resolution_ms": i64::from(number) * HOUR_MS,
        "message_count": contents.message_count, "digest": contents.digest,
    });
    if !messages.is_empty() {
        let answered = create_time + wait_ms(number);
        merge(&mut ticket, json!({"first_response_time": answered, "last_support_time": answered}));
    }
    if number == 1 {
        merge(
            &mut ticket,
            json!({
                "description": "SSH 连接超时。", "product_id": "ecs", "product_business_id": "1001", "osm_id": "s1",
                "region_id": "cn-hangzhou", "adopted": true, "shown_count": contents.message_count,
                "last_customer_time": create_time + 60_000,
            }),
        );
    }
    let names = || CatalogNames { product: Some("云服务器 ECS".into()), problem_type: Some("网络".into()) };
    let names = if number == 1 { names() } else { CatalogNames::default() };
    let message = MessagePosition { create_time, order: 0, message_id: "m1-0".into() };
    let file = Attachment { name: "日志.txt".into(), id: None, url: None };
    let ticket: Ticket = serde_json::from_value(ticket)?;
    let copies = AttachmentCopy::of_message(Vendor::Alibaba, &ticket.id, &message, &[file], create_time);
    let stored =
        |copy| AttachmentCopy { state: CopyState::Stored, size: Some(1234), sha256: Some("cd".repeat(32)), ..copy };
    let copies: Vec<_> = copies.into_iter().map(stored).collect();
    let transcript = Transcript::new(ticket.clone(), names, messages, &copies)?;
    Ok((ticket, transcript.ok_or("The ticket has no archive.")?))
}

fn wait_ms(number: u32) -> i64 {
    i64::from(number) * HOUR_MS / 2
}

/// A question, its answer, and a word of thanks.
fn messages(number: u32, vendor: Vendor, create_time: i64) -> Result<Vec<ArchivedMessage>, Box<dyn Error>> {
    let answer = match vendor {
        Vendor::Huawei => "<p>您好，请检查<a href=\"https://support.huaweicloud.com/\">安全组</a>。</p>",
        _ => "您好，\n请检查安全组。",
    };
    let question = if number.is_multiple_of(5) { "Connection TIMEOUT 连接超时" } else { "无法登录" };
    let texts = [(0, 0, question), (1, wait_ms(number), answer), (0, wait_ms(number) + HOUR_MS, "谢谢 👍")];
    let mut messages = Vec::new();
    for (place, (message_type, after_ms, content)) in texts.into_iter().enumerate() {
        let mut message = json!({
            "id": format!("M{number:04}{place}"), "case_id": format!("C{number}"),
            "message_id": format!("m{number}-{place}"), "type": message_type, "content": content,
            "create_time": create_time + after_ms,
        });
        if number == 1 && place == 0 {
            merge(
                &mut message,
                json!({
                    "replier": "u1", "replier_name": "王芳", "from_console": true, "unreadable_attachments": 1,
                    "attachments": [{"name": "日志.txt"}, {"name": "core dump.gz"}],
                    "revisions": [{"content": "无法登陆", "replaced_time": create_time + 1000}],
                }),
            );
        }
        messages.push(serde_json::from_value(message)?);
    }
    Ok(messages)
}

fn merge(value: &mut Value, fields: Value) {
    if let (Value::Object(value), Value::Object(fields)) = (value, fields) {
        value.extend(fields);
    }
}
