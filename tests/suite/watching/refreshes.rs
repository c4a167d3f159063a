//! The metrics of refreshes, and the failures in a row on which an alarm is set.

use serde_json::json;
use shared::domain::{RefreshRun, RunId, RunState, Vendor};
use simulators::{CatalogChange, Fault, FaultRule};

use super::{values, written};
use crate::support::{ApiEvent, Point, World};

const HUAWEI: [(&str, &str); 2] = [("Vendor", "HUAWEI"), ("Site", "china")];
const ALIBABA: [(&str, &str); 2] = [("Vendor", "ALIBABA"), ("Site", "china")];

async fn refresh(world: &World, body: serde_json::Value) -> Vec<Point> {
    written(world, world.refresh(body)).await
}

fn in_a_row(points: &[Point]) -> Vec<u64> {
    values(points, "RefreshFailuresInARow", &[])
}

fn product_operation() -> &'static str {
    "ListProducts"
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_a_row_are_those_of_the_worst_catalog() {
    let (world, accounts) = World::ready().await;
    let sim = world.simulated("ALIBABA");
    sim.fault(FaultRule::always(product_operation(), Fault::Status { code: 500 }));
    for expected in [1, 2] {
        let points = refresh(&world, json!({})).await;
        assert_eq!(in_a_row(&points), [expected]);
        assert_eq!(values(&points, "RefreshesFailed", &ALIBABA), [1]);
        assert_eq!(values(&points, "RefreshesComplete", &HUAWEI), [1]);
        assert_eq!(values(&points, "RefreshesFailed", &HUAWEI), [0]);
        assert_eq!(values(&points, "CatalogAdded", &HUAWEI), [0]);
        assert_eq!(values(&points, "CatalogAdded", &ALIBABA), [] as [u64; 0]);
    }
    // A refresh of the vendor that is well says nothing of the other one.
    assert_eq!(in_a_row(&refresh(&world, json!({"type": "HUAWEI"})).await), [2]);
    sim.no_faults();
    assert_eq!(in_a_row(&refresh(&world, json!({"type": "ALIBABA"})).await), [0]);
    // After a success it begins anew; and a catalog that has no account any more fails no more.
    sim.fault(FaultRule::always(product_operation(), Fault::Status { code: 500 }));
    assert_eq!(in_a_row(&refresh(&world, json!({})).await), [1]);
    world.call(ApiEvent::of("DELETE /accounts/{id}").id(&accounts.alibaba)).await.expect(204);
    assert_eq!(in_a_row(&refresh(&world, json!({})).await), [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_counted() {
    let (world, _) = World::ready().await;
    let product = world.catalog("HUAWEI").products().next().unwrap().id.clone();
    let name = "新名称".to_owned();
    world.simulated("HUAWEI").change(CatalogChange::RenameProduct { id: product, name, name_en: None });
    let points = refresh(&world, json!({})).await;
    let counts = ["CatalogAdded", "CatalogChanged", "CatalogRemoved"].map(|name| values(&points, name, &HUAWEI));
    assert_eq!(counts, [[0], [1], [0]]);
    assert_eq!(in_a_row(&points), [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_delivered_again_counts_once() {
    let (world, _) = World::ready().await;
    world.simulated("HUAWEI").fault(FaultRule::always("*", Fault::Status { code: 500 }));
    let run = world.refresh(json!({})).await;
    let detail = json!({"run_id": run["id"]});
    let event = json!({"source": "polydesk", "detail-type": "CatalogRefreshRequested", "detail": detail});
    let points = written(&world, async {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        world.stack.invoke("refresh-catalog", event, deadline).await.unwrap();
    })
    .await;
    assert_eq!(in_a_row(&points), [] as [u64; 0]);
    assert_eq!(in_a_row(&refresh(&world, json!({})).await), [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_run_counts_as_a_failure_of_its_catalogs() {
    let (world, _) = World::ready().await;
    for (vendor, expected) in [(Some(Vendor::Huawei), [vec![1], vec![]]), (None, [vec![1], vec![1]])] {
        let run = RefreshRun {
            created_by: None,
            id: RunId::parse(format!("lost-{}", expected[1].len())).unwrap(),
            vendor,
            state: RunState::Running,
            create_time: world.now_ms(),
            end_time: None,
            error: None,
            vendors: Vec::new(),
        };
        assert!(world.stack.app.store.put_refresh(&run, 1).await.unwrap());
        let points = written(&world, world.sync()).await;
        assert_eq!([HUAWEI, ALIBABA].map(|of| values(&points, "RefreshesFailed", &of)), expected);
        assert_eq!(in_a_row(&points), [if vendor.is_some() { 1 } else { 2 }]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_run_that_is_written_twice_is_written_once() {
    let world = World::start().await;
    let run = RefreshRun {
        created_by: None,
        id: RunId::parse("R1").unwrap(),
        vendor: None,
        state: RunState::Complete,
        create_time: world.now_ms(),
        end_time: Some(world.now_ms()),
        error: None,
        vendors: Vec::new(),
    };
    let store = &world.stack.app.store;
    // The SDK sends a write again whose answer was lost.
    assert!(store.put_refresh(&run, 1).await.unwrap());
    assert!(store.put_refresh(&run, 1).await.unwrap());
    // Another end is refused.
    assert!(!store.put_refresh(&RefreshRun { end_time: Some(1), ..run }, 1).await.unwrap());
}
