//! Which I/O points were reached, and which had a crash before and after their effect.

use std::collections::BTreeMap;

use crate::io::{
    injected_fault::{FaultTiming, InjectedFault},
    point::IoPoint,
};

/// The functions whose points must all have crashes.
const COVERED: [&str; 8] = [
    "copy-attachments: ",
    "create-ticket: ",
    "reply-ticket: ",
    "close-ticket: ",
    "sync-tickets: ",
    "refresh-catalog: ",
    "publish-events: ",
    "resolve-outcome: ",
];

/// Calls and crashes of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PointCoverage {
    /// Calls.
    pub seen: u64,
    /// Crashes before the effect.
    pub before: u64,
    /// Crashes after the effect.
    pub after: u64,
    /// The smallest seed that reached it.
    pub seed: u64,
}

/// The points of one or more schedules.
#[derive(Clone, Debug, Default)]
pub struct IoCoverage(pub BTreeMap<IoPoint, PointCoverage>);

impl IoCoverage {
    /// Counts a call.
    pub fn count(&mut self, point: &IoPoint, fault: InjectedFault) {
        let count = match self.0.get_mut(point) {
            Some(count) => count,
            None => self.0.entry(point.clone()).or_default(),
        };
        count.seen += 1;
        match fault {
            InjectedFault::Crash(FaultTiming::Before) => count.before += 1,
            InjectedFault::Crash(FaultTiming::After) => count.after += 1,
            _ => {}
        }
    }

    /// Adds the points of the schedule of `seed`.
    pub fn add(&mut self, seed: u64, other: &IoCoverage) {
        for point in other.0.keys() {
            let count = self.0.entry(point.clone()).or_insert(PointCoverage { seed, ..PointCoverage::default() });
            count.seed = count.seed.min(seed);
        }
        self.add_known(other);
    }

    /// Adds the counts of a schedule with an added crash, for known points only: a point that is reached only after
    /// that crash has no seed that reaches it without.
    pub fn add_known(&mut self, other: &IoCoverage) {
        for (point, more) in &other.0 {
            if let Some(count) = self.0.get_mut(point) {
                count.seen += more.seen;
                count.before += more.before;
                count.after += more.after;
            }
        }
    }

    /// Points without a crash before or after their effect, with a seed that reaches them.
    pub fn missing(&self) -> Vec<(IoPoint, FaultTiming, u64)> {
        let timings = |(point, count): (&IoPoint, &PointCoverage)| {
            let before = (count.before == 0).then(|| (point.clone(), FaultTiming::Before, count.seed));
            let after = (count.after == 0).then(|| (point.clone(), FaultTiming::After, count.seed));
            [before, after].into_iter().flatten().collect::<Vec<_>>()
        };
        let must = |point: &&IoPoint| COVERED.iter().any(|function| point.starts_with(function));
        self.0.iter().filter(|(point, _)| must(point)).flat_map(timings).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_missing_until_it_had_a_crash_before_and_after() {
        let mut points = IoCoverage::default();
        let (point, other) = ("close-ticket: GetItem TICKET".to_owned(), "sync-tickets: Query GSI3 DUE".to_owned());
        points.count(&point, InjectedFault::Crash(FaultTiming::Before));
        points.count(&point, InjectedFault::NoFault);
        points.count(&other, InjectedFault::Crash(FaultTiming::Before));
        points.count(&other, InjectedFault::Crash(FaultTiming::After));
        let mut all = IoCoverage::default();
        all.add(9, &points);
        all.add(4, &points);
        assert_eq!(all.missing(), [(point.clone(), FaultTiming::After, 4)]);
        assert_eq!(all.0[&point], PointCoverage { seen: 4, before: 2, after: 0, seed: 4 });
        let (mut crashed, behind) = (IoCoverage::default(), "close-ticket: GetItem ACCOUNT".to_owned());
        crashed.count(&point, InjectedFault::Crash(FaultTiming::After));
        crashed.count(&behind, InjectedFault::NoFault);
        all.add_known(&crashed);
        assert_eq!(all.missing(), []);
        assert!(!all.0.contains_key(&behind));
    }
}
