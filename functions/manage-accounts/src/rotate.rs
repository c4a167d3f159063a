//! `PUT /accounts/{id}/keys`: verifies the new keys, then replaces the old ones.

use std::{sync::Arc, time::Duration};

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::{Account, AccountHealth},
    error::{Error, Result},
    http::{HttpCall, json},
    ids,
    problem_code::ProblemCode,
    telemetry,
    vendors::SessionKeys,
    workflow::precondition::Precondition,
};
use tokio::time::Instant;

use crate::{customer, request, rights, show};

/// The time before the deadline that is reserved for storing the keys.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// Replaces the keys if the new ones work and are the same customer's: with another customer's the account's tickets
/// would count as deleted, and their texts would be sent to that customer.
pub async fn rotate(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let keys = Arc::new(request::read_keys(&call.body)?);
    let account = show::existing(app, &id).await?;
    if account.deleting.is_some() {
        let message = "The account is being removed; DELETE it again to finish.";
        return Err(Error::new(ProblemCode::AccountDeleting, message));
    }
    let mut precondition = Precondition::of_account(app, &id, call.if_match()?).await?;
    let deadline = call.invocation.deadline_minus(STORE_RESERVE);
    let session = app.session_with(&account, SessionKeys::Given(Arc::clone(&keys)), deadline);
    let customer_id = customer::identify(&session).await?;
    session.check_keys().await?;
    let account = customer::same_customer(app, account.clone(), &session, customer_id).await?;
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error: None };
    let write_id = ids::nonce(&*app.random)?;
    // The account changes before its keys, so that of two callers who have seen the same one only one replaces them.
    while precondition.is_given() && !precondition.store().set_account_health(&id, &health, &write_id).await? {
        if !precondition.renew().await? {
            return Err(show::not_found());
        }
    }
    app.secrets.replace(&id, &keys).await?;
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error: None };
    app.store.set_account_health(&id, &health, &write_id).await?;
    let session = session.until(Instant::now() + rights::READ_TIME);
    let rights = rights::read(app, &session).await;
    app.store.set_account_rights(&id, &rights).await?;
    json(StatusCode::OK, &Account { health, rights: Some(rights), changed_by: telemetry::actor(), ..account })
}
