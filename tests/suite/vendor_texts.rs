//! Every case of `testdata/cases` about texts and markers, through the API: nothing that the vendor has is ever absent.

use std::{fs, path::Path, time::Duration};

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, TextRewrite};

use crate::support::{ApiEvent, World, api};

/// Longer than the settle time and the lease of a call.
const SETTLED: Duration = Duration::from_mins(18);

/// The cases of every file whose name begins so. A further file needs no change here.
fn cases(prefix: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/testdata/cases");
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with(prefix) {
            let file: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            cases.extend(file["cases"].as_array().unwrap().iter().cloned());
        }
    }
    assert!(!cases.is_empty(), "{prefix}");
    cases
}

/// The vendor stores the next text of that operation as `shown`, and its answer is lost.
fn show_as(world: &World, vendor: &str, operation: &str, shown: &str) {
    let replace = Fault::Rewrite(TextRewrite::Replace { text: shown.to_owned() });
    for fault in [replace, Fault::CutAfter] {
        world.simulated(vendor).fault(FaultRule::times(operation, 1, fault));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_the_vendor_shows_in_another_form_is_sent_or_indeterminate() {
    for case in cases("texts") {
        let (world, accounts) = World::ready().await;
        for (vendor, account) in accounts.both() {
            let (id, _) = world.create(vendor, account, "k1").await;
            show_as(&world, vendor, api(vendor).reply, case["shown"].as_str().unwrap());
            let body = json!({"content": case["sent"]});
            let reply = || ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor).body(body.clone());
            world.call(reply()).await.expect(202);
            world.clock.advance(SETTLED);
            world.sync().await;
            let again = world.call(reply()).await;
            match case["expect"].as_str().unwrap() {
                "same" => assert_eq!(again.expect(201).text("state"), "sent", "{case}"),
                "doubt" => drop(again.expect_problem(409, "reply_indeterminate")),
                other => panic!("{other}"),
            }
            assert_eq!(world.simulated(vendor).count(api(vendor).reply), 1, "{case}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_shows_in_another_form_is_found_or_indeterminate() {
    for case in cases("markers") {
        let (world, accounts) = World::ready().await;
        for (vendor, account) in accounts.both() {
            show_as(&world, vendor, api(vendor).create, case["shown"].as_str().unwrap_or("..."));
            if case["shown"].is_null() {
                world.simulated(vendor).fault(FaultRule::always(api(vendor).detail, api(vendor).no_such_ticket()));
            }
            world.call(world.create_event(vendor, account, "k1")).await.expect(202);
            world.clock.advance(SETTLED);
            world.sync().await;
            let again = world.call(world.create_event(vendor, account, "k1")).await;
            match case["expect"].as_str().unwrap() {
                "found" => assert_eq!(again.expect(201).text("state"), "open", "{case}"),
                "doubt" => drop(again.expect_problem(409, "ticket_indeterminate")),
                other => panic!("{other}"),
            }
            assert_eq!(world.simulated(vendor).tickets().len(), 1, "{case}");
        }
    }
}
