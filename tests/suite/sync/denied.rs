//! Keys without a permission that a close needs: the caller gets the reason, and no ticket waits for it.

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{account, expect_archived, half_closed};
use crate::support::{ApiEvent, World, api};

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_read_messages_leave_the_ticket_open() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, _) = world.create(vendor, of, "k1").await;
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()));
        world.call(ApiEvent::close(&id)).await.expect_problem(403, "vendor_permission_denied");
        assert_eq!(world.ticket(&id).await["state"], "open");
        assert_eq!(world.simulated(vendor).count(api(vendor).close), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_close_leave_the_ticket_open_and_the_account_followed() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, _) = world.create(vendor, of, "k1").await;
        let (other, other_cloud_id) = world.create(vendor, of, "k2").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).close_in_console(&other_cloud_id);
        world.simulated(vendor).fault(FaultRule::always(api(vendor).close, api(vendor).no_permission()));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], &ticket["close_error"]["code"]),
            (&json!("open"), &json!("vendor_permission_denied"))
        );
        expect_archived(&world, vendor, &other, &other_cloud_id).await;
        // A caller gets the reason at once.
        world.call(ApiEvent::close(&id)).await.expect_problem(403, "vendor_permission_denied");
        assert_eq!(world.ticket(&id).await["state"], "open");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_is_shown_at_the_account_and_other_tickets_go_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, _) = world.create(vendor, of, "k1").await;
        let (other, other_cloud_id) = world.create(vendor, of, "k2").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).support_says(&other_cloud_id, "请提供日志", world.now_ms());
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()));
        world.sync().await;
        // Another run would not get further: the ticket is open again, and the reason is shown.
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], &ticket["close_error"]["code"]),
            (&json!("open"), &json!("vendor_permission_denied"))
        );
        assert_eq!(account(&world, of).await["health"]["last_error"]["code"], "vendor_permission_denied");
        assert_ne!(world.ticket(&other).await["vendor_status"], Value::Null, "it is not followed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_read_nothing_leave_the_ticket_open() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, _) = world.create(vendor, of, "k1").await;
        for operation in [api(vendor).messages, api(vendor).status] {
            world.simulated(vendor).fault(FaultRule::always(operation, api(vendor).no_permission()));
        }
        world.call(ApiEvent::close(&id)).await.expect_problem(403, "vendor_permission_denied");
        assert_eq!(world.ticket(&id).await["state"], "open");
    }
}

/// It is archived by the first run that has the right and an answer, and not open until then.
async fn expect_archived_with_the_permission(world: &World, vendor: &str, id: &str, cloud_id: &str) {
    assert_eq!(world.ticket(id).await["state"], "closing");
    world.simulated(vendor).no_faults();
    world.sync().await;
    expect_archived(world, vendor, id, cloud_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_read_messages_leave_it_closing_while_it_may_have_ended() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, of, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.close_in_console(&cloud_id);
        simulated.fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()));
        simulated.fault(FaultRule::always(api(vendor).status, Fault::CutBefore));
        world.call(ApiEvent::close(&id)).await.expect(202);
        expect_archived_with_the_permission(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_may_not_read_messages_leave_an_ended_ticket_closing() {
    let (world, accounts) = World::ready().await;
    for (vendor, of) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, of, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.close_in_console(&cloud_id);
        simulated.fault(FaultRule::always(api(vendor).messages, api(vendor).no_permission()));
        world.call(ApiEvent::close(&id)).await.expect_problem(403, "vendor_permission_denied");
        expect_archived_with_the_permission(&world, vendor, &id, &cloud_id).await;
    }
}
