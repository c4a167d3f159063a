//! `demo`: walks through the API on simulated vendors and prints each step. It stops at the first wrong answer.

mod api_client;
mod catalog;
mod conversation;
mod files;
mod lost_response;

use std::{error::Error, path::Path};

use local::stack::{Stack, StackOptions};
use serde_json::Value;

use crate::{arguments::DemoArguments, simulated_accounts};

use self::{
    api_client::{ApiClient, text},
    conversation::SupportAgent,
};

type DemoResult<T> = Result<T, Box<dyn Error>>;

/// Runs the demo.
pub async fn run(arguments: &DemoArguments) -> DemoResult<()> {
    let stack = Stack::start(StackOptions::default()).await?;
    println!("Polydesk runs on {} with simulated vendors. All data is in memory.", stack.url());
    let result = run_steps(&stack, arguments.transcripts.as_deref()).await;
    stack.stop().await?;
    result?;
    println!("\nDone: every answer was as expected.");
    Ok(())
}

async fn run_steps(stack: &Stack, transcripts: Option<&Path>) -> DemoResult<()> {
    let api = &ApiClient::new(stack.url(), stack.access_key.clone())?;
    println!("\n1. Accounts: Polydesk checks the keys at the vendor and stores them in Secrets Manager.");
    let [alibaba, huawei, tencent] = simulated_accounts::requests(&stack.simulators);
    let alibaba = register(api, &alibaba).await?;
    let huawei = register(api, &huawei).await?;
    let tencent = register(api, &tencent).await?;

    println!("\n2. Catalog: each first account starts a read of products, problem types, sources and regions.");
    for account in [&alibaba, &huawei, &tencent] {
        catalog::wait(api, account).await?;
    }

    println!("\n3. Tickets: create, messages and files of both sides, close, archive, transcript");
    let support = SupportAgent::Alibaba(&stack.simulators.vendors.alibaba);
    conversation::run(stack, api, &alibaba, &support, transcripts).await?;
    let support = SupportAgent::Huawei(&stack.simulators.vendors.huawei);
    conversation::run(stack, api, &huawei, &support, transcripts).await?;

    println!("\n4. A create whose response is lost");
    lost_response::run(stack, api, &alibaba).await
}

async fn register(api: &ApiClient, request: &Value) -> DemoResult<Value> {
    let account = api.post("/accounts", request, None, 201).await?;
    let (vendor, id, site) = (text(&account, "type")?, text(&account, "id")?, text(&account, "site")?);
    println!("   {vendor:8} account {id} registered (site {site})");
    Ok(account)
}
