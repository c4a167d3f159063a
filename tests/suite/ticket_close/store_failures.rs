//! The table does not take the messages of a conversation.

use serde_json::json;

use crate::support::{ApiEvent, World};

use super::support_says;

/// What writes messages.
const MESSAGES: &str = "ConditionCheck+Put";

#[tokio::test(flavor = "multi_thread")]
async fn a_close_goes_on_at_once_when_the_table_takes_messages_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        for reason in ["ThrottlingError", "TransactionConflict"] {
            let (id, cloud_id) = world.create(vendor, account, reason).await;
            support_says(&world, vendor, &cloud_id, "您好 👋");
            world.aws_calls.cancel(MESSAGES, Some(reason));
            let stopped = world.call(ApiEvent::close(&id)).await.expect(202);
            assert_eq!((&stopped.body["state"], &stopped.body["close_error"]), (&json!("closing"), &json!(null)));
            world.aws_calls.cancel(MESSAGES, None);
            // Its lease is free, though a write was not answered well.
            let closed = world.call(ApiEvent::close(&id)).await.expect(200);
            assert_eq!(closed.body["message_count"], world.vendor_conversation(vendor, &cloud_id).len());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_table_refuses_is_a_defect() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "您好 👋");
        world.aws_calls.cancel(MESSAGES, Some("ValidationError"));
        let calls = world.aws_calls.to_table();
        world.call(ApiEvent::close(&id)).await.expect_problem(500, "store_refused");
        assert!(world.aws_calls.to_table() - calls < 9, "it is not repeated");
        world.aws_calls.cancel(MESSAGES, None);
        world.call(ApiEvent::close(&id)).await.expect(200);
    }
}
