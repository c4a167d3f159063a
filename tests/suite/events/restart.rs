//! A stack that is stopped with changes that are not published yet.

use local::events::PutEventsFailure;

use super::{WHOLE_LIFE, close, published, published_by_ticket};
use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_goes_on_where_it_was_after_a_restart() {
    let folder = std::env::temp_dir().join(format!("polydesk-events-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let db = folder.join("polydesk.db");
    // GIVEN a ticket whose events are published, and one whose events are not
    let world = World::start_in(db.clone()).await;
    let accounts = world.register_accounts().await;
    let (first, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.stack.stream.wait_until_idle().await;
    world.stack.events.fail(Some(PutEventsFailure::Entries));
    let (second, _) = world.create("ALIBABA", &accounts.alibaba, "k2").await;
    assert!(published_by_ticket(&world).contains_key(&first));
    world.stack.stop().await.unwrap();
    // WHEN the stack starts again
    let world = World::start_in(db).await;
    close(&world, &second).await;
    world.stack.stream.wait_until_idle().await;
    // THEN all events of the second are published, and those of the first not again
    let by_ticket = published_by_ticket(&world);
    assert_eq!(by_ticket[&second], WHOLE_LIFE);
    assert_eq!(published(&world).len(), by_ticket[&second].len());
    world.stack.stop().await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
