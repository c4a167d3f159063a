//! The events of one call of the bus.

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
    pub event: BusEvent,
}

/// The events of one call, each with the sender's own identifier.
pub type Batch<T> = Vec<(T, Outgoing)>;

/// Whether `next` may go into the same call as `batch`: within the bus's limits, and alone of its partition.
pub fn has_room<T>(batch: &[(T, Outgoing)], next: &Outgoing) -> bool {
    let bytes: usize = batch.iter().map(|(_, entry)| entry.event.bytes()).sum();
    batch.len() < MAX_EVENTS
        && bytes + next.event.bytes() <= MAX_BYTES
        && batch.iter().all(|(_, entry)| entry.partition != next.partition)
}

#[cfg(test)]
mod tests {
    use std::mem;

    use super::*;

    fn outgoing(partition: &str, bytes: usize) -> Outgoing {
        let event = BusEvent { detail_type: String::new(), detail: "x".repeat(bytes) };
        Outgoing { partition: partition.to_owned(), sequence: String::new(), time_ms: 0, event }
    }

    #[test]
    fn a_call_holds_ten_events_of_ten_partitions() {
        let mut batch = Batch::new();
        for number in 0..10 {
            let next = outgoing(&number.to_string(), 1);
            assert!(has_room(&batch, &next));
            batch.push((number, next));
        }
        assert!(!has_room(&batch, &outgoing("10", 1)));
        assert_eq!(mem::take(&mut batch).len(), 10);
        assert!(has_room(&batch, &outgoing("10", 1)));
    }

    #[test]
    fn a_call_holds_no_two_events_of_a_partition() {
        let batch = [((), outgoing("TICKET#1", 1))];
        assert!(!has_room(&batch, &outgoing("TICKET#1", 1)));
        assert!(has_room(&batch, &outgoing("TICKET#2", 1)));
    }

    #[test]
    fn a_call_holds_256_kilobytes() {
        let source = shared::events::SOURCE.len();
        let batch = [((), outgoing("1", 200 * 1024))];
        let left = MAX_BYTES - 200 * 1024 - 2 * source;
        assert!(has_room(&batch, &outgoing("2", left)));
        assert!(!has_room(&batch, &outgoing("2", left + 1)));
    }
}
