//! One ticket from create to archive.

use local::stack::Stack;
use serde_json::{Value, json};
use simulators::{AlibabaSimulator, HuaweiSimulator};

use super::{
    DemoResult,
    api_client::{ApiClient, text},
    catalog,
};

/// The messages of support in every demo ticket.
const SUPPORT_MESSAGES: [&str; 2] =
    ["您好，我们已收到您的问题，正在排查 🔍", "已为您重启底层网络，请再试一次。祝您使用愉快 😊"];

/// The customer's message in every demo ticket.
const CUSTOMER_MESSAGE: &str = "谢谢！实例 i-bp1 已授权检查 👍";

/// The support of one vendor.
pub enum SupportAgent<'a> {
    Alibaba(&'a AlibabaSimulator),
    Huawei(&'a HuaweiSimulator),
}

impl SupportAgent<'_> {
    fn reply(&self, ticket: &str, content: &str, at_ms: i64) -> DemoResult<()> {
        let message = match self {
            Self::Alibaba(simulator) => simulator.reply(ticket, None, content, at_ms),
            Self::Huawei(simulator) => simulator.reply(ticket, None, content, at_ms),
        };
        message.map(|_| ()).ok_or_else(|| format!("the vendor has no ticket {ticket}").into())
    }
}

/// Creates a ticket, exchanges messages, closes it and checks the archive.
pub async fn run(stack: &Stack, api: &ApiClient, account: &Value, support: &SupportAgent<'_>) -> DemoResult<()> {
    let vendor = text(account, "type")?;
    let body = catalog::ticket_body(api, account).await?;
    let ticket = api.post("/tickets", &body, Some(&format!("demo-{vendor}")), 201).await?;
    let (id, cloud_id) = (text(&ticket, "id")?, text(&ticket, "cloud_id")?);
    println!("   {vendor:8} ticket {id} created; the vendor's number (cloud_id) is {cloud_id}");

    let path = format!("/tickets/{id}/messages");
    for content in SUPPORT_MESSAGES {
        support.reply(cloud_id, content, stack.app.clock.now_ms())?;
        println!("   {vendor:8} support replied; messages in the ticket: {}", api.all(&path).await?.len());
    }
    let message = json!({"content": CUSTOMER_MESSAGE});
    let reply = api.post(&path, &message, Some(&format!("demo-reply-{vendor}")), 201).await?;
    println!("   {vendor:8} our reply {} has the state {}", text(&reply, "id")?, text(&reply, "state")?);

    let closed = api.post(&format!("/tickets/{id}/close"), &json!({}), None, 200).await?;
    println!(
        "   {vendor:8} ticket closed (status {}); {} messages archived, digest {:.16}…",
        closed["status"],
        closed["message_count"],
        text(&closed, "digest")?
    );
    let archive = api.all(&format!("{path}?limit=2")).await?;
    print_messages(&archive)?;
    check_messages(&archive)
}

fn print_messages(archive: &[Value]) -> DemoResult<()> {
    println!("   The archive, read with GET /tickets/{{id}}/messages:");
    for message in archive {
        let author = if message["type"] == 0 { "customer" } else { "support" };
        println!("     {author:8} {}", text(message, "content")?.replace('\n', " ⏎ "));
    }
    Ok(())
}

fn check_messages(archive: &[Value]) -> DemoResult<()> {
    let from_support: Vec<_> = archive
        .iter()
        .filter(|message| message["type"] == 1)
        .filter_map(|message| message["content"].as_str())
        .collect();
    let has_reply = archive.iter().any(|message| message["type"] == 0 && message["content"] == CUSTOMER_MESSAGE);
    if from_support == SUPPORT_MESSAGES && has_reply {
        Ok(())
    } else {
        Err(format!("the archive is wrong: {archive:?}").into())
    }
}
