//! The options of a stack.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use aws_sdk_dynamodb::config::SharedHttpClient;
use shared::{
    clock::{Clock, SystemClock},
    telemetry::Sink,
};
use simulators::SimulatedVendors;

/// Options of a stack.
#[derive(Clone, Debug, Default)]
pub struct StackOptions {
    /// Port of the API; 0 takes a free one.
    pub port: u16,
    /// Stores the table in this SQLite file, and the rest in files beside it; `None`: all in memory.
    pub db: Option<PathBuf>,
    /// Tokens that the API takes besides the access key.
    pub token_file: Option<PathBuf>,
    /// Settings that replace the defaults of a local stack, by the names of environment variables.
    pub settings: HashMap<String, String>,
    /// The simulators to serve, unless a file beside `db` holds their state; `None`: fresh ones with random secrets.
    pub vendors: Option<SimulatedVendors>,
    /// Sends the requests to AWS, instead of the client of a function.
    pub aws_http: Option<SharedHttpClient>,
    /// Functions that no event starts; a caller may.
    pub only_by_call: &'static [&'static str],
    /// Receives the functions' metrics; `None`: they are discarded.
    pub metrics: Option<MetricsSink>,
    /// The time of the functions, the local AWS services and the simulators.
    pub clock: StackClock,
}

/// The clock of a stack. The default is the machine's.
#[derive(Clone)]
pub struct StackClock(pub Arc<dyn Clock>);

impl Default for StackClock {
    fn default() -> Self {
        Self(Arc::new(SystemClock))
    }
}

impl std::fmt::Debug for StackClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StackClock")
    }
}

/// A sink for metrics.
#[derive(Clone)]
pub struct MetricsSink(pub Arc<dyn Sink>);

impl std::fmt::Debug for MetricsSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsSink")
    }
}
