//! What the statistics count of a ticket: that it was opened, answered first, and closed, each on its day. Made of the
//! ticket's item only, so that the same ticket always gives the same.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::Offset};
use serde::{Deserialize, Serialize};

use super::{AccountId, Histogram, TicketState, Vendor};

/// A day, UTC, written as `2026-01-15`. Text order is time order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "String", extend("pattern" = Day::PATTERN)))]
#[serde(into = "String", try_from = "String")]
pub struct Day(Date);

impl Day {
    /// The form of a day's text, as a regular expression.
    pub const PATTERN: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

    /// The day of a time, Unix milliseconds. A time before 1970 or after 9999 counts as the first or the last day.
    pub fn of(time_ms: i64) -> Self {
        let time = Timestamp::from_millisecond(time_ms.max(0)).unwrap_or(Timestamp::MAX);
        Self(Offset::UTC.to_datetime(time).date())
    }

    /// How many days `last` is after this one; negative where it is before.
    pub fn days_to(self, last: Day) -> i64 {
        last.0.duration_since(self.0).as_hours() / 24
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = String;

    /// Only the one form: four digits, two, and two.
    fn from_str(text: &str) -> Result<Self, String> {
        let day = text.parse().ok().map(Self).filter(|day| day.to_string() == text);
        day.ok_or_else(|| "must be a day such as 2026-01-15".to_owned())
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// What of a ticket's item the facts are made of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct TicketTimes {
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The account's id.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// The state.
    pub state: TicketState,
    /// When it was created, Unix milliseconds.
    pub create_time: i64,
    /// When support wrote first, Unix milliseconds.
    #[serde(default)]
    pub first_response_time: Option<i64>,
    /// When its archive was committed, Unix milliseconds.
    #[serde(default)]
    pub close_time: Option<i64>,
    /// How long it took until it had ended at the vendor, milliseconds.
    #[serde(default)]
    pub resolution_ms: Option<i64>,
}

/// A duration in its bucket, counted on the day on which it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DurationFact {
    /// The day.
    pub day: Day,
    /// The bucket of [`Histogram`].
    pub bucket: u16,
}

impl DurationFact {
    fn new(end_ms: i64, duration_ms: i64) -> Self {
        Self { day: Day::of(end_ms), bucket: Histogram::bucket(duration_ms) }
    }
}

/// What is counted of a ticket. A ticket that the vendor may not have counts nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFacts {
    /// The day on which it was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Day>,
    /// The day on which support wrote first, and how long that took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<DurationFact>,
    /// The day on which its archive was committed, and how long it took until it had ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<DurationFact>,
}

/// A number of a day's statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountedValue {
    /// Tickets that were opened.
    Opened,
    /// Tickets that were answered first, by the bucket of the time to the answer.
    FirstResponse(u16),
    /// Tickets that were closed, by the bucket of the time to their end.
    Resolution(u16),
}

impl TicketFacts {
    /// The facts of a ticket.
    pub fn of(ticket: &TicketTimes) -> Self {
        if TicketState::UNCERTAIN.contains(&ticket.state) {
            return Self::default();
        }
        let since_create = |time_ms: i64| time_ms.saturating_sub(ticket.create_time);
        let closed = ticket.close_time.filter(|_| ticket.state == TicketState::Closed);
        Self {
            opened: Some(Day::of(ticket.create_time)),
            answered: ticket.first_response_time.map(|time_ms| DurationFact::new(time_ms, since_create(time_ms))),
            closed: closed.map(|time_ms| {
                DurationFact::new(time_ms, ticket.resolution_ms.unwrap_or_else(|| since_create(time_ms)))
            }),
        }
    }

    /// Where it counts, as days and values.
    fn values(&self) -> impl Iterator<Item = (Day, CountedValue)> {
        let opened = self.opened.map(|day| (day, CountedValue::Opened));
        let answered = self.answered.map(|fact| (fact.day, CountedValue::FirstResponse(fact.bucket)));
        let closed = self.closed.map(|fact| (fact.day, CountedValue::Resolution(fact.bucket)));
        [opened, answered, closed].into_iter().flatten()
    }

