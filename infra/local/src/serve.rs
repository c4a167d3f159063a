//! `serve`: the stack until Ctrl-C.

mod access_folder;

use std::{
    error::Error,
    io::{self, Write},
    path::Path,
};

use local::stack::{Stack, StackOptions};
use tokio::signal::unix::{SignalKind, signal};

use self::access_folder::AccessFolder;
use crate::arguments::ServeArguments;

/// Serves until Ctrl-C, SIGTERM, or the end of the terminal.
pub async fn run(arguments: ServeArguments) -> Result<(), Box<dyn Error>> {
    shared::logging::start();
    let settle_time = arguments.settle_time_ms.map(|ms| ("SETTLE_TIME_MS".to_owned(), ms.to_string()));
    let options = StackOptions {
        port: arguments.port,
        db: arguments.db.clone(),
        token_file: arguments.token_file.clone(),
        settings: settle_time.into_iter().collect(),
        ..StackOptions::default()
    };
    let stack = Stack::start(options).await?;
    let _schedules = stack.events.run_schedules();
    let access = AccessFolder::create(&stack, arguments.db.as_deref())?;
    print!("{}", greeting(&stack, &access, arguments.db.as_deref()));
    stop_signal().await?;
    // The terminal may have gone; everything is still stored.
    let _ = writeln!(io::stdout(), "Stopping.");
    stack.stop().await?;
    Ok(())
}

async fn stop_signal() -> io::Result<()> {
    let (mut terminated, mut hung_up) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminated.recv() => Ok(()),
        _ = hung_up.recv() => Ok(()),
    }
}

/// What a new user needs: the address, where the access key is, and commands to paste.
fn greeting(stack: &Stack, access: &AccessFolder, db: Option<&Path>) -> String {
    let data = db.map_or_else(|| "in memory only".to_owned(), |file| format!("in {}", file.display()));
    let greeting = include_str!("serve/greeting.txt");
    let simulators = &stack.simulators;
    [
        ("{api}", stack.url()),
        ("{data}", data),
        ("{access}", access.path().display().to_string()),
        ("{alibaba}", simulators.alibaba_url()),
        ("{huawei}", simulators.huawei_url()),
        ("{tencent}", simulators.tencent_url()),
    ]
    .into_iter()
    .fold(greeting.to_owned(), |text, (name, value)| text.replace(name, &value))
}
