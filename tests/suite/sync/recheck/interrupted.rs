//! A recheck that was interrupted: its messages are counted by the run that ends the recheck.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use shared::{
    domain::{AccountId, CloudId, TicketId},
    workflow::archive::ArchiveWriter,
};
use simulators::{Fault, FaultRule};

use super::{closed_too_early, expect_archived, expect_published_twice, expect_removable, is_due};
use crate::support::{ApiEvent, DAY, LEASE, NO_SETTLE_TIME, World, api, lease_until};

/// A recheck that stores the new messages and is interrupted before it counts them.
async fn interrupt_recheck(world: &World, account: &str, id: &str, cloud_id: &str) {
    let app = &world.stack.app;
    let (id, cloud_id) = (TicketId::parse(id).unwrap(), CloudId::parse(cloud_id).unwrap());
    let lease = lease_until(world.now_ms() + 30_000);
    let ticket = app.store.start_recheck(&id, world.now_ms() + 1, &lease).await.unwrap().unwrap();
    let account = app.store.account(&AccountId::parse(account).unwrap()).await.unwrap().unwrap();
    let deadline = (Instant::now() + Duration::from_secs(20)).into();
    let messages = app.session(&account, deadline).list_messages(&cloud_id).await.unwrap();
    let mut archive = ArchiveWriter::open(app, &ticket, &cloud_id, &lease).await.unwrap();
    archive.store(messages.into_iter()).await.unwrap();
    assert_eq!(is_verified(world, id.as_str()).await, json!(false));
}

async fn is_verified(world: &World, id: &str) -> Value {
    let event = ApiEvent::of("GET /tickets/{id}/verification").id(id);
    world.call(event).await.expect(200).body["verified"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_ends_counts_the_messages_of_an_interrupted_one() {
    for ending in ["deleted at the vendor", "no permission", "vendor down for a day", "account removed"] {
        let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
        for (vendor, account) in accounts.both() {
            let (id, cloud_id) = closed_too_early(&world, vendor, account, "k1").await;
            let (simulated, counted) = (world.simulated(vendor), world.ticket(&id).await["message_count"].clone());
            simulated.end_lags();
            // GIVEN a recheck that stored new messages and was interrupted
            interrupt_recheck(&world, account, &id, &cloud_id).await;
            // WHEN the next recheck can't read the conversation any more
            world.clock.advance(LEASE);
            match ending {
                "deleted at the vendor" => simulated.delete_ticket(&cloud_id),
                "no permission" => {
                    simulated.fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()))
                }
                "vendor down for a day" => {
                    world.clock.advance(2 * DAY);
                    simulated.fault(FaultRule::always("*", Fault::Status { code: 503 }));
                }
                _ => expect_removable(&world, account).await,
            }
            world.sync().await;
            // THEN it counts what is stored
            assert!(!is_due(&world, &id).await, "{vendor}, {ending}");
            assert_eq!(is_verified(&world, &id).await, json!(true), "{vendor}, {ending}");
            assert_ne!(world.ticket(&id).await["message_count"], counted, "{vendor}, {ending}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_a_recheck_that_crashed_are_counted_by_the_next_one() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, of) in accounts.both() {
        let (id, cloud_id) = closed_too_early(&world, vendor, of, "k1").await;
        let closed = world.ticket(&id).await;
        world.simulated(vendor).end_lags();
        interrupt_recheck(&world, of, &id, &cloud_id).await;
        // WHEN its lease is over, THEN the next one counts them, though it finds none itself
        let reads = world.simulated(vendor).count(api(vendor).messages);
        world.sync().await;
        assert_eq!(world.simulated(vendor).count(api(vendor).messages), reads, "{vendor}");
        world.clock.advance(LEASE);
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        expect_published_twice(&world, &id, &closed, &ticket).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_goes_on_when_the_table_takes_messages_again() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, of) in accounts.both() {
        let (id, cloud_id) = closed_too_early(&world, vendor, of, "k1").await;
        world.simulated(vendor).end_lags();
        world.aws_calls.cancel("ConditionCheck+Put", Some("ThrottlingError"));
        world.sync().await;
        world.aws_calls.cancel("ConditionCheck+Put", None);
        assert!(is_due(&world, &id).await, "{vendor}");
        // Later than the pause after a failure, but sooner than the end of the lease.
        world.clock.advance(Duration::from_millis(1));
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert!(!is_due(&world, &id).await, "{vendor}");
    }
}
