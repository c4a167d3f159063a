//! Replies that cross each other, and functions that are cut off during a reply.

use futures_util::future::join_all;
use serde_json::{Value, json};
use shared::{
    domain::{AccountId, Reply, ReplyId, ReplyState, TicketId},
    store::{IdempotencyRecord, IntentWrite, Lease, StoredReply},
};
use simulators::{Fault, FaultRule};

use super::{TEXT, expect_first, expect_replayed, fault, pending, reply, written};
use crate::support::{ApiEvent, LEASE, NO_SETTLE_TIME, World, api, until};

/// Waits until the vendor has a reply.
async fn taken(world: &World, vendor: &str, cloud_id: &str) {
    until("the reply at the vendor", || !written(world, vendor, cloud_id).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_retries_of_a_lost_one_at_once_send_it_once() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &key, TEXT)).await.expect(202);
        world.clock.advance(LEASE);
        let retries = join_all((0..12).map(|_| world.call(reply(&id, &key, TEXT))));
        let runs = join_all((0..3).map(|_| world.sync()));
        let (answers, _) = tokio::join!(retries, runs);
        // None, where a run of the sync freed the key while all of them were reading.
        assert!(written(&world, vendor, &cloud_id).len() <= 1);
        for answer in answers {
            let running = answer.status == 409 && answer.text("code") == "idempotency_key_in_use";
            assert!(answer.status == 201 || running, "{answer}");
        }
        world.call(reply(&id, &key, TEXT)).await.expect(201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_reply_sent_during_a_read_does_not_hide_the_first() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let (first, second) = (format!("{vendor}-r1"), format!("{vendor}-r2"));
        fault(&world, vendor, 1, Fault::CutAfter);
        world.call(reply(&id, &first, TEXT)).await.expect(202);
        // The vendor shows the one message, takes the other, and only then its answer to the read arrives.
        let last_call = api(vendor).last_messages;
        let reads = world.simulated(vendor).count(last_call);
        world.simulated(vendor).fault(FaultRule::times(last_call, 1, Fault::Delay { ms: 500 }));
        let crossing = async {
            until("the read of the messages", || world.simulated(vendor).count(last_call) > reads).await;
            world.call(reply(&id, &second, TEXT)).await.expect(201);
        };
        let (read, ()) = tokio::join!(world.call(reply(&id, &first, TEXT)), crossing);
        assert!(matches!(read.status, 201 | 202), "{read}");
        world.call(reply(&id, &first, TEXT)).await.expect(201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT, TEXT], "{vendor}");
        assert_eq!(pending(&world, &id).await, Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_reply_sent_during_a_read_is_not_matched_with_the_lost_one() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let (first, second) = (format!("{vendor}-r1"), format!("{vendor}-r2"));
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &first, TEXT)).await.expect(202);
        fault(&world, vendor, 1, Fault::Delay { ms: 500 });
        let sends = world.call(reply(&id, &second, TEXT));
        let retries = async {
            taken(&world, vendor, &cloud_id).await;
            world.call(reply(&id, &first, TEXT)).await
        };
        let (sent, retried) = tokio::join!(sends, retries);
        sent.expect(201);
        retried.expect(202);
        assert_eq!(pending(&world, &id).await[0]["state"], "unknown");
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

