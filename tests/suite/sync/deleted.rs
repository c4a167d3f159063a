//! Tickets that their vendor no longer has: closed with the messages that are stored, and only on proof.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{expect_archived, expect_removable, half_closed};
use crate::support::{ApiEvent, DAY, NO_SETTLE_TIME, SETTLE_TIME, World, api};

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ticket_ends_with_the_stored_messages_and_its_account_can_be_removed() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
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
async fn a_deleted_ticket_without_stored_messages_can_be_closed_too() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).delete_ticket(&cloud_id);
        // Nobody asked: a list that does not show it may lag.
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "open");
        let closed = world.call(ApiEvent::close(&id)).await.expect(200);
        assert_eq!((&closed.body["vendor_status"], &closed.body["message_count"]), (&json!("deleted"), &json!(0)));
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_ticket_that_the_vendor_does_not_show_yet_does_not_count_as_deleted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
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
async fn one_answer_that_there_is_no_such_ticket_is_no_proof() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).messages, 1, api(vendor).no_such_ticket()));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["vendor_status"]), (&json!("closing"), &Value::Null));
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_fails_does_not_confirm_that_there_is_no_such_ticket() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::always(api(vendor).messages, api(vendor).no_such_ticket()));
        simulated.fault(FaultRule::always(api(vendor).status, Fault::Status { code: 503 }));
        world.call(ApiEvent::close(&id)).await.expect_problem(404, "vendor_ticket_not_found");
        assert_eq!(world.ticket(&id).await["state"], "closing");
        simulated.no_faults();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_ticket_does_not_count_as_deleted_by_the_first_answers_that_say_so() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        world.clock.advance(DAY);
        world.simulated(vendor).fault(FaultRule::always("*", api(vendor).no_such_ticket()));
        world.call(ApiEvent::close(&id)).await.expect_problem(404, "vendor_ticket_not_found");
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closing");
        // WHEN the vendor says so still, after the settle time
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["vendor_status"], "deleted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_another_failure_one_answer_that_there_is_no_such_ticket_is_no_proof() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::times(api(vendor).status, 1, api(vendor).no_permission()));
        simulated.fault(FaultRule::times(api(vendor).status, 1, api(vendor).no_such_ticket()));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["vendor_status"]), (&json!("closing"), &Value::Null));
        simulated.no_faults();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}
