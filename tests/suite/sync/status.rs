//! What the sync shows of open tickets, and at what cost: one read of the list, not one call a ticket.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, NO_SETTLE_TIME, World, api, cases};

const LISTS: [&str; 2] = ["ListCases", "ListTickets"];

/// Calls the sync and gives the reads of lists in that run by operation.
async fn lists_of_a_run(world: &World) -> Vec<(String, u64)> {
    let before = world.vendor_calls();
    world.sync().await;
    let calls = world.vendor_calls().into_iter().map(|(name, count)| {
        let earlier = before.get(&name).copied().unwrap_or_default();
        (name, count - earlier)
    });
    calls.filter(|(name, count)| LISTS.contains(&name.as_str()) && *count > 0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_status_is_shown_after_one_read_of_each_list() {
    let (world, accounts) = World::ready().await;
    let mut tickets = Vec::new();
    for (vendor, account) in accounts.both() {
        for number in 0..12 {
            let (id, cloud_id) = world.create(vendor, account, &format!("k{number}")).await;
            if number % 3 == 0 {
                world.simulated(vendor).support_says(&cloud_id, "您好", world.now_ms());
            }
            tickets.push((vendor, number, id, cloud_id));
        }
    }
    let once: Vec<_> = LISTS.map(|name| (name.to_owned(), 1)).into();
    assert_eq!(lists_of_a_run(&world).await, once);
    for (vendor, number, id, _) in cases(&tickets) {
        let shown = world.ticket(id).await;
        let expected = match (*vendor, number % 3) {
            ("ALIBABA", 0) => ("3", "awaiting_customer"),
            ("ALIBABA", _) => ("1", "waiting"),
            (_, 0) => ("1", "processing"),
            _ => ("0", "waiting"),
        };
        assert_eq!((&shown["vendor_status"], &shown["vendor_phase"]), (&json!(expected.0), &json!(expected.1)));
        assert_eq!(shown["state"], "open");
    }
    // Nothing new: nothing is written.
    let table = world.table().await;
    assert_eq!(lists_of_a_run(&world).await, once);
    assert_eq!(world.table().await, table);

    let (vendor, _, id, cloud_id) = &tickets[0];
    world.simulated(vendor).customer_writes(cloud_id, "补充", world.now_ms());
    assert_eq!(lists_of_a_run(&world).await, once);
    let shown = world.ticket(id).await;
    assert_eq!((&shown["vendor_status"], &shown["vendor_phase"]), (&json!("4"), &json!("processing")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_used_page_by_page_and_read_no_further_than_needed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // GIVEN a ticket on the list's first page and one on its third
        let (old, old_cloud_id) = world.create(vendor, account, "k1").await;
        for number in 0..210 {
            world.open_in_console(vendor, "别的", &format!("第 {number} 张"), world.now_ms());
        }
        let (new, new_cloud_id) = world.create(vendor, account, "k2").await;
        let simulated = world.simulated(vendor);
        for cloud_id in [&old_cloud_id, &new_cloud_id] {
            simulated.set_status(cloud_id, 77);
        }
        // WHEN no page but the first can be read
        simulated.fault(FaultRule { skip: 1, ..FaultRule::always(api(vendor).list, Fault::CutBefore) });
        world.sync().await;
        // THEN what it showed is known
        assert_eq!(world.ticket(&new).await["vendor_status"], "77", "{vendor}");
        assert_eq!(world.ticket(&old).await["vendor_status"], Value::Null);
        simulated.no_faults();
        world.sync().await;
        assert_eq!(world.ticket(&old).await["vendor_status"], "77");

        // What comes after the last open ticket is not read.
        simulated.set_status(&old_cloud_id, 1);
        world.call(ApiEvent::close(&old)).await.expect(200);
        let before = simulated.count(api(vendor).list);
        world.sync().await;
        assert_eq!(simulated.count(api(vendor).list) - before, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_knows_is_shown_and_is_no_end() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).set_status(&cloud_id, 77);
        world.sync().await;
        let shown = world.ticket(&id).await;
        assert_eq!((&shown["vendor_status"], &shown["vendor_phase"]), (&json!("77"), &json!("other")));
        assert_eq!(shown["state"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_list_does_not_show_stays_as_it_is() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.sync().await;
        let before = world.ticket(&id).await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        world.sync().await;
        assert_eq!(world.ticket(&id).await, before);
        assert_ne!(before["vendor_status"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_open_tickets_costs_no_call() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        assert!(lists_of_a_run(&world).await.iter().any(|(name, _)| name == api(vendor).list));
        world.call(ApiEvent::close(&id)).await.expect(200);
        assert!(lists_of_a_run(&world).await.iter().all(|(name, _)| name != api(vendor).list));
    }
    assert_eq!(lists_of_a_run(&world).await, []);
}
