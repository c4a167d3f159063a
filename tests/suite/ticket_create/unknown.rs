//! Creates without a definite answer: searched at the vendor, and never repeated unchecked.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::expect_replayed;
use crate::support::{ApiEvent, LEASE, NO_SETTLE_TIME, World, api, until};

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
            let lost = world.call(world.create_event(vendor, account, "lost")).await.expect(202).text("id");
            let mut body = world.ticket_body(vendor, account);
            body["description"] = json!(format!("请看我之前的工单\nref {lost}"));
            let quoting = ApiEvent::of("POST /tickets").key(&format!("{vendor}-quoting")).body(body);
            let quoting = world.call(quoting).await.expect(201);
            // WHEN the lost one is tried again, with no call under way any more
            world.clock.advance(LEASE);
            let again = world.call(world.create_event(vendor, account, "lost")).await;
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
            let shown = ApiEvent::of("GET /tickets/{id}").id(&quoting.text("id"));
            assert_eq!(world.call(shown).await.expect(200).body, quoting.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timed_out_create_is_unknown_and_found_by_its_marker() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let fault = FaultRule::times(api(vendor).create, 1, Fault::CutAfter);
        world.simulated(vendor).fault(fault);

        let unknown = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        let id = unknown.text("id");
        assert_eq!(unknown.header("location"), Some(format!("/tickets/{id}").as_str()));
        let shown = world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(shown.body["state"], "unknown");

        let found = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        expect_replayed(&found);
        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!((found.text("id"), found.text("cloud_id")), (id.clone(), ticket.id));
        let shown = world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect(200);
        assert_eq!(shown.body, found.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lagging_list_or_a_failed_search_leaves_it_unknown() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::always("*", Fault::ListLag { ms: 600_000 }));
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
        world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        let unseen = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        assert_eq!(unseen.body["state"], "unknown");

        world.simulated(vendor).fault(FaultRule::always(api(vendor).list, Fault::Status { code: 500 }));
        let failed = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        assert_eq!(failed.body["id"], unseen.body["id"]);
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_certainly_never_came_to_be_frees_its_key() {
    // GIVEN no settle time, and a vendor that cuts the connection before it takes the request
    let world = World::start_with(&NO_SETTLE_TIME).await;
    let accounts = world.register_accounts().await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let unknown = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        // WHEN the caller tries again, with no call under way any more
        world.clock.advance(LEASE);
        let created = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        // THEN it is a first attempt, and the old record is gone
        assert_eq!(created.header("idempotency-replayed"), None);
        assert_ne!(created.body["id"], unknown.body["id"]);
        let gone = world.call(ApiEvent::of("GET /tickets/{id}").id(&unknown.text("id"))).await;
        gone.expect_problem(404, "ticket_not_found");
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_vendor_that_hangs_ends_before_the_deadline() {
    let (world, accounts) = World::ready().await;
    let fault = FaultRule::times("CreateTicket", 1, Fault::AcceptThenHang);
    world.simulated("ALIBABA").fault(fault);
    let event = world.create_event("ALIBABA", &accounts.alibaba, "k1");
    world.call_within(event, Duration::from_secs(5)).await.expect(202);
    let found = world.call(world.create_event("ALIBABA", &accounts.alibaba, "k1")).await.expect(201);
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
            answer = world.call(world.create_event(vendor, account, "k1")) => panic!("{answer}"),
            () = taken => {}
        }
        // WHEN the key is used again, THEN nobody knows yet that the first one is gone
        let again = world.call(world.create_event(vendor, account, "k1")).await;
        again.expect_problem(409, "idempotency_key_in_use");
        // AND once it can't be under way any more the ticket is searched, and unknown while that fails
        world.clock.advance(LEASE);
        world.simulated(vendor).fault(FaultRule::always(api(vendor).list, Fault::Status { code: 500 }));
        let unknown = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        world.simulated(vendor).no_faults();
        let found = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        expect_replayed(&found);
        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!(found.text("cloud_id"), ticket.id);
    }
}
