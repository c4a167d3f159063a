//! Idempotency records: who runs, who waits, who gets the earlier answer.

use shared::store::{Begin, IdempotencyRecord};

use super::{LEASE_MS, NOW_MS, answer, record, record_at, store};
use crate::support::World;

/// Longer than any record lives.
const LONG_MS: i64 = 100 * 60 * 60 * 1000;

fn run(subject: &str) -> Begin {
    Begin::Run {
        subject: subject.into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_gets_the_work_and_its_answer_is_replayed() {
    let world = World::start().await;
    let store = store(&world);
    assert_eq!(store.begin(&record("h", "S1"), NOW_MS).await.unwrap(), run("S1"));
    store.finish("h", &answer(r#"{"text":"工单 👋"}"#)).await.unwrap();
    // Whether its lease has ended or not.
    for now_ms in [NOW_MS + 1, NOW_MS + LEASE_MS + 1] {
        let again = store.begin(&record_at("h", "S2", now_ms), now_ms).await.unwrap();
        assert_eq!(again, Begin::Replay(answer(r#"{"text":"工单 👋"}"#)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_holds_its_record_to_the_end_of_its_lease() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let now_ms = NOW_MS + LEASE_MS - 1;
    let second = store.begin(&record_at("h", "S2", now_ms), now_ms).await.unwrap();
    assert_eq!(second, Begin::Running);
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
    let third = store
        .begin(&record_at("h", "S3", now_ms + 1), now_ms + 1)
        .await
        .unwrap();
    assert_eq!(third, Begin::Running);
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
    let waits = taken.iter().filter(|begin| **begin == Begin::Running).count();
    assert_eq!((runs, waits), (1, 7), "{taken:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_can_not_be_extended_from_a_stale_reading_or_after_the_answer() {
    let world = World::start().await;
    let store = store(&world);
    let first = record("h", "S1");
    store.begin(&first, NOW_MS).await.unwrap();
    let until = first.lease_until + 1;
    assert!(store.extend_lease(&first, until).await.unwrap());
    assert!(!store.extend_lease(&first, until + 1).await.unwrap());
    store.finish("h", &answer("{}")).await.unwrap();
    let current = IdempotencyRecord {
        lease_until: until,
        ..first
    };
    assert!(!store.extend_lease(&current, until + 1).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_refused_for_another_request_while_running_and_afterwards() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    let other = IdempotencyRecord {
        request_hash: "other".into(),
        ..record("h", "S2")
    };
    assert_eq!(store.begin(&other, NOW_MS).await.unwrap(), Begin::Reused);
    let later = NOW_MS + LEASE_MS + 1;
    assert_eq!(store.begin(&other, later).await.unwrap(), Begin::Reused);
    store.finish("h", &answer("{}")).await.unwrap();
    assert_eq!(store.begin(&other, later).await.unwrap(), Begin::Reused);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_record_counts_as_gone_though_it_is_still_there() {
    let world = World::start().await;
    let store = store(&world);
    store.begin(&record("h", "S1"), NOW_MS).await.unwrap();
    store.finish("h", &answer("{}")).await.unwrap();
    // 24 hours are promised.
    let day_later = NOW_MS + 24 * 60 * 60 * 1000;
    let kept = store
        .begin(&record_at("h", "S2", day_later), day_later)
        .await
        .unwrap();
    assert_eq!(kept, Begin::Replay(answer("{}")));

    let later = NOW_MS + LONG_MS;
    let other = IdempotencyRecord {
        request_hash: "other".into(),
        ..record_at("h", "S3", later)
    };
    assert_eq!(store.begin(&other, later).await.unwrap(), run("S3"));
    // And nothing of the old record is left: the new one has no answer yet.
    let again = IdempotencyRecord {
        subject: "S4".into(),
        ..other
    };
    assert_eq!(store.begin(&again, later).await.unwrap(), Begin::Running);
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
    store.release("h").await.unwrap();
    store.release("h").await.unwrap();
    let other = IdempotencyRecord {
        request_hash: "other".into(),
        ..record("h", "S2")
    };
    assert_eq!(store.begin(&other, NOW_MS).await.unwrap(), run("S2"));
}
