//! Abandoned tickets that the vendor shows after all: each is found, whenever that is.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    domain::TicketId,
    workflow::{ReconcileOutcome, abandoned, reconcile_ticket::reconcile_ticket},
};
use simulators::{Fault, FaultRule};
use tokio::time::Instant;

use crate::support::{ApiEvent, DAY, LEASE, NO_SETTLE_TIME, World, api};

/// How long the vendor's list lags in these tests.
const LAG: Duration = Duration::from_hours(2);
/// The first pause between two searches without a settle time.
const SHORTEST_PAUSE: Duration = Duration::from_mins(1);

/// A ticket whose answer is lost, which the vendor's list shows only later, and which a run abandons.
/// Gives its id here and at the vendor.
async fn abandon(world: &World, vendor: &str, account: &str) -> (TicketId, String) {
    let (id, cloud_id) = create_without_answer(world, vendor, account).await;
    world.clock.advance(LEASE);
    world.sync().await;
    world.call(ApiEvent::of("GET /tickets/{id}").id(id.as_str())).await.expect_problem(404, "ticket_not_found");
    (id, cloud_id)
}

async fn create_without_answer(world: &World, vendor: &str, account: &str) -> (TicketId, String) {
    let operation = api(vendor).create;
    let simulated = world.simulated(vendor);
    let lag_ms = u64::try_from(LAG.as_millis()).unwrap();
    simulated.fault(FaultRule::times(operation, 1, Fault::ListLag { ms: lag_ms }));
    simulated.fault(FaultRule::times(operation, 1, Fault::CutAfter));
    let id = world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id");
    (TicketId::parse(id).unwrap(), simulated.tickets().last().unwrap().id.clone())
}

async fn is_abandoned(world: &World, id: &TicketId) -> bool {
    world.stack.app.store.abandoned_ticket(id).await.unwrap().is_some()
}

async fn count(world: &World, account: &str) -> usize {
    world.all(|| ApiEvent::of("GET /tickets"), &format!("&custom_id={account}"), 100).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_ticket_that_the_vendor_shows_comes_back_under_its_own_id() {
    for adopting in [false, true] {
        let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
        for (vendor, account) in accounts.both() {
            let body = json!({"adopt_console_tickets": adopting});
            world.call(ApiEvent::of("PATCH /accounts/{id}").id(account).body(body)).await.expect(200);
            let (id, cloud_id) = abandon(&world, vendor, account).await;
            // Its key is free: the caller goes on with another ticket.
            let second = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
            assert_eq!(second.header("idempotency-replayed"), None);
            // The search is not due yet, and then the vendor does not show it yet.
            world.sync().await;
            world.clock.advance(SHORTEST_PAUSE);
            world.sync().await;
            assert_eq!(count(&world, account).await, 1);

            world.clock.advance(LAG);
            world.sync().await;
            let ticket = world.ticket(id.as_str()).await;
            assert_eq!((&ticket["state"], &ticket["cloud_id"]), (&json!("open"), &json!(cloud_id)));
            assert_eq!((&ticket["adopted"], &ticket["custom_id"]), (&Value::Null, &json!(account)));
            assert!(!is_abandoned(&world, &id).await);
            world.sync().await;
            assert_eq!(count(&world, account).await, 2);
            // Both count, and both can be closed.
            let delete = || ApiEvent::of("DELETE /accounts/{id}").id(account);
            for id in [id.to_string(), second.text("id")] {
                world.call(delete()).await.expect_problem(409, "account_has_open_tickets");
                world.call(ApiEvent::close(&id)).await.expect(200);
            }
            world.remove(account).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_waits_for_its_pause() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        abandon(&world, vendor, account).await;
        let simulated = world.simulated(vendor);
        for _ in 0..2 {
            let before = simulated.count(api(vendor).list);
            world.sync().await;
            assert_eq!(simulated.count(api(vendor).list), before, "searched before its time");
            world.clock.advance(SHORTEST_PAUSE);
            world.sync().await;
            assert_eq!(simulated.count(api(vendor).list), before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_failed_is_repeated_by_the_next_run() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = abandon(&world, vendor, account).await;
        world.clock.advance(LAG);
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::always(api(vendor).list, Fault::Status { code: 503 }));
        world.sync().await;
        assert!(is_abandoned(&world, &id).await);
        simulated.no_faults();
        world.sync().await;
        assert_eq!(world.ticket(id.as_str()).await["cloud_id"], cloud_id.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_overlap_adopt_it_once() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = abandon(&world, vendor, account).await;
        world.clock.advance(LAG);
        join_all((0..5).map(|_| world.sync())).await;
        assert_eq!(world.ticket(id.as_str()).await["state"], "open");
        assert_eq!(count(&world, account).await, 1);
        world.call(ApiEvent::close(id.as_str())).await.expect(200);
        world.remove(account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconcile_that_finds_a_ticket_abandoned_meanwhile_adopts_it() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    let app = &world.stack.app;
    for (vendor, account) in accounts.both() {
        // GIVEN a run that has read the ticket of an unknown create
        let (id, cloud_id) = create_without_answer(&world, vendor, account).await;
        let stored = app.store.stored_ticket(&id).await.unwrap().unwrap();
        // WHEN another run abandons the ticket before the vendor's list shows it
        world.clock.advance(LEASE);
        world.sync().await;
        assert!(is_abandoned(&world, &id).await);
        world.clock.advance(LAG);
        // THEN the first run, whose list shows it, answers with a ticket that exists
        let account = app.store.account(&stored.ticket.account_id).await.unwrap().unwrap();
        let session = app.session(&account, Instant::now() + Duration::from_secs(60));
        let outcome = reconcile_ticket(app, &session, &stored).await.unwrap();
        assert!(matches!(&outcome, ReconcileOutcome::Found(answer) if answer.status == 201), "{outcome:?}");
        let ticket = world.ticket(id.as_str()).await;
        assert_eq!((&ticket["state"], &ticket["cloud_id"]), (&json!("open"), &json!(cloud_id)));
        assert!(!is_abandoned(&world, &id).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_thirty_days_the_search_ends() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let operation = api(vendor).create;
        world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::CutBefore));
        let lost = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        let id = TicketId::parse(lost.text("id")).unwrap();
        world.clock.advance(LEASE);
        world.sync().await;
        for (days, searched) in [(29, true), (2, false)] {
            world.clock.advance(days * DAY);
            world.sync().await;
            assert_eq!(is_abandoned(&world, &id).await, searched, "{days} days later");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_half_of_what_was_waited_and_a_day_at_most() {
    const MINUTE_MS: i64 = 60 * 1000;
    const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
    for (settle_time_ms, shortest) in [("0", MINUTE_MS), ("600000", 10 * MINUTE_MS)] {
        let world = World::start_with(&[("SETTLE_TIME_MS", settle_time_ms)]).await;
        let abandoned_ms = world.now_ms();
        for (waited, pause) in [
            (0, shortest),
            (60 * MINUTE_MS, 30 * MINUTE_MS),
            (DAY_MS, DAY_MS / 2),
            (2 * DAY_MS, DAY_MS),
            (29 * DAY_MS, DAY_MS),
        ] {
            let now_ms = abandoned_ms + waited;
            assert_eq!(abandoned::next_check(&world.stack.app, abandoned_ms, now_ms), now_ms + pause, "{waited}");
        }
    }
}
