//! The product's log lines, kept by schedule: a schedule runs on one thread.

use std::{cell::RefCell, io};

use shared::telemetry::Sink;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Lines;
    fn make_writer(&'a self) -> Lines {
        Lines
    }
}

/// The functions' metrics are lines of the log.
pub struct Documents;

impl Sink for Documents {
    fn write(&self, document: &str) {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(format!("{document}\n").as_bytes()));
    }
}

/// Starts keeping log lines, in the form in which the functions write them, and panics with them.
pub fn start() {
    // Fails only when it was started before.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(EnvFilter::new("info"))
        .with_writer(Lines)
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let line = format!("{panic}\n");
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(line.as_bytes()));
    }));
}

/// Takes the lines that this thread kept.
pub fn take() -> String {
    let bytes = LINES.with_borrow_mut(std::mem::take);
    String::from_utf8_lossy(&bytes).into_owned()
}
