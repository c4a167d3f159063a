//! The gauges of the catalogs, and the metrics of a stack without work.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{of_function, values, written};
use crate::support::{ApiEvent, DAY, World};

const HOUR: Duration = Duration::from_hours(1);

/// The values of a sparse metric that is 0.
const NONE: [u64; 0] = [];

async fn missing(world: &World) -> Vec<u64> {
    values(&written(world, world.sync()).await, "CatalogsMissing", &[])
}

async fn oldest_age(world: &World) -> Vec<u64> {
    values(&written(world, world.sync()).await, "OldestCatalogAge", &[])
}

async fn scheduled_refresh(world: &World) {
    let event: Value = serde_json::from_str(include_str!("../../events/refresh-catalog-schedule.json")).unwrap();
    world.stack.invoke("refresh-catalog", event, Instant::now() + Duration::from_secs(60)).await.unwrap();
    world.stack.stream.wait_until_idle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_is_missing_when_no_refresh_came_within_an_hour() {
    let world = World::start().await;
    // A new stack has no account, and needs no catalog.
    assert_eq!(missing(&world).await, NONE);
    world.register("HUAWEI").await;
    assert_eq!(missing(&world).await, NONE);
    world.clock.advance(HOUR);
    world.metrics.take();
    world.sync().await;
    let documents = of_function(&world.metrics, "sync-tickets");
    let document = documents.iter().find(|one| one["CatalogsMissing"] == 1).unwrap();
    assert_eq!(document["catalogs_missing"], json!(["HUAWEI china"]));

    // Another account of the same catalog changes nothing, one of another catalog has its own hour.
    world.register_second("HUAWEI").await;
    world.register("ALIBABA").await;
    assert_eq!(missing(&world).await, [1]);
    world.clock.advance(HOUR);
    assert_eq!(missing(&world).await, [2]);
    assert_eq!(world.refresh(json!({})).await["state"], "complete");
    assert_eq!(missing(&world).await, NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_is_missing_when_its_first_refresh_failed() {
    let world = World::start().await;
    for vendor in ["HUAWEI", "ALIBABA"] {
        world.register(vendor).await;
    }
    world.simulated("ALIBABA").fault(FaultRule::always("ListProducts", Fault::Status { code: 500 }));
    assert_eq!(world.refresh(json!({})).await["state"], "failed");
    world.clock.advance(HOUR);
    assert_eq!(missing(&world).await, [1]);
    world.simulated("ALIBABA").no_faults();
    world.refresh(json!({"type": "ALIBABA"})).await;
    assert_eq!(missing(&world).await, NONE);
    // A later failure has other alarms.
    world.simulated("ALIBABA").fault(FaultRule::always("ListProducts", Fault::Status { code: 500 }));
    assert_eq!(world.refresh(json!({})).await["state"], "failed");
    assert_eq!(missing(&world).await, NONE);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_is_that_of_the_catalog_that_was_refreshed_first() {
    let (world, _) = World::ready().await;
    world.clock.advance(2 * DAY);
    world.refresh(json!({"type": "HUAWEI"})).await;
    let ages = oldest_age(&world).await;
    let days = 2 * DAY.as_secs();
    assert!(ages.len() == 1 && (days..days + 600).contains(&ages[0]), "{ages:?} s");
    world.refresh(json!({"type": "ALIBABA"})).await;
    let ages = oldest_age(&world).await;
    assert!(ages.len() <= 1 && ages.iter().all(|age| *age < 600), "{ages:?} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_age_begins_with_the_first_account_that_a_catalog_has_again() {
    let world = World::start().await;
    let account = world.register("ALIBABA").await;
    world.refresh(json!({})).await;
    world.call(ApiEvent::of("DELETE /accounts/{id}").id(&account)).await.expect(204);
    world.clock.advance(3 * DAY);
    world.register("ALIBABA").await;
    world.clock.advance(HOUR);
    let ages = oldest_age(&world).await;
    let hour = HOUR.as_secs();
    assert!(ages.len() == 1 && (hour..hour + 600).contains(&ages[0]), "{ages:?} s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_without_work_writes_the_metrics_whose_cost_is_computed() {
    let world = World::start().await;
    let points = written(&world, async {
        world.sync().await;
        scheduled_refresh(&world).await;
    })
    .await;
    let names: BTreeSet<String> = points.into_iter().map(|point| point.name).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/idle_cost.py");
    let script = std::fs::read_to_string(path).unwrap();
    let (_, metrics) = script.split_once("IDLE_METRICS = {").unwrap();
    let (metrics, _) = metrics.split_once('}').unwrap();
    let computed: BTreeSet<String> = metrics.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert_eq!(names, computed, "written / computed");
}
