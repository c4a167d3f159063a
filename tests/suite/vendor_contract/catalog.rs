//! Keys and catalog.

use std::collections::HashSet;

use shared::{
    domain::{CaseKind, Vendor},
    error::{ErrorKind, Retry},
};
use simulators::Keys;

use super::accounts;
use crate::support::{World, demo_keys, second_keys};

#[tokio::test(flavor = "multi_thread")]
async fn good_keys_are_proved_without_a_trace_at_the_vendor() {
    let world = World::start().await;
    for desk in accounts(&world) {
        for keys in [demo_keys(desk.vendor.as_str()), second_keys(desk.vendor.as_str())] {
            desk.client().check_keys(&desk.access_with(&keys)).await.unwrap();
        }
        assert!(desk.sim.tickets().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_keys_are_told_as_such_and_tried_once() {
    let world = World::start().await;
    for desk in accounts(&world) {
        let good = demo_keys(desk.vendor.as_str());
        let wrong_secret = Keys { secret: "wrong-secret", ..good };
        let unknown_id = Keys { id: "no-such-key", ..good };
        for keys in [wrong_secret, unknown_id] {
            let before = desk.sim.calls().len();
            let access = desk.access_with(&keys);
            let error = desk.client().check_keys(&access).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CredentialInvalid, "{error:?}");
            assert_eq!(error.code(), "account_keys_refused");
            assert_eq!(error.retry(), Retry::No);
            let said = error.vendor().unwrap();
            assert_eq!(said.vendor, desk.vendor);
            assert!(said.code.is_some(), "{error:?}");
            assert_eq!(desk.sim.calls().len(), before + 1, "{}", desk.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_listed_each_once() {
    let world = World::start().await;
    for desk in accounts(&world) {
        let products = desk.client().list_products(&desk.access()).await.unwrap();
        let listed: HashSet<_> = products.iter().map(|product| product.id.to_string()).collect();
        assert_eq!(listed.len(), products.len(), "{}", desk.vendor);
        let catalog = world.catalog(desk.vendor.as_str());
        let known: HashSet<_> = catalog.products().map(|product| product.id.clone()).collect();
        assert_eq!(listed, known);
        for product in products {
            let known = catalog.product(product.id.as_str()).unwrap();
            // Tencent's only name is the short one.
            let name = if desk.vendor == Vendor::Tencent { &known.id } else { &known.name };
            assert_eq!(&product.name, name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_types_are_those_of_the_product_asked() {
    let world = World::start().await;
    for desk in accounts(&world).into_iter().filter(|desk| desk.capability().problem_types) {
        let catalog = world.catalog(desk.vendor.as_str());
        for product in desk.client().list_products(&desk.access()).await.unwrap() {
            let types = desk.client().list_problem_types(&desk.access(), &product.id).await.unwrap();
            assert!(types.iter().all(|one| one.product_id == product.id));
            let listed: Vec<_> = types.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
            let known = &catalog.product(product.id.as_str()).unwrap().problem_types;
            let wanted: Vec<_> = known.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
            assert_eq!(listed, wanted, "{}", desk.vendor);
            for (listed, known) in types.iter().zip(known) {
                let kind = match (desk.vendor, known.fault) {
                    (Vendor::Alibaba, _) => CaseKind::General,
                    (_, true) => CaseKind::Fault,
                    (_, false) => CaseKind::Consulting,
                };
                assert_eq!(listed.case_kind, kind);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_and_regions_are_there_where_the_capability_says_so() {
    let world = World::start().await;
    for desk in accounts(&world) {
        let sources = desk.client().list_sources(&desk.access()).await.unwrap();
        assert_eq!(!sources.is_empty(), desk.capability().sources, "{}", desk.vendor);
        let default = desk.capability().default_source;
        assert!(default.is_none_or(|id| sources.iter().any(|source| source.id.as_str() == id)));

        let regions = desk.client().list_regions(&desk.access()).await.unwrap();
        let listed: Vec<_> = regions.into_iter().map(|region| (region.id.to_string(), region.name)).collect();
        let known = world.catalog(desk.vendor.as_str()).regions;
        let known: Vec<_> = known.into_iter().map(|region| (region.id, region.name)).collect();
        let wanted = if desk.capability().regions { known } else { Vec::new() };
        assert_eq!(listed, wanted, "{}", desk.vendor);
    }
}
