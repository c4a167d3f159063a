//! A model of the retry budget of a process for one account: ten retries at once, and one more each six seconds.

/// The size of a full budget.
const BURST: u64 = 10;
/// The time in which one retry is added, milliseconds.
const REFILL_MS: u64 = 6_000;

/// One budget.
#[derive(Debug)]
pub struct RetryBudgetModel {
    /// The rest, in milliseconds of refill.
    left_ms: u64,
    at_ms: u64,
}

impl RetryBudgetModel {
    /// A full budget.
    pub fn new(now_ms: u64) -> Self {
        Self { left_ms: BURST * REFILL_MS, at_ms: now_ms }
    }

    /// Uses one retry; `false` where none is left.
    pub fn spend(&mut self, now_ms: u64) -> bool {
        self.left_ms = (self.left_ms + now_ms.saturating_sub(self.at_ms)).min(BURST * REFILL_MS);
        self.at_ms = now_ms;
        let enough = self.left_ms >= REFILL_MS;
        if enough {
            self.left_ms -= REFILL_MS;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_at_once_and_one_each_six_seconds() {
        let mut retry_budget = RetryBudgetModel::new(0);
        assert!((0..10).all(|_| retry_budget.spend(0)));
        assert!(!retry_budget.spend(5_999));
        assert!(retry_budget.spend(6_000) && !retry_budget.spend(6_001));
    }
}
