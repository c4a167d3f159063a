//! Refreshes at a vendor that takes few calls a second.

use std::time::Duration;

use serde_json::json;
use simulators::CatalogChange;

use super::MINUTE;
use crate::support::VirtualWorld;

/// Leaves that many products in the vendor's catalog.
fn leave(world: &VirtualWorld, vendor: &str, count: usize) {
    let simulated = world.simulated(vendor);
    let catalog = simulated.catalog();
    let mut products: Vec<_> = catalog.products().map(|product| product.id.clone()).collect();
    products.sort();
    products.dedup();
    assert!(products.len() >= count, "{vendor} has {} products", products.len());
    products.into_iter().skip(count).for_each(|id| simulated.change(CatalogChange::RemoveProduct(id)));
}

#[tokio::test(start_paused = true)]
async fn a_catalog_of_168_products_is_refreshed_within_six_minutes_at_one_call_a_second() {
    for (vendor, problem_types) in [("ALIBABA", "ListCategories"), ("HUAWEI", "ListProblemTypes")] {
        for timeout in [Duration::from_secs(300), Duration::from_secs(100)] {
            let world = VirtualWorld::start(false).await;
            leave(&world, vendor, 168);
            let simulated = world.simulated(vendor);
            simulated.limit_calls(Some(1));
            let (run, runs) = world.refresh(json!({"type": vendor}), timeout).await;
            let took = world.elapsed();
            assert_eq!(run["state"], "complete", "{run}");
            assert!(took <= 6 * MINUTE, "{vendor}: {took:?}");
            // A run of the function that is too short for all of them goes on in another one, with the products that
            // it has read: none is read twice, but for those under way when a run ended.
            assert!(runs == 1 || timeout.as_secs() == 100, "{runs} runs");
            let done = simulated.calls().iter().filter(|call| call.operation == problem_types && call.done).count();
            assert!((168..=168 + 4 * runs).contains(&done), "{vendor}: {done} calls in {runs} runs");
        }
    }
}
