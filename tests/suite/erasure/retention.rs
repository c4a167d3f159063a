//! Tickets that are erased by themselves.

use serde_json::json;

use super::{SETTLE, closed, found};
use crate::support::{ApiEvent, DAY, World};

#[tokio::test(flavor = "multi_thread")]
async fn old_tickets_are_erased_young_and_held_ones_are_kept() {
    let (world, accounts) = World::ready_with(&[("RETENTION_DAYS", "30")]).await;
    let (old, _) = closed(&world, "ALIBABA", &accounts.alibaba, "old").await;
    let (held, _) = closed(&world, "ALIBABA", &accounts.alibaba, "held").await;
    world.call(ApiEvent::of("PUT /tickets/{id}/hold").id(&held)).await.expect(200);
    let (late, _) = world.create("HUAWEI", &accounts.huawei, "late").await;
    world.clock.advance(DAY * 20);
    // Created as long ago as the others, and closed later.
    world.call(ApiEvent::close(&late)).await.expect(200);
    let (young, _) = closed(&world, "HUAWEI", &accounts.huawei, "young").await;
    world.copy_files().await;
    assert_eq!(world.ticket(&old).await.get("erased"), None);

    world.clock.advance(DAY * 10 + SETTLE);
    world.copy_files().await;
    let now = world.around_now(&world.ticket(&old).await["erased"]["time"]);
    let erased = json!({"time": now, "reason": "It was closed more than 30 days ago.", "state": "pending"});
    assert_eq!(world.ticket(&old).await["erased"], erased);
    for kept in [&held, &late, &young] {
        assert_eq!(world.ticket(kept).await.get("erased"), None);
    }
    assert!(found(&world).await.iter().all(|place| !place.contains(&old)));
    world.clock.advance(SETTLE);
    world.copy_files().await;
    assert_eq!(world.ticket(&old).await["erased"]["state"], "done");

    // The search begins again, and finds those whose time is over by then.
    world.clock.advance(DAY * 31);
    world.copy_files().await;
    for (id, is_erased) in [(&held, false), (&late, true), (&young, true)] {
        assert_eq!(world.ticket(id).await.get("erased").is_some(), is_erased, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_erased_by_itself_without_the_parameter() {
    let (world, accounts) = World::ready().await;
    let (id, _) = closed(&world, "HUAWEI", &accounts.huawei, "k1").await;
    let texts = found(&world).await;
    world.clock.advance(DAY * 4_000);
    world.copy_files().await;
    assert_eq!(world.ticket(&id).await.get("erased"), None);
    assert_eq!(found(&world).await.len(), texts.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_goes_on_where_it_stopped() {
    let (world, accounts) = World::ready().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let (id, _) = world.create("HUAWEI", &accounts.huawei, &format!("k{number}")).await;
        world.call(ApiEvent::close(&id)).await.expect(200);
        world.clock.advance(std::time::Duration::from_secs(1));
        ids.push(id);
    }
    let (store, before) = (&world.stack.app.store, world.now_ms());
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let (found, next) = store.tickets_closed_before(before, after.as_deref(), 2).await.unwrap();
        assert!(found.len() <= 2);
        seen.extend(found.into_iter().map(|id| id.to_string()));
        after = next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);
}
