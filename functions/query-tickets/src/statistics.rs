//! How many tickets were opened, answered and closed on each day, and how long that took, by vendor.

use std::collections::BTreeMap;

use http::{Response, StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    domain::{Day, Histogram, TicketCounts, Vendor},
    error::Result,
    http::{Fields, HttpCall, json},
    store::StatisticsFilter,
};

/// The most days of one answer.
pub const MAX_DAYS: i64 = 366;

/// The statistics of some days.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Statistics {
    /// The first day.
    from: Day,
    /// The last day.
    to: Day,
    /// All days together, by vendor; only vendors with tickets.
    vendors: Vec<VendorStatistics>,
    /// Each day, the oldest first, by vendor; only days and vendors with tickets.
    days: Vec<DayStatistics>,
}

/// The statistics of a vendor.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorStatistics {
    /// The vendor.
    #[serde(rename = "type")]
    vendor: Vendor,
    /// What was counted.
    #[serde(flatten)]
    counts: Counts,
}

/// The statistics of a vendor's day.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayStatistics {
    /// The day, UTC.
    day: Day,
    /// The vendor.
    #[serde(rename = "type")]
    vendor: Vendor,
    /// What was counted.
    #[serde(flatten)]
    counts: Counts,
}

/// What was counted. Each ticket counts on the day of its `create_time`, of its first answer, and of its `close_time`.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Tickets that were opened. One that the vendor may not have does not count.
    opened: u64,
    /// Tickets that were closed.
    closed: u64,
    /// From a ticket's creation to the first message of the vendor's support.
    first_response: Durations,
    /// From a ticket's creation to its end at the vendor, as `resolution_ms` of the ticket.
    resolution: Durations,
}

/// Durations of tickets, as they are counted in logarithmic buckets: within 4.5 % of the exact ones.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Durations {
    /// How many there are.
    count: u64,
    /// The median, milliseconds; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    median_ms: Option<i64>,
    /// The 90th percentile, milliseconds; absent without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    p90_ms: Option<i64>,
}

impl From<&Histogram> for Durations {
    fn from(histogram: &Histogram) -> Self {
        Self { count: histogram.count(), median_ms: histogram.percentile(50), p90_ms: histogram.percentile(90) }
    }
}

impl From<&TicketCounts> for Counts {
    fn from(counts: &TicketCounts) -> Self {
        Self {
            opened: counts.opened,
            closed: counts.closed(),
            first_response: (&counts.first_response).into(),
            resolution: (&counts.resolution).into(),
        }
    }
}

/// Answers the statistics that the query string asks for.
///
/// # Errors
/// `invalid_fields`, and the store's failures.
pub async fn show(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let mut fields = Fields::of_query(&call.query);
    let from = fields.parsed("from", str::parse::<Day>);
    let to = fields.parsed("to", str::parse::<Day>);
    let vendor = fields.optional_vendor("type");
    let accounts = call.access.narrow(fields.optional_id("custom_id"));
    if let (Some(from), Some(to)) = (from, to)
        && !(0..MAX_DAYS).contains(&from.days_to(to))
    {
        fields.refuse("to", format!("must be the same day as from, or at most {} days after it", MAX_DAYS - 1));
    }
    let filter = fields.finish(|| Some(StatisticsFilter { from: from?, to: to?, vendor, accounts }))?;
    let counted = app.store.statistics(&filter).await?;
    let mut by_vendor: BTreeMap<&str, (Vendor, TicketCounts)> = BTreeMap::new();
    for ((_, vendor), counts) in &counted {
        by_vendor.entry(vendor.as_str()).or_insert_with(|| (*vendor, TicketCounts::default())).1.merge(counts);
    }
    let vendors =
        by_vendor.values().map(|(vendor, counts)| VendorStatistics { vendor: *vendor, counts: counts.into() });
    let days = counted.iter().map(|((day, vendor), counts)| DayStatistics {
        day: *day,
        vendor: *vendor,
        counts: counts.into(),
    });
    let answer = Statistics { from: filter.from, to: filter.to, vendors: vendors.collect(), days: days.collect() };
    json(StatusCode::OK, &answer)
}
