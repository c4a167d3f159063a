//! Replies: written with their key and an open ticket or not at all, with one outcome.

use shared::{
    domain::{Reply, ReplyId, ReplyState, TicketState},
    store::{CloseReason, DueWork, IdempotencyRecord, IntentWrite, KeyAcquisition, RemovalStart, Store, StoredReply},
};

use super::{
    ACCOUNT, LEASE_MS, NOW_MS, UNTIL_MS, account_id, answer, begin, close, lease, open, record, record_at, seed, store,
    ticket, ticket_id, world_with_open_ticket,
};
use crate::support::{World, without_next_copy};

/// A reply to T1 that begins now, under a key named like it.
fn reply(id: &str) -> StoredReply {
    let reply = Reply {
        id: ReplyId::parse(id).unwrap(),
        ticket_id: ticket_id("T1"),
        state: ReplyState::Sending,
        content: "好的 👌\n谢谢".into(),
        create_time: NOW_MS,
        message_id: None,
        reopening: false,
        created_by: None,
        resolved_by: None,
        candidates: Vec::new(),
    };
    StoredReply {
        reply,
        account_id: account_id(ACCOUNT),
        undoes_close: None,
        idempotency_hash: format!("hash of {id}"),
        lease: record("", id).lease,
    }
}

fn key_of(reply: &StoredReply) -> IdempotencyRecord {
    record(&reply.idempotency_hash, reply.reply.id.as_str())
}

async fn write(store: &Store, reply: &StoredReply) -> IntentWrite {
    store.begin_reply(reply, &key_of(reply), NOW_MS).await.unwrap()
}

async fn read(store: &Store, id: &str) -> Option<StoredReply> {
    store.reply(&ticket_id("T1"), &ReplyId::parse(id).unwrap()).await.unwrap()
}

async fn state(store: &Store, id: &str) -> Option<ReplyState> {
    read(store, id).await.map(|stored| stored.reply.state)
}

fn due(id: &str) -> DueWork {
    DueWork::ReconcileReply(ticket_id("T1"), ReplyId::parse(id).unwrap())
}

