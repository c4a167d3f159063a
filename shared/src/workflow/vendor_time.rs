//! When the vendor may say that a write of ours was done. Pure.

use std::ops::RangeInclusive;

/// The largest difference between the vendor's clock and ours for a match, milliseconds.
pub const CLOCK_TOLERANCE_MS: i64 = 5 * 60 * 1000;

/// The largest difference between the vendor's clock and ours for [`is_made_between`], milliseconds. A ticket that is
/// ours and further off is taken later, or by a person.
const MADE_TOLERANCE_MS: i64 = 90 * 1000;

/// For how long vendors accept a signature, milliseconds: a request may be held back for that long on its way, and
/// clocks may differ by that much.
const SIGNATURE_WINDOW_MS: i64 = 15 * 60 * 1000;

/// How far a vendor's times may be off for another time zone, milliseconds: not at all, or by GMT+8, which requests ask
/// Huawei for. Its documents do not say in which zone its times are.
const ZONE_SHIFTS_MS: [i64; 3] = [0, -8 * 60 * 60 * 1000, 8 * 60 * 60 * 1000];

/// The vendor's times, Unix milliseconds, of what was sent between `start_ms` and `end_ms`. A vendor may give whole
/// seconds only.
pub fn range(start_ms: i64, end_ms: i64) -> RangeInclusive<i64> {
    start_ms - start_ms.rem_euclid(1000) - CLOCK_TOLERANCE_MS..=end_ms + CLOCK_TOLERANCE_MS
}

/// Whether the vendor made something at `time_ms` between `start_ms` and `end_ms`, by the vendor's clock and in any of
/// the time zones that it may be given in. What was held back on its way was made later.
pub fn is_made_between(start_ms: i64, end_ms: i64, time_ms: i64) -> bool {
    let range = start_ms - MADE_TOLERANCE_MS..=end_ms + MADE_TOLERANCE_MS;
    ZONE_SHIFTS_MS.into_iter().any(|shift_ms| range.contains(&(time_ms + shift_ms)))
}

/// Whether the vendor's `time_ms` may be that of what was sent between `start_ms` and `end_ms`, with the worst clock,
/// the slowest way, and in any of the time zones that it may be given in.
pub fn may_be_sent(start_ms: i64, end_ms: i64, time_ms: i64) -> bool {
    let range = start_ms - SIGNATURE_WINDOW_MS..=end_ms + 2 * SIGNATURE_WINDOW_MS;
    ZONE_SHIFTS_MS.into_iter().any(|shift_ms| range.contains(&(time_ms + shift_ms)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_within_90_seconds_of_the_attempt_is_of_it() {
        const HOUR_MS: i64 = 60 * 60 * 1000;
        let (start_ms, end_ms) = (1_768_465_800_500, 1_768_465_835_500);
        for (time_ms, is_of_it) in [
            (start_ms, true),
            (start_ms - 500, true),
            (start_ms - 90_000, true),
            (start_ms - 90_001, false),
            (end_ms + 90_000, true),
            (end_ms + 90_001, false),
            (start_ms + 8 * HOUR_MS, true),
            (end_ms - 8 * HOUR_MS, true),
            (start_ms + HOUR_MS, false),
            (end_ms + 8 * HOUR_MS + 90_001, false),
        ] {
            assert_eq!(is_made_between(start_ms, end_ms, time_ms), is_of_it, "{}", time_ms - start_ms);
        }
    }
}
