//! Files and failures: no ticket without its files, no second ticket, and no second upload.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};
use tokio::time::{sleep, timeout};

use super::{NAME, announcement, at_vendor, create, names_and_bytes, operation, put, reply, uploaded};
use crate::support::{ApiEvent, LEASE, SETTLE_TIME, World, api};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_leaves_no_ticket_and_frees_its_key() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let refusals = match vendor {
            "ALIBABA" => vec![(Fault::Status { code: 400 }, 400, "file_refused")],
            _ => vec![
                (Fault::Refuse { code: "OSM.01010001".into(), message: "no exe".into() }, 400, "file_refused"),
                (Fault::Refuse { code: "OSM.01010005".into(), message: "full".into() }, 409, "file_quota_exceeded"),
            ],
        };
        let (ticket, cloud_id) = world.create(vendor, account, "open").await;
        let [a, b] = [uploaded(&world, "a.log", b"1").await, uploaded(&world, "b.log", b"2").await];
        for (number, (fault, status, code)) in refusals.into_iter().enumerate() {
            // The first file arrives, the second one is refused.
            let key = format!("k{number}");
            world.call(create(&world, vendor, account, &format!("before-{number}"), &[&a])).await.expect(201);
            sim.fault(FaultRule::times(operation(vendor), 1, fault.clone()));
            let tickets = sim.tickets().len();
            let refused = world.call(create(&world, vendor, account, &key, &[&b, &a])).await;
            refused.expect_problem(status, code).expect_field("/attachments/0");
            assert_eq!((sim.tickets().len(), sim.faults_left()), (tickets, 0), "{vendor}");
            sim.fault(FaultRule::times(operation(vendor), 1, fault));
            let refused = world.call(reply(&ticket, &format!("{vendor}-{key}"), &[&b])).await;
            refused.expect_problem(status, code).expect_field("/attachments/0");
            assert!(sim.ticket(&cloud_id).messages.iter().all(|message| message.content != "请看附件"), "{vendor}");
            // Another body under the same key is a first attempt.
            let created = world.call(create(&world, vendor, account, &key, &[&a])).await.expect(201);
            assert_eq!(created.header("idempotency-replayed"), None);
            assert_eq!(sim.tickets().len(), tickets + 1, "{vendor}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_to_an_upload_is_repeated() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        sim.fault(FaultRule::times(operation(vendor), 1, Fault::CutAfter));
        let log = uploaded(&world, NAME, b"12345").await;
        let ticket = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        assert_eq!((sim.count(operation(vendor)), sim.tickets().len()), (2, 1), "{vendor}");
        let files = names_and_bytes(&sim.ticket(&ticket.text("cloud_id")).files);
        assert_eq!(files, [(NAME.to_owned(), b"12345".to_vec())], "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_takes_no_file_now_has_no_ticket_and_the_key_goes_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let [a, b] = [uploaded(&world, "a.log", b"1").await, uploaded(&world, "b.log", b"2").await];
        // GIVEN a file that arrives, and a ticket that is refused
        let refusal = Fault::Refuse { code: api(vendor).create_refused.into(), message: "not now".into() };
        sim.fault(FaultRule::times(api(vendor).create, 1, refusal));
        world.call(create(&world, vendor, account, "k1", &[&a])).await.expect_problem(400, "vendor_rejected");
        assert_eq!((sim.tickets().len(), at_vendor(&world, vendor)), (0, 1), "{vendor}");
        // WHEN the same request comes again THEN the file is not sent again
        world.call(create(&world, vendor, account, "k1", &[&a])).await.expect(201);
        assert_eq!((sim.tickets().len(), at_vendor(&world, vendor)), (1, 1), "{vendor}");

        sim.fault(FaultRule::always(operation(vendor), Fault::Status { code: 503 }));
        let failed = world.call(create(&world, vendor, account, "k2", &[&b])).await;
        failed.expect_problem(502, "vendor_unavailable");
        assert_eq!(sim.tickets().len(), 1, "{vendor}");
        sim.no_faults();
        let created = world.call(create(&world, vendor, account, "k2", &[&b])).await.expect(201);
        assert_eq!(created.header("idempotency-replayed"), None);
        assert_eq!((sim.tickets().len(), at_vendor(&world, vendor)), (2, 2), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_takes_all_the_time_leaves_the_ticket_to_the_next_request() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let log = uploaded(&world, NAME, b"12345").await;
        sim.fault(FaultRule::times(operation(vendor), 1, Fault::Delay { ms: 3_000 }));
        let event = create(&world, vendor, account, "k1", &[&log]);
        let late = world.call_within(event, Duration::from_secs(10)).await;
        late.expect_problem(503, "deadline_reached");
        assert_eq!((sim.count(api(vendor).create), at_vendor(&world, vendor)), (0, 1), "{vendor}");
        let created = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        assert_eq!(created.header("idempotency-replayed"), None);
        assert_eq!((sim.tickets().len(), sim.count(operation(vendor))), (1, 1), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_create_with_files_is_found_and_sends_nothing_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let log = uploaded(&world, NAME, b"12345").await;
        sim.fault(FaultRule::times(api(vendor).create, 1, Fault::CutAfter));
        let unknown = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(202);
        assert_eq!(unknown.body["state"], "unknown");
        let found = world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        assert_eq!((&found.body["id"], sim.tickets().len()), (&unknown.body["id"], 1), "{vendor}");
        assert_eq!(sim.count(operation(vendor)), 1, "{vendor}");

        // WHEN the vendor certainly does not have it THEN it is made with the file that the vendor has
        sim.fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        world.call(create(&world, vendor, account, "k2", &[&log])).await.expect(202);
        world.clock.advance(SETTLE_TIME);
        let created = world.call(create(&world, vendor, account, "k2", &[&log])).await.expect(201);
        assert_eq!((sim.tickets().len(), sim.count(operation(vendor))), (2, 2), "{vendor}");
        let files = names_and_bytes(&sim.ticket(&created.text("cloud_id")).files);
        assert_eq!(files, [(NAME.to_owned(), b"12345".to_vec())], "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_with_files_is_found_and_sends_nothing_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
        let sim = world.simulated(vendor);
        let log = uploaded(&world, NAME, b"12345").await;
        sim.fault(FaultRule::times(api(vendor).reply, 1, Fault::CutAfter));
        let key = format!("{vendor}-r1");
        world.call(reply(&ticket, &key, &[&log])).await.expect(202);
        world.clock.advance(LEASE);
        let found = world.call(reply(&ticket, &key, &[&log])).await.expect(201);
        assert_eq!(found.body["state"], "sent", "{vendor}");
        let sent = sim.ticket(&cloud_id).messages.into_iter().filter(|message| message.content == "请看附件").count();
        assert_eq!((sent, sim.count(operation(vendor))), (1, 1), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_in_an_upload_leaves_nothing_at_the_vendor() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        let log = uploaded(&world, NAME, b"12345").await;
        sim.fault(FaultRule::always(operation(vendor), Fault::AcceptThenHang));
        // GIVEN a process that ends while it sends the file
        let call = world.call(create(&world, vendor, account, "k1", &[&log]));
        assert!(timeout(Duration::from_secs(2), call).await.is_err(), "{vendor}");
        let open = world.call(ApiEvent::of("GET /tickets").query(&format!("custom_id={account}"))).await.expect(200);
        let left = open.items().iter().map(|ticket| (ticket["state"].clone(), ticket["id"].clone()));
        let [(state, id)] = left.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(state, json!("creating"), "{vendor}");
        let running = world.call(create(&world, vendor, account, "k1", &[&log])).await;
        running.expect_problem(409, "idempotency_key_in_use");
        sim.no_faults();
        // THEN the sync removes it once the settle time is over, and the key is free
        world.clock.advance(LEASE + SETTLE_TIME);
        world.sync().await;
        let gone = world.call(ApiEvent::of("GET /tickets/{id}").id(id.as_str().unwrap())).await;
        gone.expect_problem(404, "ticket_not_found");
        world.call(create(&world, vendor, account, "k1", &[&log])).await.expect(201);
        assert_eq!(sim.tickets().len(), 1, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_replaced_meanwhile_is_refused() {
    let (world, accounts) = World::ready().await;
    let target = world.call(announcement(NAME, 5)).await.expect(201);
    let (file, link) = (target.text("id"), target.text("upload_url"));
    assert_eq!(put(&link, "text/plain", b"12345").await, 200);
    // The vendor takes its time before it gives a link for the file that was checked.
    let sim = world.simulated("ALIBABA");
    sim.fault(FaultRule::times("GetAttachmentUploadUrl", 1, Fault::Delay { ms: 2_000 }));
    let replace = async {
        sleep(Duration::from_millis(700)).await;
        put(&link, "text/plain", b"54321").await
    };
    let event = create(&world, "ALIBABA", &accounts.alibaba, "k1", &[&file]);
    let (refused, replaced) = tokio::join!(world.call(event), replace);
    assert_eq!(replaced, 200);
    refused.expect_problem(409, "file_differs").expect_field("/attachments/0");
    assert_eq!((sim.tickets().len(), at_vendor(&world, "ALIBABA")), (0, 0));
    // The new bytes can be sent by another attempt.
    world.call(create(&world, "ALIBABA", &accounts.alibaba, "k1", &[&file])).await.expect(201);
    assert_eq!(sim.uploads().last().unwrap().content.as_ref().unwrap().bytes().as_ref(), b"54321");
}