    /// How the numbers of days change when these facts take the place of `counted`. Nothing that stays is in it.
    pub fn changes_from(&self, counted: &TicketFacts) -> BTreeMap<(Day, CountedValue), i64> {
        let mut changes = BTreeMap::new();
        for (values, change) in [(counted, -1), (self, 1)] {
            for value in values.values() {
                *changes.entry(value).or_insert(0) += change;
            }
        }
        changes.retain(|_, change| *change != 0);
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 60 * 60 * 1000;
    /// 2026-01-15 08:30 UTC.
    const CREATED_MS: i64 = 1_768_465_800_000;

    fn times(state: TicketState) -> TicketTimes {
        TicketTimes {
            vendor: Vendor::Huawei,
            account_id: AccountId::parse("A1").unwrap(),
            state,
            create_time: CREATED_MS,
            first_response_time: None,
            close_time: None,
            resolution_ms: None,
        }
    }

    #[test]
    fn a_day_is_that_of_utc_in_one_form() {
        let day = Day::of(CREATED_MS);
        assert_eq!(day.to_string(), "2026-01-15");
        assert_eq!("2026-01-15".parse(), Ok(day));
        for bad in ["20260115", "2026-1-15", "2026-02-30", "2026-01-15T00:00", "+02026-01-15", "", "yesterday"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
        assert_eq!(Day::of(CREATED_MS + 15 * HOUR_MS).to_string(), "2026-01-15");
        assert_eq!(Day::of(CREATED_MS + 16 * HOUR_MS).to_string(), "2026-01-16");
        assert_eq!(day.days_to(Day::of(CREATED_MS + 400 * 24 * HOUR_MS)), 400);
        assert_eq!(Day::of(CREATED_MS + 400 * 24 * HOUR_MS).days_to(day), -400);
        assert_eq!([i64::MIN, i64::MAX].map(|ms| Day::of(ms).to_string()), ["1970-01-01", "9999-12-30"]);
    }

    #[test]
    fn a_ticket_counts_once_the_vendor_has_it() {
        for state in TicketState::UNCERTAIN {
            assert_eq!(TicketFacts::of(&times(state)), TicketFacts::default(), "{state:?}");
        }
        let opened = TicketFacts { opened: Some(Day::of(CREATED_MS)), ..TicketFacts::default() };
        // A close under way has a time only once it is committed.
        for state in [TicketState::Open, TicketState::Closing] {
            let ticket = TicketTimes { close_time: Some(CREATED_MS), ..times(state) };
            assert_eq!(TicketFacts::of(&ticket), opened, "{state:?}");
        }
    }

    #[test]
    fn each_fact_counts_on_its_own_day_and_a_change_moves_it() {
        let answered_ms = CREATED_MS + 20 * HOUR_MS;
        let ticket = TicketTimes {
            first_response_time: Some(answered_ms),
            close_time: Some(CREATED_MS + 48 * HOUR_MS),
            resolution_ms: Some(47 * HOUR_MS),
            ..times(TicketState::Closed)
        };
        let day = |text: &str| text.parse::<Day>().unwrap();
        let facts = TicketFacts::of(&ticket);
        let bucket = |hours: i64| Histogram::bucket(hours * HOUR_MS);
        let all = [
            ((day("2026-01-15"), CountedValue::Opened), 1),
            ((day("2026-01-16"), CountedValue::FirstResponse(bucket(20))), 1),
            ((day("2026-01-17"), CountedValue::Resolution(bucket(47))), 1),
        ];
        assert_eq!(facts.changes_from(&TicketFacts::default()), BTreeMap::from(all));
        assert_eq!(facts.changes_from(&facts), BTreeMap::new());
        // Support's first message is found to be an earlier one.
        let earlier = TicketFacts::of(&TicketTimes { first_response_time: Some(CREATED_MS), ..ticket.clone() });
        let moved = [
            ((day("2026-01-15"), CountedValue::FirstResponse(0)), 1),
            ((day("2026-01-16"), CountedValue::FirstResponse(bucket(20))), -1),
        ];
        assert_eq!(earlier.changes_from(&facts), BTreeMap::from(moved));
        // A ticket that an earlier version closed.
        let of_before = TicketFacts::of(&TicketTimes { resolution_ms: None, ..ticket });
        assert_eq!(of_before.closed.unwrap().bucket, bucket(48));
    }
}
