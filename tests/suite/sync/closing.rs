//! Closes that were not finished: the sync continues them, and shows when the vendor refuses.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{domain::TicketId, store::DueWork};
use simulators::{Fault, FaultRule, huawei};

use super::{expect_archived, expect_removable, half_closed};
use crate::support::{ApiEvent, DAY, SETTLE_TIME, World, api, refuse, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_was_not_finished_is_finished_by_a_run() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).support_says(&cloud_id, "还有一句", world.now_ms());
        world.sync().await;
        let ticket = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert!(world.simulated(vendor).ticket(&cloud_id).closed_at_ms.is_some());
        assert_eq!(world.call(ApiEvent::close(&id)).await.expect(200).body, ticket);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_whose_answer_was_lost_is_finished_by_a_run() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 1, Fault::CutAfter));
        world.call(ApiEvent::close(&id)).await.expect(202);
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_is_shown_at_the_open_ticket_until_the_next_one() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        let code = api(vendor).close_refused;
        world.simulated(vendor).fault(FaultRule::always(api(vendor).close, refuse(code)));
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["status"]), (&json!("open"), &json!(1)));
        assert_eq!(ticket["close_error"]["code"], "vendor_close_refused");
        assert!(ticket["close_error"]["detail"].as_str().unwrap().contains("拒绝"), "{ticket}");
        // The next sync does not repeat the close, and the error stays.
        let closes = world.simulated(vendor).count(api(vendor).close);
        world.sync().await;
        assert_eq!(world.simulated(vendor).count(api(vendor).close), closes);
        assert_eq!(world.ticket(&id).await["close_error"], ticket["close_error"]);
        world.simulated(vendor).no_faults();
        world.call(ApiEvent::close(&id)).await.expect(200);
        let closed = expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(closed["close_error"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_answered_and_is_not_shown_yet_is_waited_for() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let reply = api(vendor).reply;
        world.simulated(vendor).fault(FaultRule::times(reply, 1, Fault::ListLag { ms: 600_000 }));
        let say = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(&format!("{vendor}-say"));
        world.call(say.body(json!({"content": "补充一句 🙏"}))).await.expect(201);
        // WHEN it is closed, THEN it is not archived without the message
        let accepted = world.call(ApiEvent::close(&id)).await.expect(202);
        assert_eq!(accepted.body["state"], "closing");
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closing");
        // AND it is archived once the vendor shows it
        world.simulated(vendor).end_lags();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert!(world.conversation(&id).await.contains(&"补充一句 🙏".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_one_time_keep_their_order_though_the_first_are_shown_last() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        // GIVEN a first reading that lacks what was written just before the answer, in the same second
        let at_ms = world.now_ms() / 1000 * 1000;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::times("Console", 2, Fault::ListLag { ms: 600_000 }));
        simulated.customer_writes(&cloud_id, "一", at_ms);
        simulated.customer_writes(&cloud_id, "二", at_ms);
        simulated.support_says(&cloud_id, "三", at_ms);
        half_closed(&world, vendor, &id).await;
        // WHEN the second one shows it
        simulated.end_lags();
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_close_that_got_no_answer_one_reading_is_enough() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).support_says(&cloud_id, "您好 👋", world.now_ms());
        world.simulated(vendor).fault(FaultRule::times(api(vendor).close, 1, Fault::CutAfter));
        world.call(ApiEvent::close(&id)).await.expect(202);
        let readings = world.simulated(vendor).count(api(vendor).messages);
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(world.simulated(vendor).count(api(vendor).messages), readings + 1, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_words_from_another_time_do_not_stand_for_a_reply_that_is_not_shown_yet() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        // GIVEN words that a person wrote hours ago in the console, and a reply of the same words that is not shown yet
        let before_ms = world.now_ms() - 2 * 60 * 60 * 1000;
        world.simulated(vendor).customer_writes(&cloud_id, "谢谢 🙏", before_ms);
        let reply = api(vendor).reply;
        world.simulated(vendor).fault(FaultRule::times(reply, 1, Fault::ListLag { ms: 600_000 }));
        let say = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(&format!("{vendor}-say"));
        world.call(say.body(json!({"content": "谢谢 🙏"}))).await.expect(201);
        // WHEN it is closed, THEN the archive waits for the reply
        world.call(ApiEvent::close(&id)).await.expect(202);
        world.simulated(vendor).end_lags();
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closed");
        let thanks = world.conversation(&id).await.into_iter().filter(|text| text == "谢谢 🙏").count();
        assert_eq!(thanks, 2, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_that_can_not_be_used_stop_nothing_else() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        for key in ["k1", "k2", "k3", "k4"] {
            let (id, _) = world.create(vendor, account, key).await;
            half_closed(&world, vendor, &id).await;
        }
        let (other, other_cloud_id) = world.create(vendor, account, "k5").await;
        world.simulated(vendor).support_says(&other_cloud_id, "请提供日志", world.now_ms());
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, Fault::WrongShape));
        world.sync().await;
        assert_ne!(world.ticket(&other).await["vendor_status"], Value::Null, "it is not followed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_hangs_does_not_delay_other_work() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let (other, other_cloud_id) = world.create(vendor, account, "k2").await;
        half_closed(&world, vendor, &id).await;
        world.simulated(vendor).support_says(&other_cloud_id, "请提供日志", world.now_ms());
        world.simulated(vendor).fault(FaultRule::always(api(vendor).messages, Fault::Hang));
        world.sync_within(Duration::from_secs(24)).await;
        assert_eq!(world.ticket(&id).await["state"], "closing");
        assert_ne!(world.ticket(&other).await["vendor_status"], Value::Null, "it is not followed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_the_vendor_takes_and_does_not_show_has_the_settle_time_from_then_on() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        half_closed(&world, vendor, &id).await;
        // GIVEN a vendor that was down for long, and then takes the close without carrying it out
        world.clock.advance(DAY);
        let taken = api(vendor).empty_success.clone();
        world.simulated(vendor).fault(FaultRule::always(api(vendor).close, taken));
        for _ in 0..2 {
            world.sync().await;
            assert_eq!(world.ticket(&id).await["state"], "closing");
        }
        // THEN it is refused once it had the settle time
        world.clock.advance(SETTLE_TIME);
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], &ticket["close_error"]["code"]),
            (&json!("open"), &json!("vendor_close_refused"))
        );
        // AND the next close begins anew, and is not sent again unless a caller asks for it
        world.call(ApiEvent::close(&id)).await.expect(202);
        world.simulated(vendor).no_faults();
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "closing");
        world.call(ApiEvent::close(&id)).await.expect(200);
        expect_archived(&world, vendor, &id, &cloud_id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_have_the_vendors_ids_in_one_reading_only_are_archived_once() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let (simulated, now_ms) = (world.simulated("HUAWEI"), world.now_ms());
    // GIVEN a reading with ids that lacks what is shown only later
    simulated.fault(FaultRule::times("Console", 1, Fault::ListLag { ms: 3_600_000 }));
    simulated.support_says(&cloud_id, "晚到的一句", now_ms + 1_000);
    simulated.support_says(&cloud_id, "您好 👋", now_ms + 2_000);
    simulated.support_says(&cloud_id, "请提供日志", now_ms + 3_000);
    half_closed(&world, "HUAWEI", &id).await;
    // WHEN the next one shows it, and no ids at all
    simulated.end_lags();
    let huawei = &world.stack.simulators.vendors.huawei;
    huawei.set_settings(huawei::HuaweiSettings { detail_limit: Some(0), ..huawei.settings() });
    world.sync().await;
    // THEN each message is there once
    expect_archived(&world, "HUAWEI", &id, &cloud_id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_was_cut_off_is_due_once_its_lease_is_over() {
    const LEFT: Duration = Duration::from_secs(20);
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::always(api(vendor).close, Fault::Hang));
        // GIVEN a function that is cut off while it waits for the vendor
        let begun_ms = world.now_ms();
        let waits = until("the close at the vendor", || simulated.count(api(vendor).close) > 0);
        tokio::select! {
            answer = world.call_within(ApiEvent::close(&id), LEFT) => panic!("{answer}"),
            () = waits => {}
        }
        // THEN no other run continues it during its lease, and one does soon after
        let left_ms = i64::try_from(LEFT.as_millis()).unwrap();
        let close = DueWork::Close(TicketId::parse(&*id).unwrap());
        let due = async |now_ms| {
            let due = world.stack.app.store.due_work(now_ms).await.unwrap().at_vendors;
            due.iter().any(|(_, work)| *work == close)
        };
        assert!(!due(begun_ms + left_ms).await);
        assert!(due(world.now_ms() + left_ms + 10_000).await);
    }
}
