//! Every metric that the functions write, each with its unit and dimensions. Alarms and the dashboard name them:
//! `infra/template.yaml`.
//!
//! The values of dimensions are `&'static str`: each set of names and values is a separate metric with its own cost, so
//! an id can't be a value. Ids are properties.
//!
//! CloudWatch charges a metric for each hour in which it has a value. So the metrics that an idle stack would only set
//! to 0 are sparse: a 0 stays a property of the document, for the log. Their alarms treat missing data as good.

use serde::Serialize;

use super::recorder::{self, Values};

/// What a metric counts in; the names are CloudWatch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
}

/// A metric and the names of its dimensions.
#[derive(Clone, Copy, Debug)]
pub struct Metric<const N: usize> {
    /// Its name.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The names of its dimensions.
    pub dimensions: [&'static str; N],
    /// Whether a 0 is a property only, and no value of the metric.
    pub is_sparse: bool,
}

impl Metric<0> {
    const fn sparse(name: &'static str, unit: Unit) -> Self {
        Self { name, unit, dimensions: [], is_sparse: true }
    }
}

impl<const N: usize> Metric<N> {
    const fn of(name: &'static str, unit: Unit, dimensions: [&'static str; N]) -> Self {
        Self { name, unit, dimensions, is_sparse: false }
    }

