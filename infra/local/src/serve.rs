//! `serve`: the stack until Ctrl-C.

use std::{error::Error, path::PathBuf};

use local::stack::Stack;

/// The port that `serve` takes when none is given.
const DEFAULT_PORT: u16 = 8787;

/// The command line of `serve`.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    port: u16,
    db: Option<PathBuf>,
}

impl Arguments {
    /// Reads the arguments after `serve`.
    pub fn read(arguments: &[String]) -> Result<Self, String> {
        let mut read = Self { port: DEFAULT_PORT, db: None };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--port" => read.port = value.parse().map_err(|_| format!("--port takes 0 to 65535, not {value}"))?,
                "--db" => read.db = Some(PathBuf::from(value)),
                _ => return Err(format!("{name} is not known")),
            }
        }
        Ok(read)
    }
}

/// Serves until Ctrl-C or SIGTERM.
pub async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    shared::logging::start();
    let kept = arguments.db.clone();
    let stack = Stack::start(crate::options(arguments.port, arguments.db)).await?;
    println!("{}", greeting(&stack, kept.as_deref()));
    stopped().await?;
    println!("Stopping.");
    stack.stop().await?;
    Ok(())
}

async fn stopped() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
    }
}

fn greeting(stack: &Stack, kept: Option<&std::path::Path>) -> String {
    let api = stack.url();
    let simulators = &stack.simulators;
    let kept = kept.map_or_else(|| "in memory only".to_owned(), |file| format!("in {}", file.display()));
    let account = |vendor: &str, region: &str, keys: &simulators::Keys, endpoint: &str| {
        format!(
            "curl -s {api}/accounts -d '{{\"type\":\"{vendor}\",\"region_id\":\"{region}\",\"secret_id\":\"{}\",\
             \"secret_key_secret\":\"{}\",\"endpoint\":\"{endpoint}\"}}'",
            keys.id, keys.secret
        )
    };
    let alibaba = account("ALIBABA", "cn-hangzhou", &simulators::alibaba::DEMO_KEYS, &simulators.alibaba_url());
    let huawei = account("HUAWEI", "cn-south-1", &simulators::huawei::DEMO_KEYS, &simulators.huawei_url());
    let tencent = account("TENCENT", "ap-guangzhou", &simulators::tencent::DEMO_KEYS, &simulators.tencent_url());
    let mut environment: Vec<_> =
        stack.environment.iter().map(|(name, value)| format!("export {name}={value}")).collect();
    environment.sort();
    let environment = environment.join("\n");
    format!(
        "\
Polydesk serves {api} (data {kept}). Ctrl-C stops it.

Simulated vendors: ALIBABA {alibaba_url}, HUAWEI {huawei_url}, TENCENT {tencent_url}
Leave \"endpoint\" out and give real keys to use a real vendor.

# Accounts at the simulated vendors
{alibaba}
{huawei}
{tencent}

# The catalog, then something to choose from
curl -s -X POST {api}/catalog/refresh
curl -s '{api}/catalog/products?type=ALIBABA&q=ECS'
curl -s '{api}/catalog/product-types?type=ALIBABA&product_id=7160'

# A ticket; put in the account's id and a problem type's id
curl -s {api}/tickets -H 'Idempotency-Key: first' -d '{{\"custom_id\":\"…\",\"product_id\":\"7160\",\"product_business_id\":\"…\",\"name\":\"无法连接\",\"description\":\"云服务器无法连接 🙏\"}}'
curl -s {api}/tickets
curl -s -X POST {api}/tickets/…/close
curl -s {api}/tickets/…/messages

# For `cargo lambda watch` against this stack
{environment}
",
        alibaba_url = simulators.alibaba_url(),
        huawei_url = simulators.huawei_url(),
        tencent_url = simulators.tencent_url(),
    )
}
