//! Catalog lists: by vendor, site and product, by a part of the name, in pages.

use std::collections::HashSet;

use serde_json::{Value, json};
use simulators::CatalogChange;

use super::{assert_cursor_refused, assert_refuses_bad_pages, assert_sealed, encoded};
use crate::support::{ApiEvent, World, cases};

const PRODUCTS: &str = "GET /catalog/products";
const PROBLEM_TYPES: &str = "GET /catalog/product-types";

/// A stack with accounts of all vendors, Alibaba's at both sites, and their catalogs.
async fn stocked() -> World {
    let world = World::start().await;
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        world.register(vendor).await;
    }
    let mut abroad = world.account_body("ALIBABA");
    abroad["region_id"] = json!("ap-southeast-1");
    abroad["allow_same_customer"] = json!(true);
    world.call(ApiEvent::of("POST /accounts").body(abroad)).await.expect(201);
    let run = world.refresh(json!({})).await;
    assert_eq!(run["state"], "complete", "{run}");
    world
}

async fn list(world: &World, route: &str, filters: &str) -> Vec<Value> {
    world.all(|| ApiEvent::of(route), filters, 100).await
}

fn texts<'a>(entries: &'a [Value], name: &str) -> Vec<&'a str> {
    entries.iter().map(|entry| entry[name].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_cover_all_vendors_and_sites_without_gap_or_double() {
    let world = stocked().await;
    for route in [PRODUCTS, PROBLEM_TYPES, "GET /catalog/sources", "GET /catalog/regions"] {
        let whole = list(&world, route, "").await;
        assert!(!whole.is_empty());
        let place = |entry: &Value| {
            let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
            (text("type"), text("site"), text("product_id"), text("id"))
        };
        let places: Vec<_> = whole.iter().map(place).collect();
        assert!(places.is_sorted(), "{route}: by vendor, site and id");
        let distinct: HashSet<_> = places.iter().collect();
        assert_eq!(distinct.len(), whole.len(), "{route}");
        // Few products in each catalog: pages end within a catalog, at its end, and past it.
        for limit in [1, 3, 4, 5, 8, 17] {
            let paged = world.all(|| ApiEvent::of(route), "", limit).await;
            assert_eq!(paged, whole, "{route} in pages of {limit}");
        }
    }
    let products = |vendor| world.catalog(vendor).products().count();
    let count = 2 * products("ALIBABA") + products("HUAWEI") + products("TENCENT");
    assert_eq!(list(&world, PRODUCTS, "").await.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_filtered_by_vendor_and_site() {
    let world = stocked().await;
    let whole = list(&world, PRODUCTS, "").await;
    for (filters, vendor, site) in [
        ("&type=ALIBABA", Some("ALIBABA"), None),
        ("&type=TENCENT", Some("TENCENT"), None),
        ("&site=international", None, Some("international")),
        ("&type=ALIBABA&site=china", Some("ALIBABA"), Some("china")),
        ("&type=HUAWEI&site=international", Some("HUAWEI"), Some("international")),
    ] {
        let wanted: Vec<_> = whole
            .iter()
            .filter(|entry| vendor.is_none_or(|vendor| entry["type"] == vendor))
            .filter(|entry| site.is_none_or(|site| entry["site"] == site))
            .cloned()
            .collect();
        assert_eq!(list(&world, PRODUCTS, filters).await, wanted, "{filters}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_types_are_listed_by_product() {
    let world = stocked().await;
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        let catalog = world.catalog(vendor);
        for product in catalog.products() {
            let filters = format!("&type={vendor}&site=china&product_id={}", product.id);
            let listed = list(&world, PROBLEM_TYPES, &filters).await;
            assert!(listed.iter().all(|one| one["product_id"] == product.id.as_str()));
            let mut wanted: Vec<_> = product.problem_types.iter().map(|one| one.id.as_str()).collect();
            wanted.sort_unstable();
            assert_eq!(texts(&listed, "id"), wanted);
            assert_eq!(world.all(|| ApiEvent::of(PROBLEM_TYPES), &filters, 1).await, listed);
        }
    }
    assert!(list(&world, PROBLEM_TYPES, "&product_id=no-such-product").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_searched_in_chinese_and_whatever_their_case() {
    let world = World::start().await;
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        world.register(vendor).await;
        let catalog = world.catalog(vendor);
        let names = ["轻量云主机 LightHouse", "云主机 Bare METAL ÉCLAIR", "对象存储 100%_a+b"];
        for (product, name) in catalog.products().zip(names) {
            world.simulated(vendor).change(CatalogChange::RenameProduct {
                id: product.id.clone(),
                name: name.into(),
                name_en: None,
            });
        }
    }
    world.refresh(json!({})).await;
    let whole = list(&world, PRODUCTS, "").await;
    for (q, hits) in [
        ("云主机", 4),
        ("主机 light", 2),
        ("LIGHTHOUSE", 2),
        ("metal", 2),
        ("100%_A+B", 2),
        ("éclair", 2),
        ("%", 2),
        ("没有", 0),
    ] {
        let filters = format!("&q={}", encoded(q));
        let found = list(&world, PRODUCTS, &filters).await;
        let wanted: Vec<_> = whole
            .iter()
            .filter(|entry| entry["name"].as_str().unwrap().to_lowercase().contains(&q.to_lowercase()))
            .cloned()
            .collect();
        assert_eq!(found, wanted, "{q}");
        assert_eq!(found.len(), hits, "{q}");
        assert_eq!(world.all(|| ApiEvent::of(PRODUCTS), &filters, 1).await, wanted, "{q}");
    }
    let one = list(&world, PRODUCTS, &format!("&type=HUAWEI&q={}", encoded("metal"))).await;
    assert_eq!(texts(&one, "name"), ["云主机 Bare METAL ÉCLAIR"]);
    for (q, name) in [
        ("yunzhuji lighthouse", "轻量云主机 LightHouse"),
        ("Qing Liang Yun Zhu", "轻量云主机 LightHouse"),
        ("qlyzj", "轻量云主机 LightHouse"),
        ("yunzhujibare", "云主机 Bare METAL ÉCLAIR"),
        ("dxcc", "对象存储 100%_a+b"),
    ] {
        let one = list(&world, PRODUCTS, &format!("&type=HUAWEI&q={}", encoded(q))).await;
        assert_eq!(texts(&one, "name"), [name], "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_shows_the_original_columns() {
    let world = stocked().await;
    let filters = format!("type=HUAWEI&site=china&q={}", encoded("用户中心"));
    let sources = world.call(ApiEvent::of("GET /catalog/sources").query(&filters)).await.expect(200);
    let source = &sources.items()[0];
    assert!(source["create_time"].is_i64());
    let wanted = json!({
        "id": "83aeb0f2834c4df49826c781d32a963e",
        "kind": "source",
        "type": "HUAWEI",
        "site": "china",
        "name": "用户中心 (user center)",
        "create_time": source["create_time"],
        "last_change": {"change": "added", "time": source["last_change"]["time"]},
    });
    assert_eq!(sources.body, json!({"items": [wanted]}));

    let catalog = world.catalog("HUAWEI");
    for entry in list(&world, PRODUCTS, "&type=HUAWEI").await {
        let product = catalog.product(entry["id"].as_str().unwrap()).unwrap();
        let shown = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        assert_eq!(entry["name"], product.name.as_str());
        assert_eq!(entry["description"], shown(&product.description));
        assert_eq!(entry["acronym"], shown(&product.acronym));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_filters_and_pages_are_refused() {
    let world = World::start().await;
    for route in [PRODUCTS, PROBLEM_TYPES, "GET /catalog/sources", "GET /catalog/regions"] {
        assert_refuses_bad_pages(&world, || ApiEvent::of(route)).await;
        for (query, field) in
            [("type=AWS", "type"), ("type=huawei", "type"), ("site=mars", "site"), ("q=", "q"), ("q=%07", "q")]
        {
            let refused = world.call(ApiEvent::of(route).query(query)).await;
            refused.expect_problem(400, "invalid_fields").expect_field(field);
        }
    }
    let long = format!("q={}", encoded(&"云".repeat(101)));
    for (route, query, field) in [
        (PRODUCTS, long.as_str(), "q"),
        (PRODUCTS, "product_id=7160", "product_id"),
        (PROBLEM_TYPES, "product_id=a%23b", "product_id"),
    ] {
        let refused = world.call(ApiEvent::of(route).query(query)).await;
        refused.expect_problem(400, "invalid_fields").expect_field(field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_holds_for_its_list_and_filters_only() {
    let world = stocked().await;
    let page = world.call(ApiEvent::of(PRODUCTS).query("limit=2&type=ALIBABA")).await.expect(200);
    let cursor = page.text("next_cursor");
    for (route, filters) in [
        (PRODUCTS, "type=HUAWEI"),
        (PRODUCTS, "type=ALIBABA&site=china"),
        (PRODUCTS, "type=ALIBABA&q=a"),
        (PRODUCTS, "limit=2"),
        (PROBLEM_TYPES, "type=ALIBABA"),
        ("GET /accounts", "limit=2"),
        ("GET /tickets", "type=ALIBABA"),
    ] {
        let refused = world.call(ApiEvent::of(route).query(&format!("{filters}&cursor={cursor}"))).await;
        assert_cursor_refused(refused);
    }
    assert_sealed(&world, || ApiEvent::of(PRODUCTS), "type=ALIBABA", &cursor).await;
    // Another page size is no other list.
    let rest = world.call(ApiEvent::of(PRODUCTS).query(&format!("type=ALIBABA&limit=50&cursor={cursor}"))).await;
    assert_eq!(rest.expect(200).items().len(), 6);
}
