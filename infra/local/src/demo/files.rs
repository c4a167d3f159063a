//! The files of one ticket.

use local::stack::Stack;
use serde_json::{Value, json};
use shared::digest::sha256_hex;

use super::{
    DemoResult,
    api_client::{ApiClient, text},
};

/// The file that support sends.
pub const LOG_NAME: &str = "诊断日志.log";
/// Its content.
pub const LOG: &str = "08:30:00 link down eth0\n08:30:07 link up eth0\n";

/// The file that the customer sends.
const SCREENSHOT_NAME: &str = "控制台截图.png";
/// Its content.
const SCREENSHOT: &[u8] = include_bytes!("screenshot.png");

/// Uploads the customer's file, and gives its id.
pub async fn upload(api: &ApiClient) -> DemoResult<String> {
    let file = json!({"name": SCREENSHOT_NAME, "size": SCREENSHOT.len(), "type": "image/png"});
    let upload = api.post("/attachments", &file, None, 201).await?;
    api.upload(&upload, SCREENSHOT).await?;
    Ok(text(&upload, "id")?.to_owned())
}

/// Copies the files of all messages into the bucket, as the schedule does every minute.
pub async fn copy(stack: &Stack) -> DemoResult<()> {
    stack.events.fire_schedule("CopyScheduleRule")?;
    stack.events.wait_until_idle().await;
    Ok(())
}

/// Checks that the archive has each file as it was sent.
pub async fn check(api: &ApiClient, ticket: &str, archive: &[Value]) -> DemoResult<()> {
    let files: Vec<_> = archive.iter().filter_map(|message| message["attachments"].as_array()).flatten().collect();
    for (name, content) in [(SCREENSHOT_NAME, SCREENSHOT), (LOG_NAME, LOG.as_bytes())] {
        let file = files.iter().find(|file| file["name"] == name);
        let file = file.ok_or_else(|| format!("{name} is missing in {files:?}"))?;
        let link = format!("/tickets/{ticket}/attachments/{}", text(file, "attachment_id")?);
        let downloaded = api.download(&link).await?;
        let sent = sha256_hex(content);
        if text(file, "sha256")? != sent || sha256_hex(&downloaded) != sent {
            return Err(format!("{name} is not as it was sent: {file}").into());
        }
        println!("   The file {name}: {} bytes, SHA-256 {sent:.16}…, as it was sent", file["size"]);
    }
    Ok(())
}
