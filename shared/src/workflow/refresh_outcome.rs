//! Records how the refreshes of a run ended: in metrics, and in a count of failures in a row.

use crate::{
    app::App,
    store::CatalogOutcome,
    telemetry::{self, metrics},
};

/// Records how refreshes ended, each once. `all`: there are no other catalogs.
///
/// A failure to store the count is only logged: the result of the refresh does not depend on it.
pub async fn record(app: &App, ended: &[CatalogOutcome], all: bool) {
    for outcome in ended {
        let (vendor, site) = outcome.catalog;
        let of = [vendor.as_str(), site.as_str()];
        metrics::REFRESHES_FAILED.add(of, u64::from(outcome.failed));
        metrics::REFRESHES_COMPLETE.add(of, u64::from(!outcome.failed));
    }
    match app.store.count_refresh_failures(ended, all).await {
        Ok(in_a_row) => metrics::REFRESH_FAILURES_IN_A_ROW.set([], in_a_row),
        Err(error) => {
            telemetry::record_defect(&error);
            tracing::warn!(error = ?error, "How refreshes ended could not be counted.");
        }
    }
}
