//! Refreshing the catalog: complete or not at all, writing only what changed, vendor by vendor.

mod changes;
mod failures;
mod first;
mod other_names;
mod starting;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{ApiEvent, World};

/// The vendor's entry in a run.
fn of<'a>(run: &'a Value, vendor: &str) -> &'a Value {
    let vendors = run["vendors"].as_array().unwrap();
    let mut entries = vendors.iter().filter(|entry| entry["type"] == vendor);
    let entry = entries.next().unwrap_or_else(|| panic!("no {vendor} in {run}"));
    assert!(entries.next().is_none(), "{vendor} twice in {run}");
    entry
}

/// Added, changed, removed, unchanged and failed of the vendor's entry.
fn counts(run: &Value, vendor: &str) -> [u64; 5] {
    let entry = of(run, vendor);
    ["added", "changed", "removed", "unchanged", "failed"].map(|name| entry[name].as_u64().unwrap())
}

/// All entries of a kind, as `GET` shows them.
async fn list(world: &World, kind: &'static str, vendor: &str) -> Vec<Value> {
    let route = match kind {
        "product" => "GET /catalog/products",
        "problem_type" => "GET /catalog/product-types",
        "source" => "GET /catalog/sources",
        _ => "GET /catalog/regions",
    };
    world.all(|| ApiEvent::of(route), &format!("&type={vendor}"), 100).await
}

const KINDS: [&str; 4] = ["product", "problem_type", "source", "region"];

/// Every entry of a vendor that stands: kind, product of a problem type, id and name.
async fn standing(world: &World, vendor: &str) -> BTreeSet<[String; 4]> {
    let mut entries = BTreeSet::new();
    for kind in KINDS {
        for entry in list(world, kind, vendor).await {
            assert_eq!((&entry["kind"], &entry["type"]), (&kind.into(), &vendor.into()));
            if entry["removed_time"].is_null() {
                let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
                assert!(
                    entries.insert([kind.into(), text("product_id"), text("id"), text("name")]),
                    "{entry} stands twice"
                );
            }
        }
    }
    entries
}

/// What must stand after a refresh, out of the simulator's catalog.
fn expected(world: &World, vendor: &str) -> BTreeSet<[String; 4]> {
    let catalog = world.catalog(vendor);
    let mut entries = BTreeSet::new();
    for product in catalog.products() {
        // Tencent's only name is the short one.
        let name = if vendor == "TENCENT" { &product.id } else { &product.name };
        entries.insert(["product".into(), String::new(), product.id.clone(), name.clone()]);
        for one in &product.problem_types {
            entries.insert(["problem_type".into(), product.id.clone(), one.id.clone(), one.name.clone()]);
        }
    }
    for region in &catalog.regions {
        entries.insert(["region".into(), String::new(), region.id.clone(), region.name.clone()]);
    }
    if vendor == "HUAWEI" {
        let id = simulators::huawei::SOURCE_ID;
        entries.insert(["source".into(), String::new(), id.into(), "用户中心 (user center)".into()]);
    }
    entries
}

/// How many entries a refresh must find.
fn size(world: &World, vendor: &str) -> u64 {
    expected(world, vendor).len().try_into().unwrap()
}

async fn assert_as_at_vendor(world: &World, vendor: &str) {
    assert_eq!(standing(world, vendor).await, expected(world, vendor), "{vendor}");
}

/// The table without runs, heads and accounts' health: what a refresh that finds no change must leave alone.
async fn entries_in_table(world: &World) -> Vec<String> {
    let items = world.table().await;
    items.into_iter().filter(|item| item.contains(r#""entity":"catalog_entry""#)).collect()
}

/// The first product with problem types.
fn a_product(world: &World, vendor: &str) -> simulators::CatalogProduct {
    let catalog = world.catalog(vendor);
    let product = catalog.products().find(|product| !product.problem_types.is_empty());
    product.unwrap().clone()
}
