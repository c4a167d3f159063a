//! `demo`: the whole story on simulated vendors, told as it happens. Every step is checked; a wrong answer ends it.

mod api;
mod lost_answer;

use std::{error::Error, time::Duration};

use local::stack::Stack;
use serde_json::{Value, json};
use simulators::{AlibabaSimulator, HuaweiSimulator, Keys};

use self::api::{Api, text};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How often the end of a refresh is asked for, and how long in between.
const REFRESH_POLLS: u32 = 600;
const REFRESH_POLL_PAUSE: Duration = Duration::from_millis(100);

/// What support says in every demo ticket.
const SUPPORT_REPLIES: [&str; 2] =
    ["您好，我们已收到您的问题，正在排查 🔍", "已为您重启底层网络，请再试一次。祝您使用愉快 😊"];

/// What the customer answers in every demo ticket.
const CUSTOMER_REPLY: &str = "谢谢！实例 i-bp1 已授权检查 👍";

/// Runs the demo.
pub async fn run() -> Result<()> {
    let stack = Stack::start(crate::options(0, None)).await?;
    let api = Api::new(stack.url())?;
    println!("Polydesk runs on {} with simulated vendors, in memory.", stack.url());
    let told = tell(&stack, &api).await;
    stack.stop().await?;
    told?;
    println!("\nDone: every step was answered as it should be.");
    Ok(())
}

async fn tell(stack: &Stack, api: &Api) -> Result<()> {
    let simulators = &stack.simulators;
    println!("\n1. Accounts: the keys are proved at the vendor, then stored in Secrets Manager");
    let alibaba =
        register(api, "ALIBABA", "cn-hangzhou", &simulators::alibaba::DEMO_KEYS, &simulators.alibaba_url())
            .await?;
    let huawei =
        register(api, "HUAWEI", "cn-south-1", &simulators::huawei::DEMO_KEYS, &simulators.huawei_url())
            .await?;
    register(api, "TENCENT", "ap-guangzhou", &simulators::tencent::DEMO_KEYS, &simulators.tencent_url())
        .await?;

    println!("\n2. Catalog: what a ticket must choose from");
    refresh(api).await?;

    println!("\n3. Tickets");
    let desk = Desk::Alibaba(&simulators.vendors.alibaba);
    conversation(stack, api, &alibaba, &desk).await?;
    let desk = Desk::Huawei(&simulators.vendors.huawei);
    conversation(stack, api, &huawei, &desk).await?;

    println!("\n4. A ticket whose answer is lost");
    lost_answer::tell(stack, api, &alibaba).await
}

async fn register(api: &Api, vendor: &str, region: &str, keys: &Keys, endpoint: &str) -> Result<Value> {
    let body = json!({
        "type": vendor,
        "region_id": region,
        "secret_id": keys.id,
        "secret_key_secret": keys.secret,
        "endpoint": endpoint,
    });
    let account = api.post("/accounts", &body, None, 201).await?;
    println!("   {vendor:8} account {} verified (site {})", text(&account, "id")?, text(&account, "site")?);
    Ok(account)
}

async fn refresh(api: &Api) -> Result<()> {
    let run = api.post("/catalog/refresh", &json!({}), None, 202).await?;
    let path = format!("/catalog/refreshes/{}", text(&run, "id")?);
    for _ in 0..REFRESH_POLLS {
        let run = api.get(&path).await?;
        match text(&run, "state")? {
            "complete" => return show_counts(api, &run).await,
            "failed" => return Err(format!("the refresh failed: {run}").into()),
            _ => tokio::time::sleep(REFRESH_POLL_PAUSE).await,
        }
    }
    Err("the refresh does not end".into())
}

async fn show_counts(api: &Api, run: &Value) -> Result<()> {
    for vendor in run["vendors"].as_array().into_iter().flatten() {
        let name = text(vendor, "type")?;
        let mut counts = Vec::new();
        for (kind, path) in [
            ("products", "products"),
            ("problem types", "product-types"),
            ("sources", "sources"),
            ("regions", "regions"),
        ] {
            let count = api.all(&format!("/catalog/{path}?type={name}")).await?.len();
            counts.push(format!("{count} {kind}"));
        }
        println!("   {name:8} {} entries added: {}", vendor["added"], counts.join(", "));
    }
    Ok(())
}

