//! A bus that takes nothing, or not all, for a while: nothing is lost, and a ticket's events stay in order.

use local::events::PutEventsFailure;

use super::{WHOLE_LIFE, close, published, published_by_ticket};
use crate::support::{World, until};

/// Whether the bus was called since this was last asked for.
fn bus_was_called(world: &World) -> bool {
    world.aws_calls.take().iter().any(|call| call == "AWSEvents.PutEvents")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_is_down_for_a_while_loses_nothing() {
    for failure in [PutEventsFailure::Call, PutEventsFailure::Entries] {
        let (world, accounts) = World::ready().await;
        world.stack.stream.wait_until_idle().await;
        let before = published(&world).len();
        // GIVEN a bus that is down while tickets are created and closed
        world.stack.events.fail(Some(failure.clone()));
        let mut expected = Vec::new();
        for (vendor, account) in accounts.both() {
            let (id, _) = world.create(vendor, account, "k1").await;
            close(&world, &id).await;
            expected.push((id, WHOLE_LIFE.map(str::to_owned).to_vec()));
        }
        bus_was_called(&world);
        until("a call of the bus", || bus_was_called(&world)).await;
        assert_eq!(published(&world).len(), before, "{failure:?}");
        // WHEN it works again
        world.stack.events.fail(None);
        world.stack.stream.wait_until_idle().await;
        // THEN all is published
        let published = published_by_ticket(&world);
        assert_eq!(published, expected.into_iter().collect(), "{failure:?}");
        assert_eq!(world.stack.dead_letters.messages(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_event_is_never_overtaken_by_a_later_one_of_its_ticket() {
    let (world, accounts) = World::ready().await;
    world.stack.stream.wait_until_idle().await;
    // GIVEN the whole life of a ticket in the stream, and a bus that refuses its first event only
    let paused = world.stack.stream.pause().await;
    let (id, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    close(&world, &id).await;
    world.stack.events.fail(Some(PutEventsFailure::EntriesWith(r#""state":"open""#.into())));
    bus_was_called(&world);
    drop(paused);
    until("a call of the bus", || bus_was_called(&world)).await;
    until("another", || bus_was_called(&world)).await;
    assert_eq!(published_by_ticket(&world).get(&id), None);
    world.stack.events.fail(None);
    world.stack.stream.wait_until_idle().await;
    assert_eq!(published_by_ticket(&world)[&id], WHOLE_LIFE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_beside_a_refused_event_comes_again_and_nothing_after_it() {
    let (world, accounts) = World::ready().await;
    world.stack.stream.wait_until_idle().await;
    // GIVEN the whole lives of two tickets in the stream, and a bus that refuses the first one's events
    let paused = world.stack.stream.pause().await;
    let (refused, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let (taken, _) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    close(&world, &refused).await;
    close(&world, &taken).await;
    world.stack.events.fail(Some(PutEventsFailure::EntriesWith(refused.clone())));
    drop(paused);
    // WHEN the other one's first event has come through, more than once
    let of_taken = || published(&world).iter().filter(|(_, d)| d["ticket_id"] == taken.as_str()).count();
    until("an event of the other ticket", || of_taken() >= 2).await;
    // THEN it waits there: it is in the same call as the one that is refused
    let published = published_by_ticket(&world);
    assert_eq!(published.get(&refused), None);
    assert_eq!(published[&taken], ["TicketCreated open"]);
    world.stack.events.fail(None);
    world.stack.stream.wait_until_idle().await;
    let published = published_by_ticket(&world);
    assert_eq!(published[&refused], WHOLE_LIFE);
    assert_eq!(published[&taken], WHOLE_LIFE);
}
