//! Gauges of the catalogs, for the alarms. Each run sets them, so that an alarm notices a refresh that never came.

use std::collections::BTreeMap;

use shared::{
    app::App,
    domain::{Account, Site, Vendor},
    telemetry::{self, metrics},
};

use crate::gauges::number;

/// How long after the registration of its first account a catalog may be missing: the time for a first refresh.
const FIRST_REFRESH_MS: i64 = 60 * 60 * 1000;

/// The catalogs that must exist, each with the time when its first account was registered, Unix milliseconds.
pub struct Catalogs(BTreeMap<(Vendor, Site), i64>);

impl Catalogs {
    /// The catalogs of these accounts.
    pub fn of(accounts: &[Account]) -> Self {
        let mut registered = BTreeMap::new();
        for account in accounts.iter().filter(|account| account.deleting.is_none()) {
            let first = registered.entry((account.vendor, account.site)).or_insert(account.create_time);
            *first = account.create_time.min(*first);
        }
        Self(registered)
    }

    /// Records how many are missing, and the age of the oldest. A failure to read them is only logged: the work of the
    /// run does not depend on it.
    pub async fn record(&self, app: &App, now_ms: i64) {
        let refreshed = match app.store.catalog_refresh_times(self.0.keys().copied()).await {
            Ok(refreshed) => refreshed,
            Err(error) => {
                telemetry::record_defect(&error);
                tracing::warn!(error = ?error, "When the catalogs were refreshed could not be read.");
                return;
            }
        };
        let is_missing = |(catalog, registered_ms): &(&(Vendor, Site), &i64)| {
            !refreshed.contains_key(*catalog) && now_ms - **registered_ms >= FIRST_REFRESH_MS
        };
        let missing = self.0.iter().filter(is_missing);
        let missing: Vec<String> = missing.map(|((vendor, site), _)| format!("{vendor} {site}")).collect();
        metrics::CATALOGS_MISSING.set([], number(missing.len()));
        // A catalog outlives its accounts, and is refreshed only while it has one.
        let since = |(catalog, refreshed_ms)| self.0.get(&catalog).copied().max(Some(refreshed_ms));
        let oldest_ms = refreshed.into_iter().filter_map(since).min().unwrap_or(now_ms);
        metrics::OLDEST_CATALOG_AGE.set([], u64::try_from((now_ms - oldest_ms) / 1000).unwrap_or_default());
        if !missing.is_empty() {
            telemetry::property("catalogs_missing", missing);
        }
    }
}
