//! The post-close recheck: what a vendor shows only after the close is archived all the same.

mod interrupted;

use futures_util::future::join_all;
use serde_json::Value;
use shared::{
    domain::{AccountId, TicketId},
    store::DueWork,
};
use simulators::{Fault, FaultRule};

use super::{expect_archived, expect_removable, half_closed};
use crate::support::{ApiEvent, DAY, NO_SETTLE_TIME, World, api};

/// Longer than every lease and every pause.
const LONG_MS: i64 = 3 * 24 * 60 * 60 * 1000;

/// A ticket that is closed while its vendor does not show yet what support and the customer wrote in the
/// console before; its id here and there.
async fn closed_too_early(world: &World, vendor: &str, account: &str, key: &str) -> (String, String) {
    let (id, cloud_id) = world.create(vendor, account, key).await;
    let simulated = world.simulated(vendor);
    simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
    simulated.fault(FaultRule::times("Console", 2, Fault::ListLag { ms: 3_600_000 }));
    simulated.support_says(&cloud_id, "最后一句", world.now_ms());
    simulated.customer_writes(&cloud_id, "控制台补充", world.now_ms());
    world.call(ApiEvent::close(&id)).await.expect(200);
    let shown = world.conversation(&id).await;
    assert!(shown.contains(&"您好 👋".to_owned()) && !shown.contains(&"最后一句".to_owned()), "{shown:?}");
    (id, cloud_id)
}

/// Whether anything is due for the ticket, now or later.
async fn is_due(world: &World, id: &str) -> bool {
    let due = world.stack.app.store.due_work(world.now_ms() + LONG_MS).await.unwrap().at_vendors;
    due.contains(&(
        AccountId::parse(world.ticket(id).await["custom_id"].as_str().unwrap()).unwrap(),
        DueWork::Recheck(TicketId::parse(id).unwrap()),
    ))
}

/// The events of the ticket since it is closed, with the digests.
async fn published_since_closed(world: &World, id: &str) -> Vec<(String, Value)> {
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter();
    let of_ticket = events.filter(|event| event["detail"]["ticket_id"] == id);
    let closed = of_ticket.filter(|event| event["detail"]["state"] == "closed");
    closed.map(|event| (event["detail-type"].as_str().unwrap().to_owned(), event["detail"]["digest"].clone())).collect()
}

