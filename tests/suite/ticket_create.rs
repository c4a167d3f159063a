//! Creating a ticket: what is sent and stored, how often the vendor and the table are called, and what a key does.

use std::time::Duration;

use serde_json::json;
use simulators::{CatalogChange, Fault, FaultRule};

use crate::support::{Answer, Event, LEASE, World, api, refuse, until};

fn create(world: &World, vendor: &str, account: &str, key: &str) -> Event {
    Event::of("POST /tickets").key(&format!("{vendor}-{key}")).body(world.ticket_body(vendor, account))
}

#[track_caller]
fn expect_replayed(answer: &Answer) {
    assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_is_at_the_vendor_and_in_the_store() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let created = world.call(create(&world, vendor, account, "k1")).await.expect(201);

        let (id, cloud_id) = (created.text("id"), created.text("cloud_id"));
        assert_eq!(created.header("location"), Some(format!("/tickets/{id}").as_str()));
        assert_eq!((&created.body["status"], &created.body["state"]), (&json!(1), &json!("open")));
        assert_eq!(
            (created.text("type"), created.text("custom_id")),
            (vendor.to_owned(), account.to_owned())
        );
        let stored = world.call(Event::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(stored.body, created.body);

        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!(ticket.id, cloud_id);
        assert_eq!(ticket.problem_type, created.text("product_business_id"));
        let last_line = ticket.description.lines().last().unwrap();
        assert_eq!(last_line, format!("ref {id}"));
        assert!(ticket.description.contains("重启之后 SSH 一直超时 🙏"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huawei_ticket_names_its_constant_source() {
    let (world, accounts) = World::ready().await;
    let created = world.call(create(&world, "HUAWEI", &accounts.huawei, "k1")).await.expect(201);
    assert_eq!(created.body["osm_id"], simulators::huawei::SOURCE_ID);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_report_goes_out_with_its_region() {
    let (world, accounts) = World::ready().await;
    let catalog = world.catalog("HUAWEI");
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut types = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
    let (product, fault) = types.find(|(_, one)| one.fault).unwrap();
    let mut body = world.ticket_body("HUAWEI", &accounts.huawei);
    body["product_id"] = json!(product.id);
    body["product_business_id"] = json!(fault.id);

    let without = world.call(Event::of("POST /tickets").key("k1").body(body.clone())).await;
    without.expect_problem(400, "region_required").expect_field("/region_id");

    body["region_id"] = json!(catalog.regions[0].id);
    world.call(Event::of("POST /tickets").key("k2").body(body)).await.expect(201);
    assert_eq!(
        world.simulated("HUAWEI").tickets()[0].region.as_deref(),
        Some(catalog.regions[0].id.as_str())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_makes_one_vendor_call_and_three_round_trips_to_the_table() {
    let world = World::start().await;
    let accounts = world.register_accounts().await;
    for (vendor, account) in accounts.both() {
        let calls_before = world.vendor_calls();
        let trips_before = world.table_calls();

        world.call(create(&world, vendor, account, "k1")).await.expect(201);

        let operation = api(vendor).create;
        let mut calls = world.vendor_calls();
        assert_eq!(calls.remove(operation), Some(1));
        let mut calls_before = calls_before;
        calls_before.remove(operation);
        assert_eq!(calls, calls_before, "other vendor calls were made");
        assert_eq!(world.table_calls() - trips_before, 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_first_answer_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let first = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        let again = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        assert_eq!(again.header("location"), first.header("location"));
        assert_eq!(first.header("idempotency-replayed"), None);
        expect_replayed(&again);
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_with_another_body_is_refused() {
    let (world, accounts) = World::ready().await;
    let first = create(&world, "ALIBABA", &accounts.alibaba, "k1").key("same");
    world.call(first).await.expect(201);
    let other = create(&world, "HUAWEI", &accounts.huawei, "k1").key("same");
    let other = world.call(other).await;
    other.expect_problem(422, "idempotency_key_reused");
    assert_eq!(world.simulated("HUAWEI").tickets().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_requests_at_once_make_one_ticket() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let calls = (0..20).map(|_| world.call(create(&world, vendor, account, "k1")));
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
        let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        let first: Vec<_> =
            created.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).collect();
        assert_eq!(first.len(), 1, "one answer is the original");
        assert!(created.iter().all(|answer| answer.body == created[0].body));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(
                (answer.status, answer.text("code").as_str()),
                (409, "idempotency_key_in_use"),
                "{answer}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_and_leaves_nothing() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // Beside another ticket, so that the account's count has somewhere to go back to.
        world.create(vendor, account, "k0").await;
        let before = world.table().await;
        let code = api(vendor).create_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, refuse(code)));

        let refused = world.call(create(&world, vendor, account, "k1")).await;
        let refused = refused.expect_problem(400, "vendor_rejected");
        assert_eq!(
            (&refused.body["vendor"]["type"], &refused.body["vendor"]["code"]),
            (&json!(vendor), &json!(code))
        );
        assert_eq!(world.table().await, before);

        // The key is free: the corrected try is a first one.
        let second = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        assert_eq!(second.header("idempotency-replayed"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_ticket_does_not_keep_its_account() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let code = api(vendor).create_refused;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 2, refuse(code)));
        for key in ["k1", "k2"] {
            let refused = world.call(create(&world, vendor, account, key)).await;
            refused.expect_problem(400, "vendor_rejected");
        }
        world.call(Event::of("DELETE /accounts/{id}").id(account)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_in_another_tickets_text_does_not_find_that_ticket() {
    // The time in which a vendor's list may lag, over or not.
    for settle_time_ms in ["600000", "0"] {
        let world = World::start_with(&[("SETTLE_TIME_MS", settle_time_ms)]).await;
        let accounts = world.register_accounts().await;
        for (vendor, account) in accounts.both() {
            // GIVEN a ticket that never reached the vendor, and one whose text ends with its marker
            let cut = FaultRule::times(api(vendor).create, 1, Fault::CutBefore);
            world.simulated(vendor).fault(cut);
            let lost = world.call(create(&world, vendor, account, "lost")).await.expect(202).text("id");
            let mut body = world.ticket_body(vendor, account);
            body["description"] = json!(format!("请看我之前的工单\nref {lost}"));
            let quoting = Event::of("POST /tickets").key(&format!("{vendor}-quoting")).body(body);
            let quoting = world.call(quoting).await.expect(201);
            // WHEN the lost one is tried again, with no call under way any more
            world.clock.advance(LEASE);
            let again = world.call(create(&world, vendor, account, "lost")).await;
            // THEN it does not become the other one
            let of_quoting = quoting.text("cloud_id");
            if settle_time_ms == "0" {
                let created = again.expect(201);
                assert_eq!(created.header("idempotency-replayed"), None);
                assert_ne!(created.body["id"], lost.as_str());
                assert_ne!(created.text("cloud_id"), of_quoting);
                assert_eq!(world.simulated(vendor).tickets().len(), 2);
            } else {
                let unknown = again.expect(202);
                assert_eq!((&unknown.body["id"], &unknown.body["state"]), (&json!(lost), &json!("unknown")));
                assert_eq!(world.simulated(vendor).tickets().len(), 1);
            }
            let shown = Event::of("GET /tickets/{id}").id(&quoting.text("id"));
            assert_eq!(world.call(shown).await.expect(200).body, quoting.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_create_is_answered_again_after_its_account_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let first = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        let close = Event::of("POST /tickets/{id}/close").id(&first.text("id"));
        world.call(close).await.expect(200);
        world.call(Event::of("DELETE /accounts/{id}").id(account)).await.expect(204);
        let calls = world.vendor_calls();
        let again = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        expect_replayed(&again);
        // Another request under the key, or another key, finds no account.
        let mut body = world.ticket_body(vendor, account);
        body["name"] = json!("another");
        for (key, body) in [("k1", body), ("k2", world.ticket_body(vendor, account))] {
            let event = Event::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body);
            let refused = world.call(event).await;
            refused.expect_problem(400, "account_not_found");
        }
        assert_eq!(world.vendor_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_create_is_answered_again_after_its_product_was_removed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let wanted = world.ticket_body(vendor, account);
        let event =
            |key: &str| Event::of("POST /tickets").key(&format!("{vendor}-{key}")).body(wanted.clone());
        let first = world.call(event("k1")).await.expect(201);
        // One whose outcome is not known, too.
        let lost = FaultRule::times(api(vendor).create, 1, Fault::CutAfter);
        world.simulated(vendor).fault(lost);
        let unknown = world.call(event("k2")).await.expect(202);

        let product = wanted["product_id"].as_str().unwrap().to_owned();
        world.simulated(vendor).change(CatalogChange::RemoveProduct(product));
        world.refresh(json!({"type": vendor})).await;

        let again = world.call(event("k1")).await.expect(201);
        assert_eq!(again.body, first.body);
        expect_replayed(&again);
        let found = world.call(event("k2")).await.expect(201);
        assert_eq!(found.body["id"], unknown.body["id"]);
        expect_replayed(&found);
        let refused = world.call(event("k3")).await;
        refused.expect_problem(400, "product_removed");
        assert_eq!(world.simulated(vendor).tickets().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timed_out_create_is_unknown_and_found_by_its_marker() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let fault = FaultRule::times(api(vendor).create, 1, Fault::CutAfter);
        world.simulated(vendor).fault(fault);

        let unknown = world.call(create(&world, vendor, account, "k1")).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        let id = unknown.text("id");
        assert_eq!(unknown.header("location"), Some(format!("/tickets/{id}").as_str()));
        let shown = world.call(Event::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(shown.body["state"], "unknown");

        let found = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        expect_replayed(&found);
        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!((found.text("id"), found.text("cloud_id")), (id.clone(), ticket.id));
        let shown = world.call(Event::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(shown.body, found.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lagging_list_or_a_failing_look_up_leaves_it_unknown() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::always("*", Fault::ListLag { ms: 600_000 }));
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
        world.call(create(&world, vendor, account, "k1")).await.expect(202);
        let unseen = world.call(create(&world, vendor, account, "k1")).await.expect(202);
        assert_eq!(unseen.body["state"], "unknown");

        world.simulated(vendor).fault(FaultRule::always(api(vendor).list, Fault::Status { code: 500 }));
        let failed = world.call(create(&world, vendor, account, "k1")).await.expect(202);
        assert_eq!(failed.body["id"], unseen.body["id"]);
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_certainly_never_came_to_be_frees_its_key() {
    // GIVEN no settle time, and a vendor that cuts the connection before it takes the request
    let world = World::start_with(&[("SETTLE_TIME_MS", "0")]).await;
    let accounts = world.register_accounts().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let unknown = world.call(create(&world, vendor, account, "k1")).await.expect(202);
        // WHEN the caller tries again, with no call under way any more
        world.clock.advance(LEASE);
        let created = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        // THEN it is a first attempt, and the old record is gone
        assert_eq!(created.header("idempotency-replayed"), None);
        assert_ne!(created.body["id"], unknown.body["id"]);
        let gone = world.call(Event::of("GET /tickets/{id}").id(&unknown.text("id"))).await;
        gone.expect_problem(404, "ticket_not_found");
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_hangs_is_given_up_in_time() {
    let (world, accounts) = World::ready().await;
    let fault = FaultRule::times("CreateTicket", 1, Fault::AcceptThenHang);
    world.simulated("ALIBABA").fault(fault);
    let event = create(&world, "ALIBABA", &accounts.alibaba, "k1");
    world.call_within(event, Duration::from_secs(5)).await.expect(202);
    let found = world.call(create(&world, "ALIBABA", &accounts.alibaba, "k1")).await.expect(201);
    assert_eq!(found.text("cloud_id"), world.simulated("ALIBABA").tickets()[0].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_was_cut_off_is_picked_up_once_its_lease_is_over() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // GIVEN a function that ends while it waits for the vendor, which has the ticket
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::AcceptThenHang));
        let taken = until("the ticket at the vendor", || !world.simulated(vendor).tickets().is_empty());
        tokio::select! {
            answer = world.call(create(&world, vendor, account, "k1")) => panic!("{answer}"),
            () = taken => {}
        }
        // WHEN the key is used again, THEN nobody knows yet that the first one is gone
        let again = world.call(create(&world, vendor, account, "k1")).await;
        again.expect_problem(409, "idempotency_key_in_use");
        // AND once it can't be under way any more the ticket is looked for, and unknown while that fails
        world.clock.advance(LEASE);
        world.simulated(vendor).fault(FaultRule::always(api(vendor).list, Fault::Status { code: 500 }));
        let unknown = world.call(create(&world, vendor, account, "k1")).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        world.simulated(vendor).no_faults();
        let found = world.call(create(&world, vendor, account, "k1")).await.expect(201);
        expect_replayed(&found);
        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!(found.text("cloud_id"), ticket.id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_taken_up_to_its_limit() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let mut body = world.ticket_body(vendor, account);
        let email = format!("{}@example.com", "o".repeat(38));
        assert_eq!(email.len(), 50);
        body["email"] = json!(email);
        body["severity"] = json!("normal");
        if vendor == "HUAWEI" {
            body["osm_id"] = json!(simulators::huawei::SOURCE_ID);
        }
        let event = Event::of("POST /tickets").key(&format!("{vendor}-k1")).body(body.clone());
        let created = world.call(event).await.expect(201);
        for field in ["email", "severity", "osm_id"] {
            assert_eq!(created.body.get(field), body.get(field), "{vendor} {field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_an_api_is_said_to_be_so() {
    let world = World::start().await;
    let account = world.register("TENCENT").await;
    let body = json!({
        "custom_id": account, "product_id": "cvm", "product_business_id": "1", "name": "n", "description": "d",
    });
    let before = world.table().await;
    let answer = world.call(Event::of("POST /tickets").key("k1").body(body)).await;
    let answer = answer.expect_problem(422, "capability_not_supported");
    assert!(answer.text("detail").contains("https://console.cloud.tencent.com/workorder/category"));
    assert_eq!(world.table().await, before);
}
