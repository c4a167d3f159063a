//! Serves the simulators on loopback until it is told to stop.
//!
//! `simulators [--alibaba-port N] [--huawei-port N] [--tencent-port N] [--state FILE] [--until-stdin-closes]`
//!
//! Prints one JSON line with addresses and demo keys, then serves. With `--state` the tickets are read from
//! the file at the start, and written to it every second when something was called, and at the end.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Keys, Options, Running, Simulators, Vendors, alibaba, huawei, tencent};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

#[derive(Debug, Default)]
struct Arguments {
    alibaba_port: u16,
    huawei_port: u16,
    tencent_port: u16,
    state: Option<PathBuf>,
    until_stdin_closes: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            let port = |text: String| text.parse().map_err(|_| format!("{text} is no port"));
            match word.as_str() {
                "--alibaba-port" => arguments.alibaba_port = port(value()?)?,
                "--huawei-port" => arguments.huawei_port = port(value()?)?,
                "--tencent-port" => arguments.tencent_port = port(value()?)?,
                "--state" => arguments.state = Some(PathBuf::from(value()?)),
                "--until-stdin-closes" => arguments.until_stdin_closes = true,
                _ => return Err(format!("unknown argument {word}")),
            }
        }
        Ok(arguments)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse(std::env::args().skip(1)).map_err(io::Error::other)?;
    let vendors = Vendors::default();
    if let Some(path) = &arguments.state {
        read_state(path, &vendors)?;
    }
    let options = Options {
        alibaba_port: arguments.alibaba_port,
        huawei_port: arguments.huawei_port,
        tencent_port: arguments.tencent_port,
        vendors: vendors.clone(),
        ..Options::default()
    };
    let running = Simulators::start(options).await?;
    let mut stdout = io::stdout();
    writeln!(stdout, "{}", greeting(&running))?;
    stdout.flush()?;

    let stop = stop_signal(arguments.until_stdin_closes)?;
    match &arguments.state {
        Some(path) => keep_state(path, &vendors, stop).await?,
        // A closed channel means the same as a message in it.
        None => drop(stop.await),
    }
    running.stop().await;
    Ok(())
}

fn greeting(running: &Running) -> Value {
    let vendor = |url: String, keys: [Keys; 2]| {
        let keys = keys.map(|pair| json!({ "id": pair.id, "secret": pair.secret, "account": pair.account }));
        json!({ "url": url, "keys": keys })
    };
    json!({
        "alibaba": vendor(running.alibaba_url(), [alibaba::DEMO_KEYS, alibaba::SECOND_KEYS]),
        "huawei": vendor(running.huawei_url(), [huawei::DEMO_KEYS, huawei::SECOND_KEYS]),
        "tencent": vendor(running.tencent_url(), [tencent::DEMO_KEYS, tencent::SECOND_KEYS]),
    })
}

/// Tells when to stop: Ctrl-C, SIGTERM, or the end of the standard input.
fn stop_signal(until_stdin_closes: bool) -> io::Result<oneshot::Receiver<()>> {
    let (stop, stopped) = oneshot::channel();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (closed, stdin_closed) = oneshot::channel();
    let kept_open = if until_stdin_closes {
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
        let _kept_open = kept_open;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = stdin_closed => {}
        }
        let _ = stop.send(());
    });
    Ok(stopped)
}

fn read_state(path: &Path, vendors: &Vendors) -> io::Result<()> {
    match std::fs::read(path) {
        Ok(bytes) => vendors.restore(serde_json::from_slice(&bytes)?).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Writes the state when it changed, until told to stop, and once more then.
async fn keep_state(path: &Path, vendors: &Vendors, mut stop: oneshot::Receiver<()>) -> io::Result<()> {
    let mut written = None;
    loop {
        let stopped = tokio::select! {
            _ = &mut stop => true,
            () = tokio::time::sleep(Duration::from_secs(1)) => false,
        };
        // Counted before the look, so that a use in between is written the next time.
        let uses = vendors.uses();
        if written != Some(uses) {
            let beside = path.with_extension("tmp");
            std::fs::write(&beside, vendors.snapshot().to_string())?;
            std::fs::rename(&beside, path)?;
            written = Some(uses);
        }
        if stopped {
            return Ok(());
        }
    }
}
