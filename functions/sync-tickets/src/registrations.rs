//! Ends registrations of accounts that stopped between the keys and the account.

use shared::{app::App, domain::AccountId, error::Result, telemetry};

/// Stores each account whose keys were stored, and removes each registration without keys. What fails is due again in
/// the next run.
pub async fn end(app: &App, lost: Vec<AccountId>) {
    for id in lost {
        if let Err(error) = end_registration(app, &id).await {
            telemetry::record_defect(&error);
            tracing::error!(account.id = %id, error = ?error, "A registration that stopped could not be ended.");
        }
    }
}

async fn end_registration(app: &App, id: &AccountId) -> Result<()> {
    let Some(account) = app.store.registration(id).await? else { return Ok(()) };
    let has_keys = app.secrets.exist(id).await?;
    if has_keys {
        app.store.finish_registration(&account).await?;
    } else {
        app.store.cancel_registration(&account).await?;
    }
    tracing::warn!(account.id = %id, has_keys, "A registration that stopped was ended.");
    Ok(())
}
