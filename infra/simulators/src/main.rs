//! Serves the simulators on loopback until it is stopped.
//!
//! Prints one JSON line with the address, the keys and the access key of each vendor, then serves; `--help` lists the
//! arguments.

mod arguments;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use arguments::{Arguments, USAGE};
use loopback::{AccessKey, private_file};
use serde_json::{Value, json};
use simulators::{CurrentKeys, RunningSimulators, SimulatedVendors, SimulatorOptions, Simulators};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(lexopt::Parser::from_env()) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let vendors = SimulatedVendors::with_new_secrets()?;
    let access_key = AccessKey::random()?;
    if let Some(path) = &arguments.state {
        read_state(path, &vendors)?;
    }
    let options = SimulatorOptions {
        alibaba_port: arguments.alibaba_port,
        huawei_port: arguments.huawei_port,
        tencent_port: arguments.tencent_port,
        vendors: vendors.clone(),
        access_key: Some(access_key.clone()),
        ..SimulatorOptions::default()
    };
    let running = Simulators::start(options).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", addresses_and_keys(&running, &access_key))?;
    stdout.flush()?;

    let stop = stop_signal(arguments.until_stdin_closes)?;
    match &arguments.state {
        Some(path) => write_state(path, &vendors, stop).await?,
        // A closed channel means the same as a message.
        None => drop(stop.await),
    }
    running.stop().await;
    Ok(())
}

fn addresses_and_keys(running: &RunningSimulators, access_key: &AccessKey) -> Value {
    let vendor =
        |url: String, keys: Vec<CurrentKeys>| json!({ "url": url, "keys": keys, "access_key": access_key.as_str() });
    let vendors = &running.vendors;
    json!({
        "alibaba": vendor(running.alibaba_url(), vendors.alibaba.current_keys()),
        "huawei": vendor(running.huawei_url(), vendors.huawei.current_keys()),
        "tencent": vendor(running.tencent_url(), vendors.tencent.current_keys()),
    })
}

/// Completes when the process has to stop: on Ctrl-C, SIGTERM, or the end of the standard input.
fn stop_signal(until_stdin_closes: bool) -> io::Result<oneshot::Receiver<()>> {
    let (stop, stopped) = oneshot::channel();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (closed, stdin_closed) = oneshot::channel();
    let open_sender = if until_stdin_closes {
        // A thread of its own: a blocked read would hold up the end of the runtime.
        std::thread::spawn(move || {
            // An unreadable input is a closed one.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = closed.send(());
        });
        None
    } else {
        Some(closed)
    };
    tokio::spawn(async move {
        let _open_sender = open_sender;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = stdin_closed => {}
        }
        let _ = stop.send(());
    });
    Ok(stopped)
}

fn read_state(path: &Path, vendors: &SimulatedVendors) -> io::Result<()> {
    match private_file::read(path)? {
        Some(bytes) => vendors.restore(serde_json::from_slice(&bytes)?).map_err(io::Error::other),
        None => Ok(()),
    }
}

/// Writes the state when it may have changed, until `stop` completes, and once more then.
async fn write_state(path: &Path, vendors: &SimulatedVendors, mut stop: oneshot::Receiver<()>) -> io::Result<()> {
    let mut written = None;
    loop {
        let stopped = tokio::select! {
            _ = &mut stop => true,
            () = tokio::time::sleep(Duration::from_secs(1)) => false,
        };
        // Read before the snapshot, so that a later use is written the next time.
        let uses = vendors.uses();
        if written != Some(uses) {
            private_file::replace(path, vendors.snapshot().to_string().as_bytes())?;
            written = Some(uses);
        }
        if stopped {
            return Ok(());
        }
    }
}
