//! How many tickets were opened, answered first and closed, and how long that took.

use super::{CountedValue, Histogram};

/// The counts of a day, or the sum of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TicketCounts {
    /// Tickets that were opened.
    pub opened: u64,
    /// The times to the first answer, of the tickets that were answered first.
    pub first_response: Histogram,
    /// The times to the end, of the tickets that were closed.
    pub resolution: Histogram,
}

impl TicketCounts {
    /// Adds so many of a value.
    pub fn add(&mut self, value: CountedValue, count: u64) {
        match value {
            CountedValue::Opened => self.opened += count,
            CountedValue::FirstResponse(bucket) => self.first_response.add(bucket, count),
            CountedValue::Resolution(bucket) => self.resolution.add(bucket, count),
        }
    }

    /// Adds the counts of another day or account.
    pub fn merge(&mut self, other: &TicketCounts) {
        self.opened += other.opened;
        self.first_response.merge(&other.first_response);
        self.resolution.merge(&other.resolution);
    }

    /// Tickets that were closed.
    pub fn closed(&self) -> u64 {
        self.resolution.count()
    }
}
