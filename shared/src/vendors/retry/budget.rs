//! Limits the retries per account: a token bucket per account, in the memory of this process.
//!
//! Retries multiply the calls to a vendor that already throttles or fails, and one account's failures must not use up
//! the time of every invocation. The figures are enough for a short failure, and limit a long one to ten a minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    domain::AccountId,
    seeded_bugs::{self, SeededBug},
};

/// The most retries at once, for an account without retries in the last minute.
pub const CAPACITY: u32 = 10;
/// The time in which an account gains one retry.
pub const REFILL_EVERY: Duration = Duration::from_secs(6);

/// The retry budgets of all accounts: [`CAPACITY`] retries at once, one more each [`REFILL_EVERY`].
///
/// Only accounts with a retry in the last minute (in which an empty budget is full again) are in memory.
#[derive(Debug, Default)]
pub struct RetryBudgets {
    used: Mutex<HashMap<AccountId, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: u32,
    /// The time up to which refills are part of `tokens`.
    counted_to: Instant,
}

impl RetryBudgets {
    /// Takes one retry from the account's budget; false when none is left.
    pub fn take(&self, account: &AccountId) -> bool {
        let now = Instant::now();
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, bucket| {
            bucket.refill(now);
            bucket.tokens < CAPACITY
        });
        let bucket = used.entry(account.clone()).or_insert(Bucket { tokens: CAPACITY, counted_to: now });
        let Some(left) = bucket.tokens.checked_sub(1) else {
            return seeded_bugs::enabled(SeededBug::RetryWithoutBudget);
        };
        bucket.tokens = left;
        true
    }
}

impl Bucket {
    /// Adds a token for every whole [`REFILL_EVERY`]; the rest of the time counts for the next refill.
    fn refill(&mut self, now: Instant) {
        while self.tokens < CAPACITY && now.duration_since(self.counted_to) >= REFILL_EVERY {
            self.tokens += 1;
            self.counted_to += REFILL_EVERY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> AccountId {
        AccountId::parse(name).unwrap()
    }

    /// The number of retries that are granted in a row.
    fn drain(budgets: &RetryBudgets, name: &str) -> u32 {
        (0..100).take_while(|_| budgets.take(&account(name))).count().try_into().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn ten_at_once_and_one_more_each_six_seconds() {
        let budgets = RetryBudgets::default();
        assert_eq!(drain(&budgets, "A"), 10);
        tokio::time::advance(Duration::from_millis(5_999)).await;
        assert_eq!(drain(&budgets, "A"), 0);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(drain(&budgets, "A"), 1);
        // The rest of a wait is not lost: 9 s and 3 s are two tokens.
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(drain(&budgets, "A"), 1);
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(drain(&budgets, "A"), 1);
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(drain(&budgets, "A"), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn accounts_do_not_share() {
        let budgets = RetryBudgets::default();
        assert_eq!(drain(&budgets, "A"), 10);
        assert_eq!(drain(&budgets, "B"), 10);
        assert_eq!(drain(&budgets, "A"), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_budget_takes_no_memory() {
        let used = |budgets: &RetryBudgets| budgets.used.lock().unwrap().len();
        let budgets = RetryBudgets::default();
        for n in 0..1_000 {
            assert!(budgets.take(&account(&format!("A{n}"))));
        }
        assert_eq!(used(&budgets), 1_000);
        drain(&budgets, "B");
        // After six seconds each of them has its token again; B has one of ten.
        tokio::time::advance(REFILL_EVERY).await;
        assert!(budgets.take(&account("C")));
        assert_eq!(used(&budgets), 2);
    }
}
