//! The catalog: its first refresh, and the choice of product and problem type for a ticket.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    DemoResult,
    api_client::{ApiClient, text},
};

/// The limits of the wait for the end of a refresh.
const REFRESH_POLLS: u32 = 600;
const REFRESH_POLL_PAUSE: Duration = Duration::from_millis(100);

/// Waits until the refresh that the account's registration started has ended, and prints how many entries there are.
pub async fn wait(api: &ApiClient, account: &Value) -> DemoResult<()> {
    let path = format!("/catalog/refreshes/{}", text(account, "id")?);
    for _ in 0..REFRESH_POLLS {
        let run = api.get(&path).await?;
        match text(&run, "state")? {
            "complete" => return print_counts(api, &run).await,
            "failed" => return Err(format!("the refresh failed: {run}").into()),
            _ => tokio::time::sleep(REFRESH_POLL_PAUSE).await,
        }
    }
    Err("the refresh does not end".into())
}

async fn print_counts(api: &ApiClient, run: &Value) -> DemoResult<()> {
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

/// The body of a ticket of `account`: the first product with ECS (a cloud server) in its name and with a problem type.
pub async fn ticket_body(api: &ApiClient, account: &Value) -> DemoResult<Value> {
    let vendor = text(account, "type")?;
    let mut body = json!({
        "custom_id": account["id"],
        "name": "云服务器无法远程连接",
        "description": "重启之后 SSH 一直超时，控制台显示运行中 🙏",
        "email": "ops@example.com",
    });
    let products = api.all(&format!("/catalog/products?type={vendor}&q=ECS")).await?;
    for product in &products {
        let product_id = text(product, "id")?;
        let types = api.all(&format!("/catalog/product-types?type={vendor}&product_id={product_id}")).await?;
        let Some(problem_type) = types.first() else { continue };
        println!("   {vendor:8} chose {} / {}", text(product, "name")?, text(problem_type, "name")?);
        body["product_id"] = product["id"].clone();
        body["product_business_id"] = problem_type["id"].clone();
        if problem_type["case_kind"] == "fault" {
            let regions = api.all(&format!("/catalog/regions?type={vendor}")).await?;
            body["region_id"] = regions.first().ok_or("the catalog has no region")?["id"].clone();
        }
        return Ok(body);
    }
    Err(format!("the catalog of {vendor} has no product with a problem type").into())
}