/// Support's side of a conversation.
enum Desk<'a> {
    Alibaba(&'a AlibabaSimulator),
    Huawei(&'a HuaweiSimulator),
}

impl Desk<'_> {
    fn reply(&self, ticket: &str, content: &str, at_ms: i64) -> Result<()> {
        let said = match self {
            Desk::Alibaba(simulator) => simulator.reply(ticket, None, content, at_ms),
            Desk::Huawei(simulator) => simulator.reply(ticket, None, content, at_ms),
        };
        said.map(|_| ()).ok_or_else(|| format!("the vendor has no ticket {ticket}").into())
    }
}

async fn conversation(stack: &Stack, api: &Api, account: &Value, desk: &Desk<'_>) -> Result<()> {
    let vendor = text(account, "type")?;
    let wanted = choose(api, vendor, ticket_body(account)).await?;
    let ticket = api.post("/tickets", &wanted, Some(&format!("demo-{vendor}")), 201).await?;
    let (id, cloud_id) = (text(&ticket, "id")?, text(&ticket, "cloud_id")?);
    println!("   {vendor:8} ticket {id} created, cloud_id {cloud_id}");

    for content in SUPPORT_REPLIES {
        desk.reply(cloud_id, content, stack.app.clock.now_ms())?;
        let messages = api.all(&format!("/tickets/{id}/messages")).await?;
        println!("   {vendor:8} support answers; the conversation has {} messages", messages.len());
    }
    let path = format!("/tickets/{id}/messages");
    let reply = json!({"content": CUSTOMER_REPLY});
    let reply = api.post(&path, &reply, Some(&format!("demo-reply-{vendor}")), 201).await?;
    println!("   {vendor:8} reply {} is {}", text(&reply, "id")?, text(&reply, "state")?);

    let closed = api.post(&format!("/tickets/{id}/close"), &json!({}), None, 200).await?;
    println!(
        "   {vendor:8} ticket closed: status {}, {} messages archived, digest {:.16}…",
        closed["status"],
        closed["message_count"],
        text(&closed, "digest")?
    );
    let archive = api.all(&format!("/tickets/{id}/messages?limit=2")).await?;
    show(&archive)?;
    check(&archive)
}

/// A ticket of the account, its product yet to be chosen.
fn ticket_body(account: &Value) -> Value {
    json!({
        "custom_id": account["id"],
        "name": "云服务器无法远程连接",
        "description": "重启之后 SSH 一直超时，控制台显示运行中 🙏",
        "email": "ops@example.com",
    })
}

/// The first product whose name speaks of a cloud server, and one of its problem types.
async fn choose(api: &Api, vendor: &str, mut wanted: Value) -> Result<Value> {
    let products = api.all(&format!("/catalog/products?type={vendor}&q=ECS")).await?;
    for product in &products {
        let product_id = text(product, "id")?;
        let types = api.all(&format!("/catalog/product-types?type={vendor}&product_id={product_id}")).await?;
        if let Some(problem_type) = types.first() {
            println!("   {vendor:8} chose {} / {}", text(product, "name")?, text(problem_type, "name")?);
            wanted["product_id"] = product["id"].clone();
            wanted["product_business_id"] = problem_type["id"].clone();
            if problem_type["case_kind"] == "fault" {
                let regions = api.all(&format!("/catalog/regions?type={vendor}")).await?;
                wanted["region_id"] = regions.first().ok_or("the catalog has no region")?["id"].clone();
            }
            return Ok(wanted);
        }
    }
    Err(format!("the catalog of {vendor} has nothing to choose").into())
}

fn show(archive: &[Value]) -> Result<()> {
    println!("   the archive, read back through GET /tickets/{{id}}/messages:");
    for message in archive {
        let who = if message["type"] == 0 { "customer" } else { "support" };
        println!("     {who:8} {}", text(message, "content")?.replace('\n', " ⏎ "));
    }
    Ok(())
}

fn check(archive: &[Value]) -> Result<()> {
    let from_support: Vec<_> = archive
        .iter()
        .filter(|message| message["type"] == 1)
        .filter_map(|message| message["content"].as_str())
        .collect();
    let replied = archive.iter().any(|message| message["type"] == 0 && message["content"] == CUSTOMER_REPLY);
    if from_support == SUPPORT_REPLIES && replied {
        Ok(())
    } else {
        Err(format!("the archive is wrong: {archive:?}").into())
    }
}
