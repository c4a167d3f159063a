//! A vendor that answers nonsense: a clear problem on reads, an unknown outcome on writes, never a 500.

use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, World, api, cases};

fn nonsense() -> [Fault; 6] {
    [
        Fault::Html,
        Fault::EmptyBody,
        Fault::Huge { bytes: 5 * 1024 * 1024 },
        Fault::Rubbish,
        Fault::WrongShape,
        Fault::Status { code: 503 },
    ]
}

/// Makes the rule the vendor's only one.
fn set_fault(world: &World, vendor: &str, rule: FaultRule) {
    let simulated = world.simulated(vendor);
    simulated.no_faults();
    simulated.fault(rule);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_answer_to_a_create_is_an_unknown_outcome() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let operation = api(vendor).create;
        for (number, fault) in nonsense().into_iter().enumerate() {
            let case = format!("{fault:?}");
            set_fault(&world, vendor, FaultRule::times(operation, 1, fault).after_the_work());
            let key = format!("{vendor}-{number}");
            let event = || ApiEvent::of("POST /tickets").key(&key).body(world.ticket_body(vendor, account));
            let unknown = world.call(event()).await;
            assert_eq!((unknown.status, &unknown.body["state"]), (202, &"unknown".into()), "{case}: {unknown}");
            // The vendor had taken it: it is found, and there is one.
            let found = world.call(event()).await;
            assert_eq!(found.status, 201, "{case}: {found}");
        }
        assert_eq!(world.simulated(vendor).tickets().len(), nonsense().len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_answer_to_a_read_is_a_problem_that_names_the_vendor() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let operation = api(vendor).messages;
        for fault in [Fault::Html, Fault::EmptyBody, Fault::Rubbish, Fault::WrongShape, Fault::Status { code: 503 }] {
            let case = format!("{fault:?}");
            set_fault(&world, vendor, FaultRule::always(operation, fault));
            let answer = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await;
            assert_eq!((answer.status, &answer.body["vendor"]["type"]), (502, &vendor.into()), "{case}: {answer}");
            assert!(answer.text("code").starts_with("vendor_"), "{case}: {answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonsense_to_a_key_check_stores_nothing() {
    let world = World::start().await;
    for vendor in cases(["ALIBABA", "HUAWEI", "TENCENT"]) {
        for fault in nonsense() {
            let case = format!("{fault:?}");
            let rule = FaultRule::always("*", fault);
            set_fault(&world, vendor, rule);
            let answer = world.call(ApiEvent::of("POST /accounts").body(world.account_body(vendor))).await;
            assert_eq!(answer.status, 502, "{case}: {answer}");
        }
    }
    assert!(world.table().await.is_empty());
}
