//! How many retries an account may cost: a token bucket per account, kept in this process.
//!
//! Retries multiply the calls to a vendor that already throttles or fails, and one account's trouble must not eat the
//! time of every invocation. The figures allow what a short trouble needs and bound a long one to ten retries a minute.

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

/// How many retries an account that made none for a minute may make at once.
pub const CAPACITY: u32 = 10;
/// How long it takes until an account may make one retry more.
pub const REFILL_EVERY: Duration = Duration::from_secs(6);

/// The retry budgets of all accounts: [`CAPACITY`] retries at once, one more each [`REFILL_EVERY`].
///
/// Only accounts that made a retry within the last minute (the time in which an empty budget is full again) are kept.
#[derive(Debug, Default)]
pub struct RetryBudgets {
    used: Mutex<HashMap<AccountId, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: u32,
    /// Up to when refills are counted in `tokens`.
    counted_to: Instant,
}

impl RetryBudgets {
    /// Takes one retry out of the account's budget; false where none is left.
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
    /// Adds a token for every whole [`REFILL_EVERY`]; what is left of the time counts next time.
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

    /// How many retries are granted in a row.
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
        // What is left of a wait is not lost: 9 s and 3 s are two tokens.
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
        let kept = |budgets: &RetryBudgets| budgets.used.lock().unwrap().len();
        let budgets = RetryBudgets::default();
        for n in 0..1_000 {
            assert!(budgets.take(&account(&format!("A{n}"))));
        }
        assert_eq!(kept(&budgets), 1_000);
        drain(&budgets, "B");
        // Six seconds on the one token that each of them took is back; B has one of ten.
        tokio::time::advance(REFILL_EVERY).await;
        assert!(budgets.take(&account("C")));
        assert_eq!(kept(&budgets), 2);
    }
}
