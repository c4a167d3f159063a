//! Closes at vendors that take few calls a second.

use std::time::Duration;

use simulators::huawei::HuaweiSettings;
use tokio::time::{Instant, sleep};

use super::{BOTH, MINUTE, SYNC_TIMEOUT};
use crate::support::{ApiEvent, VirtualWorld};

/// Eight tickets at each vendor, each with its vendor.
async fn sixteen_tickets(world: &VirtualWorld) -> Vec<(&'static str, [String; 2])> {
    world.refresh_unlimited().await;
    let process = world.process();
    let mut tickets = Vec::new();
    for (vendor, account) in BOTH {
        for number in 0..8 {
            let ticket = world.create(&process, vendor, account, &format!("k{number}"), 30).await;
            tickets.push((vendor, ticket));
        }
        world.simulated(vendor).limit_calls(Some(1));
    }
    tickets
}

/// Asks for each close, one caller after the other, each in a process of its own.
async fn ask_for_closes(world: &VirtualWorld, tickets: &[(&'static str, [String; 2])]) {
    let asked = tickets.iter().map(async |(_, [id, _])| {
        let answer = world.process().call(ApiEvent::close(id)).await;
        assert!([200, 202].contains(&answer.status), "{answer}");
    });
    futures_util::future::join_all(asked).await;
}

fn ids(tickets: &[(&'static str, [String; 2])]) -> Vec<String> {
    tickets.iter().map(|(_, [id, _])| id.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn eight_tickets_at_each_vendor_close_within_ten_minutes_at_one_call_a_second() {
    let world = VirtualWorld::start(true).await;
    let tickets = sixteen_tickets(&world).await;
    let begun = Instant::now();
    ask_for_closes(&world, &tickets).await;
    world.sync_until_closed(&ids(&tickets), SYNC_TIMEOUT).await;
    let took = begun.elapsed();
    assert!(took <= 10 * MINUTE, "{took:?}");
    for (vendor, ticket) in &tickets {
        world.expect_archived(vendor, ticket).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_polls_conversations_does_not_keep_closes_from_ending() {
    let world = VirtualWorld::start(true).await;
    let tickets = sixteen_tickets(&world).await;
    let mut open = Vec::new();
    for (vendor, account) in BOTH {
        let created = world.process().call(world.create_event(vendor, account, "open")).await.expect(201);
        open.push(created.text("id"));
    }
    let begun = Instant::now();
    let poll = async {
        let process = world.process();
        loop {
            for id in &open {
                process.call(ApiEvent::of("GET /tickets/{id}/messages").id(id)).await;
            }
            sleep(Duration::from_secs(1)).await;
        }
    };
    let close = async {
        ask_for_closes(&world, &tickets).await;
        world.sync_until_closed(&ids(&tickets), SYNC_TIMEOUT).await;
    };
    tokio::select! {
        () = close => {}
        () = poll => {}
    }
    let took = begun.elapsed();
    assert!(took <= 10 * MINUTE, "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_huawei_ticket_closes_at_three_calls_a_second() {
    let world = VirtualWorld::start(true).await;
    world.refresh_unlimited().await;
    let huawei = &world.vendors.huawei;
    // GIVEN a conversation that takes many calls
    huawei.set_settings(HuaweiSettings { detail_limit: Some(20), ..huawei.settings() });
    let ticket = world.create(&world.process(), "HUAWEI", "H", "k1", 2_000).await;
    huawei.limit_calls(Some(3));
    let answer = world.process().call(ApiEvent::close(&ticket[0])).await;
    assert!([200, 202].contains(&answer.status), "{answer}");
    let took = world.sync_until_closed(&ticket[..1], SYNC_TIMEOUT).await;
    assert!(took <= 3 * MINUTE, "{took:?}");
    world.expect_archived("HUAWEI", &ticket).await;
}

#[tokio::test(start_paused = true)]
async fn a_close_goes_on_from_the_pages_that_it_has_read() {
    let world = VirtualWorld::start(true).await;
    world.refresh_unlimited().await;
    let huawei = &world.vendors.huawei;
    huawei.set_settings(HuaweiSettings { detail_limit: Some(20), ..huawei.settings() });
    let ticket = world.create(&world.process(), "HUAWEI", "H", "k1", 4_000).await;
    huawei.limit_calls(Some(1));
    huawei.clear_calls();
    world.process().call(ApiEvent::close(&ticket[0])).await.expect(202);
    // WHEN no run has the time for all of its 41 pages
    world.sync_until_closed(&ticket[..1], Duration::from_secs(25)).await;
    world.expect_archived("HUAWEI", &ticket).await;
    // THEN each page was read twice, before and after the close, and some again whose answer came too late
    let calls = huawei.calls();
    let pages = calls.iter().filter(|call| call.operation == "ListMessages" && call.done).count();
    assert!((82..=120).contains(&pages), "{pages} calls of ListMessages");
}
