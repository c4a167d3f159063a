//! The product's log lines, collected by thread: a schedule runs on one thread.

use std::{cell::RefCell, io};

use shared::telemetry::Sink;
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ThreadLogWriter;

impl io::Write for ThreadLogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for ThreadLogWriter {
    type Writer = ThreadLogWriter;
    fn make_writer(&'a self) -> ThreadLogWriter {
        ThreadLogWriter
    }
}

/// Writes metrics to the collected log lines, as the functions do.
pub struct MetricsToLog;

impl Sink for MetricsToLog {
    fn write(&self, document: &str) {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(format!("{document}\n").as_bytes()));
    }
}

/// Starts the collection of log lines, in the functions' own format, and of panics.
pub fn start() {
    // Fails only when it was already started.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_max_level(LevelFilter::INFO)
        .with_writer(ThreadLogWriter)
        .try_init();
    std::panic::set_hook(Box::new(|panic| {
        let line = format!("{panic}\n");
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(line.as_bytes()));
    }));
}

/// Removes and returns this thread's lines.
pub fn take() -> String {
    let bytes = LINES.with_borrow_mut(std::mem::take);
    String::from_utf8_lossy(&bytes).into_owned()
}
