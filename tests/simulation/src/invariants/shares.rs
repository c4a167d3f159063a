//! I8: a dead vendor takes nobody else's time.

use super::Facts;

/// What a run may take at first, before it calls a vendor: reading what there is to do.
const START_MS: u64 = 3_000;
/// What one call may take where nothing goes wrong, with what is stored of it.
const CALL_MS: u64 = 500;

/// I8: while one vendor does not answer, a sync run's calls to the other come as soon as if both answered: no later than its own
/// calls take.
///
/// Limits: checked where nothing else goes wrong, since only then is it known how long a call takes.
pub fn a_dead_vendor_takes_its_own_time(facts: &Facts) -> Vec<String> {
    let Some(dead) = facts.only_dead else { return Vec::new() };
    let mut slow = Vec::new();
    for call in
        facts.vendor_calls.iter().filter(|call| call.vendor != dead && call.function == "sync-tickets")
    {
        let same = |other: &&crate::world::VendorCall| other.run == call.run && other.vendor == call.vendor;
        let before =
            facts.vendor_calls.iter().filter(same).filter(|other| other.after_ms <= call.after_ms).count();
        let may = START_MS + CALL_MS * u64::try_from(before).unwrap_or_default();
        if call.after_ms > may {
            slow.push(format!(
                "sync-tickets#{} called {} {} ms after its start, call number {before}, while {dead} was dead",
                call.run, call.vendor, call.after_ms
            ));
        }
    }
    slow
}
