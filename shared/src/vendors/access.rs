//! How a client reaches a vendor for one account.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{pace::CallPace, saved_pages::SavedPages};
use crate::domain::{AccountId, AccountKeys, Site};

/// What a client needs to call a vendor for one account.
#[derive(Clone, Debug)]
pub struct Access {
    /// Our id of the account: retry budgets and metrics are counted by it.
    pub account: AccountId,
    /// The key pair.
    pub keys: Arc<AccountKeys>,
    /// The account's site.
    pub site: Site,
    /// The site in whose language names are asked for.
    pub language: Site,
    /// The account's region.
    pub region_id: String,
    /// Base URL given for the account (`https://host` or, in local mode, `http://127.0.0.1:port`);
    /// without it the host follows from site and region.
    pub endpoint: Option<String>,
    /// Huawei's account id, sent and signed when it is known.
    pub domain_id: Option<String>,
    /// When the caller must have its answer. No call and no wait goes past it.
    pub deadline: Instant,
    /// The account's pace.
    pub pace: CallPace,
    /// Where the pages of a long conversation are kept, if they are.
    pub pages: Option<Arc<dyn SavedPages>>,
}

impl Access {
    /// The time until the deadline.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}
