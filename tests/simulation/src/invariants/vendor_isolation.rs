//! A vendor that does not answer delays no other.

use super::Facts;

/// The longest time of a run before its first call to a vendor: it reads the due work.
const START_MS: u64 = 3_000;
/// The longest time of one call without a fault, storing its result included.
const CALL_MS: u64 = 500;

/// While one vendor does not answer, a sync run calls the other as early as if both answered.
///
/// Limits: checked where there is no other fault, because only then the duration of a call is known.
pub fn vendors_are_isolated(facts: &Facts) -> Vec<String> {
    let Some(silent) = facts.unresponsive else { return Vec::new() };
    let mut slow = Vec::new();
    for call in facts.vendor_calls.iter().filter(|call| call.vendor != silent && call.function == "sync-tickets") {
        let same = |other: &&crate::world::RecordedVendorCall| other.run == call.run && other.vendor == call.vendor;
        let before = facts.vendor_calls.iter().filter(same).filter(|other| other.after_ms <= call.after_ms).count();
        let may = START_MS + CALL_MS * u64::try_from(before).unwrap_or_default();
        if call.after_ms > may {
            slow.push(format!(
                "sync-tickets#{} called {} {} ms after its start, call number {before}, while {silent} did not answer",
                call.run, call.vendor, call.after_ms
            ));
        }
    }
    slow
}
