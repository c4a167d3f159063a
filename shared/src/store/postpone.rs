//! The next due time of work that a run did not end: exponential backoff for each item.

use serde::Deserialize;

use super::{
    DueWork, Store,
    condition::Condition,
    keys::{self, Key},
    number, text,
    update::Update,
};
use crate::{
    error::Result,
    seeded_bugs::{self, SeededBug},
};

/// Counts the attempts that did not end the work on an item.
pub(super) const ATTEMPTS: &str = "due_attempts";

const MINUTE_MS: i64 = 60 * 1000;
/// The longest time between two attempts, as a power of two, minutes: 8.
const LONGEST_DOUBLING: u32 = 3;

#[derive(Deserialize)]
struct DueTime {
    #[serde(rename = "GSI3PK")]
    partition: Option<String>,
    #[serde(rename = "GSI3SK")]
    due: Option<String>,
    #[serde(default)]
    due_attempts: u32,
    #[serde(rename = "lease_until", default)]
    lease_until_ms: i64,
}

/// The time between an attempt and the next one, milliseconds. `attempts`: those before it. The next run of the sync
/// makes the second attempt; then the time doubles.
fn backoff_ms(attempts: u32) -> i64 {
    match attempts {
        0 => 0,
        _ => MINUTE_MS << (attempts - 1).min(LONGEST_DOUBLING),
    }
}

impl Store {
    /// Gives work that an attempt did not end its next due time, which grows with the number of attempts. An unknown
    /// outcome is due at the end of its settle time at the latest: then it can be decided. Nothing happens where the
    /// work has another due time by now, or is not due any more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn postpone(&self, work: &DueWork, now_ms: i64, settle_time_ms: i64) -> Result<()> {
        let (key, id) = key_of(work);
        let Some(DueTime { partition, due: Some(due), due_attempts, lease_until_ms }) = self.get(key.clone()).await?
        else {
            return Ok(());
        };
        // A ticket that was erased meanwhile is due in another partition.
        if partition.as_deref() != Some(keys::DUE) || due > keys::by_time(now_ms, "~") {
            return Ok(());
        }
        if seeded_bugs::enabled(SeededBug::DueTimeStays) {
            return Ok(());
        }
        let mut next_ms = now_ms + backoff_ms(due_attempts);
        let settled_ms = lease_until_ms + settle_time_ms;
        if is_outcome(work) && now_ms < settled_ms {
            next_ms = next_ms.min(settled_ms);
        }
        let update = Update::of(key)
            .set(ATTEMPTS, number(due_attempts.saturating_add(1)))
            .due_at(next_ms, id)
            .when(Condition::equals("GSI3PK", text(keys::DUE)))
            .when(Condition::equals("GSI3SK", text(due)));
        self.update(update).await.map(|_| ())
    }
}

fn is_outcome(work: &DueWork) -> bool {
    matches!(work, DueWork::ReconcileTicket(_) | DueWork::ReconcileReply(..))
}

fn key_of(work: &DueWork) -> (Key, &str) {
    match work {
        DueWork::ReconcileTicket(id) | DueWork::Close(id) | DueWork::Recheck(id) => (keys::ticket(id), id.as_str()),
        DueWork::Abandoned(id) => (keys::abandoned_ticket(id), id.as_str()),
        DueWork::ReconcileReply(ticket, id) => (keys::reply(ticket, id), id.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_between_two_attempts_grows_to_eight_minutes() {
        let minutes: Vec<_> = (0..7).map(|attempts| backoff_ms(attempts) / MINUTE_MS).collect();
        assert_eq!(minutes, [0, 1, 2, 4, 8, 8, 8]);
        assert_eq!(backoff_ms(u32::MAX), 8 * MINUTE_MS);
    }
}