async fn due_at(store: &Store, now_ms: i64) -> Vec<DueWork> {
    store.due_work(now_ms).await.unwrap().at_vendors.into_iter().map(|(_, work)| work).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_written_with_its_record_and_due_after_its_lease() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let wanted = reply("R1");
    // The very same write counts as the first.
    for _ in 0..2 {
        assert_eq!(write(store, &wanted).await, IntentWrite::Written);
    }
    assert_eq!(read(store, "R1").await, Some(wanted.clone()));
    assert_eq!(store.record("hash of R1", NOW_MS).await.unwrap(), Some(key_of(&wanted)));
    assert_eq!(due_at(store, NOW_MS + LEASE_MS - 1).await, []);
    assert_eq!(due_at(store, NOW_MS + LEASE_MS).await, [due("R1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_key_gives_its_record_and_writes_no_second_reply() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let first = reply("R1");
    write(store, &first).await;
    let before = world.table().await;
    let second = StoredReply { idempotency_hash: first.idempotency_hash.clone(), ..reply("R2") };
    let again = store.begin_reply(&second, &record(&first.idempotency_hash, "R2"), NOW_MS).await.unwrap();
    assert_eq!(again, IntentWrite::KeyTaken(key_of(&first)));
    assert_eq!(world.table().await, before);
    // Its record is given even when the ticket takes no replies any more.
    store.start_close(&ticket_id("T1"), Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    let again = store.begin_reply(&second, &record(&first.idempotency_hash, "R2"), NOW_MS).await.unwrap();
    assert_eq!(again, IntentWrite::KeyTaken(key_of(&first)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_ticket_takes_replies() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    let refused = async |wanted: Option<TicketState>| {
        let now = store.ticket(&ticket_id("T1")).await.unwrap().map(|ticket| ticket.state);
        assert_eq!(now, wanted);
        let before = world.table().await;
        assert_eq!(write(store, &reply("R1")).await, IntentWrite::Refused);
        assert_eq!(world.table().await, before);
    };
    refused(None).await;
    let wanted = ticket("T1", NOW_MS);
    begin(store, &wanted).await;
    refused(Some(TicketState::Creating)).await;
    store.mark_unknown(&wanted.id, NOW_MS).await.unwrap();
    refused(Some(TicketState::Unknown)).await;
    let open = super::opened(&wanted, "C1");
    super::commit(store, &open).await;
    store.start_close(&wanted.id, Some(CloseReason::Ended), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    refused(Some(TicketState::Closing)).await;
    store.abort_close(&wanted.id, &lease(UNTIL_MS), CloseReason::Ended, None).await.unwrap();
    close(store, &open).await;
    refused(Some(TicketState::Closed)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sent_reply_is_committed_once_with_its_answer() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    for (id, unknown, message_id) in [("R1", false, Some("m1")), ("R2", true, None)] {
        let wanted = reply(id);
        write(store, &wanted).await;
        if unknown {
            store.mark_reply_unknown(&ticket_id("T1"), &wanted.reply.id, NOW_MS + 1).await.unwrap();
        }
        assert!(store.commit_sent(&wanted, message_id, None, &answer("first"), NOW_MS).await.unwrap());
        let after = world.table().await;
        assert!(!store.commit_sent(&wanted, Some("m9"), None, &answer("second"), NOW_MS).await.unwrap());
        assert!(!store.remove_reply(&wanted).await.unwrap());
        store.mark_reply_unknown(&ticket_id("T1"), &wanted.reply.id, NOW_MS + 2).await.unwrap();
        store.mark_reply_indeterminate(&ticket_id("T1"), &wanted.reply.id, &[]).await.unwrap();
        assert_eq!(world.table().await, after);
        let stored = read(store, id).await.unwrap().reply;
        assert_eq!((stored.state, stored.message_id.as_deref()), (ReplyState::Sent, message_id));
        let again = store.begin(&record_at(&wanted.idempotency_hash, "S", NOW_MS), NOW_MS).await.unwrap();
        assert_eq!(again, KeyAcquisition::Replay(answer("first")));
    }
    assert_eq!(due_at(store, NOW_MS + 2 * LEASE_MS).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_did_not_arrive_is_removed_and_its_key_is_free() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let before = without_next_copy(world.table().await);
    for unknown in [false, true] {
        let wanted = reply("R1");
        assert_eq!(write(store, &wanted).await, IntentWrite::Written);
        if unknown {
            store.mark_reply_unknown(&ticket_id("T1"), &wanted.reply.id, NOW_MS).await.unwrap();
        }
        assert!(store.remove_reply(&wanted).await.unwrap());
        assert_eq!(without_next_copy(world.table().await), before);
        assert!(!store.remove_reply(&wanted).await.unwrap());
        assert!(!store.commit_sent(&wanted, None, None, &answer("{}"), NOW_MS).await.unwrap());
        assert_eq!(without_next_copy(world.table().await), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_reply_is_due_at_once_and_keeps_its_lease() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let wanted = reply("R1");
    write(store, &wanted).await;
    for now_ms in [NOW_MS + 5, NOW_MS + 9] {
        store.mark_reply_unknown(&ticket_id("T1"), &wanted.reply.id, now_ms).await.unwrap();
        let stored = read(store, "R1").await.unwrap();
        assert_eq!((stored.reply.state, stored.lease.until_ms), (ReplyState::Unknown, NOW_MS + LEASE_MS));
    }
    assert_eq!(due_at(store, NOW_MS + 4).await, []);
    assert_eq!(due_at(store, NOW_MS + 5).await, [due("R1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indeterminate_reply_stays_so_and_is_not_due() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let wanted = reply("R1");
    write(store, &wanted).await;
    for _ in 0..2 {
        store.mark_reply_indeterminate(&ticket_id("T1"), &wanted.reply.id, &[]).await.unwrap();
        assert_eq!(state(store, "R1").await, Some(ReplyState::Indeterminate));
    }
    let after = world.table().await;
    assert!(!store.commit_sent(&wanted, None, None, &answer("{}"), NOW_MS).await.unwrap());
    assert!(!store.remove_reply(&wanted).await.unwrap());
    assert_eq!(world.table().await, after);
    assert_eq!(due_at(store, NOW_MS + 2 * LEASE_MS).await, []);
    // One that is not there does not come to be.
    store.mark_reply_indeterminate(&ticket_id("T1"), &ReplyId::parse("R9").unwrap(), &[]).await.unwrap();
    store.mark_reply_unknown(&ticket_id("T1"), &ReplyId::parse("R9").unwrap(), NOW_MS).await.unwrap();
    assert_eq!(world.table().await, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_ends_without_its_record_once_that_is_gone_or_anothers() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    let later = NOW_MS + 400 * 24 * 60 * 60 * 1000;
    for (id, arrived) in [("R1", true), ("R2", false)] {
        let old = reply(id);
        write(store, &old).await;
        // The key has expired, and another reply took it over.
        let next_id = format!("{id}-next");
        let next = StoredReply { idempotency_hash: old.idempotency_hash.clone(), ..reply(&next_id) };
        let key = record_at(&old.idempotency_hash, &next_id, later);
        assert_eq!(store.begin_reply(&next, &key, later).await.unwrap(), IntentWrite::Written);
        let ended = if arrived {
            store.commit_sent(&old, Some("m1"), None, &answer("{}"), NOW_MS).await.unwrap()
        } else {
            store.remove_reply(&old).await.unwrap()
        };
        assert!(ended);
        assert_eq!(state(store, id).await, arrived.then_some(ReplyState::Sent));
        assert_eq!(store.record(&old.idempotency_hash, later).await.unwrap(), Some(key));
    }
    let gone = reply("R3");
    write(store, &gone).await;
    store.release(&key_of(&gone)).await.unwrap();
    assert!(store.commit_sent(&gone, None, None, &answer("{}"), NOW_MS).await.unwrap());
    assert_eq!(store.record(&gone.idempotency_hash, NOW_MS).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tickets_replies_are_listed_and_hold_its_account_until_they_have_an_outcome() {
    let world = world_with_open_ticket().await;
    let store = store(&world);
    open(store, &ticket("T2", NOW_MS), "C2").await;
    let mut other = reply("R0");
    other.reply.ticket_id = ticket_id("T2");
    write(store, &other).await;
    for number in 1..=5 {
        write(store, &reply(&format!("R{number}"))).await;
    }
    let ids: Vec<_> = store.replies(&ticket_id("T1")).await.unwrap();
    let ids: Vec<_> = ids.into_iter().map(|stored| stored.reply.id.to_string()).collect();
    assert_eq!(ids, ["R1", "R2", "R3", "R4", "R5"]);
    for (id, cloud_id) in [("T1", "C1"), ("T2", "C2")] {
        close(store, &super::opened(&ticket(id, NOW_MS), cloud_id)).await;
    }
    let removal = async || store.start_removing(&account_id(ACCOUNT), super::REMOVAL_MS).await.unwrap();
    let mut due: Vec<_> = (1..=5).map(|number| reply(&format!("R{number}"))).chain([other]).collect();
    while let Some(last) = due.pop() {
        assert!(matches!(removal().await, RemovalStart::HasDueWork(work) if work.len() == due.len() + 1));
        assert!(store.commit_sent(&last, None, None, &answer("{}"), NOW_MS).await.unwrap());
    }
    assert_eq!(removal().await, RemovalStart::Removing);
}
