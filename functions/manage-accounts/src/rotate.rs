//! `PUT /accounts/{id}/keys`: verify the new keys, then replace. The old ones stay until the new ones are proved.

use std::{sync::Arc, time::Duration};

use http::{Response, StatusCode};
use shared::{
    access::access,
    app::App,
    domain::{Account, AccountHealth},
    error::{Error, Result},
    http::{HttpCall, json},
    problem_code::ProblemCode,
    store::TicketFilter,
    vendors::Access,
};

use crate::{request, show};

/// What is kept back of the time that is left, to store the keys in.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// How many of the account's last tickets the new keys are tried on, until one is seen.
const PROOFS: usize = 3;

/// Rotates an account's keys.
pub async fn rotate(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let keys = Arc::new(request::read_keys(&call.body)?);
    let account = show::existing(app, &id).await?;
    if account.deleting.is_some() {
        let message = "The account is being removed; DELETE it again to finish.";
        return Err(Error::new(ProblemCode::AccountDeleting, message));
    }
    let deadline = call.invocation.deadline_minus(STORE_RESERVE);
    let access = access(&app.config, &account, Arc::clone(&keys), deadline)?;
    app.vendors.get(account.vendor).check_keys(&access).await?;
    sees_tickets(app, &access, &account).await?;
    app.secrets.replace(&id, &keys).await?;
    let health = AccountHealth { last_check: Some(app.clock.now_ms()), last_error: None };
    app.store.set_account_health(&id, &health).await?;
    json(StatusCode::OK, &Account { health, ..account })
}

/// Refuses keys of another customer: with them the account's tickets would count as deleted at the vendor. They are known by that the
/// vendor has none of the account's last tickets for them.
async fn sees_tickets(app: &App, access: &Access, account: &Account) -> Result<()> {
    let to_ms = Some(app.clock.now_ms() - app.config.settle_time_ms);
    let filter = TicketFilter { account: Some(account.id.clone()), to_ms, ..TicketFilter::default() };
    let last = app.store.tickets(&filter, PROOFS, None).await?.items;
    let mut unseen = false;
    for cloud_id in last.iter().filter_map(|ticket| ticket.cloud_id.as_ref()) {
        match app.vendors.get(account.vendor).ticket_status(access, cloud_id).await {
            Err(error) if error.is(ProblemCode::VendorTicketNotFound) => unseen = true,
            // A missing right may be that of the customer's own key, and never makes a ticket count as deleted.
            Ok(_) | Err(_) => return Ok(()),
        }
    }
    if !unseen {
        return Ok(());
    }
    let message = "The vendor has none of the account's last tickets for these keys, so they are another customer's. \
                   Register them with POST /accounts.";
    Err(Error::new(ProblemCode::AccountKeysOfAnotherCustomer, message))
}
