//! How many retries a process may make for one account: ten at once, and one more each six seconds.

/// The most at once.
const BURST: u64 = 10;
/// How long one more takes to come, milliseconds.
const REFILL_MS: u64 = 6_000;

/// What is left of one budget.
#[derive(Debug)]
pub struct Budget {
    /// In milliseconds of refill.
    left_ms: u64,
    at_ms: u64,
}

impl Budget {
    /// A full one.
    pub fn new(now_ms: u64) -> Self {
        Self { left_ms: BURST * REFILL_MS, at_ms: now_ms }
    }

    /// Takes one; `false` where none is left.
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
        let mut budget = Budget::new(0);
        assert!((0..10).all(|_| budget.spend(0)));
        assert!(!budget.spend(5_999));
        assert!(budget.spend(6_000) && !budget.spend(6_001));
    }
}