/// Asserts one event that it is closed, and after it one that it changed, with another digest.
async fn expect_published_twice(world: &World, id: &str, closed: &Value, now: &Value) {
    let published = published_since_closed(world, id).await;
    let wanted = [("TicketClosed", closed), ("TicketUpdated", now)];
    assert_eq!(published, wanted.map(|(kind, ticket)| (kind.to_owned(), ticket["digest"].clone())));
    assert_ne!(closed["digest"], now["digest"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_shown_only_after_the_close_are_archived_and_published() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed_too_early(&world, vendor, account, "k1").await;
        let closed = world.ticket(&id).await;
        world.simulated(vendor).end_lags();
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(ticket["message_count"].as_u64().unwrap(), closed["message_count"].as_u64().unwrap() + 2);
        assert_eq!(
            (&ticket["close_time"], &ticket["vendor_status"]),
            (&closed["close_time"], &closed["vendor_status"])
        );
        expect_published_twice(&world, &id, &closed, &ticket).await;
        assert!(!is_due(&world, &id).await);
        // A close that is asked for again gives what it is now, and nothing is read any more.
        let reads = world.simulated(vendor).count(api(vendor).messages);
        assert_eq!(world.call(ApiEvent::close(&id)).await.expect(200).body, ticket);
        world.sync().await;
        assert_eq!(world.simulated(vendor).count(api(vendor).messages), reads);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_ended_elsewhere_is_rechecked_too() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::times("Console", 1, Fault::ListLag { ms: 3_600_000 }));
        simulated.support_says(&cloud_id, "已修复，先关单了", world.now_ms());
        simulated.close_in_console(&cloud_id);
        world.sync().await;
        let closed = world.ticket(&id).await;
        assert_eq!(closed["state"], "closed");
        simulated.end_lags();
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        expect_published_twice(&world, &id, &closed, &ticket).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_finds_nothing_new_is_one_read_and_no_event() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
        let closed = world.call(ApiEvent::close(&id)).await.expect(200).body;
        assert!(is_due(&world, &id).await);
        let reads = simulated.count(api(vendor).messages);
        for _ in 0..2 {
            world.sync().await;
            assert!(!is_due(&world, &id).await);
            assert_eq!(simulated.count(api(vendor).messages), reads + 1);
        }
        assert_eq!(world.ticket(&id).await, closed);
        let published = [("TicketClosed".to_owned(), closed["digest"].clone())];
        assert_eq!(published_since_closed(&world, &id).await, published);
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_recheck_before_the_settle_time_is_over() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed_too_early(&world, vendor, account, "k1").await;
        world.simulated(vendor).end_lags();
        let (table, reads) = (world.table().await, world.simulated(vendor).count(api(vendor).messages));
        world.sync().await;
        assert_eq!(world.simulated(vendor).count(api(vendor).messages), reads);
        assert_eq!(world.table().await, table);
        assert!(is_due(&world, &id).await);
        // A closed ticket never keeps its account.
        expect_removable(&world, account).await;
        world.sync().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_down_at_the_recheck_is_asked_by_the_next_run() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed_too_early(&world, vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.end_lags();
        simulated.fault(FaultRule::always("*", Fault::Status { code: 503 }));
        let before = world.ticket(&id).await;
        world.sync().await;
        assert_eq!(world.ticket(&id).await, before);
        assert!(is_due(&world, &id).await);
        simulated.no_faults();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert!(!is_due(&world, &id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_that_fails_for_a_day_ends() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed_too_early(&world, vendor, account, "k1").await;
        assert!(is_due(&world, &id).await);
        world.clock.advance(3 * DAY);
        world.simulated(vendor).fault(FaultRule::always("*", Fault::Status { code: 503 }));
        let before = world.ticket(&id).await;
        world.sync().await;
        assert!(!is_due(&world, &id).await);
        assert_eq!(world.ticket(&id).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_no_longer_has_keeps_its_archive() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed_too_early(&world, vendor, account, "k1").await;
        let (before, texts) = (world.ticket(&id).await, world.conversation(&id).await);
        // One answer that says so is not believed.
        world.simulated(vendor).fault(FaultRule::times(api(vendor).messages, 1, api(vendor).no_such_ticket()));
        world.sync().await;
        assert!(is_due(&world, &id).await);
        let statuses = world.simulated(vendor).count(api(vendor).status);
        world.simulated(vendor).delete_ticket(before["cloud_id"].as_str().unwrap());
        world.sync().await;
        assert!(!is_due(&world, &id).await);
        assert!(world.simulated(vendor).count(api(vendor).status) > statuses);
        assert_eq!((world.ticket(&id).await, world.conversation(&id).await), (before, texts));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_deleted_before_its_archive_needs_no_recheck() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["vendor_status"], "deleted");
        assert!(!is_due(&world, &id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_read_any_more_end_the_recheck() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed_too_early(&world, vendor, account, "k1").await;
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()));
        world.sync().await;
        assert!(!is_due(&world, &id).await);
        let health = super::account(&world, account).await["health"]["last_error"]["code"].clone();
        assert_eq!(health, "vendor_permission_denied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recheck_ends_with_its_account() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed_too_early(&world, vendor, account, "k1").await;
        assert!(is_due(&world, &id).await);
        let before = world.ticket(&id).await;
        expect_removable(&world, account).await;
        world.sync().await;
        assert!(!is_due(&world, &id).await);
        assert_eq!(world.ticket(&id).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_overlap_recheck_once() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed_too_early(&world, vendor, account, "k1").await;
        let closed = world.ticket(&id).await;
        let simulated = world.simulated(vendor);
        simulated.end_lags();
        simulated.fault(FaultRule::times(api(vendor).messages, 1, Fault::Delay { ms: 300 }));
        let reads = simulated.count(api(vendor).messages);
        join_all((0..5).map(|_| world.sync())).await;
        assert_eq!(simulated.count(api(vendor).messages), reads + 1);
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        expect_published_twice(&world, &id, &closed, &ticket).await;
    }
}
