//! Changes of the catalog: what was added, changed and removed since a time.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use simulators::CatalogChange;

use super::{assert_cursor_refused, assert_sealed};
use crate::support::{ApiEvent, World, cases};

const CHANGES: &str = "GET /catalog/changes";
const HOUR: Duration = Duration::from_hours(1);

async fn changes(world: &World, filters: &str) -> Vec<Value> {
    world.all(|| ApiEvent::of(CHANGES), &format!("&{filters}"), 100).await
}

/// How many entries there are of each kind of change.
fn counted(entries: &[Value]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry["last_change"]["change"].as_str().unwrap()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_changed_and_removed_is_told() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let of_vendor = format!("type={vendor}&since=");
        let all = changes(&world, &format!("{of_vendor}0")).await;
        assert_eq!(counted(&all).into_keys().collect::<Vec<_>>(), ["added"]);
        world.clock.advance(HOUR);
        let since = world.now_ms();
        assert!(changes(&world, &format!("{of_vendor}{since}")).await.is_empty());

        let body = world.ticket_body(vendor, account);
        let catalog = world.catalog(vendor);
        let gone = catalog.product(body["product_id"].as_str().unwrap()).unwrap().clone();
        let mut others = catalog.products().filter(|product| product.id != gone.id);
        let (renamed, mut copied) = (others.next().unwrap(), others.next().unwrap().clone());
        copied.id = "990001".into();
        copied.problem_types.clear();
        let group = catalog.groups.iter().find(|group| group.products.iter().any(|one| one.id == renamed.id));
        let sim = world.simulated(vendor);
        let name = "新名称".to_owned();
        sim.change(CatalogChange::RenameProduct { id: renamed.id.clone(), name: name.clone(), name_en: None });
        sim.change(CatalogChange::AddProduct { group: group.map(|group| group.id.clone()), product: copied });
        sim.change(CatalogChange::RemoveProduct(gone.id.clone()));
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(run["state"], "complete", "{run}");

        let told = changes(&world, &format!("{of_vendor}{since}")).await;
        let removed = 1 + gone.problem_types.len();
        assert_eq!(counted(&told), BTreeMap::from([("added", 1), ("changed", 1), ("removed", removed)]), "{vendor}");
        let products = changes(&world, &format!("{of_vendor}{since}&kind=product")).await;
        let of = |id: &str| products.iter().find(|entry| entry["id"] == id).unwrap();
        let time = &of("990001")["last_change"]["time"];
        assert!(time.as_i64().unwrap() >= since);
        assert_eq!(of("990001")["last_change"], json!({"change": "added", "time": time}));
        let changed = json!({"change": "changed", "time": time, "fields": ["name"]});
        assert_eq!((&of(&renamed.id)["name"], &of(&renamed.id)["last_change"]), (&json!(name), &changed));
        assert_eq!(of(&gone.id)["last_change"], json!({"change": "removed", "time": time}));
        assert_eq!(&of(&gone.id)["removed_time"], time);
        let types = changes(&world, &format!("{of_vendor}{since}&kind=problem_type")).await;
        assert!(types.iter().all(|one| one["product_id"] == gone.id.as_str()));
        assert_eq!((products.len(), types.len()), (3, removed - 1));
        // The rest is told with what happened before, and nothing twice.
        let listed = changes(&world, &format!("{of_vendor}0")).await;
        assert_eq!(listed.len(), all.len() + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_told_with_its_last_change_only() {
    let (world, _) = World::ready().await;
    let id = world.catalog("HUAWEI").products().next().unwrap().id.clone();
    let since = world.now_ms();
    for name in ["一", "二"] {
        world.clock.advance(HOUR);
        world.simulated("HUAWEI").change(CatalogChange::RenameProduct {
            id: id.clone(),
            name: name.into(),
            name_en: None,
        });
        world.refresh(json!({"type": "HUAWEI"})).await;
        let told = changes(&world, &format!("type=HUAWEI&since={}", since + 1)).await;
        let [entry] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((&entry["name"], &entry["id"]), (&json!(name), &json!(id)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_come_by_catalog_and_then_oldest_first_page_by_page() {
    let (world, _) = World::ready().await;
    for (hours, vendor) in cases([(1, "ALIBABA"), (2, "HUAWEI")]) {
        world.clock.advance(HOUR * hours);
        let id = world.catalog(vendor).products().last().unwrap().id.clone();
        let name = "新名称".to_owned();
        world.simulated(vendor).change(CatalogChange::RenameProduct { id, name, name_en: None });
        world.refresh(json!({})).await;
    }
    let whole = changes(&world, "since=0").await;
    let place = |entry: &Value| (entry["type"].as_str().unwrap().to_owned(), entry["last_change"]["time"].as_i64());
    assert!(whole.iter().map(place).is_sorted());
    for limit in [1, 7] {
        assert_eq!(world.all(|| ApiEvent::of(CHANGES), "&since=0", limit).await, whole, "in pages of {limit}");
    }
    let products = world.all(|| ApiEvent::of(CHANGES), "&since=0&kind=product&site=china", 1).await;
    assert_eq!(products, whole.into_iter().filter(|entry| entry["kind"] == "product").collect::<Vec<_>>());
    assert!(changes(&world, "since=0&site=international").await.is_empty());

    let page = world.call(ApiEvent::of(CHANGES).query("since=0&limit=2")).await.expect(200);
    let cursor = page.text("next_cursor");
    for filters in ["since=1", "since=0&kind=product", "since=0&type=HUAWEI"] {
        let query = format!("{filters}&cursor={cursor}");
        assert_cursor_refused(world.call(ApiEvent::of(CHANGES).query(&query)).await);
    }
    assert_sealed(&world, || ApiEvent::of(CHANGES), "since=0", &cursor).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_filters_are_refused() {
    let world = World::start().await;
    for (query, field) in [
        ("", "since"),
        ("since=", "since"),
        ("since=-1", "since"),
        ("since=2026-01-01", "since"),
        ("since=99999999999999", "since"),
        ("since=0&kind=products", "kind"),
        ("since=0&kind=", "kind"),
        ("since=0&type=AWS", "type"),
        ("since=0&site=mars", "site"),
        ("since=0&q=a", "q"),
    ] {
        let refused = world.call(ApiEvent::of(CHANGES).query(query)).await;
        refused.expect_problem(400, "invalid_fields").expect_field(field);
    }
    for limit in ["0", "101", "abc"] {
        let refused = world.call(ApiEvent::of(CHANGES).query(&format!("since=0&limit={limit}"))).await;
        refused.expect_problem(400, "invalid_fields").expect_field("limit");
    }
    assert_cursor_refused(world.call(ApiEvent::of(CHANGES).query("since=0&cursor=AAAA")).await);
}
