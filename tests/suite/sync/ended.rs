//! Tickets that a person ends at the vendor: archived whole, never closed there again.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{expect_archived, expect_removable};
use crate::support::{ApiEvent, World, api, until};

/// Waits until the vendor has got that many calls of the operation.
async fn called(world: &World, vendor: &str, operation: &str, times: u64) {
    until(operation, || world.simulated(vendor).count(operation) >= times).await;
}

/// Holds the next answer of the operation back, and gives the count of calls by which it is under way.
fn hold(world: &World, vendor: &str, operation: &str) -> u64 {
    let simulated = world.simulated(vendor);
    simulated.fault(FaultRule::times(operation, 1, Fault::Delay { ms: 500 }));
    simulated.count(operation) + 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_at_the_vendor_is_archived_whole_and_not_closed_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        for text in ["您好，请提供实例 ID 👋", "已修复，<b>请确认</b>"] {
            simulated.support_says(&cloud_id, text, world.now_ms());
        }
        simulated.add_messages(&cloud_id, 120);
        simulated.close_in_console(&cloud_id);
        for _ in 0..2 {
            world.sync().await;
        }
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(ticket["vendor_status"], api(vendor).ended_by_hand.to_string());
        assert_eq!(simulated.count(api(vendor).close), 0);
        // Later runs leave it alone.
        let (table, reads) = (world.table().await, simulated.count(api(vendor).messages));
        world.sync().await;
        assert_eq!(simulated.count(api(vendor).messages), reads);
        assert_eq!(world.table().await, table);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_failed_is_made_by_the_next_run() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
        simulated.close_in_console(&cloud_id);
        simulated.fault(FaultRule::always(api(vendor).messages, Fault::Status { code: 500 }));
        world.sync().await;
        assert_ne!(world.ticket(&id).await["state"], "closed");
        simulated.no_faults();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(simulated.count(api(vendor).close), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_opened_again_before_its_archive_stays_open() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
        simulated.close_in_console(&cloud_id);
        // The list says that it ended, and by the time that its status is read it does not.
        let listed = hold(&world, vendor, api(vendor).list);
        let reopens = async {
            called(&world, vendor, api(vendor).list, listed).await;
            simulated.reopen_in_console(&cloud_id);
        };
        tokio::join!(world.sync(), reopens);
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["close_error"]), (&json!("open"), &Value::Null));
        simulated.support_says(&cloud_id, "继续处理", world.now_ms());
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(ticket["state"], "open");
        assert_eq!(simulated.count(api(vendor).close), 0);
        // It ends in the end.
        simulated.close_in_console(&cloud_id);
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callers_close_during_a_run_is_not_lost() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        for reopened in [true, false] {
            let (id, cloud_id) = world.create(vendor, account, &format!("k{reopened}")).await;
            let simulated = world.simulated(vendor);
            simulated.support_says(&cloud_id, "您好 👋", world.now_ms());
            simulated.close_in_console(&cloud_id);
            let listed = hold(&world, vendor, api(vendor).list);
            let asked = hold(&world, vendor, api(vendor).status);
            let person_and_caller = async {
                called(&world, vendor, api(vendor).list, listed).await;
                if reopened {
                    simulated.reopen_in_console(&cloud_id);
                }
                called(&world, vendor, api(vendor).status, asked).await;
                let answer = world.call(ApiEvent::close(&id)).await.expect(202);
                assert_eq!(answer.body["state"], "closing");
            };
            tokio::join!(world.sync(), person_and_caller);
            if reopened {
                assert_eq!(world.ticket(&id).await["state"], "closing");
                world.sync().await;
            }
            expect_archived(&world, vendor, &id, &cloud_id).await;
            let ended = [api(vendor).ended_by_hand, api(vendor).ended_by_call];
            assert!(ended.contains(&simulated.ticket(&cloud_id).status));
        }
        assert!(world.simulated(vendor).count(api(vendor).close) >= 1);
        expect_removable(&world, account).await;
    }
}
