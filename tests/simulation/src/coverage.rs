//! Which I/O points were seen, and which were struck before and after their effect.

use std::collections::BTreeMap;

use crate::io::{
    fate::{Fate, Side},
    point::Point,
};

/// Whose points must all be struck.
const COVERED: [&str; 6] = [
    "create-ticket: ",
    "reply-ticket: ",
    "close-ticket: ",
    "sync-tickets: ",
    "refresh-catalog: ",
    "publish-events: ",
];

/// How often a point was seen and struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Calls.
    pub seen: u64,
    /// The process died before the effect.
    pub before: u64,
    /// The process died after it.
    pub after: u64,
    /// The smallest seed that saw it.
    pub seed: u64,
}

/// All points.
#[derive(Clone, Debug, Default)]
pub struct Points(pub BTreeMap<Point, Count>);

impl Points {
    /// Notes a call.
    pub fn note(&mut self, point: &Point, fate: Fate) {
        let count = match self.0.get_mut(point) {
            Some(count) => count,
            None => self.0.entry(point.clone()).or_default(),
        };
        count.seen += 1;
        match fate {
            Fate::Crash(Side::Before) => count.before += 1,
            Fate::Crash(Side::After) => count.after += 1,
            _ => {}
        }
    }

    /// Adds what the schedule of `seed` saw.
    pub fn add(&mut self, seed: u64, other: &Points) {
        for point in other.0.keys() {
            let count = self.0.entry(point.clone()).or_insert(Count { seed, ..Count::default() });
            count.seed = count.seed.min(seed);
        }
        self.add_known(other);
    }

    /// Adds what a schedule with one more crash saw, at points that schedules without one came to: a point that shows only behind that
    /// crash has no seed that comes to it by itself.
    pub fn add_known(&mut self, other: &Points) {
        for (point, more) in &other.0 {
            if let Some(count) = self.0.get_mut(point) {
                count.seen += more.seen;
                count.before += more.before;
                count.after += more.after;
            }
        }
    }

    /// Points that were seen and never struck on a side, with a seed that saw them.
    pub fn missing(&self) -> Vec<(Point, Side, u64)> {
        let sides = |(point, count): (&Point, &Count)| {
            let before = (count.before == 0).then(|| (point.clone(), Side::Before, count.seed));
            let after = (count.after == 0).then(|| (point.clone(), Side::After, count.seed));
            [before, after].into_iter().flatten().collect::<Vec<_>>()
        };
        let must = |point: &&Point| COVERED.iter().any(|function| point.starts_with(function));
        self.0.iter().filter(|(point, _)| must(point)).flat_map(sides).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_missing_until_it_was_struck_on_both_sides() {
        let mut points = Points::default();
        let (point, other) =
            ("close-ticket: GetItem TICKET".to_owned(), "sync-tickets: Query GSI3 DUE".to_owned());
        points.note(&point, Fate::Crash(Side::Before));
        points.note(&point, Fate::Pass);
        points.note(&other, Fate::Crash(Side::Before));
        points.note(&other, Fate::Crash(Side::After));
        let mut all = Points::default();
        all.add(9, &points);
        all.add(4, &points);
        assert_eq!(all.missing(), [(point.clone(), Side::After, 4)]);
        assert_eq!(all.0[&point], Count { seen: 4, before: 2, after: 0, seed: 4 });
        let (mut struck, behind) = (Points::default(), "close-ticket: GetItem ACCOUNT".to_owned());
        struck.note(&point, Fate::Crash(Side::After));
        struck.note(&behind, Fate::Pass);
        all.add_known(&struck);
        assert_eq!(all.missing(), []);
        assert!(!all.0.contains_key(&behind));
    }
}
