//! Tickets at the vendor of which calls fail: they keep no other ticket unknown for ever, and none is lost.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule, TextRewrite};

use crate::{
    indeterminate::{SETTLED, tickets::lose_ticket},
    support::{ApiEvent, LEASE, World},
};

fn show_ticket(vendor: &str) -> &'static str {
    if vendor == "ALIBABA" { "GetTicket" } else { "ShowCaseDetail" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_whose_calls_fail_for_another_settle_time_is_left_to_a_person() {
    // Alibaba's search finds a whole text, and its list does not show one. Huawei's list does.
    for (vendor, rewrite) in [
        ("ALIBABA", TextRewrite::Cut { chars: 10 }),
        ("HUAWEI", TextRewrite::Cut { chars: 10 }),
        ("ALIBABA", TextRewrite::Escape),
    ] {
        // GIVEN a lost create, whose ticket can't be read at the vendor
        let (world, accounts) = World::ready().await;
        let account = if vendor == "ALIBABA" { &accounts.alibaba } else { &accounts.huawei };
        let (id, cloud_id) = lose_ticket(&world, vendor, account, rewrite).await;
        world.simulated(vendor).fault(FaultRule::always(show_ticket(vendor), Fault::Status { code: 503 }));
        // WHEN the settle time passes, THEN nothing is decided
        world.clock.advance(SETTLED);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        // WHEN another one passes, THEN a person can decide
        world.clock.advance(SETTLED);
        world.sync().await;
        let ticket = world.ticket(&id).await;
        let candidate = &ticket["candidates"][0]["vendor_id"];
        assert_eq!((&ticket["state"], candidate), (&json!("indeterminate"), &json!(cloud_id)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tickets_with_one_id_none_is_lost_when_reading_fails() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // GIVEN a lost ticket, and a copy of it that a person made in the console
        let (id, first) = lose_ticket(&world, vendor, account, TextRewrite::Escape).await;
        // Huawei gives whole seconds.
        world.clock.advance(Duration::from_secs(2));
        let copy = world.open_in_console(vendor, "重复的", &format!("磁盘已满\n\nref {id}"), world.now_ms());
        world.clock.advance(LEASE);
        // WHEN the vendor fails while they are read, THEN the copy is not taken for the ticket
        let fault = FaultRule::always(show_ticket(vendor), Fault::Status { code: 503 });
        world.simulated(vendor).fault(fault);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        // WHEN it answers again, THEN the ticket is the first one, and the copy is adopted
        world.simulated(vendor).no_faults();
        world.sync().await;
        let tickets = world.all(|| ApiEvent::of("GET /tickets"), &format!("&custom_id={account}"), 100).await;
        let of = |cloud_id: &str| tickets.iter().find(|ticket| ticket["cloud_id"] == cloud_id).unwrap();
        assert_eq!((&of(&first)["id"], &of(&copy)["adopted"]), (&json!(id), &json!(true)));
    }
}
