//! What a new ticket chooses from: its account and the entries that it names, in the account's own catalog.

use shared::{
    domain::{
        Account, CaseKind, CatalogEntry, EntryKind, ProblemTypeId, Product, ProductId, RegionId, Site, SourceId, Vendor,
    },
    store::{CatalogHead, CatalogRefs, ResolvedRefs, Store},
};

use super::{
    ACCOUNT, NOW_MS, account, account_id, problem_type, product, refreshed, remove, seed, store, stored_entry,
};
use crate::support::World;

/// What stands under these ids for the account; source and region only where they are given.
async fn choices(
    store: &Store,
    owner: &str,
    (product, problem_type): (&str, &str),
    source: Option<&str>,
    region: Option<&str>,
) -> Option<(Account, ResolvedRefs)> {
    let source = source.map(|id| SourceId::parse(id).unwrap());
    let region = region.map(|id| RegionId::parse(id).unwrap());
    let ids = CatalogRefs {
        account: &account_id(owner),
        product: &ProductId::parse(product).unwrap(),
        problem_type: &ProblemTypeId::parse(problem_type).unwrap(),
        source: source.as_ref(),
        region: region.as_ref(),
    };
    store.resolve_refs(&ids).await.unwrap()
}

async fn seeded() -> World {
    let world = World::start().await;
    seed(store(&world)).await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_and_all_that_a_ticket_names_are_read_in_one_call() {
    let world = seeded().await;
    let store = store(&world);
    let region = stored_entry(store, EntryKind::Region, None, "cn-north-1").await;
    let source = stored_entry(store, EntryKind::Source, None, "s1").await;
    let wanted = ResolvedRefs {
        catalog_refreshed: true,
        product: Some(product("7160")),
        problem_type: Some(problem_type("7160", "7162", CaseKind::Fault)),
        source,
        region,
        form: None,
    };
    assert!(wanted.source.is_some() && wanted.region.is_some());
    let calls = world.aws_calls.to_table();
    let found = choices(store, ACCOUNT, ("7160", "7162"), Some("s1"), Some("cn-north-1")).await;
    assert_eq!(found, Some((account(ACCOUNT, Vendor::Huawei, NOW_MS), wanted.clone())));
    assert_eq!(world.aws_calls.to_table() - calls, 1);
    // What is not asked for is not there.
    let (_, found) = choices(store, ACCOUNT, ("7160", "7162"), None, None).await.unwrap();
    let wanted = ResolvedRefs { source: None, region: None, ..wanted };
    assert_eq!(found, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_has_no_choices() {
    let world = seeded().await;
    assert_eq!(choices(store(&world), "A9", ("7160", "7161"), None, None).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_ids_are_absent_and_a_problem_type_stands_under_its_product_only() {
    let world = seeded().await;
    let store = store(&world);
    let unknown = choices(store, ACCOUNT, ("9999", "9999"), Some("s9"), Some("xx-9")).await;
    let refreshed = ResolvedRefs { catalog_refreshed: true, ..ResolvedRefs::default() };
    assert_eq!(unknown.unwrap().1, refreshed);
    let of_other = choices(store, ACCOUNT, ("7160", "7261"), None, None).await;
    let wanted = ResolvedRefs { product: Some(product("7160")), ..refreshed };
    assert_eq!(of_other.unwrap().1, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_entries_are_shown_as_removed() {
    let world = seeded().await;
    let store = store(&world);
    remove(store, EntryKind::Product, None, "7160").await;
    remove(store, EntryKind::ProblemType, Some("7160"), "7161").await;
    remove(store, EntryKind::Source, None, "s1").await;
    remove(store, EntryKind::Region, None, "cn-north-1").await;
    let found = choices(store, ACCOUNT, ("7160", "7161"), Some("s1"), Some("cn-north-1")).await;
    let (_, found) = found.unwrap();
    assert!(found.catalog_refreshed);
    for entry in [found.product, found.problem_type, found.source, found.region] {
        assert_eq!(entry.unwrap().removed_time, Some(NOW_MS));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_counts_as_refreshed_once_its_head_is_written() {
    let world = World::start().await;
    let store = store(&world);
    store.put_account(&account(ACCOUNT, Vendor::Huawei, NOW_MS)).await.unwrap();
    // Entries alone don't make a catalog: the refresh that wrote them may have broken off.
    store.put_entries(&[product("7160")]).await.unwrap();
    let head =
        CatalogHead { run_id: "R1".to_owned().try_into().unwrap(), refresh_time: NOW_MS, attachment_limits: None };
    store.put_catalog_head(Vendor::Huawei, Site::International, head).await.unwrap();
    refreshed(store, Vendor::Alibaba).await;
    let is_refreshed = async || {
        let found = choices(store, ACCOUNT, ("7160", "7161"), None, None).await;
        found.unwrap().1.catalog_refreshed
    };
    assert!(!is_refreshed().await);
    refreshed(store, Vendor::Huawei).await;
    assert!(is_refreshed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_times_of_complete_refreshes_are_read_in_one_call() {
    let world = World::start().await;
    let store = store(&world);
    refreshed(store, Vendor::Alibaba).await;
    let calls = world.aws_calls.to_table();
    let catalogs = [Vendor::Alibaba, Vendor::Huawei].map(|vendor| (vendor, Site::China));
    let times = store.catalog_refresh_times(catalogs).await.unwrap();
    assert_eq!(times.into_iter().collect::<Vec<_>>(), [((Vendor::Alibaba, Site::China), NOW_MS)]);
    // A stack without accounts needs no catalog.
    assert!(store.catalog_refresh_times([]).await.unwrap().is_empty());
    assert_eq!(world.aws_calls.to_table() - calls, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_other_vendors_and_sites_are_not_mixed_in() {
    let world = seeded().await;
    let store = store(&world);
    let elsewhere = Product {
        id: ProductId::parse("7160").unwrap(),
        name: "Elastic Cloud Server".into(),
        description: None,
        acronym: None,
    };
    let abroad = CatalogEntry::of_product(Vendor::Huawei, Site::International, &elsewhere, NOW_MS);
    let at_alibaba = CatalogEntry::of_product(Vendor::Alibaba, Site::China, &elsewhere, NOW_MS);
    store.put_entries(&[abroad.clone(), at_alibaba.clone()]).await.unwrap();
    let other_site = Account { site: Site::International, ..account("A2", Vendor::Huawei, NOW_MS) };
    let other_vendor = account("A3", Vendor::Alibaba, NOW_MS);
    for one in [&other_site, &other_vendor] {
        store.put_account(one).await.unwrap();
    }
    let named = (("7160", "7161"), Some("s1"), Some("cn-north-1"));
    for (owner, entry) in [(other_site, abroad), (other_vendor, at_alibaba)] {
        let found = choices(store, owner.id.as_str(), named.0, named.1, named.2).await;
        let wanted = ResolvedRefs { product: Some(entry), ..ResolvedRefs::default() };
        assert_eq!(found, Some((owner, wanted)));
    }
    let (_, found) = choices(store, ACCOUNT, named.0, named.1, named.2).await.unwrap();
    assert_eq!(found.product, Some(product("7160")));
}
