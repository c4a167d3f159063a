//! The lines that the functions log.

use std::{
    io::{self, Write},
    sync::{Arc, LazyLock, Mutex},
};

/// The lines of all tests of this process since the first test asked for them.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<u8>>>);

static LOGS: LazyLock<Logs> = LazyLock::new(|| {
    let logs = Logs::default();
    let writer = logs.clone();
    shared::logging::start_into(move || writer.clone());
    logs
});

impl Logs {
    /// Starts keeping them.
    pub fn start() -> Self {
        LOGS.clone()
    }

    /// The lines so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
