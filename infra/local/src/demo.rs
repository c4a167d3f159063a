//! `demo`: walks through the API on simulated vendors and prints each step. It stops at the first wrong answer.

mod api_client;
mod catalog;
mod conversation;
mod lost_response;

use std::error::Error;

use local::stack::{Stack, StackOptions};
use serde_json::{Value, json};
use simulators::Keys;

use self::{
    api_client::{ApiClient, text},
    conversation::SupportAgent,
};

type DemoResult<T> = Result<T, Box<dyn Error>>;

/// Runs the demo.
pub async fn run() -> DemoResult<()> {
    let stack = Stack::start(StackOptions::default()).await?;
    println!("Polydesk runs on {} with simulated vendors. All data is in memory.", stack.url());
    let result = run_steps(&stack).await;
    stack.stop().await?;
    result?;
    println!("\nDone: every answer was as expected.");
    Ok(())
}

async fn run_steps(stack: &Stack) -> DemoResult<()> {
    let api = &ApiClient::new(stack.url())?;
    let simulators = &stack.simulators;
    println!("\n1. Accounts: Polydesk checks the keys at the vendor and stores them in Secrets Manager.");
    let alibaba = simulators::alibaba::DEMO_KEYS;
    let alibaba = register(api, "ALIBABA", "cn-hangzhou", &alibaba, &simulators.alibaba_url()).await?;
    let huawei = simulators::huawei::DEMO_KEYS;
    let huawei = register(api, "HUAWEI", "cn-south-1", &huawei, &simulators.huawei_url()).await?;
    let tencent = simulators::tencent::DEMO_KEYS;
    register(api, "TENCENT", "ap-guangzhou", &tencent, &simulators.tencent_url()).await?;

    println!("\n2. Catalog: Polydesk reads products, problem types, sources and regions of each vendor.");
    catalog::refresh(api).await?;

    println!("\n3. Tickets: create, messages of both sides, close, archive");
    let support = SupportAgent::Alibaba(&simulators.vendors.alibaba);
    conversation::run(stack, api, &alibaba, &support).await?;
    let support = SupportAgent::Huawei(&simulators.vendors.huawei);
    conversation::run(stack, api, &huawei, &support).await?;

    println!("\n4. A create whose response is lost");
    lost_response::run(stack, api, &alibaba).await
}

async fn register(api: &ApiClient, vendor: &str, region: &str, keys: &Keys, endpoint: &str) -> DemoResult<Value> {
    let body = json!({
        "type": vendor,
        "region_id": region,
        "secret_id": keys.id,
        "secret_key_secret": keys.secret,
        "endpoint": endpoint,
    });
    let account = api.post("/accounts", &body, None, 201).await?;
    println!("   {vendor:8} account {} registered (site {})", text(&account, "id")?, text(&account, "site")?);
    Ok(account)
}
