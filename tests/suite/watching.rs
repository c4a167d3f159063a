//! What operators see: metrics in CloudWatch's embedded format, log lines, and that alarms and dashboard use them.

mod catalogs;
mod gauges;
mod logs;
mod refreshes;
mod seen;
mod vendor_calls;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Documents, Point, World};

/// The values of a metric over all `points`, those of other dimensions left out.
fn values(points: &[Point], name: &str, dimensions: &[(&str, &str)]) -> Vec<u64> {
    let wanted: BTreeMap<_, _> =
        dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let found = points.iter().filter(|point| point.name == name && point.dimensions == wanted);
    found.flat_map(|point| point.values.clone()).collect()
}

/// What one invocation or more wrote while `work` ran, with nothing from before.
async fn written<T>(world: &World, work: impl Future<Output = T>) -> Vec<Point> {
    world.metrics.take();
    work.await;
    world.metrics.points()
}

/// The documents of one function.
fn of_function(metrics: &Documents, function: &str) -> Vec<Value> {
    let all = metrics.take();
    let read = all.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
    read.filter(|document| document["function"] == function).collect()
}
