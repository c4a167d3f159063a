//! Keys and catalog.

use std::{collections::HashSet, time::Duration};

use shared::{
    domain::{CaseKind, Vendor},
    error::{ErrorKind, Retry},
};
use simulators::Keys;

use super::all_vendors;
use crate::support::{World, demo_keys};

#[tokio::test(flavor = "multi_thread")]
async fn good_keys_are_proved_without_a_trace_at_the_vendor() {
    let world = World::start().await;
    for case in all_vendors(&world) {
        for session in [case.session(), case.other_customer()] {
            session.check_keys().await.unwrap();
        }
        assert!(case.sim.tickets().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_keys_are_refused_as_such_and_tried_once() {
    let world = World::start().await;
    for case in all_vendors(&world) {
        let good = demo_keys(case.vendor.as_str());
        let wrong_secret = Keys { secret: "wrong-secret", ..good };
        let unknown_id = Keys { id: "no-such-key", ..good };
        for keys in [wrong_secret, unknown_id] {
            let before = case.sim.calls().len();
            let session = case.session_with(&keys, Duration::from_secs(60));
            let error = session.check_keys().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CredentialInvalid, "{error:?}");
            assert_eq!(error.code(), "account_keys_refused");
            assert_eq!(error.retry(), Retry::No);
            let said = error.vendor().unwrap();
            assert_eq!(said.vendor, case.vendor);
            assert!(said.code.is_some(), "{error:?}");
            assert_eq!(case.sim.calls().len(), before + 1, "{}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_listed_each_once() {
    let world = World::start().await;
    for case in all_vendors(&world) {
        let products = case.session().list_products().await.unwrap();
        let listed: HashSet<_> = products.iter().map(|product| product.id.to_string()).collect();
        assert_eq!(listed.len(), products.len(), "{}", case.vendor);
        let catalog = world.catalog(case.vendor.as_str());
        let known: HashSet<_> = catalog.products().map(|product| product.id.clone()).collect();
        assert_eq!(listed, known);
        for product in products {
            let known = catalog.product(product.id.as_str()).unwrap();
            // Tencent's only name is the short one.
            let name = if case.vendor == Vendor::Tencent { &known.id } else { &known.name };
            assert_eq!(&product.name, name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_types_are_those_of_the_product_asked() {
    let world = World::start().await;
    for case in all_vendors(&world).filter(|case| case.capability().problem_types) {
        let catalog = world.catalog(case.vendor.as_str());
        for product in case.session().list_products().await.unwrap() {
            let types = case.session().list_problem_types(&product.id).await.unwrap();
            assert!(types.iter().all(|one| one.product_id == product.id));
            let listed: Vec<_> = types.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
            let known = &catalog.product(product.id.as_str()).unwrap().problem_types;
            let wanted: Vec<_> = known.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
            assert_eq!(listed, wanted, "{}", case.vendor);
            for (listed, known) in types.iter().zip(known) {
                let kind = match (case.vendor, known.fault) {
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
    for case in all_vendors(&world) {
        let sources = case.session().list_sources().await.unwrap();
        assert_eq!(!sources.is_empty(), case.capability().sources, "{}", case.vendor);
        let default = case.capability().default_source;
        assert!(default.is_none_or(|id| sources.iter().any(|source| source.id.as_str() == id)));

        let regions = case.session().list_regions().await.unwrap();
        let listed: Vec<_> = regions.into_iter().map(|region| (region.id.to_string(), region.name)).collect();
        let known = world.catalog(case.vendor.as_str()).regions;
        let known: Vec<_> = known.into_iter().map(|region| (region.id, region.name)).collect();
        let wanted = if case.capability().regions { known } else { Vec::new() };
        assert_eq!(listed, wanted, "{}", case.vendor);
    }
}
