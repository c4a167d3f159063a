//! `POST /accounts`: verify the keys with a harmless vendor call, then store keys and account.

use std::{sync::Arc, time::Duration};

use http::{Response, StatusCode};
use shared::{
    access::access,
    app::App,
    domain::{Account, AccountHealth, AccountId},
    error::{Error, Result},
    http::{
        HttpCall,
        idempotency::{self, Outcome},
        stored_answer,
    },
    ids,
    invocation::Invocation,
};

use crate::request::{self, RegisterAccountRequest};

/// What is kept back of the time that is left, to store the account in.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// The route, which names the idempotency records too.
pub const ROUTE: &str = "POST /accounts";

/// Registers an account.
pub async fn register(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let wanted = request::read_account(&call.body, app.config.allow_loopback_endpoints)?;
    if wanted.adopt_console_tickets {
        request::can_adopt(app, wanted.vendor)?;
    }
    let id = ids::account_id(app.clock.as_ref(), app.random.as_ref())?;
    let record = idempotency::optional_record(app, call, id.as_str())?;
    idempotency::run(app, record, id.to_string(), |id| verify_and_store(app, &call.invocation, id, wanted))
        .await
}

async fn verify_and_store(
    app: &App,
    invocation: &Invocation,
    id: String,
    wanted: RegisterAccountRequest,
) -> Result<Outcome> {
    let now_ms = app.clock.now_ms();
    let account = Account {
        id: AccountId::parse(id)?,
        vendor: wanted.vendor,
        site: wanted.site,
        region_id: wanted.region_id,
        endpoint: wanted.endpoint,
        domain_id: wanted.domain_id,
        create_time: now_ms,
        health: AccountHealth { last_check: Some(now_ms), last_error: None },
        adopt_since: wanted.adopt_console_tickets.then_some(now_ms),
        wait_until: None,
        deleting: None,
    };
    let keys = Arc::new(wanted.keys);
    let access = access(&app.config, &account, Arc::clone(&keys), invocation.deadline_minus(STORE_RESERVE))?;
    app.vendors.get(account.vendor).check_keys(&access).await.map_err(not_stored)?;
    // Keys first: an account without keys could do nothing, keys without an account harm nobody.
    app.secrets.create(&account.id, &keys).await?;
    let account = app.store.put_account(&account).await?;
    let location = Some(format!("/accounts/{}", account.id));
    Ok(Outcome::Final(stored_answer(StatusCode::CREATED, location, &account)?))
}

/// The vendor's answer, logged with what it means here.
fn not_stored(error: Error) -> Error {
    error.with_context("consequence", "the keys were not stored")
}
