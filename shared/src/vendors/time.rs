//! What every vendor's times have in common. Pure.

/// The last millisecond of the time's second, where it is in whole seconds.
pub fn last_ms(time_ms: i64) -> i64 {
    if time_ms % 1000 == 0 { time_ms + 999 } else { time_ms }
}
