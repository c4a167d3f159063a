//! One ticket from create to archive.

use std::path::Path;

use local::stack::Stack;
use serde_json::{Value, json};
use simulators::{AlibabaSimulator, HuaweiSimulator, SimulatedFile};

use super::{
    DemoResult,
    api_client::{ApiClient, text},
    catalog, files,
};

/// The messages of support in every demo ticket.
const SUPPORT_MESSAGES: [&str; 2] =
    ["您好，我们已收到您的问题，正在排查 🔍", "已为您重启底层网络，请再试一次。祝您使用愉快 😊"];

/// The customer's message in every demo ticket.
const CUSTOMER_MESSAGE: &str = "谢谢！实例 i-bp1 已授权检查 👍";

/// What is written when a closed ticket is opened again, and what support answers (Alibaba Cloud).
const REOPENING_MESSAGE: &str = "问题又出现了，请再检查一次 🙏";
const LAST_SUPPORT_MESSAGE: &str = "已更换物理主机，问题不会再出现";

/// The support of one vendor.
pub enum SupportAgent<'a> {
    Alibaba(&'a AlibabaSimulator),
    Huawei(&'a HuaweiSimulator),
}

impl SupportAgent<'_> {
    fn reply(&self, ticket: &str, content: &str, at_ms: i64, files: Vec<SimulatedFile>) -> DemoResult<()> {
        let message = match self {
            Self::Alibaba(simulator) => simulator.reply_with_files(ticket, None, content, at_ms, files),
            Self::Huawei(simulator) => simulator.reply_with_files(ticket, None, content, at_ms, files),
        };
        message.map(|_| ()).ok_or_else(|| format!("the vendor has no ticket {ticket}").into())
    }
}

/// Creates a ticket, exchanges messages, closes it and checks the archive.
pub async fn run(
    stack: &Stack,
    api: &ApiClient,
    account: &Value,
    support: &SupportAgent<'_>,
    transcripts: Option<&Path>,
) -> DemoResult<()> {
    let vendor = text(account, "type")?;
    let mut body = catalog::ticket_body(api, account).await?;
    let mut message = json!({"content": CUSTOMER_MESSAGE});
    // Alibaba does not show the files of a new ticket among its messages, so there it goes with a reply.
    let with_file = if vendor == "ALIBABA" { &mut message } else { &mut body };
    with_file["attachments"] = json!([files::upload(api).await?]);
    let ticket = api.post("/tickets", &body, Some(&format!("demo-{vendor}")), 201).await?;
    let (id, cloud_id) = (text(&ticket, "id")?, text(&ticket, "cloud_id")?);
    println!("   {vendor:8} ticket {id} created; the vendor's number (cloud_id) is {cloud_id}");

    let path = format!("/tickets/{id}/messages");
    for content in SUPPORT_MESSAGES {
        let is_last = Some(content) == SUPPORT_MESSAGES.last().copied();
        let files = if is_last { vec![SimulatedFile::text(files::LOG_NAME, files::LOG)] } else { Vec::new() };
        support.reply(cloud_id, content, stack.app.clock.now_ms(), files)?;
        println!("   {vendor:8} support replied; messages in the ticket: {}", api.all(&path).await?.len());
    }
    let reply = api.post(&path, &message, Some(&format!("demo-reply-{vendor}")), 201).await?;
    println!("   {vendor:8} our reply {} has the state {}", text(&reply, "id")?, text(&reply, "state")?);

    if vendor == "HUAWEI" {
        let urge =
            api.post(&format!("/tickets/{id}/urge"), &json!({}), Some(&format!("demo-urge-{vendor}")), 200).await?;
        println!("   {vendor:8} support urged (state {})", text(&urge, "state")?);
    }

    let close = format!("/tickets/{id}/close");
    let waiting = api.post(&close, &json!({}), None, 202).await?;
    println!("   {vendor:8} the close waits until the files are copied (state {})", text(&waiting, "state")?);
    files::copy(stack).await?;
    let closed = api.post(&close, &json!({}), None, 200).await?;
    println!(
        "   {vendor:8} ticket closed (status {}); {} messages archived, digest {:.16}…",
        closed["status"],
        closed["message_count"],
        text(&closed, "digest")?
    );
    let reopens = vendor == "ALIBABA";
    if reopens {
        reopen(stack, api, support, &closed).await?;
    }
    let rating = json!({"solved": true, "score": 5, "comment": "响应很快，谢谢 👍"});
    let rated =
        api.post(&format!("/tickets/{id}/rating"), &rating, Some(&format!("demo-rating-{vendor}")), 200).await?;
    println!("   {vendor:8} support rated with {} of 5 (state {})", rating["score"], text(&rated, "state")?);
    let archive = api.all(&format!("{path}?limit=2")).await?;
    print_messages(&archive)?;
    check_messages(&archive, reopens)?;
    files::check(api, id, &archive).await?;
    save_transcript(stack, api, id, transcripts).await
}

