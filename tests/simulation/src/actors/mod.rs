//! The actors of a schedule: callers of the API, people at the vendors, and what AWS starts.

pub mod account_admin;
pub mod action_caller;
pub mod caller;
pub mod copier;
pub mod deleter;
pub mod delivery;
pub mod publisher;
pub mod rebuilder;
pub mod refresher;
pub mod replier;
pub mod rotator;
pub mod sync_schedule;
pub mod uploader;
pub mod vendor_people;

use std::time::Duration;

/// Waits, in virtual time.
pub async fn wait_ms(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