    /// Adds to the invocation's sum. Outside an invocation nothing happens, here and below.
    pub fn add(&self, of: [&'static str; N], count: u64) {
        self.change(of, |values| match values {
            Some(Values::One(sum)) => Values::One(sum.saturating_add(count)),
            _ => Values::One(count),
        });
    }

    /// Sets what is measured once an invocation.
    pub fn set(&self, of: [&'static str; N], value: u64) {
        self.change(of, |_| Values::One(value));
    }

    /// Adds one of many values, for percentiles.
    pub fn observe(&self, of: [&'static str; N], value: u64) {
        self.change(of, |values| match values {
            Some(Values::Many(mut many)) => {
                many.push(value);
                Values::Many(many)
            }
            _ => Values::Many(vec![value]),
        });
    }

    fn change(&self, of: [&'static str; N], change: impl FnOnce(Option<Values>) -> Values) {
        recorder::current(|recorder| recorder.change(self, of, change));
    }
}

const OPERATION: [&str; 2] = ["Vendor", "Operation"];
const CATALOG: [&str; 2] = ["Vendor", "Site"];

/// Operations asked of a vendor.
pub const VENDOR_CALLS: Metric<2> = Metric::of("VendorCalls", Unit::Count, OPERATION);
/// How long each attempt of an operation took, to its answer or failure.
pub const VENDOR_LATENCY: Metric<2> = Metric::of("VendorLatency", Unit::Milliseconds, OPERATION);
/// Attempts after the first, where there are any.
pub const VENDOR_RETRIES: Metric<2> = Metric::of("VendorRetries", Unit::Count, OPERATION);
/// Calls that the vendor throttled, where there are any.
pub const VENDOR_THROTTLES: Metric<2> = Metric::of("VendorThrottles", Unit::Count, OPERATION);
/// Operations that failed in the end, by our stable code.
pub const VENDOR_ERRORS: Metric<3> = Metric::of("VendorErrors", Unit::Count, ["Vendor", "Operation", "Class"]);
/// Operations that failed because a vendor refuses an account's stored keys.
pub const KEYS_REFUSED: Metric<0> = Metric::sparse("KeysRefused", Unit::Count);
/// Errors that are ours: answered 500, or met by a schedule.
pub const DEFECTS: Metric<0> = Metric::sparse("Defects", Unit::Count);
/// Tickets in `creating`, by each sync.
pub const TICKETS_CREATING: Metric<0> = Metric::sparse("TicketsCreating", Unit::Count);
/// Tickets in `unknown`, by each sync.
pub const TICKETS_UNKNOWN: Metric<0> = Metric::sparse("TicketsUnknown", Unit::Count);
/// Tickets in `indeterminate`, by each sync.
pub const TICKETS_INDETERMINATE: Metric<0> = Metric::sparse("TicketsIndeterminate", Unit::Count);
/// Replies that became `indeterminate`.
pub const REPLIES_INDETERMINATE: Metric<0> = Metric::sparse("RepliesIndeterminate", Unit::Count);
/// Further tickets of a vendor with the id of one of ours.
pub const DUPLICATE_TICKETS: Metric<0> = Metric::sparse("DuplicateTickets", Unit::Count);
/// Rows and files of conversations that can't be read. They are kept raw. Each reading counts them again.
pub const UNREADABLE_ROWS: Metric<0> = Metric::sparse("UnreadableRows", Unit::Count);
/// Times that a vendor refused the time of a request and its clock's offset was learned.
pub const CLOCKS_CORRECTED: Metric<0> = Metric::sparse("ClocksCorrected", Unit::Count);
/// Tickets in `open`, by each sync.
pub const TICKETS_OPEN: Metric<0> = Metric::sparse("TicketsOpen", Unit::Count);
/// Tickets in `closing`, by each sync.
pub const TICKETS_CLOSING: Metric<0> = Metric::sparse("TicketsClosing", Unit::Count);
/// Archives committed.
pub const TICKETS_CLOSED: Metric<0> = Metric::sparse("TicketsClosed", Unit::Count);
/// How long the oldest ticket or reply has been without a definite outcome; 0 without any. Set by each sync.
pub const OLDEST_UNKNOWN_AGE: Metric<0> = Metric::sparse("OldestUnknownAge", Unit::Seconds);
/// How long the oldest close has been under way; 0 without any. Set by each sync.
pub const OLDEST_CLOSING_AGE: Metric<0> = Metric::sparse("OldestClosingAge", Unit::Seconds);
/// Accounts whose keys failed their last check, by each sync.
pub const ACCOUNTS_WITH_BAD_KEYS: Metric<0> = Metric::sparse("AccountsWithBadKeys", Unit::Count);
/// From the time for which a sync was scheduled to its end.
pub const SYNC_LAG: Metric<0> = Metric::of("SyncLag", Unit::Seconds, []);
/// Steps of a sync that failed.
pub const SYNC_FAILED_STEPS: Metric<0> = Metric::sparse("SyncFailedSteps", Unit::Count);
/// Steps of a sync that were not begun.
pub const SYNC_LEFT_STEPS: Metric<0> = Metric::sparse("SyncLeftSteps", Unit::Count);
/// Refreshes of a catalog that were complete.
pub const REFRESHES_COMPLETE: Metric<2> = Metric::of("RefreshesComplete", Unit::Count, CATALOG);
/// Refreshes of a catalog that failed.
pub const REFRESHES_FAILED: Metric<2> = Metric::of("RefreshesFailed", Unit::Count, CATALOG);
/// Catalogs of accounts that were never refreshed completely, an hour after the registration. Set by each sync.
pub const CATALOGS_MISSING: Metric<0> = Metric::sparse("CatalogsMissing", Unit::Count);
/// The time since the last complete refresh of the catalog for which it is longest. Set by each sync.
pub const OLDEST_CATALOG_AGE: Metric<0> = Metric::sparse("OldestCatalogAge", Unit::Seconds);
/// The most failures in a row of any one catalog; 0 without any. Set by each refresh.
pub const REFRESH_FAILURES_IN_A_ROW: Metric<0> = Metric::of("RefreshFailuresInARow", Unit::Count, []);
/// Entries that a complete refresh added.
pub const CATALOG_ADDED: Metric<2> = Metric::of("CatalogAdded", Unit::Count, CATALOG);
/// Entries that a complete refresh changed.
pub const CATALOG_CHANGED: Metric<2> = Metric::of("CatalogChanged", Unit::Count, CATALOG);
/// Entries that a complete refresh marked removed.
pub const CATALOG_REMOVED: Metric<2> = Metric::of("CatalogRemoved", Unit::Count, CATALOG);
/// Files that were copied into the bucket.
pub const ATTACHMENTS_STORED: Metric<0> = Metric::sparse("AttachmentsStored", Unit::Count);
/// Files that could not be copied within a day.
pub const ATTACHMENTS_FAILED: Metric<0> = Metric::sparse("AttachmentsFailed", Unit::Count);
/// Events of the stream that the bus accepted.
pub const EVENTS_PUBLISHED: Metric<0> = Metric::sparse("EventsPublished", Unit::Count);
/// Events and unreadable records of the stream that were stored in the dead letter queue.
pub const EVENTS_PARKED: Metric<0> = Metric::sparse("EventsParked", Unit::Count);