/// What a function leaves that was cut off while it sent the text.
async fn cut_off(world: &World, account: &str, ticket: &str, id: &str, content: &str, lease_until: i64) {
    let now_ms = world.now_ms();
    let reply = Reply {
        id: ReplyId::parse(id).unwrap(),
        ticket_id: TicketId::parse(ticket).unwrap(),
        state: ReplyState::Sending,
        content: content.into(),
        create_time: now_ms - 30_000,
        message_id: None,
        reopening: false,
        created_by: None,
        resolved_by: None,
        candidates: Vec::new(),
    };
    let idempotency_hash = format!("hash of {id}");
    let record = IdempotencyRecord {
        hash: idempotency_hash.clone(),
        request_hash: "request".into(),
        subject: id.into(),
        lease: Lease { token: format!("token of {id}"), until_ms: lease_until },
        answer: None,
        expires_at: IdempotencyRecord::unanswered_expiry(now_ms),
    };
    let account_id = AccountId::parse(account).unwrap();
    let stored = StoredReply { reply, account_id, undoes_close: None, idempotency_hash, lease: record.lease.clone() };
    let written = world.stack.app.store.begin_reply(&stored, &record, now_ms).await.unwrap();
    assert_eq!(written, IntentWrite::Written);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_was_cut_off_is_picked_up_once_its_lease_is_over() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        world.clock.advance(LEASE);
        let now_ms = world.now_ms();
        for (number, text, lease_until) in
            [(1, "在路上", now_ms + 60_000), (2, "到了", now_ms - 1), (3, "没到", now_ms - 1)]
        {
            let reply = format!("{}{number}", &id[..25]);
            cut_off(&world, account, &id, &reply, text, lease_until).await;
        }
        world.simulated(vendor).customer_writes(&cloud_id, "到了", now_ms - 20_000);
        // The message is found to be the second's before the third is known to be absent.
        world.sync().await;
        world.sync().await;
        let pending = pending(&world, &id).await;
        let texts: Vec<_> = pending.as_array().unwrap().iter().map(|reply| &reply["content"]).collect();
        assert_eq!(texts, [&json!("在路上")]);
        assert_eq!(pending[0]["state"], "sending");
        assert_eq!(written(&world, vendor, &cloud_id), ["到了"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_reconciles_a_reply_that_was_cut_off_once_its_lease_is_over() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::AcceptThenHang);
        tokio::select! {
            answer = world.call(reply(&id, &key, TEXT)) => panic!("it was to be cut off: {answer}"),
            () = taken(&world, vendor, &cloud_id) => {}
        }
        let running = world.call(reply(&id, &key, TEXT)).await;
        running.expect_problem(409, "idempotency_key_in_use");
        world.clock.advance(LEASE);
        let failing_read = FaultRule::always(api(vendor).messages, Fault::Status { code: 503 });
        world.simulated(vendor).fault(failing_read);
        let unknown = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 202);
        assert_eq!(unknown.text("state"), "unknown");
        world.simulated(vendor).no_faults();
        let found = expect_replayed(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!(found.text("state"), "sent");
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_reply_of_a_removed_account_is_indeterminate() {
    let (world, accounts) = World::ready_with(&NO_SETTLE_TIME).await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        fault(&world, vendor, 1, Fault::CutBefore);
        world.call(reply(&id, &format!("{vendor}-r1"), TEXT)).await.expect(202);
        world.clock.advance(LEASE);
        world.call(ApiEvent::close(&id)).await.expect(200);
        world.clock.advance(LEASE);
        let delete = ApiEvent::of("DELETE /accounts/{id}").id(account);
        world.call(delete).await.expect_problem(409, "account_has_due_work");
        // Somebody removes the account's item by hand.
        world.delete_item(&format!("ACCOUNT#{account}"), "ACCOUNT").await;
        for _ in 0..2 {
            world.sync().await;
            assert_eq!(pending(&world, &id).await[0]["state"], "indeterminate");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_reconciled_before_its_own_answer_came_is_sent_too() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        fault(&world, vendor, 1, Fault::Delay { ms: 1_000 });
        let sends = world.call(reply(&id, &key, TEXT));
        let retries = async {
            taken(&world, vendor, &cloud_id).await;
            // Somebody takes it for lost.
            let (store, ticket) = (&world.stack.app.store, TicketId::parse(&*id).unwrap());
            let sending = store.replies(&ticket).await.unwrap().remove(0).reply.id;
            store.mark_reply_unknown(&ticket, &sending, world.now_ms()).await.unwrap();
            world.call(reply(&id, &key, TEXT)).await
        };
        let (sent, retried) = tokio::join!(sends, retries);
        let (sent, retried) = (expect_first(sent, 201), expect_replayed(retried, 201));
        assert_eq!((sent.text("state"), retried.text("state")), ("sent".into(), "sent".into()));
        assert_eq!(sent.body["id"], retried.body["id"]);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}
