//! Idempotency records: who runs, who waits, who gets the earlier answer.

use shared::store::{IdempotencyRecord, KeyAcquisition};

use super::{LEASE_MS, NOW_MS, answer, record, record_at, store};
use crate::support::World;

/// Longer than any record lives.
const LONG_MS: i64 = 100 * 60 * 60 * 1000;

fn run(subject: &str) -> KeyAcquisition {
    KeyAcquisition::Run { subject: subject.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_gets_the_work_and_its_answer_is_replayed() {
    let world = World::start().await;
    let store = store(&world);
    assert_eq!(store.begin(&record("h", "S1"), NOW_MS).await.unwrap(), run("S1"));
    let first = answer(r#"{"text":"工单 👋"}"#);
    store.finish(&record("h", "S1"), &first, NOW_MS).await.unwrap();
    // Whether its lease has ended or not.
    for now_ms in [NOW_MS + 1, NOW_MS + LEASE_MS + 1] {
        let again = store.begin(&record_at("h", "S2", now_ms), now_ms).await.unwrap();
        assert_eq!(again, KeyAcquisition::Replay(first.clone()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_holds_its_record_to_the_end_of_its_lease() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let now_ms = NOW_MS + LEASE_MS - 1;
    let second = store.begin(&record_at("h", "S2", now_ms), now_ms).await.unwrap();
    assert_eq!(second, KeyAcquisition::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crashed_run_is_taken_over_by_one_on_the_same_subject() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let now_ms = NOW_MS + LEASE_MS;
    let second = store.begin(&record_at("h", "S2", now_ms), now_ms).await.unwrap();
    assert_eq!(second, run("S1"));
    // The lease is the second run's now.
    let third = store.begin(&record_at("h", "S3", now_ms + 1), now_ms + 1).await.unwrap();
    assert_eq!(third, KeyAcquisition::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_takes_a_crashed_run_over() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let now_ms = NOW_MS + LEASE_MS;
    let takers = (0..8).map(|number| async move {
        let record = record_at("h", &format!("N{number}"), now_ms + number);
        store.begin(&record, now_ms).await.unwrap()
    });
    let taken = futures_util::future::join_all(takers).await;
    let runs = taken.iter().filter(|begin| **begin == run("S1")).count();
    let waits = taken.iter().filter(|begin| **begin == KeyAcquisition::Running).count();
    assert_eq!((runs, waits), (1, 7), "{taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_lost_its_lease_can_neither_finish_nor_free_the_key() {
    let world = World::start().await;
    let store = store(&world);
    let first = record("h", "S1");
    store.begin(&first, NOW_MS).await.unwrap();
    let later = NOW_MS + LEASE_MS;
    let second = record_at("h", "S2", later);
    assert_eq!(store.begin(&second, later).await.unwrap(), run("S1"));

    let before = world.table().await;
    store.finish(&first, &answer("first"), NOW_MS).await.unwrap();
    store.release(&first).await.unwrap();
    assert_eq!(world.table().await, before);

    store.finish(&second, &answer("second"), NOW_MS).await.unwrap();
    let finished = world.table().await;
    store.finish(&first, &answer("first"), NOW_MS).await.unwrap();
    store.release(&first).await.unwrap();
    assert_eq!(world.table().await, finished);
    let third = store.begin(&record_at("h", "S3", later), later).await.unwrap();
    assert_eq!(third, KeyAcquisition::Replay(answer("second")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_record_is_not_taken_over_after_its_lease() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    store.finish(&record("h", "S1"), &answer("{}"), NOW_MS).await.unwrap();
    let before = world.table().await;
    let later = NOW_MS + LEASE_MS + 1;
    let again = store.begin(&record_at("h", "S2", later), later).await.unwrap();
    assert_eq!(again, KeyAcquisition::Replay(answer("{}")));
    assert_eq!(world.table().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_read_until_it_expires() {
    let world = World::start().await;
    let store = store(&world);
    let first = record("h", "S1");
    assert_eq!(store.record("h", NOW_MS).await.unwrap(), None);
    store.begin(&first, NOW_MS).await.unwrap();
    assert_eq!(store.record("h", NOW_MS).await.unwrap(), Some(first.clone()));
    store.finish(&first, &answer("{}"), NOW_MS).await.unwrap();
    let expires_at = IdempotencyRecord::expiry(NOW_MS);
    let finished = IdempotencyRecord { answer: Some(answer("{}")), expires_at, ..first };
    let last_ms = finished.expires_at * 1000 + 999;
    assert_eq!(store.record("h", last_ms).await.unwrap(), Some(finished));
    assert_eq!(store.record("h", last_ms + 1).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_for_another_request_while_running_and_afterwards() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let other = IdempotencyRecord { request_hash: "other".into(), ..record("h", "S2") };
    assert_eq!(store.begin(&other, NOW_MS).await.unwrap(), KeyAcquisition::Reused);
    let later = NOW_MS + LEASE_MS + 1;
    assert_eq!(store.begin(&other, later).await.unwrap(), KeyAcquisition::Reused);
    store.finish(&record("h", "S1"), &answer("{}"), NOW_MS).await.unwrap();
    assert_eq!(store.begin(&other, later).await.unwrap(), KeyAcquisition::Reused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_an_answer_stays_while_its_work_may_be_reconciled() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    // Long after the expiry of records with an answer, the work still belongs to the first run.
    let later = NOW_MS + 60 * 24 * 60 * 60 * 1000;
    assert!(store.record("h", later).await.unwrap().is_some());
    let again = store.begin(&record_at("h", "S2", later), later).await.unwrap();
    assert_eq!(again, KeyAcquisition::Run { subject: "S1".into() });
    // From its answer on it lives as long as any.
    store.finish(&record_at("h", "S2", later), &answer("{}"), later).await.unwrap();
    let day_later = later + 24 * 60 * 60 * 1000;
    let replayed = store.begin(&record_at("h", "S3", day_later), day_later).await.unwrap();
    assert_eq!(replayed, KeyAcquisition::Replay(answer("{}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_record_counts_as_gone_though_it_is_still_there() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    store.finish(&record("h", "S1"), &answer("{}"), NOW_MS).await.unwrap();
    // A record is valid for at least 24 hours.
    let day_later = NOW_MS + 24 * 60 * 60 * 1000;
    let replayed = store.begin(&record_at("h", "S2", day_later), day_later).await.unwrap();
    assert_eq!(replayed, KeyAcquisition::Replay(answer("{}")));

    let later = NOW_MS + LONG_MS;
    let other = IdempotencyRecord { request_hash: "other".into(), ..record_at("h", "S3", later) };
    assert_eq!(store.begin(&other, later).await.unwrap(), run("S3"));
    // And nothing of the old record is left: the new one has no answer yet.
    let again = IdempotencyRecord { subject: "S4".into(), lease: record("h", "S4").lease, ..other };
    assert_eq!(store.begin(&again, later).await.unwrap(), KeyAcquisition::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_write_sent_twice_counts_as_the_first() {
    let world = World::start().await;
    let store = store(&world);
    for _ in 0..2 {
        assert_eq!(store.begin(&record("h", "S1"), NOW_MS).await.unwrap(), run("S1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_key_is_free_for_any_request() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    store.release(&record("h", "S1")).await.unwrap();
    store.release(&record("h", "S1")).await.unwrap();
    let other = IdempotencyRecord { request_hash: "other".into(), ..record("h", "S2") };
    assert_eq!(store.begin(&other, NOW_MS).await.unwrap(), run("S2"));
}
