//! Creates without an answer: found by their marker, abandoned when they never arrived, left unknown otherwise.

use std::time::Duration;

use serde_json::json;
use shared::{
    domain::{Ticket, TicketId, TicketState},
    store::{IdempotencyRecord, IntentWrite, Lease},
};
use simulators::{Fault, FaultRule};

use super::{expect_removable, show, unknown};
use crate::support::{ApiEvent, DAY, LEASE, NO_SETTLE_TIME, REFUSED_KEYS_PAUSE, World, api, cases};

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_was_taken_is_open_after_one_run() {
    let (world, accounts) = World::ready().await;
    let mut ids = Vec::new();
    for (vendor, account) in accounts.both() {
        ids.push((vendor, account, unknown(&world, vendor, account, "k1", Fault::CutAfter).await));
    }
    world.sync().await;
    for (vendor, account, id) in cases(ids) {
        let shown = world.ticket(&id).await;
        let [ticket] = world.simulated(vendor).tickets().try_into().unwrap();
        assert_eq!((&shown["state"], &shown["cloud_id"]), (&json!("open"), &json!(ticket.id)));
        let calls = world.vendor_calls();
        let again = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!((&again.body["id"], &again.body["cloud_id"]), (&json!(id), &json!(ticket.id)));
        assert_eq!(world.vendor_calls(), calls, "the vendor was asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_never_came_is_removed_by_one_run_after_the_settle_time() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let id = unknown(&world, vendor, account, "k1", Fault::CutBefore).await;
        // The call may still be under way, and then no longer.
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        world.clock.advance(LEASE);
        world.sync().await;
        world.call(show(&id)).await.expect_problem(404, "ticket_not_found");
        let created = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(created.header("idempotency-replayed"), None);
        assert_ne!(created.body["id"], id.as_str());
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_create_holds_its_account_while_it_is_searched_for() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        unknown(&world, vendor, account, "k1", Fault::CutBefore).await;
        world.clock.advance(LEASE);
        world.sync().await;
        let delete = ApiEvent::of("DELETE /accounts/{id}").id(account);
        world.call(delete).await.expect_problem(409, "account_has_due_work");
        world.clock.advance(DAY * 31);
        world.sync().await;
        expect_removable(&world, account).await;
        // Nothing is left of it, and later runs have nothing to do.
        let calls = world.vendor_calls();
        world.sync().await;
        assert_eq!(world.vendor_calls(), calls);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_settle_time_it_stays() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = unknown(&world, vendor, account, "k1", Fault::CutBefore).await;
        for _ in 0..3 {
            world.sync().await;
        }
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        let again = world.call(world.create_event(vendor, account, "k1")).await.expect(202);
        assert_eq!(again.body["id"], id.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_search_leaves_the_create_unknown() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let id = unknown(&world, vendor, account, "k1", Fault::CutBefore).await;
        world.clock.advance(LEASE);
        for failure in [
            Fault::Status { code: 503 },
            Fault::Status { code: 500 },
            Fault::Throttle { retry_after_ms: None },
            api(vendor).keys_refused(),
            Fault::CutAfter,
            Fault::Html,
            Fault::WrongShape,
        ] {
            let name = format!("{vendor} {failure:?}");
            world.simulated(vendor).fault(FaultRule::always(api(vendor).list, failure));
            world.sync_within(Duration::from_secs(9)).await;
            assert_eq!(world.ticket(&id).await["state"], "unknown", "{name}");
            world.simulated(vendor).no_faults();
            world.clock.advance(REFUSED_KEYS_PAUSE);
        }
        world.sync().await;
        world.call(show(&id)).await.expect_problem(404, "ticket_not_found");
    }
}

/// What a function leaves that was cut off right after it wrote the intent.
async fn cut_off(world: &World, vendor: &str, account: &str, id: &str, lease_until: i64) -> TicketId {
    let mut ticket = world.ticket_body(vendor, account);
    for (name, value) in [
        ("id", json!(id)),
        ("status", json!(1)),
        ("state", json!("creating")),
        ("type", json!(vendor)),
        ("severity", json!("normal")),
        ("create_time", json!(world.now_ms() - 60_000)),
    ] {
        ticket[name] = value;
    }
    let ticket: Ticket = serde_json::from_value(ticket).unwrap();
    assert_eq!(ticket.state, TicketState::Creating);
    let record = IdempotencyRecord {
        hash: format!("hash of {id}"),
        request_hash: "request".into(),
        subject: id.into(),
        lease: Lease { token: format!("token of {id}"), until_ms: lease_until },
        answer: None,
        expires_at: IdempotencyRecord::unanswered_expiry(world.now_ms()),
    };
    let written = world.stack.app.store.begin_ticket(&ticket, &record, world.now_ms()).await.unwrap();
    assert_eq!(written, IntentWrite::Written);
    ticket.id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_was_cut_off_is_picked_up_once_its_lease_is_over() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let last = &vendor[..1];
        let ids = ["0", "1", "2"].map(|number| format!("01JD2Y5T9V7Z3M6Q8R4S0X1W{number}{last}"));
        let [under_way, arrived, lost] = ids.each_ref();
        let now_ms = world.now_ms();
        cut_off(&world, vendor, account, under_way, now_ms + 60_000).await;
        cut_off(&world, vendor, account, arrived, now_ms - 1).await;
        cut_off(&world, vendor, account, lost, now_ms - 1).await;
        let cloud_id = world.open_in_console(vendor, "t", &format!("描述\n\nref {arrived}"), now_ms - 30_000);
        world.sync().await;
        assert_eq!(world.ticket(under_way).await["state"], "creating");
        let found = world.ticket(arrived).await;
        assert_eq!((&found["state"], &found["cloud_id"]), (&json!("open"), &json!(cloud_id)));
        world.call(show(lost)).await.expect_problem(404, "ticket_not_found");
    }
}
