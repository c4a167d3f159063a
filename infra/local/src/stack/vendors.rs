//! The vendors' simulators of a stack.

use std::{path::Path, sync::Arc};

use loopback::AccessKey;
use shared::clock::Clock;
use simulators::{ClockFn, RunningSimulators, SimulatedVendors, SimulatorOptions, Simulators};

use super::{StartError, beside, error::failed};
use crate::state_file::SimulatorsFile;

/// Starts the simulators with the state beside `db`, or else `vendors`, or else fresh ones with random secrets.
pub(super) async fn start_simulators(
    db: Option<&Path>,
    vendors: Option<SimulatedVendors>,
    clock: Arc<dyn Clock>,
    access_key: &AccessKey,
) -> Result<(RunningSimulators, Option<SimulatorsFile>), StartError> {
    let clock: Option<ClockFn> = Some(Arc::new(move || clock.now_ms()));
    let file = db.map(|db| beside(db, "simulators.json"));
    let stored = file.as_deref().map(SimulatorsFile::read).transpose();
    let options = match stored.map_err(failed("the stored state of the simulators could not be read"))?.flatten() {
        Some(stored) => stored,
        None => {
            let fresh = vendors.map_or_else(SimulatedVendors::with_new_secrets, Ok);
            let vendors = fresh.map_err(failed("the simulators' keys could not be made"))?;
            SimulatorOptions { vendors, ..SimulatorOptions::default() }
        }
    };
    let options = SimulatorOptions { clock, access_key: Some(access_key.clone()), ..options };
    let running = Simulators::start(options).await;
    let running = running.map_err(failed("the simulators could not be started"))?;
    let file = file.map(|file| SimulatorsFile::start(file, &running));
    Ok((running, file))
}
