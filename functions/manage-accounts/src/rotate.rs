//! `PUT /accounts/{id}/keys`: verify the new keys, then replace. The old ones stay until the new ones are proved.

use std::{sync::Arc, time::Duration};

use http::{Response, StatusCode};
use shared::{
    access::access,
    app::App,
    domain::{Account, AccountHealth},
    error::{Error, Result},
    http::{HttpCall, json},
};

use crate::{request, show};

/// What is kept back of the time that is left, to store the keys in.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// Rotates an account's keys.
pub async fn rotate(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let keys = Arc::new(request::read_keys(&call.body)?);
    let account = show::existing(app, &id).await?;
    if account.deleting.is_some() {
        let message = "The account is being removed; DELETE it again to finish.";
        return Err(Error::conflict(message).with_code("account_deleting"));
    }
    let access = access(&account, Arc::clone(&keys), call.invocation.keep_back(STORE_RESERVE));
    app.vendors.get(account.vendor).check_keys(&access).await?;
    app.secrets.replace(&id, &keys).await?;
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error: None };
    app.store.set_account_health(&id, &health).await?;
    json(StatusCode::OK, &Account { health, ..account })
}
