//! Times and durations as text, always UTC.

use jiff::Timestamp;

/// The time as RFC 3339 with milliseconds, `2026-11-29T08:30:00.000Z`; `None` for one that no calendar has.
pub fn rfc3339(time_ms: i64) -> Option<String> {
    formatted("%Y-%m-%dT%H:%M:%S%.3fZ", time_ms)
}

/// The time for a reader, `2026-11-29 08:30:00 UTC`; its number where no calendar has it.
pub fn readable(time_ms: i64) -> String {
    formatted("%Y-%m-%d %H:%M:%S UTC", time_ms).unwrap_or_else(|| format!("{time_ms} ms"))
}

fn formatted(format: &str, time_ms: i64) -> Option<String> {
    let time = Timestamp::from_millisecond(time_ms).ok()?;
    // A key and a partition have four digits of the year.
    let text = time.strftime(format).to_string();
    let year = text.split_once('-').map_or("", |(year, _)| year);
    (year.len() == 4).then_some(text)
}

/// A duration for a reader, its two largest units: `2 d 3 h`, `5 min 10 s`, `0 s`.
pub fn duration(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (0, hours, minutes, _) => format!("{hours} h {minutes} min"),
        (days, hours, ..) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_utc() {
        assert_eq!(rfc3339(1_764_547_199_999).as_deref(), Some("2025-11-30T23:59:59.999Z"));
        assert_eq!(rfc3339(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(readable(1_764_547_199_999), "2025-11-30 23:59:59 UTC");
        assert_eq!((rfc3339(i64::MAX), readable(i64::MAX)), (None, "9223372036854775807 ms".to_owned()));
        assert_eq!(rfc3339(-63_000_000_000_000), None);
    }

    #[test]
    fn a_duration_has_its_two_largest_units() {
        for (ms, text) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59_999, "59 s"),
            (60_000, "1 min 0 s"),
            (5_400_000, "1 h 30 min"),
            (183_600_000, "2 d 3 h"),
        ] {
            assert_eq!(duration(ms), text, "{ms}");
        }
    }
}
