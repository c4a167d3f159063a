//! Runs that overlap, and runs that end early.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use shared::{
    domain::TicketId,
    invocation::Invocation,
    store::CloseReason,
    workflow::close::{self, Acquired},
};
use simulators::Fault;

use super::{expect_archived, expect_removable, half_closed, unknown};
use crate::support::{ApiEvent, World, api, lease_until};

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_overlap_do_everything_once() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let simulated = world.simulated(vendor);
        let (ended, ended_cloud) = world.create(vendor, account, "k1").await;
        simulated.support_says(&ended_cloud, "您好 👋", world.now_ms());
        simulated.add_messages(&ended_cloud, 60);
        simulated.close_in_console(&ended_cloud);
        let (closing, closing_cloud) = world.create(vendor, account, "k2").await;
        simulated.add_messages(&closing_cloud, 30);
        half_closed(&world, vendor, &closing).await;
        let lost = unknown(&world, vendor, account, "k3", Fault::CutAfter).await;
        let adopt = ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": true}));
        world.call(adopt).await.expect(200);
        // Huawei's times are whole seconds.
        world.clock.advance(Duration::from_secs(1));
        let by_hand = world.open_in_console(vendor, "控制台", "控制台的问题", world.now_ms());

        join_all((0..6).map(|_| world.sync())).await;
        world.sync().await;

        expect_archived(&world, vendor, &ended, &ended_cloud).await;
        expect_archived(&world, vendor, &closing, &closing_cloud).await;
        assert_eq!(world.ticket(&lost).await["state"], "open");
        let of_account = || ApiEvent::of("GET /tickets");
        let all = world.all(of_account, &format!("&custom_id={account}"), 100).await;
        assert_eq!(all.len(), 4);
        let adopted: Vec<_> = all.iter().filter(|ticket| ticket["cloud_id"] == by_hand.as_str()).collect();
        assert_eq!((adopted.len(), &adopted[0]["adopted"]), (1, &json!(true)));

        // The account's count came out right: two are open, and then none.
        let delete = || ApiEvent::of("DELETE /accounts/{id}").id(account);
        world.call(delete()).await.expect_problem(409, "account_has_open_tickets");
        world.call(ApiEvent::close(&lost)).await.expect(200);
        world.call(delete()).await.expect_problem(409, "account_has_open_tickets");
        let adopted = adopted[0]["id"].as_str().unwrap();
        world.call(ApiEvent::close(adopted)).await.expect(200);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_and_callers_at_once_close_a_ticket_once() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).add_messages(&cloud_id, 30);
        let closes = join_all((0..4).map(|_| world.call(ApiEvent::close(&id))));
        let runs = join_all((0..4).map(|_| world.sync()));
        let (closes, _) = tokio::join!(closes, runs);
        for answer in closes {
            assert!(matches!(answer.status, 200 | 202), "{answer}");
        }
        world.sync().await;
        expect_archived(&world, vendor, &id, &cloud_id).await;
        assert_eq!(world.simulated(vendor).count(api(vendor).close), 1);
        expect_removable(&world, account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_little_time_left_begins_nothing() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (_, cloud_id) = world.create(vendor, account, "k1").await;
        world.simulated(vendor).close_in_console(&cloud_id);
        let (closing, _) = world.create(vendor, account, "k2").await;
        half_closed(&world, vendor, &closing).await;
        unknown(&world, vendor, account, "k3", Fault::CutAfter).await;
    }
    let (table, calls) = (world.table().await, world.vendor_calls());
    for left in [500, 2_000, 4_900].map(Duration::from_millis) {
        world.sync_within(left).await;
        assert_eq!(world.vendor_calls(), calls, "{left:?}");
        assert_eq!(world.table().await, table, "{left:?}");
    }
    world.sync().await;
    for (_, account) in accounts.both() {
        let states = ["closed", "open"].map(|state| format!("&state={state}&custom_id={account}"));
        for (filter, count) in states.iter().zip([2, 1]) {
            assert_eq!(world.all(|| ApiEvent::of("GET /tickets"), filter, 100).await.len(), count);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_a_caller_asks_to_close_what_another_run_works_on() {
    let (world, accounts) = World::ready().await;
    let app = &world.stack.app;
    for (vendor, account) in accounts.both() {
        // GIVEN a ticket that a run saw ended and works on
        let (id, _) = world.create(vendor, account, "k1").await;
        let ticket = TicketId::parse(&*id).unwrap();
        let (now_ms, in_ten_minutes) = (world.now_ms(), world.now_ms() + 600_000);
        app.store.start_close(&ticket, Some(CloseReason::Ended), now_ms, &lease_until(in_ten_minutes)).await.unwrap();
        let reason = async || app.store.stored_ticket(&ticket).await.unwrap().unwrap().closing_reason;
        // WHEN another run comes to it, THEN nobody has asked for the close yet
        let ends_at_ms = u64::try_from(in_ten_minutes).unwrap();
        let run = Invocation::new(ends_at_ms, "run", &*app.clock);
        for close_reason in [None, Some(CloseReason::Ended)] {
            let start = close::acquire(app, &app.store, &run, &ticket, close_reason).await.unwrap();
            assert!(matches!(start, Acquired::Busy(_)), "{start:?}");
            assert_eq!(reason().await, Some(CloseReason::Ended));
        }
        // WHEN a caller does
        world.call(ApiEvent::close(&id)).await.expect(202);
        assert_eq!(reason().await, Some(CloseReason::Asked));
    }
}
