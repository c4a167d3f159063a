//! Whether a caller that is bound to accounts may use a route: the one place for every route. Lists show only what
//! [`AccountAccess::narrow`] leaves.

use serde_json::Value;

use super::{HttpCall, found};
use crate::{
    app::App,
    domain::{AccountAccess, AccountId, TicketId},
    error::{Error, Result},
    problem_code::ProblemCode,
    telemetry,
};

/// What a route is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RouteSubject {
    /// The ticket of the path.
    Ticket,
    /// The account of the path.
    Account,
    /// A ticket that is made for the account in `custom_id` of the body.
    NewTicket,
    /// Nothing of an account, or a list that narrows itself.
    Open,
    /// All accounts, or a new one.
    AllAccounts,
}

/// What the route is about. A route that is not named here is for callers that may use every account.
fn subject(route: &str) -> RouteSubject {
    let (method, path) = route.split_once(' ').unwrap_or_default();
    match (method, path) {
        ("GET", "/tickets" | "/accounts" | "/statistics") => RouteSubject::Open,
        ("POST", "/tickets") => RouteSubject::NewTicket,
        ("POST", "/attachments" | "/catalog/refresh") | ("GET", "/vendors" | "/version") => RouteSubject::Open,
        ("GET", "/catalog/form" | "/catalog/products" | "/catalog/product-types" | "/catalog/refreshes/{id}") => {
            RouteSubject::Open
        }
        ("GET", "/catalog/changes" | "/catalog/regions" | "/catalog/sources") => RouteSubject::Open,
        (_, path) if path.starts_with("/tickets/{id}") => RouteSubject::Ticket,
        (_, path) if path.starts_with("/accounts/{id}") => RouteSubject::Account,
        _ => RouteSubject::AllAccounts,
    }
}

/// Refuses the call of a bound caller about an account of others, as one about an account or a ticket that does not
/// exist. An id that is none is refused by its route.
///
/// # Errors
/// `account_not_found`, `ticket_not_found`, `all_accounts_needed`, and the store's failures.
pub(super) async fn check(app: &App, call: &HttpCall) -> Result<()> {
    if call.access == AccountAccess::All {
        return Ok(());
    }
    match subject(&call.route) {
        RouteSubject::Open => Ok(()),
        RouteSubject::AllAccounts => {
            Err(Error::new(ProblemCode::AllAccountsNeeded, ProblemCode::AllAccountsNeeded.meaning()))
        }
        RouteSubject::Account => match call.path_id::<AccountId>() {
            Ok(id) if !call.access.allows(&id) => Err(Error::new(ProblemCode::AccountNotFound, NO_ACCOUNT)),
            _ => Ok(()),
        },
        RouteSubject::NewTicket => match new_tickets_account(&call.body) {
            Some(id) if !call.access.allows(&id) => {
                telemetry::set_account(&id);
                Err(account_not_found())
            }
            _ => Ok(()),
        },
        RouteSubject::Ticket => {
            let Ok(id) = call.path_id::<TicketId>() else { return Ok(()) };
            let ticket = app.store.ticket(&id).await?.filter(|ticket| call.access.allows(&ticket.account_id));
            found(ticket, ProblemCode::TicketNotFound).map(|_| ())
        }
    }
}

/// The text of a `404` about an account.
pub const NO_ACCOUNT: &str = "There is no such account.";

/// `400`: the account of a new ticket does not exist.
pub fn account_not_found() -> Error {
    let rule = "there is no such account; GET /accounts lists them";
    Error::invalid_field("/custom_id", rule).with_code(ProblemCode::AccountNotFound)
}

/// The account of the body, where it has one that can be read. A body that names two is refused by its route.
fn new_tickets_account(body: &[u8]) -> Option<AccountId> {
    let body: Value = serde_json::from_slice(body).ok()?;
    AccountId::parse(body.get("custom_id")?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_nobody_thought_of_is_not_for_bound_callers() {
        for route in ["POST /accounts", "GET /audit", "GET /catalog/later", "GET /later", "POST /later/{id}", ""] {
            assert_eq!(subject(route), RouteSubject::AllAccounts, "{route}");
        }
        assert_eq!(subject("DELETE /tickets/{id}/messages/{message_id}"), RouteSubject::Ticket);
    }
}
