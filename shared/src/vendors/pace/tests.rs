//! How the pace adapts.

use super::*;
use crate::vendors::testing::{ConstantClock, Largest};

#[derive(Default)]
struct StoredPaces(Mutex<Vec<(u32, Option<i64>)>>);

#[async_trait]
impl PaceStore for StoredPaces {
    async fn store_pace(&self, _: &AccountId, calls_per_minute: u32, wait_until_ms: Option<i64>) {
        self.0.lock().unwrap().push((calls_per_minute, wait_until_ms));
    }
}

fn paces() -> (Arc<StoredPaces>, Paces) {
    let kept = Arc::new(StoredPaces::default());
    (Arc::clone(&kept), Paces::new(kept, Arc::new(ConstantClock), Arc::new(Largest)))
}

fn account(calls_per_minute: Option<u32>) -> Account {
    Account { calls_per_minute, ..crate::vendors::testing::account() }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// The milliseconds between the calls of a row.
async fn gaps(pace: &CallPace, calls: usize) -> Vec<u128> {
    let mut gaps = Vec::new();
    for _ in 0..calls {
        let before = Instant::now();
        pace.next_slot(soon()).await.unwrap();
        gaps.push(before.elapsed().as_millis());
    }
    gaps
}

#[tokio::test(start_paused = true)]
async fn it_starts_at_five_calls_a_second_and_all_sessions_share_it() {
    let (_, paces) = paces();
    assert_eq!(gaps(&paces.of(&account(None)), 3).await, [0, 200, 200]);
    assert_eq!(gaps(&paces.of(&account(None)), 1).await, [200]);
    // A yielding one leaves every second place to others.
    assert_eq!(gaps(&paces.of(&account(None)).yielding(), 3).await, [200, 400, 400]);
}

#[tokio::test(start_paused = true)]
async fn after_a_pause_the_calls_of_a_tenth_of_a_second_are_made_at_once() {
    let (_, paces) = paces();
    let pace = paces.of(&account(Some(FASTEST)));
    let at_once = [[0; 10], [10; 10]].concat();
    assert_eq!(gaps(&pace, 20).await, at_once);
    // The rest of the last gap, and a second.
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(gaps(&pace, 20).await, at_once);
    // Calls that are throttled are spaced, also after a wait that the vendor asks for.
    let hint = Some(Duration::from_secs(2));
    pace.record_throttled(Instant::now(), hint, soon()).await.unwrap();
    assert_eq!(gaps(&pace, 4).await, [2_000, 20, 20, 20]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_pace_has_no_burst() {
    for (per_minute, expected) in [(1_200, [0, 0, 50]), (600, [0, 100, 100])] {
        let (_, paces) = paces();
        assert_eq!(gaps(&paces.of(&account(Some(per_minute))), 3).await, expected, "{per_minute}");
    }
}

#[tokio::test(start_paused = true)]
async fn it_halves_down_to_a_call_in_five_seconds_and_grows_slowly() {
    let (kept, paces) = paces();
    let pace = paces.of(&account(None));
    for _ in 0..8 {
        let sent = pace.next_slot(soon()).await.unwrap();
        pace.record_throttled(sent, None, soon()).await.unwrap();
    }
    let stored: Vec<_> = kept.0.lock().unwrap().iter().map(|(pace, _)| *pace).collect();
    assert_eq!(stored[..5], [150, 75, 38, 19, 12]);
    assert_eq!(gaps(&pace, 2).await[1], 5_000);
    // A minute of calls adds sixty a minute: twelve calls are most of that.
    (0..12).for_each(|_| pace.record_success());
    let grown = pace.pace.calls_per_minute();
    assert!((35..=45).contains(&grown), "{grown}");
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_throttled_together_halve_it_once() {
    let (kept, paces) = paces();
    let pace = paces.of(&account(None));
    let first = pace.next_slot(soon()).await.unwrap();
    let second = pace.next_slot(soon()).await.unwrap();
    tokio::time::advance(Duration::from_millis(50)).await;
    for sent in [first, second] {
        pace.record_throttled(sent, None, soon()).await.unwrap();
    }
    assert_eq!(*kept.0.lock().unwrap(), [(150, None)]);
}

#[tokio::test(start_paused = true)]
async fn a_hint_is_waited_for_in_time_and_else_kept() {
    let (kept, paces) = paces();
    let pace = paces.of(&account(None));
    let sent = pace.next_slot(soon()).await.unwrap();
    pace.record_throttled(sent, Some(Duration::from_secs(7)), soon()).await.unwrap();
    assert_eq!(gaps(&pace, 1).await, [7_000]);
    let sent = Instant::now();
    let hint = Some(Duration::from_secs(31));
    assert!(pace.record_throttled(sent, hint, soon()).await.is_none());
    let now_ms = ConstantClock.now_ms();
    assert_eq!(*kept.0.lock().unwrap(), [(150, None), (75, Some(now_ms + 31_000))]);
    // WHEN the account has that wait THEN no call is made in time, or it waits.
    let waits = Account { wait_until: Some(now_ms + 31_000), ..account(None) };
    let refused = paces.of(&waits).next_slot(soon()).await.unwrap_err();
    assert_eq!(refused.asked_to_wait, Some(Duration::from_secs(31)));
    paces.of(&waits).next_slot(soon() + Duration::from_secs(5)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stored_pace_is_taken_over_when_another_process_wrote_it() {
    let (_, paces) = paces();
    assert_eq!(gaps(&paces.of(&account(Some(60))), 2).await, [0, 1_000]);
    let pace = paces.of(&account(Some(60)));
    let sent = pace.next_slot(soon()).await.unwrap();
    pace.record_throttled(sent, None, soon()).await.unwrap();
    // The account was read before: its pace is the old one.
    assert_eq!(paces.of(&account(Some(60))).pace.calls_per_minute(), 30);
    assert_eq!(paces.of(&account(Some(120))).pace.calls_per_minute(), 120);
    assert_eq!((paces.changed(&account(Some(120))), paces.changed(&account(None))), (None, Some(120)));
}
