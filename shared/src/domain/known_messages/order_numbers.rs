//! The order numbers of a conversation's messages, by moment. Pure.

use std::collections::BTreeSet;

/// The distance between the order numbers of neighbours: later messages get numbers between them.
const ORDER_STEP: usize = 1 << 16;

/// The order numbers that are taken, by moment.
#[derive(Debug, Default)]
pub struct OrderNumbers(BTreeSet<(i64, usize)>);

impl OrderNumbers {
    /// Takes a number.
    pub fn add(&mut self, time_ms: i64, order: usize) {
        self.0.insert((time_ms, order));
    }

    /// Numbers for `count` new messages of a moment: directly after `previous`, the number of the message before them;
    /// without one directly before `next`, the number of the one after them; without both after all others. Where no
    /// number is free, all have that of the message before them.
    pub fn between(
        &self,
        time_ms: i64,
        previous: Option<usize>,
        next: Option<usize>,
        count: usize,
    ) -> impl Iterator<Item = usize> + use<> {
        let lower = previous.unwrap_or_else(|| self.last_below(time_ms, next.unwrap_or(usize::MAX)));
        let upper = self.first_above(time_ms, lower).into_iter().chain(next).min();
        let step = upper.map_or(ORDER_STEP, |upper| upper.saturating_sub(lower) / (count + 1));
        (1..=count).map(move |place| lower.saturating_add(place * step))
    }

    fn last_below(&self, time_ms: i64, order: usize) -> usize {
        self.0.range((time_ms, 0)..(time_ms, order)).next_back().map_or(0, |(_, order)| *order)
    }

    fn first_above(&self, time_ms: i64, order: usize) -> Option<usize> {
        let above = (time_ms, order.saturating_add(1))..=(time_ms, usize::MAX);
        self.0.range(above).next().map(|(_, order)| *order)
    }
}
