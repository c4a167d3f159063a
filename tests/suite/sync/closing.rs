//! Closes that were not finished: the sync goes on with them, and tells when the vendor refuses.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{
    AT_ONCE, close, close_operation, expect_archived, expect_removable, half_closed, read_operation, refuse,
};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_was_not_finished_is_finished_by_a_run() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).support_says(&cloud_id, "还有一句", world.now_ms());
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert!(world.simulated(vendor).ticket(&cloud_id).closed_at_ms.is_some());
        assert_eq!(world.call(close(&id)).await.expect(200).body, ticket);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_whose_answer_was_lost_is_finished_by_a_run() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).fault(FaultRule::times(close_operation(vendor), 1, Fault::CutAfter));
        world.call(close(&id)).await.expect(202);
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_is_shown_at_the_open_ticket_until_the_next_one() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        let code = if vendor == "ALIBABA" { "param.illegal" } else { "OSM.01010014" };
        world.simulated(vendor).fault(FaultRule::always(close_operation(vendor), refuse(code)));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["status"]), (&json!("open"), &json!(1)));
        assert_eq!(ticket["close_error"]["code"], "vendor_close_refused");
        assert!(ticket["close_error"]["detail"].as_str().unwrap().contains("拒绝"), "{ticket}");
        // Nobody asks again by himself, and nothing forgets it.
        let closes = world.simulated(vendor).count(close_operation(vendor));
        world.sync().await;
        assert_eq!(world.simulated(vendor).count(close_operation(vendor)), closes);
        assert_eq!(world.ticket(&id).await["close_error"], ticket["close_error"]);
        world.simulated(vendor).no_faults();
        world.call(close(&id)).await.expect(200);
        let closed = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(closed["close_error"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ticket_ends_with_what_was_kept_and_lets_its_account_go() {
    let (world, desks) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(ticket["vendor_status"], "deleted");
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ticket_of_which_nothing_was_kept_can_be_closed_too() {
    let (world, desks) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        // Nobody asked: a list that does not show it may lag.
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "open");
        let closed = world.call(close(&id)).await.expect(200);
        assert_eq!(
            (&closed.body["vendor_status"], &closed.body["message_count"]),
            (&json!("deleted"), &json!(0))
        );
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_young_ticket_that_the_vendor_does_not_know_yet_is_not_taken_for_deleted() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        for _ in 0..2 {
            world.sync().await;
            assert_eq!(world.ticket(&id).await["state"], "closing");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_that_there_is_no_such_ticket_is_not_believed() {
    let (world, desks) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        half_closed(&world, vendor, &id).await;
        let code = if vendor == "ALIBABA" { "param.illegal" } else { "OSM.01010015" };
        world.simulated(vendor).fault(FaultRule::times(read_operation(vendor), 1, refuse(code)));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["vendor_status"]), (&json!("closing"), &Value::Null));
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}
