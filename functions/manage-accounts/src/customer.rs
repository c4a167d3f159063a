//! The customer behind keys: who it is, and whether new keys are of the account's customer.

use shared::{
    app::App,
    domain::{Account, AccountId, CustomerId},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::TicketFilter,
    vendors::Session,
};

use crate::show;

/// How many of the account's newest tickets are read with new keys, until one is shown.
const PROOFS: usize = 10;

/// The customer behind the session's keys.
///
/// # Errors
/// `502` or `403` where the vendor does not say it, whatever the reason: that proves nothing.
pub async fn identify(session: &Session<'_>) -> Result<CustomerId> {
    session.identify_customer().await.map_err(unreadable)
}

/// The account with its customer, if the customer of the session's new keys is the same.
///
/// An account of an earlier version has no customer yet: its present keys say it. Where the vendor refuses those, one
/// of the account's tickets that the new keys can read is the proof. An account without any ticket has nothing to lose.
///
/// # Errors
/// `account_keys_of_another_customer`, and `502` or `403` where the vendor does not say who the customer is.
pub async fn same_customer(app: &App, account: Account, new: &Session<'_>, customer: CustomerId) -> Result<Account> {
    let account = match account.customer_id {
        Some(_) => account,
        None => learn(app, &account, new, &customer).await?,
    };
    if account.customer_id.as_ref() == Some(&customer) || seeded_bugs::enabled(SeededBug::RotationToAnyCustomer) {
        return Ok(account);
    }
    Err(another_customer("The keys are another customer's. Register them with POST /accounts."))
}

async fn learn(app: &App, account: &Account, new: &Session<'_>, customer: &CustomerId) -> Result<Account> {
    let present = app.session(account, new.deadline());
    let known = match present.identify_customer().await {
        Ok(known) => known,
        Err(error) if matches!(error.kind(), ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied) => {
            prove_by_tickets(app, &account.id, new).await?;
            customer.clone()
        }
        Err(error) => return Err(unreadable(error)),
    };
    app.store.set_customer(account, &known).await?.ok_or_else(show::not_found)
}

/// Only a ticket that the vendor shows proves anything: Huawei says of another customer's ticket that there is none,
/// and Alibaba that the right to it is missing, which keys of the same customer may lack too.
async fn prove_by_tickets(app: &App, account: &AccountId, new: &Session<'_>) -> Result<()> {
    let filter = TicketFilter { accounts: Some(vec![account.clone()]), ..TicketFilter::default() };
    let newest = app.store.tickets(&filter, PROOFS, None).await?.items;
    for cloud_id in newest.iter().filter_map(|ticket| ticket.cloud_id.as_ref()) {
        match new.ticket_status(cloud_id).await {
            Ok(_) => return Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    if newest.is_empty() && app.store.due_work_of(account).await?.is_empty() {
        return Ok(());
    }
    Err(another_customer(
        "The vendor refuses the account's present keys, and shows none of the account's tickets for the new ones, so \
         nothing proves that they are the same customer's. Make the present keys valid again at the vendor, or \
         register the new ones with POST /accounts.",
    ))
}

fn another_customer(message: &str) -> Error {
    Error::new(ProblemCode::AccountKeysOfAnotherCustomer, message)
}

/// A failure that says something of the request, such as throttling, says nothing of the keys.
fn unreadable(error: Error) -> Error {
    let is_of_call = matches!(
        error.kind(),
        ErrorKind::RateLimited
            | ErrorKind::Unsupported
            | ErrorKind::InvalidInput
            | ErrorKind::NotFound
            | ErrorKind::Conflict
    );
    if !is_of_call {
        return error;
    }
    let unread =
        Error::new(ProblemCode::CustomerUnreadable, "The vendor does not say whose keys these are; try again.");
    let unread = unread.with_retry(error.retry());
    let vendor = error.vendor().cloned();
    let unread = vendor.into_iter().fold(unread, Error::with_vendor);
    unread.with_source(error)
}
