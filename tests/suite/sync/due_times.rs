//! Due work that does not end: it is looked at less and less often, is shown, and stops nothing else.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use super::{account, expect_archived, half_closed};
use crate::support::{ApiEvent, LEASE, SETTLE_TIME, World, api};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_can_not_go_on_is_tried_at_growing_intervals_and_shown() {
    let (world, accounts) = World::ready().await;
    for (vendor, owner) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, owner, "k1").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, Fault::WrongShape));
        let before = world.simulated(vendor).count(api(vendor).messages);
        // WHEN the sync runs each minute for half an hour
        for _ in 0..30 {
            world.sync().await;
            world.clock.advance(MINUTE);
        }
        // THEN it is tried after 0, 1, 2, 4, 8, 8 … minutes, up to three times each: as a bad answer it is repeated
        let calls = world.simulated(vendor).count(api(vendor).messages) - before;
        assert!((7..=21).contains(&calls), "{vendor}: {calls} calls in half an hour");
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], &ticket["close_error"]["code"]),
            (&json!("closing"), &json!("vendor_bad_answer"))
        );
        assert!(ticket["close_error"]["detail"].as_str().unwrap().contains("console"), "{ticket}");
        let shown = account(&world, owner).await;
        assert_eq!(
            (&shown["blocked_close"]["ticket_id"], &shown["blocked_close"]["code"]),
            (&json!(id), &json!("vendor_bad_answer"))
        );
        // AND once it goes on, nothing of it is shown
        world.simulated(vendor).no_faults();
        world.clock.advance(8 * MINUTE);
        world.sync().await;
        let closed = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(closed["close_error"], Value::Null);
        assert_eq!(account(&world, owner).await["blocked_close"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_that_get_no_answer_do_not_keep_the_list_from_being_read() {
    let (world, accounts) = World::ready().await;
    for (vendor, owner) in accounts.both() {
        for key in ["k1", "k2", "k3", "k4"] {
            let (id, _) = world.create(vendor, owner, key).await;
            half_closed(&world, vendor, &id).await;
        }
        let (other, other_cloud_id) = world.create(vendor, owner, "k5").await;
        world.simulated(vendor).support_says(&other_cloud_id, "请提供日志", world.now_ms());
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, Fault::Status { code: 503 }));
        world.sync().await;
        assert_ne!(world.ticket(&other).await["vendor_status"], Value::Null, "{vendor}: it is not followed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_outcome_is_decided_in_the_first_run_after_its_settle_time() {
    let (world, accounts) = World::ready().await;
    for (vendor, owner) in accounts.both() {
        // GIVEN a create that did not arrive
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let sent_ms = world.now_ms();
        let id = world.call(world.create_event(vendor, owner, "k1")).await.expect(202).text("id");
        // WHEN the sync looks at it each minute, THEN growing intervals do not keep it unknown for longer
        let show = || ApiEvent::of("GET /tickets/{id}").id(&id);
        while world.call(show()).await.status == 200 {
            world.clock.advance(MINUTE);
            world.sync().await;
        }
        let passed = Duration::from_millis((world.now_ms() - sent_ms).try_into().unwrap());
        assert!(passed <= SETTLE_TIME + LEASE + MINUTE, "{vendor}: decided after {passed:?}");
    }
}