/// Opens the closed ticket again, has support answer, and closes it a second time.
async fn reopen(stack: &Stack, api: &ApiClient, support: &SupportAgent<'_>, closed: &Value) -> DemoResult<()> {
    let (id, cloud_id) = (text(closed, "id")?, text(closed, "cloud_id")?);
    let why = json!({"content": REOPENING_MESSAGE});
    let reply = api.post(&format!("/tickets/{id}/reopen"), &why, Some("demo-reopen"), 201).await?;
    println!("   ALIBABA  ticket opened again (state of the message: {})", text(&reply, "state")?);
    support.reply(cloud_id, LAST_SUPPORT_MESSAGE, stack.app.clock.now_ms(), Vec::new())?;
    let again = api.post(&format!("/tickets/{id}/close"), &json!({}), None, 200).await?;
    if again["closings"][0]["digest"] != closed["digest"] || again["digest"] == closed["digest"] {
        return Err(format!("the second close is wrong: {again}").into());
    }
    println!(
        "   ALIBABA  and closed again; {} messages archived, digest {:.16}…",
        again["message_count"],
        text(&again, "digest")?
    );
    Ok(())
}

/// Reads the ticket's transcript, which the events of its close have written, and saves it in `folder`.
async fn save_transcript(stack: &Stack, api: &ApiClient, id: &str, folder: Option<&Path>) -> DemoResult<()> {
    stack.stream.wait_until_idle().await;
    stack.events.wait_until_idle().await;
    let page = api.download(&format!("/tickets/{id}/transcript?format=html")).await?;
    println!("   The transcript, read with GET /tickets/{{id}}/transcript: {} bytes of HTML", page.len());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder)?;
        let file = folder.join(format!("{id}.html"));
        std::fs::write(&file, page)?;
        println!("     {}", file.display());
    }
    Ok(())
}

fn print_messages(archive: &[Value]) -> DemoResult<()> {
    println!("   The archive, read with GET /tickets/{{id}}/messages:");
    for message in archive {
        let author = if message["type"] == 0 { "customer" } else { "support" };
        println!("     {author:8} {}", text(message, "content")?.replace('\n', " ⏎ "));
    }
    Ok(())
}

fn check_messages(archive: &[Value], reopened: bool) -> DemoResult<()> {
    let mut wanted = SUPPORT_MESSAGES.to_vec();
    if reopened {
        wanted.push(LAST_SUPPORT_MESSAGE);
    }
    let from_support: Vec<_> = archive
        .iter()
        .filter(|message| message["type"] == 1)
        .filter_map(|message| message["content"].as_str())
        .collect();
    let wrote = |content| archive.iter().any(|message| message["type"] == 0 && message["content"] == content);
    if from_support == wanted && wrote(CUSTOMER_MESSAGE) && wrote(REOPENING_MESSAGE) == reopened {
        Ok(())
    } else {
        Err(format!("the archive is wrong: {archive:?}").into())
    }
}
