//! Tickets that a person opens in the vendor's console: found by the vendor's list.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::{CHECKED, assert_each_once, closed, states_told};
use crate::support::{ApiEvent, CACHED, SETTLE_TIME, World, api};

const MONTHS: Duration = Duration::from_hours(100 * 24);

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_opened_in_the_console_months_later_is_followed_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed(&world, vendor, account, "k1").await;
        let digest = world.ticket(&id).await["digest"].clone();
        let sim = world.simulated(vendor);
        world.clock.advance(MONTHS);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closed", "{vendor}");
        sim.reopen_in_console(&cloud_id);
        sim.support_says(&cloud_id, "请补充信息", world.now_ms());
        world.clock.advance(CHECKED);
        world.sync().await;
        let open = world.ticket(&id).await;
        assert_eq!((&open["state"], &open["closings"][0]["digest"]), (&json!("open"), &digest), "{vendor}");
        assert!(open["vendor_status"].is_string(), "{open}");
        world.clock.advance(CACHED);
        world.sync().await;
        assert!(world.conversation(&id).await.contains(&"请补充信息".to_owned()), "{vendor}");
        world.call(ApiEvent::close(&id).key(&format!("{vendor}-c2"))).await.expect(200);
        let told = states_told(&world, &id).await;
        assert_eq!(told, ["TicketCreated", "TicketClosed", "TicketReopened", "TicketClosed"], "{vendor}");
        assert_each_once(&world.conversation(&id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_read_for_reopened_tickets_once_an_hour() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = closed(&world, vendor, account, "k1").await;
        let sim = world.simulated(vendor);
        world.clock.advance(2 * SETTLE_TIME);
        world.sync().await;
        world.clock.advance(CHECKED);
        world.sync().await;
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await.expect(200).body;
        assert_eq!(shown["reopening_check"]["position"], 0, "{shown}");
        sim.reopen_in_console(&cloud_id);
        let lists = sim.count(api(vendor).list);
        for _ in 0..3 {
            world.clock.advance(Duration::from_mins(1));
            world.sync().await;
        }
        assert_eq!(sim.count(api(vendor).list), lists, "{vendor}");
        assert_eq!(world.ticket(&id).await["state"], "closed", "{vendor}");
        world.clock.advance(CHECKED);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "open", "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_on_in_the_next_run_also_after_an_error() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let sim = world.simulated("ALIBABA");
    // As many as fill eleven pages of a hundred; the vendor's order is not known, so the ticket may be on any.
    for number in 0..1_100 {
        world.open_in_console("ALIBABA", "标题", &format!("磁盘 {number}"), world.now_ms());
    }
    sim.reopen_in_console(&cloud_id);
    world.clock.advance(CHECKED);
    let position = async || {
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&accounts.alibaba)).await.expect(200).body;
        shown["reopening_check"]["position"].as_u64()
    };
    world.sync().await;
    let after_one_run = position().await.unwrap();
    assert!(after_one_run > 0);
    sim.fault(FaultRule::times("ListTickets", 1_000, Fault::Status { code: 500 }));
    world.sync().await;
    sim.no_faults();
    assert_eq!(position().await, Some(after_one_run));
    world.clock.advance(Duration::from_mins(5));
    world.sync().await;
    assert_eq!(position().await, Some(0));
    assert_eq!(world.ticket(&id).await["state"], "open");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_ticket_stays_erased_when_the_vendor_opens_it_again() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "HUAWEI", &accounts.huawei, "k1").await;
    world.call(ApiEvent::of("DELETE /tickets/{id}").id(&id)).await.expect(200);
    world.simulated("HUAWEI").reopen_in_console(&cloud_id);
    world.clock.advance(CHECKED);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "closed");
}
