//! `POST /accounts`: verifies the keys with a read at the vendor, then stores keys and account.

use std::{sync::Arc, time::Duration};

use http::Response;
use shared::{
    app::App,
    domain::{Account, AccountHealth, AccountId},
    error::Result,
    http::{
        HttpCall,
        idempotency::{self, KeyedOutcome},
    },
    ids,
    invocation::Invocation,
    store::StoredAnswer,
    vendors::SessionKeys,
};

use crate::request::{self, RegisterAccountRequest};

/// The time before the deadline that is reserved for storing the account.
const STORE_RESERVE: Duration = Duration::from_secs(5);

pub async fn register(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let body = request::read_account(&call.body, app.config.allow_loopback_endpoints)?;
    if body.adopt_console_tickets {
        request::can_adopt(app, body.vendor)?;
    }
    let id: AccountId = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    idempotency::run(app, call, id.to_string(), |id| verify_and_store(app, &call.invocation, id, body)).await
}

async fn verify_and_store(
    app: &App,
    invocation: &Invocation,
    id: String,
    body: RegisterAccountRequest,
) -> Result<KeyedOutcome> {
    let now_ms = app.clock.now_ms();
    let account = Account {
        id: AccountId::parse(id)?,
        vendor: body.vendor,
        site: body.site,
        region_id: body.region_id,
        endpoint: body.endpoint,
        domain_id: body.domain_id,
        create_time: now_ms,
        health: AccountHealth { last_check: Some(now_ms), last_error: None },
        adopt_since: body.adopt_console_tickets.then_some(now_ms),
        wait_until: None,
        deleting: None,
    };
    let keys = Arc::new(body.keys);
    let deadline = invocation.deadline_minus(STORE_RESERVE);
    let session = app.session_with(&account, SessionKeys::Given(Arc::clone(&keys)), deadline);
    let checked = session.check_keys().await;
    checked.map_err(|error| error.with_context("consequence", "the keys were not stored"))?;
    // The keys go first: keys without an account are never used, but an account without keys fails every call.
    app.secrets.create(&account.id, &keys).await?;
    let account = app.store.put_account(&account).await?;
    let location = Some(format!("/accounts/{}", account.id));
    Ok(KeyedOutcome::Final(StoredAnswer::new(201, location, &account)?))
}
