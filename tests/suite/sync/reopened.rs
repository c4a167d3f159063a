//! Tickets that support opens again, and open tickets that the vendor's list misses.

use std::time::Duration;

use serde_json::json;
use simulators::{Fault, FaultRule};

use super::expect_archived;
use crate::support::{ApiEvent, DAY, SETTLE_TIME, World, api};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_support_opens_again_while_its_archive_waits_is_not_closed_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
        // GIVEN a close that the vendor has done, and whose archive waits for a message that is not shown yet
        simulated.fault(FaultRule::times(api(vendor).reply, 1, Fault::ListLag { ms: 600_000 }));
        let say = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(&format!("{vendor}-say"));
        world.call(say.body(json!({"content": "补充一句"}))).await.expect(201);
        world.call(ApiEvent::close(&id)).await.expect(202);
        let closes = simulated.count(api(vendor).close);
        // WHEN support opens it again
        simulated.reopen_in_console(&cloud_id);
        world.sync().await;
        // THEN it is open, and says why
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], &ticket["close_error"]["code"]),
            (&json!("open"), &json!("vendor_close_refused"))
        );
        assert_eq!(simulated.count(api(vendor).close), closes, "{vendor}");
        // AND the next close ends it
        simulated.end_lags();
        world.call(ApiEvent::close(&id)).await.expect(200);
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_ticket_that_a_complete_list_misses_is_asked_for_itself() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::times(api(vendor).create, 1, Fault::ListLag { ms: 30 * 86_400_000 }));
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let asked = simulated.count(api(vendor).status);
        world.sync().await;
        assert_eq!(simulated.count(api(vendor).status), asked, "the list may lag");
        simulated.support_says(&cloud_id, "已修复", world.now_ms());
        simulated.close_in_console(&cloud_id);
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_console_tickets_is_read_from_the_last_complete_reading_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let adopt = ApiEvent::of("PATCH /accounts/{id}").id(account);
        world.call(adopt.body(json!({"adopt_console_tickets": true}))).await.expect(200);
        // GIVEN many tickets, all adopted
        for number in 0..120 {
            world.clock.advance(Duration::from_secs(1));
            world.open_in_console(vendor, "标题", &format!("磁盘 {number}"), world.now_ms());
        }
        let calls_of_a_run = async || {
            let before = world.simulated(vendor).count(api(vendor).list);
            world.sync().await;
            world.simulated(vendor).count(api(vendor).list) - before
        };
        calls_of_a_run().await;
        let shown = super::account(&world, account).await;
        assert!(shown["adoption_read_until"].is_i64(), "{shown}");
        world.clock.advance(2 * DAY);
        let calls_for_all = calls_of_a_run().await;
        // WHEN they are older than the watermark
        let new = world.open_in_console(vendor, "标题", "新的", world.now_ms() + 1_000);
        world.clock.advance(Duration::from_secs(2));
        let calls = calls_of_a_run().await;
        let tickets = world.all(|| ApiEvent::of("GET /tickets"), &format!("&custom_id={account}"), 100).await;
        // THEN the second page of the list is not read (Huawei's list has no filter by time), and the new one is found
        assert!(tickets.iter().any(|ticket| ticket["cloud_id"] == new.as_str()), "{vendor}");
        assert_eq!(tickets.len(), 121);
        assert_eq!(calls, calls_for_all - u64::from(vendor == "ALIBABA"), "{vendor}");
    }
}
