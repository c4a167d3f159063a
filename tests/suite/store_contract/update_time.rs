//! `update_time` of a ticket: when something of it that readers see was last changed.

use shared::{
    domain::{CloseError, Phase, Ticket},
    problem_code::ProblemCode,
    store::{CloseReason, Recount, Store},
};

use super::{
    NOW_MS, UNTIL_MS, archive, begin, commit, contents, lease, open, opened, owner, seed, store, ticket, ticket_id,
};
use crate::support::World;

async fn update_time(store: &Store, id: &str) -> Option<i64> {
    store.ticket(&ticket_id(id)).await.unwrap().unwrap().update_time
}

/// The write was made at this moment by the world's clock.
async fn assert_is_now(world: &World, before_ms: i64, what: &str) {
    let found = update_time(store(world), "T1").await.unwrap();
    assert!((before_ms..=world.now_ms()).contains(&found), "{what}: {found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_move_of_a_ticket_changes_it() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    assert_eq!(update_time(store, "T1").await, Some(NOW_MS));
    store.mark_unknown(&wanted.id, NOW_MS + 1).await.unwrap();
    assert_eq!(update_time(store, "T1").await, Some(NOW_MS + 1));
    let before_ms = world.now_ms();
    assert!(store.mark_indeterminate(&wanted, NOW_MS).await.unwrap());
    assert_is_now(&world, before_ms, "indeterminate").await;
    commit(store, &opened(&wanted, "C1")).await;
    assert_eq!(update_time(store, "T1").await, Some(NOW_MS), "as the commit says");
    let asked = Some(CloseReason::Asked);
    store.start_close(&wanted.id, asked, NOW_MS + 3, &lease(UNTIL_MS)).await.unwrap();
    assert_eq!(update_time(store, "T1").await, Some(NOW_MS + 3));
    let before_ms = world.now_ms();
    assert!(store.abort_close(&wanted.id, &lease(UNTIL_MS), CloseReason::Asked, None).await.unwrap());
    assert_is_now(&world, before_ms, "reopened").await;
    store.start_close(&wanted.id, asked, NOW_MS + 4, &lease(UNTIL_MS)).await.unwrap();
    let closed = store.commit_closed(&archive(&opened(&wanted, "C1"), NOW_MS + 9, 1, "d")).await.unwrap();
    assert_eq!(closed.update_time, Some(NOW_MS + 9));
    assert_eq!(closed.resolution_ms, Some(9), "nothing earlier is known than the close");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_ticket_is_new_whenever_it_was_created() {
    let world = World::start().await;
    seed(store(&world)).await;
    let before_ms = world.now_ms();
    let adopted = Ticket { adopted: true, ..opened(&ticket("T1", NOW_MS), "C1") };
    assert!(store(&world).adopt_ticket(&owner(), &adopted).await.unwrap());
    assert_is_now(&world, before_ms, "adopted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_and_a_new_reason_change_it_and_a_lease_does_not() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    let before_ms = world.now_ms();
    store.set_vendor_status(&open.id, None, "17", Phase::Processing).await.unwrap();
    assert_is_now(&world, before_ms, "status").await;
    let status = update_time(store, "T1").await;
    store.set_vendor_status(&open.id, Some("16"), "18", Phase::Processing).await.unwrap();
    assert_eq!(update_time(store, "T1").await, status, "another run wrote the status");
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let release = async |now_ms, detail: Option<&str>| {
        let error = detail.map(|detail| CloseError { code: ProblemCode::VendorUnavailable, detail: detail.into() });
        store.release_close(&open.id, now_ms, &lease(UNTIL_MS), error.as_ref()).await.unwrap();
        let found = update_time(store, "T1").await;
        store.start_close(&open.id, None, now_ms, &lease(UNTIL_MS)).await.unwrap();
        assert_eq!(update_time(store, "T1").await, found, "continued at {now_ms}");
        found
    };
    assert_eq!(release(NOW_MS + 1, None).await, Some(NOW_MS));
    assert_eq!(release(NOW_MS + 2, Some("down")).await, Some(NOW_MS + 2));
    assert_eq!(release(NOW_MS + 3, Some("down")).await, Some(NOW_MS + 2), "the same reason again");
    assert_eq!(release(NOW_MS + 4, Some("busy")).await, Some(NOW_MS + 4));
    let shown = store.ticket(&open.id).await.unwrap().unwrap().close_error.unwrap();
    assert_eq!(shown.detail, "busy");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_changes_it_where_it_found_messages() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let open = open(store, &ticket("T1", NOW_MS), "C1").await;
    store.start_close(&open.id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let commit = shared::store::ArchiveCommit { recheck_ms: Some(NOW_MS), ..archive(&open, NOW_MS + 1, 1, "d1") };
    let closed: Ticket = store.commit_closed(&commit).await.unwrap();
    let recheck = async || store.start_recheck(&open.id, NOW_MS + 2, &lease(UNTIL_MS + 5)).await.unwrap();
    assert!(recheck().await.is_some());
    store.postpone_recheck(&open.id, NOW_MS, &lease(UNTIL_MS + 5)).await.unwrap();
    assert_eq!(update_time(store, "T1").await, Some(NOW_MS + 1));
    assert!(recheck().await.is_some());
    let before_ms = world.now_ms();
    let recount = Recount {
        ticket: &closed,
        lease: &lease(UNTIL_MS + 5),
        contents: contents(2, "d2"),
        shown_count: None,
        times: closed.times,
        next_ms: None,
    };
    assert!(store.commit_recount(&recount).await.unwrap());
    assert_is_now(&world, before_ms, "recounted").await;
}
