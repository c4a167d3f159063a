//! `DELETE /accounts/{id}`: refused while tickets are open; else account and keys go. Closed tickets and archives stay.

use shared::{
    app::App,
    domain::AccountId,
    error::{Error, Result},
    problem_code::ProblemCode,
    store::RemovalStart,
};

use crate::show;

/// Removes an account. After a crash the same call continues.
pub async fn remove(app: &App, id: &AccountId) -> Result<()> {
    match app.store.start_removing(id, app.clock.now_ms()).await? {
        RemovalStart::Removing => {
            // The keys go first: an account without keys can be removed again, but no call would find keys without an
            // account.
            app.secrets.delete(id).await?;
            app.store.delete_account(id).await
        }
        RemovalStart::HasOpenTickets => {
            let message = "The account has tickets that are not closed; close them first: \
                           GET /tickets?status=1&custom_id=…";
            Err(Error::new(ProblemCode::AccountHasOpenTickets, message))
        }
        RemovalStart::NotFound => Err(show::not_found()),
    }
}
