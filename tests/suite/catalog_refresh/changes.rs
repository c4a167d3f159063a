//! What a refresh adds, changes and removes.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulators::CatalogChange;

use super::{a_product, assert_as_at_vendor, counts, entries_in_table, list, of, size, standing};
use crate::support::{ApiEvent, World, cases, without};

const VENDORS: [&str; 3] = ["ALIBABA", "HUAWEI", "TENCENT"];

/// The entry of that id.
fn entry<'a>(entries: &'a [Value], id: &str) -> &'a Value {
    let found = entries.iter().find(|entry| entry["id"] == id);
    found.unwrap_or_else(|| panic!("no {id}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_refresh_adds_everything_that_the_vendors_list() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        world.register(vendor).await;
    }
    let run = world.refresh(json!({})).await;
    assert_eq!(run["state"], "complete", "{run}");
    assert_eq!(run["type"], Value::Null);
    assert!(run["end_time"].as_i64().unwrap() >= run["create_time"].as_i64().unwrap());
    for vendor in cases(VENDORS) {
        assert_eq!(counts(&run, vendor), [size(&world, vendor), 0, 0, 0, 0], "{vendor}");
        let of_vendor = of(&run, vendor);
        assert_eq!((&of_vendor["state"], &of_vendor["site"]), (&json!("complete"), &json!("china")));
        assert_eq!(of_vendor["error"], Value::Null);
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_finds_nothing_new_writes_no_entry() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        world.register(vendor).await;
    }
    world.refresh(json!({})).await;
    let before = entries_in_table(&world).await;
    for _ in 0..2 {
        let calls = world.aws_calls.to_table();
        let run = world.refresh(json!({})).await;
        for vendor in cases(VENDORS) {
            assert_eq!(counts(&run, vendor), [0, 0, 0, size(&world, vendor), 0], "{vendor}");
        }
        assert_eq!(entries_in_table(&world).await, before);
        // The run three times, accounts, run again, the audit record; for each vendor one query, health and head; two
        // readings of ours.
        let calls = world.aws_calls.to_table() - calls;
        assert!(calls <= 3 + 2 + 1 + 1 + 3 * 3 + 2, "{calls} calls to the table");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_of_tencent_has_no_problem_types() {
    let world = World::start().await;
    world.register("TENCENT").await;
    world.refresh(json!({})).await;
    assert_eq!(list(&world, "product", "TENCENT").await.len(), 4);
    for kind in ["problem_type", "source", "region"] {
        assert_eq!(list(&world, kind, "TENCENT").await, Vec::<Value>::new(), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_entry_is_changed_and_keeps_when_it_was_first_seen() {
    let (world, _) = World::ready().await;
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        let product = a_product(&world, vendor);
        let first = list(&world, "product", vendor).await;
        world.simulated(vendor).change(CatalogChange::RenameProduct {
            id: product.id.clone(),
            name: "新名称 🎉".into(),
            name_en: None,
        });
        let run = world.refresh(json!({})).await;
        assert_eq!(counts(&run, vendor), [0, 1, 0, size(&world, vendor) - 1, 0]);
        let second = list(&world, "product", vendor).await;
        let mut wanted = entry(&first, &product.id).clone();
        wanted["name"] = json!("新名称 🎉");
        // The simulators rename it in both languages.
        wanted["other_name"] = json!("新名称 🎉");
        let time = &entry(&second, &product.id)["last_change"]["time"];
        assert!(time.as_i64() >= run["create_time"].as_i64());
        wanted["last_change"] = json!({"change": "changed", "time": time, "fields": ["name"]});
        assert_eq!(entry(&second, &product.id), &wanted);
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_problem_type_of_one_product_leaves_those_of_others() {
    let (world, _) = World::ready().await;
    for vendor in cases(["ALIBABA", "HUAWEI"]) {
        let product = a_product(&world, vendor);
        world.simulated(vendor).change(CatalogChange::RenameProblemType {
            product: product.id.clone(),
            id: product.problem_types[0].id.clone(),
            name: "改名".into(),
            name_en: None,
        });
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(counts(&run, vendor), [0, 1, 0, size(&world, vendor) - 1, 0]);
        assert_as_at_vendor(&world, vendor).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_product_is_marked_and_stays_and_takes_no_ticket() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let body = world.ticket_body(vendor, account);
        let id = body["product_id"].as_str().unwrap().to_owned();
        let product = world.catalog(vendor).product(&id).unwrap().clone();
        let gone = 1 + u64::try_from(product.problem_types.len()).unwrap();
        world.simulated(vendor).change(CatalogChange::RemoveProduct(id.clone()));
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(counts(&run, vendor), [0, 0, gone, size(&world, vendor), 0]);
        assert_as_at_vendor(&world, vendor).await;

        let products = list(&world, "product", vendor).await;
        let removed = entry(&products, &id);
        assert_eq!(removed["name"], product.name.as_str());
        assert!(removed["removed_time"].as_i64().unwrap() >= run["create_time"].as_i64().unwrap());
        let types = list(&world, "problem_type", vendor).await;
        let of_product = types.iter().filter(|one| one["product_id"] == id.as_str());
        assert!(of_product.clone().all(|one| one["removed_time"].is_i64()));
        assert_eq!(of_product.count(), product.problem_types.len());

        let calls = world.vendor_calls();
        let refused = world.call(ApiEvent::of("POST /tickets").key(vendor).body(body)).await;
        refused.expect_problem(400, "product_removed").expect_field("/product_id");
        assert_eq!(world.vendor_calls(), calls);

        // Once marked it is not marked again.
        let before = entries_in_table(&world).await;
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(counts(&run, vendor), [0, 0, 0, size(&world, vendor), 0]);
        assert_eq!(entries_in_table(&world).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_comes_back_is_not_marked_as_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let body = world.ticket_body(vendor, account);
        let id = body["product_id"].as_str().unwrap().to_owned();
        let entries = async || {
            let entries = without(entries_in_table(&world).await, &["last_change", "GSI1SK"]);
            entries.into_iter().collect::<BTreeSet<_>>()
        };
        let before = entries().await;
        let catalog = world.catalog(vendor);
        let group = catalog.groups.iter().find(|group| group.products.iter().any(|one| one.id == id));
        let product = catalog.product(&id).unwrap().clone();
        let back = 1 + u64::try_from(product.problem_types.len()).unwrap();
        world.simulated(vendor).change(CatalogChange::RemoveProduct(id));
        world.refresh(json!({"type": vendor})).await;
        assert_ne!(entries().await, before);

        world
            .simulated(vendor)
            .change(CatalogChange::AddProduct { group: group.map(|group| group.id.clone()), product });
        let run = world.refresh(json!({"type": vendor})).await;
        assert_eq!(counts(&run, vendor), [back, 0, 0, size(&world, vendor) - back, 0]);
        assert_eq!(entries().await, before);
        world.call(ApiEvent::of("POST /tickets").key(vendor).body(body)).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn catalogs_of_two_sites_are_apart() {
    let world = World::start().await;
    let mut abroad = world.account_body("ALIBABA");
    abroad["region_id"] = json!("ap-southeast-1");
    abroad["allow_same_customer"] = json!(true);
    world.register("ALIBABA").await;
    world.call(ApiEvent::of("POST /accounts").body(abroad)).await.expect(201);
    let run = world.refresh(json!({})).await;
    let sites: Vec<_> = run["vendors"].as_array().unwrap().iter().map(|one| &one["site"]).collect();
    assert_eq!(sites, ["china", "international"]);
    let names = async |site: &str| {
        let filter = format!("&type=ALIBABA&site={site}");
        let products = world.all(|| ApiEvent::of("GET /catalog/products"), &filter, 100).await;
        products.into_iter().map(|one| one["name"].clone()).collect::<Vec<_>>()
    };
    let catalog = world.catalog("ALIBABA");
    let by_id = |english: bool| {
        let mut products: Vec<_> = catalog.products().collect();
        products.sort_by_key(|product| &product.id);
        let name = |product: &simulators::CatalogProduct| {
            if english { product.name_en.clone() } else { product.name.clone() }
        };
        products.into_iter().map(|product| json!(name(product))).collect::<Vec<_>>()
    };
    assert_eq!(names("china").await, by_id(false));
    assert_eq!(names("international").await, by_id(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_of_one_catalog_refresh_it_once() {
    let world = World::start().await;
    world.register("HUAWEI").await;
    world.register("HUAWEI").await;
    world.simulated("HUAWEI").change(CatalogChange::RenameProduct {
        id: a_product(&world, "HUAWEI").id,
        name: "一".into(),
        name_en: None,
    });
    // A registration reads products, too.
    let before = world.vendor_calls()["ListCaseCategories"];
    let run = world.refresh(json!({})).await;
    assert_eq!(run["vendors"].as_array().unwrap().len(), 1);
    assert_eq!(counts(&run, "HUAWEI"), [size(&world, "HUAWEI"), 0, 0, 0, 0]);
    // In each language.
    assert_eq!(world.vendor_calls()["ListCaseCategories"] - before, 2);
    assert_eq!(standing(&world, "HUAWEI").await.len() as u64, size(&world, "HUAWEI"));
}
