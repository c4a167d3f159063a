//! Reads the vendor's times. Pure.

use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, offset},
};

use crate::vendors::time::last_ms;

/// The time zone that every request asks for, and in which text without a zone is read.
pub const TIME_ZONE: &str = "GMT+8";
const OFFSET: Offset = offset(8);
const OFFSET_MS: i64 = 8 * 60 * 60 * 1000;

/// A time as Unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Unix milliseconds.
    pub ms: i64,
    /// Whether the text has a time zone.
    pub zoned: bool,
}

impl Time {
    /// The latest time that it may mean, Unix milliseconds. A text without a zone may be UTC, which is eight hours
    /// later.
    pub fn latest_ms(self) -> i64 {
        last_ms(if self.zoned { self.ms } else { self.ms + OFFSET_MS })
    }

    /// Whether the time is certainly before `since_ms`.
    pub fn is_before(self, since_ms: i64) -> bool {
        self.latest_ms() < since_ms
    }
}

/// Reads what the vendor's SDKs accept: `…Z`, an offset, a fraction, `T` or a space between date and time, no zone at
/// all (then GMT+8, the zone that every request asks for), or an epoch number of 10 (seconds) or 13 (milliseconds)
/// digits. The documents do not say whether `Z` is really UTC; it is read as UTC.
pub fn parse(text: &str) -> Option<Time> {
    let text = text.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        let ms = match text.len() {
            10 => number * 1000,
            13 => number,
            _ => return None,
        };
        return Some(Time { ms, zoned: true });
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Time { ms: time.as_millisecond(), zoned: true });
    }
    let time: DateTime = text.parse().ok()?;
    Some(Time { ms: OFFSET.to_timestamp(time).ok()?.as_millisecond(), zoned: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_read() {
        const UTC: i64 = 1_714_534_252_000;
        for (text, ms, zoned) in [
            ("2024-05-01T03:30:52Z", UTC, true),
            ("2024-05-01T11:30:52+08:00", UTC, true),
            ("2024-05-01T11:30:52+0800", UTC, true),
            ("2024-05-01T03:30:52.250Z", UTC + 250, true),
            ("2024-05-01 03:30:52Z", UTC, true),
            ("2024-05-01T11:30:52", UTC, false),
            ("2024-05-01 11:30:52", UTC, false),
            ("2024-05-01 11:30:52.5", UTC + 500, false),
            ("1714534252", UTC, true),
            ("1714534252000", UTC, true),
            (" 1714534252000 ", UTC, true),
        ] {
            assert_eq!(parse(text), Some(Time { ms, zoned }), "{text}");
        }
        for bad in ["", "yesterday", "171453", "2024-13-01T00:00:00Z"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_time_without_a_zone_is_old_only_when_it_is_in_both_readings() {
        let time = parse("2024-05-01 11:30:52.5").unwrap();
        assert!(!time.is_before(time.ms + OFFSET_MS));
        assert!(time.is_before(time.ms + OFFSET_MS + 1));
        let zoned = parse("2024-05-01T03:30:52.250Z").unwrap();
        assert!(zoned.is_before(zoned.ms + 1));
    }

    #[test]
    fn a_time_in_whole_seconds_may_be_any_of_its_second() {
        let time = parse("2024-05-01T03:30:52Z").unwrap();
        assert!(!time.is_before(time.ms + 999));
        assert!(time.is_before(time.ms + 1000));
    }
}
