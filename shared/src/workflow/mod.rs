//! The steps of a ticket's life that more than one function takes: settling an outcome that is unknown, closing, archiving.
//!
//! Every step may be repeated and may stop at any point: what it does next follows from the store, and no write goes to a
//! vendor here but closing, which is safe to repeat.

pub mod abandoned;
pub mod archive;
pub mod close;
pub mod creation;
pub mod reconcile_reply;
pub mod reconcile_ticket;
mod visibility;

use crate::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, Result},
    problem_code::ProblemCode,
};

/// The account; `409 account_not_found` when it is gone.
pub async fn existing_account(app: &App, id: &AccountId) -> Result<Account> {
    let account = app.store.account(id).await?;
    account.ok_or_else(|| {
        Error::conflict("The ticket's account is gone.").with_code(ProblemCode::AccountNotFound)
    })
}
