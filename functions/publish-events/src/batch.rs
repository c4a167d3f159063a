//! The events of one call of the bus.

use std::mem;

use shared::events::{BusEvent, MAX_BYTES, MAX_EVENTS};

/// An event that is ready to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The partition of the table it comes from: a ticket, or a refresh run.
    pub partition: String,
    /// Orders the events of a partition.
    pub sequence: String,
    /// When the change was committed, Unix milliseconds.
    pub time_ms: i64,
    /// The event.
    pub event: BusEvent,
}

/// The events of one call, each with the sender's own identifier.
#[derive(Debug)]
pub struct Batch<T> {
    entries: Vec<(T, Outgoing)>,
}

impl<T> Default for Batch<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> Batch<T> {
    /// Whether `next` may go into the same call: within the bus's limits, and alone of its partition.
    pub fn has_room_for(&self, next: &Outgoing) -> bool {
        let bytes: usize = self.entries.iter().map(|(_, entry)| entry.event.bytes()).sum();
        self.entries.len() < MAX_EVENTS
            && bytes + next.event.bytes() <= MAX_BYTES
            && self.entries.iter().all(|(_, entry)| entry.partition != next.partition)
    }

    /// Adds an event.
    pub fn push(&mut self, known_by: T, entry: Outgoing) {
        self.entries.push((known_by, entry));
    }

    /// Takes all events out of the batch.
    pub fn take(&mut self) -> Vec<(T, Outgoing)> {
        mem::take(&mut self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(partition: &str, bytes: usize) -> Outgoing {
        let event = BusEvent { detail_type: String::new(), detail: "x".repeat(bytes) };
        Outgoing { partition: partition.to_owned(), sequence: String::new(), time_ms: 0, event }
    }

    #[test]
    fn a_call_holds_ten_events_of_ten_partitions() {
        let mut batch = Batch::default();
        for number in 0..10 {
            let next = outgoing(&number.to_string(), 1);
            assert!(batch.has_room_for(&next));
            batch.push(number, next);
        }
        assert!(!batch.has_room_for(&outgoing("10", 1)));
        assert_eq!(batch.take().len(), 10);
        assert!(batch.has_room_for(&outgoing("10", 1)));
    }

    #[test]
    fn a_call_holds_no_two_events_of_a_partition() {
        let mut batch = Batch::default();
        batch.push((), outgoing("TICKET#1", 1));
        assert!(!batch.has_room_for(&outgoing("TICKET#1", 1)));
        assert!(batch.has_room_for(&outgoing("TICKET#2", 1)));
    }

    #[test]
    fn a_call_holds_256_kilobytes() {
        let source = shared::events::SOURCE.len();
        let mut batch = Batch::default();
        batch.push((), outgoing("1", 200 * 1024));
        let left = MAX_BYTES - 200 * 1024 - 2 * source;
        assert!(batch.has_room_for(&outgoing("2", left)));
        assert!(!batch.has_room_for(&outgoing("2", left + 1)));
    }
}
