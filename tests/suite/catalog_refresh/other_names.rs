//! Names of products in the other language: read once the run has ended, found by searches, never in its way.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use simulators::{CatalogChange, Fault, FaultRule};

use super::{a_product, assert_as_at_vendor, counts, entries_in_table, failures::products_operation, list, size};
use crate::support::{ApiEvent, World, cases};

const VENDORS: [&str; 2] = ["ALIBABA", "HUAWEI"];

/// The name and the other name of every product, by id.
async fn names(world: &World, filters: &str) -> BTreeMap<String, [Value; 2]> {
    let products = world.all(|| ApiEvent::of("GET /catalog/products"), filters, 100).await;
    let names = products
        .into_iter()
        .map(|one| (one["id"].as_str().unwrap().to_owned(), [one["name"].clone(), one["other_name"].clone()]));
    names.collect()
}

/// The same as the vendor has them, at one of its sites.
fn at_vendor(world: &World, vendor: &str, site: &str) -> BTreeMap<String, [Value; 2]> {
    let catalog = world.catalog(vendor);
    let names = catalog.products().map(|product| {
        let mut names = [json!(product.name), json!(product.name_en)];
        if site == "international" {
            names.reverse();
        }
        (product.id.clone(), names)
    });
    names.collect()
}

async fn found(world: &World, site: &str, q: &str) -> Vec<Value> {
    let q: String = q.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let products = world.all(|| ApiEvent::of("GET /catalog/products"), &format!("&site={site}&q={q}"), 100).await;
    products.into_iter().map(|one| one["id"].clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_found_by_their_names_in_both_languages() {
    for (vendor, region) in cases([("ALIBABA", "ap-southeast-1"), ("HUAWEI", "ap-southeast-3")]) {
        let world = World::start().await;
        let product = a_product(&world, vendor);
        world.simulated(vendor).change(CatalogChange::RenameProduct {
            id: product.id.clone(),
            name: "轻量云主机".into(),
            name_en: Some("Simple Compute Service".into()),
        });
        world.register(vendor).await;
        let mut abroad = world.account_body(vendor);
        abroad["region_id"] = json!(region);
        abroad["allow_same_customer"] = json!(true);
        world.call(ApiEvent::of("POST /accounts").body(abroad)).await.expect(201);
        let run = world.refresh(json!({})).await;
        assert_eq!(run["state"], "complete", "{run}");
        for site in ["china", "international"] {
            assert_eq!(
                names(&world, &format!("&site={site}")).await,
                at_vendor(&world, vendor, site),
                "{vendor} {site}"
            );
            for q in ["simple compute", "轻量云", "qlyzj", "yunzhuji"] {
                assert_eq!(found(&world, site, q).await, [product.id.as_str()], "{vendor} {site} {q}");
            }
        }
        assert!(list(&world, "problem_type", vendor).await.iter().all(|one| one["other_name"].is_null()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_the_other_language_are_read_when_a_product_is_new_or_renamed() {
    for vendor in cases(VENDORS) {
        let world = World::start().await;
        world.register(vendor).await;
        let reads = || world.vendor_calls()[products_operation(vendor)];
        let before = reads();
        world.refresh(json!({})).await;
        assert_eq!(reads() - before, 2, "one list in each language");
        let (table, before) = (entries_in_table(&world).await, reads());
        let run = world.refresh(json!({})).await;
        assert_eq!(counts(&run, vendor), [0, 0, 0, size(&world, vendor), 0]);
        assert_eq!((entries_in_table(&world).await, reads() - before), (table, 1));

        let id = a_product(&world, vendor).id;
        let name_en = Some("Another Name".to_owned());
        world.simulated(vendor).change(CatalogChange::RenameProduct { id, name: "改名".into(), name_en });
        let before = reads();
        let run = world.refresh(json!({})).await;
        assert_eq!(counts(&run, vendor), [0, 1, 0, size(&world, vendor) - 1, 0]);
        assert_eq!(reads() - before, 2);
        assert_eq!(names(&world, "").await, at_vendor(&world, vendor, "china"));
        let changed = world.call(ApiEvent::of("GET /catalog/changes").query("since=0&kind=product")).await.expect(200);
        let changed = changed.items().iter().filter(|one| one["last_change"]["change"] == "changed");
        assert_eq!(changed.map(|one| &one["last_change"]["fields"]).collect::<Vec<_>>(), [&json!(["name"])]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_is_complete_where_names_in_the_other_language_can_not_be_read() {
    for vendor in cases(VENDORS) {
        for fault in [Fault::Status { code: 500 }, Fault::Rubbish] {
            let world = World::start().await;
            world.register(vendor).await;
            let sim = world.simulated(vendor);
            sim.fault(FaultRule { skip: 1, ..FaultRule::always(products_operation(vendor), fault) });
            let run = world.refresh(json!({})).await;
            assert_eq!(run["state"], "complete", "{run}");
            assert_eq!(counts(&run, vendor), [size(&world, vendor), 0, 0, 0, 0]);
            assert_as_at_vendor(&world, vendor).await;
            assert!(names(&world, "").await.values().all(|[_, other]| other.is_null()));
            sim.no_faults();
            // As after an upgrade from a version without them.
            let run = world.refresh(json!({})).await;
            assert_eq!(counts(&run, vendor), [0, 0, 0, size(&world, vendor), 0]);
            assert_eq!(names(&world, "").await, at_vendor(&world, vendor, "china"));
        }
    }
}
