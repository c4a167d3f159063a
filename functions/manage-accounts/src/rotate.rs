//! `PUT /accounts/{id}/keys`: verifies the new keys, then replaces the old ones.

use std::{sync::Arc, time::Duration};

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{Account, AccountHealth},
    error::{Error, Result},
    http::{HttpCall, json},
    problem_code::ProblemCode,
    store::TicketFilter,
    vendors::{Session, SessionKeys},
};

use crate::{request, show};

/// The time before the deadline that is reserved for storing the keys.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// How many of the account's newest tickets are read with the new keys, until one is found.
const PROOFS: usize = 3;

pub async fn rotate(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let keys = Arc::new(request::read_keys(&call.body)?);
    let account = show::existing(app, &id).await?;
    if account.deleting.is_some() {
        let message = "The account is being removed; DELETE it again to finish.";
        return Err(Error::new(ProblemCode::AccountDeleting, message));
    }
    let deadline = call.invocation.deadline_minus(STORE_RESERVE);
    let session = app.session_with(&account, SessionKeys::Given(Arc::clone(&keys)), deadline);
    session.check_keys().await?;
    check_customer(app, &session).await?;
    app.secrets.replace(&id, &keys).await?;
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error: None };
    app.store.set_account_health(&id, &health).await?;
    json(StatusCode::OK, &Account { health, ..account })
}

/// Refuses keys of another customer: with them the account's tickets would count as deleted at the vendor. Such keys
/// can read none of the account's newest tickets.
async fn check_customer(app: &App, session: &Session<'_>) -> Result<()> {
    let to_ms = Some(app.clock.now_ms() - app.config.settle_time_ms);
    let filter = TicketFilter { account: Some(session.account().id.clone()), to_ms, ..TicketFilter::default() };
    let last = app.store.tickets(&filter, PROOFS, None).await?.items;
    let mut is_missing = false;
    for cloud_id in last.iter().filter_map(|ticket| ticket.cloud_id.as_ref()) {
        match session.ticket_status(cloud_id).await {
            Err(error) if error.is(ProblemCode::VendorTicketNotFound) => is_missing = true,
            // The customer's own keys may lack a permission too, and a denied read never counts as a deleted ticket.
            Ok(_) | Err(_) => return Ok(()),
        }
    }
    if !is_missing {
        return Ok(());
    }
    let message = "The vendor has none of the account's last tickets for these keys, so they are another customer's. \
                   Register them with POST /accounts.";
    Err(Error::new(ProblemCode::AccountKeysOfAnotherCustomer, message))
}
