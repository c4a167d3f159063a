//! What a vendor says of a right of an account's keys.

/// A right that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RightReading {
    /// Whether it is there; `None` where the vendor says nothing of it.
    pub granted: Option<bool>,
    /// How many there are, or are left, where the vendor tells it.
    pub count: Option<u64>,
}

impl RightReading {
    /// It is there.
    pub const GRANTED: RightReading = RightReading { granted: Some(true), count: None };

    /// Whether it is there.
    pub fn of(granted: bool) -> Self {
        Self { granted: Some(granted), count: None }
    }

    /// So many are there.
    pub fn counted(count: u64) -> Self {
        Self { granted: Some(count > 0), count: Some(count) }
    }
}
