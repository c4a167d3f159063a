//! The workflows that more than one function runs: writes at a vendor, reconciling an unknown outcome, closing,
//! archiving.
//!
//! Every step may be repeated and may stop at any point: the stored state decides the next step. No write is sent to a
//! vendor twice except a close, which is safe to repeat.

pub mod abandoned;
pub mod action;
pub mod adopt;
pub mod archive;
pub mod close;
pub mod copy;
mod marked_tickets;
mod match_messages;
pub mod outgoing_files;
pub mod precondition;
pub mod recheck;
pub mod reconcile_reply;
pub mod reconcile_ticket;
pub mod refresh_outcome;
pub mod refresh_start;
pub mod ticket_candidates;
pub mod ticket_pages;
mod vendor_time;
pub mod vendor_write;
pub mod withdraw;

use crate::{
    app::App,
    domain::{Account, AccountId},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    store::StoredAnswer,
};

/// The result of reconciling a write of unknown outcome with what the vendor shows.
#[derive(Debug)]
pub enum ReconcileOutcome {
    /// The vendor has it. It is committed now, or was already; this is the answer to its request.
    Found(StoredAnswer),
    /// Not known yet: it is reconciled again later. With the failure, where the vendor could not be read.
    Unknown(Option<Error>),
    /// Only a person can decide, for this reason.
    Indeterminate(Error),
    /// The vendor certainly does not have it: it is removed and its key is free.
    Absent,
    /// Another run reconciled it at the same moment.
    Superseded,
}

/// The account of a ticket.
///
/// # Errors
/// `Conflict` with code `account_not_found` when it was removed.
pub async fn existing_account(app: &App, id: &AccountId) -> Result<Account> {
    let account = app.store.account(id).await?;
    let gone = || Error::new(ProblemCode::AccountNotFound, "The ticket's account is gone.");
    account.ok_or_else(|| gone().with_kind(ErrorKind::Conflict))
}
