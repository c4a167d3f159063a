//! Reads the customer behind the keys of accounts of earlier versions, which were stored without it.

use futures_util::{StreamExt, stream};
use shared::{app::App, domain::Account, error::Result};
use tokio::time::Instant;

use crate::catalog::CHECKS_AT_ONCE;

/// Stores the customer of each account that lacks it. A failure is logged; the next run tries again.
pub async fn fill_in(app: &App, accounts: &[Account], deadline: Instant) {
    let unknown = stream::iter(accounts.iter().filter(|account| account.customer_id.is_none()));
    unknown
        .for_each_concurrent(CHECKS_AT_ONCE, async |account| {
            if let Err(error) = learn(app, account, deadline).await {
                let Account { id, vendor, .. } = account;
                tracing::warn!(account.id = %id, %vendor, error = ?error, "An account's customer could not be read.");
            }
        })
        .await;
}

async fn learn(app: &App, account: &Account, deadline: Instant) -> Result<()> {
    let customer = app.session(account, deadline).identify_customer().await?;
    app.store.set_customer(account, &customer).await.map(|_| ())
}
