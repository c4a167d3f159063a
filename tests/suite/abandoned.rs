//! Tickets that were given up and turn up at the vendor after all: late, never lost.

use std::time::Duration;

use serde_json::{Value, json};
use shared::{domain::TicketId, workflow::abandoned};
use simulators::{Fault, FaultRule};

use crate::support::{Event, World, create_operation, list_operation};

const AT_ONCE: [(&str, &str); 1] = [("SETTLE_TIME_MS", "0")];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long the vendor's list lags in these tests.
const LAG: Duration = Duration::from_millis(1_500);

fn create(world: &World, vendor: &str, account: &str) -> Event {
    Event::of("POST /tickets").key(&format!("{vendor}-k1")).body(world.ticket_body(vendor, account))
}

/// A ticket whose answer is lost, which the vendor's list shows only later, and which a run gives up; its id here and there.
async fn given_up(world: &World, vendor: &str, account: &str) -> (TicketId, String) {
    let operation = create_operation(vendor);
    let simulated = world.simulated(vendor);
    let lag_ms = u64::try_from(LAG.as_millis()).unwrap();
    simulated.fault(FaultRule::times(operation, 1, Fault::ListLag { ms: lag_ms }));
    simulated.fault(FaultRule::times(operation, 1, Fault::CutAfter));
    let id = world.call(create(world, vendor, account)).await.expect(202).text("id");
    world.end_leases().await;
    world.sync().await;
    world.call(Event::of("GET /tickets/{id}").id(&id)).await.expect_problem(404, "ticket_not_found");
    (TicketId::parse(id).unwrap(), simulated.tickets().last().unwrap().id.clone())
}

/// Makes the next look for it due now.
async fn look_now(world: &World, id: &TicketId) {
    world.stack.app.store.postpone_abandoned_ticket(id, world.now_ms() - 1).await.unwrap();
    world.sync().await;
}

async fn is_late(world: &World, id: &TicketId) -> bool {
    world.stack.app.store.abandoned_ticket(id).await.unwrap().is_some()
}

async fn count(world: &World, account: &str) -> usize {
    world.all(|| Event::of("GET /tickets"), &format!("&custom_id={account}"), 100).await.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_turns_up_late_comes_back_under_its_own_id() {
    for adopting in [false, true] {
        let (world, accounts) = World::ready_with(&AT_ONCE).await;
        for (vendor, account) in accounts.both() {
            let body = json!({"adopt_console_tickets": adopting});
            world.call(Event::of("PATCH /accounts/{id}").id(account).body(body)).await.expect(200);
            let (id, cloud_id) = given_up(&world, vendor, account).await;
            // Its key is free: the caller goes on with another ticket.
            let second = world.call(create(&world, vendor, account)).await.expect(201);
            assert_eq!(second.header("idempotency-replayed"), None);
            // Not due yet, and then not there yet.
            world.sync().await;
            look_now(&world, &id).await;
            assert_eq!(count(&world, account).await, 1);

            tokio::time::sleep(LAG).await;
            look_now(&world, &id).await;
            let ticket = world.ticket(id.as_str()).await;
            assert_eq!((&ticket["state"], &ticket["cloud_id"]), (&json!("open"), &json!(cloud_id)));
            assert_eq!((&ticket["adopted"], &ticket["custom_id"]), (&Value::Null, &json!(account)));
            assert!(!is_late(&world, &id).await);
            world.sync().await;
            assert_eq!(count(&world, account).await, 2);
            // Both count, and both can be closed.
            let delete = || Event::of("DELETE /accounts/{id}").id(account);
            for id in [id.to_string(), second.text("id")] {
                world.call(delete()).await.expect_problem(409, "account_has_open_tickets");
                world.call(Event::of("POST /tickets/{id}/close").id(&id)).await.expect(200);
            }
            world.call(delete()).await.expect(204);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pauses_between_looks_are_kept() {
    let (world, accounts) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = given_up(&world, vendor, account).await;
        let simulated = world.simulated(vendor);
        for _ in 0..2 {
            let before = simulated.count(list_operation(vendor));
            world.sync().await;
            assert_eq!(simulated.count(list_operation(vendor)), before, "looked for before its time");
            look_now(&world, &id).await;
            assert_eq!(simulated.count(list_operation(vendor)), before + 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_look_comes_again_with_the_next_run() {
    let (world, accounts) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = given_up(&world, vendor, account).await;
        tokio::time::sleep(LAG).await;
        let simulated = world.simulated(vendor);
        simulated.fault(FaultRule::always(list_operation(vendor), Fault::Status { code: 503 }));
        look_now(&world, &id).await;
        assert!(is_late(&world, &id).await);
        simulated.no_faults();
        world.sync().await;
        assert_eq!(world.ticket(id.as_str()).await["cloud_id"], cloud_id.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_take_it_in_once() {
    let (world, accounts) = World::ready_with(&AT_ONCE).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = given_up(&world, vendor, account).await;
        tokio::time::sleep(LAG).await;
        world.stack.app.store.postpone_abandoned_ticket(&id, world.now_ms() - 1).await.unwrap();
        futures_util::future::join_all((0..5).map(|_| world.sync())).await;
        assert_eq!(world.ticket(id.as_str()).await["state"], "open");
        assert_eq!(count(&world, account).await, 1);
        world.call(Event::of("POST /tickets/{id}/close").id(id.as_str())).await.expect(200);
        world.call(Event::of("DELETE /accounts/{id}").id(account)).await.expect(204);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_thirty_days_the_search_ends() {
    let (world, accounts) = World::ready_with(&AT_ONCE).await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        for (key, days, searched) in [("29", 29, true), ("31", 31, false)] {
            let operation = create_operation(vendor);
            world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::CutBefore));
            let event = create(&world, vendor, account).key(&format!("{vendor}-{key}"));
            let id = TicketId::parse(world.call(event).await.expect(202).text("id")).unwrap();
            let stored = store.stored_ticket(&id).await.unwrap().unwrap();
            let now_ms = world.now_ms();
            assert!(store.abandon_ticket(&stored, now_ms - days * DAY_MS, now_ms - 1).await.unwrap());
            world.sync().await;
            assert_eq!(is_late(&world, &id).await, searched, "{days} days");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_half_of_what_was_waited_and_a_day_at_most() {
    const MINUTE_MS: i64 = 60 * 1000;
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
            assert_eq!(
                abandoned::next_check(&world.stack.app, abandoned_ms, now_ms),
                now_ms + pause,
                "{waited}"
            );
        }
    }
}
