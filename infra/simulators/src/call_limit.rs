//! A limit of calls a second for each customer account.

use std::collections::{HashMap, VecDeque};

/// The limit, and the times of the calls that were let through.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallLimit {
    pub(crate) calls_per_second: Option<u32>,
    recent: HashMap<String, VecDeque<i64>>,
}

impl CallLimit {
    /// Whether a call of the account at `now_ms` is over the limit: within the second before it there were as many
    /// others. A call that is let through counts.
    pub(crate) fn exceeds(&mut self, account: &str, now_ms: i64) -> bool {
        let Some(limit) = self.calls_per_second else { return false };
        let recent = self.recent.entry(account.to_owned()).or_default();
        while recent.front().is_some_and(|at_ms| now_ms - at_ms >= 1000) {
            recent.pop_front();
        }
        let is_over = u32::try_from(recent.len()).is_ok_and(|calls| calls >= limit);
        if !is_over {
            recent.push_back(now_ms);
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_over_the_limit_of_a_second_do_not_count() {
        let mut limit = CallLimit { calls_per_second: Some(2), ..CallLimit::default() };
        let over: Vec<_> = [0, 400, 500, 999, 1000, 1399, 1400].map(|ms| limit.exceeds("A", ms)).into();
        assert_eq!(over, [false, false, true, true, false, true, false]);
        assert!(!limit.exceeds("B", 1400));
        assert!(!CallLimit::default().exceeds("A", 0));
    }
}
