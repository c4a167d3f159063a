//! Keeps the simulators' state over a restart: tickets, counters, keys and ports, in a file beside the database.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use loopback::private_file;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simulators::{RunningSimulators, SimulatedVendors, SimulatorOptions};
use tokio::task::JoinHandle;

/// How often a changed state is written.
const PERIOD: Duration = Duration::from_millis(500);

#[derive(Debug, Serialize, Deserialize)]
struct SimulatorsState {
    ports: [u16; 3],
    vendors: Value,
}

/// A task that writes the simulators' state to a file.
pub(crate) struct SimulatorsFile {
    file: PathBuf,
    ports: [u16; 3],
    task: JoinHandle<()>,
}

impl SimulatorsFile {
    /// Options that start the simulators with the state in `file`, on the same ports, because accounts store them.
    pub(crate) fn read(path: &Path) -> io::Result<Option<SimulatorOptions>> {
        let Some(bytes) = private_file::read(path)? else { return Ok(None) };
        let state: SimulatorsState = serde_json::from_slice(&bytes)?;
        let vendors = SimulatedVendors::default();
        vendors.restore(state.vendors)?;
        let [alibaba_port, huawei_port, tencent_port] = state.ports;
        Ok(Some(SimulatorOptions { alibaba_port, huawei_port, tencent_port, vendors, ..SimulatorOptions::default() }))
    }

    /// Writes the state whenever it has changed.
    pub(crate) fn start(file: PathBuf, running: &RunningSimulators) -> Self {
        let ports = running.ports();
        let task = tokio::spawn(write_changes(file.clone(), ports, running.vendors.clone()));
        Self { file, ports, task }
    }

    /// Writes the state a last time.
    pub(crate) async fn finish(self, vendors: &SimulatedVendors) -> io::Result<()> {
        self.task.abort();
        // An aborted task always ends with an error.
        let _ = self.task.await;
        write(&self.file, self.ports, vendors)
    }
}

async fn write_changes(file: PathBuf, ports: [u16; 3], vendors: SimulatedVendors) {
    let mut written = None;
    loop {
        let uses = vendors.uses();
        if written != Some(uses) {
            match write(&file, ports, &vendors) {
                Ok(()) => written = Some(uses),
                Err(error) => tracing::warn!(%error, "The simulators' state could not be written."),
            }
        }
        tokio::time::sleep(PERIOD).await;
    }
}

fn write(file: &Path, ports: [u16; 3], vendors: &SimulatedVendors) -> io::Result<()> {
    let state = SimulatorsState { ports, vendors: vendors.snapshot() };
    private_file::replace(file, &serde_json::to_vec(&state)?)
}
