//! `serve`: the stack until Ctrl-C.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use local::stack::Stack;

/// The port that `serve` takes when none is given.
const DEFAULT_PORT: u16 = 8787;

/// The command line of `serve`.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    port: u16,
    db: Option<PathBuf>,
    settle_time_ms: Option<u64>,
}

impl Arguments {
    /// Reads the arguments after `serve`.
    pub fn read(arguments: &[String]) -> Result<Self, String> {
        let mut read = Self { port: DEFAULT_PORT, db: None, settle_time_ms: None };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
            match name.as_str() {
                "--port" => {
                    read.port = value.parse().map_err(|_| format!("--port takes 0 to 65535, not {value}"))?
                }
                "--settle-time-ms" => {
                    let number =
                        value.parse().map_err(|_| format!("{name} takes milliseconds, not {value}"))?;
                    read.settle_time_ms = Some(number);
                }
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
    let settle = arguments.settle_time_ms.map(|ms| ("SETTLE_TIME_MS".to_owned(), ms.to_string()));
    let settings = settle.into_iter().collect();
    let stack =
        Stack::start(local::stack::Options { settings, ..crate::options(arguments.port, arguments.db) })
            .await?;
    let _schedules = stack.events.run_schedules(&[]);
    print!("{}", greeting(&stack, kept.as_deref()));
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

/// What a new user needs: the address, lines to paste, and the environment for functions run on their own.
fn greeting(stack: &Stack, kept: Option<&Path>) -> String {
    let kept = kept.map_or_else(|| "in memory only".to_owned(), |file| format!("in {}", file.display()));
    let mut environment: Vec<_> =
        stack.environment.iter().map(|(name, value)| format!("export {name}={value}")).collect();
    environment.sort();
    let greeting = include_str!("serve/greeting.txt");
    let simulators = &stack.simulators;
    [
        ("{api}", stack.url()),
        ("{kept}", kept),
        ("{alibaba}", simulators.alibaba_url()),
        ("{huawei}", simulators.huawei_url()),
        ("{tencent}", simulators.tencent_url()),
        ("{environment}", environment.join("\n")),
    ]
    .into_iter()
    .fold(greeting.to_owned(), |text, (name, value)| text.replace(name, &value))
}
