//! The invariants, one checker each, applied to the final state of a schedule.

mod absences;
mod accounts;
mod actions;
mod adoptions;
mod archives;
mod catalogs;
mod closes;
mod creates;
mod deletions;
mod ends;
mod events;
mod facts;
mod failing_ticket;
mod files;
mod list;
mod long_messages;
mod replies;
mod revisions;
mod secrets;
mod statistics;
#[cfg(test)]
mod tests;
mod vendor_isolation;
mod withdrawals;

pub use self::{
    facts::Facts,
    list::{Invariant, Violation},
};

/// Finds the violations of one invariant.
type InvariantCheck = fn(&Facts) -> Vec<String>;

/// The checks at the end of a schedule. [`Invariant::RetriesAreBounded`], [`Invariant::ClosedAgainOnlyIfAsked`] and
/// [`Invariant::DueTimesGrow`] are checked while it runs.
const CHECKS: [(Invariant, InvariantCheck); 36] = [
    (Invariant::OncePerKey, creates::one_ticket_per_key),
    (Invariant::OncePerKey, replies::one_message_per_key),
    (Invariant::AnswersHold, creates::ticket_answers_hold),
    (Invariant::AnswersHold, replies::reply_answers_hold),
    (Invariant::NoTicketLost, creates::no_ticket_lost),
    (Invariant::ReadsAreTrue, creates::reads_are_true),
    (Invariant::ExpiredKeyIsNew, creates::expired_key_is_new),
    (Invariant::NothingStuck, ends::nothing_stuck),
    (Invariant::OpenTicketsCounted, ends::open_tickets_counted),
    (Invariant::ArchiveIsComplete, archives::archive_is_complete),
    (Invariant::ArchiveIsComplete, revisions::older_texts_stay),
    (Invariant::ArchiveIsCompleteAtClose, archives::archive_is_complete_at_close),
    (Invariant::ClosedMeansEnded, closes::ended_is_closed),
    (Invariant::ClosedMeansEnded, closes::closed_has_ended),
    (Invariant::ChangesArePublished, events::every_change_has_its_event),
    (Invariant::ChangesArePublished, events::events_in_order),
    (Invariant::NoSecretLeaks, secrets::no_secret_leaks),
    (Invariant::VendorsAreIsolated, vendor_isolation::vendors_are_isolated),
    (Invariant::CatalogEntriesRetained, catalogs::catalog_entries_retained),
    (Invariant::OneTicketOfOurs, adoptions::one_ticket_of_ours),
    (Invariant::ConsoleTicketsAdopted, adoptions::console_tickets_adopted),
    (Invariant::FailingTicketDelaysNoOther, failing_ticket::others_are_not_delayed),
    (Invariant::AbsenceIsProved, absences::no_ticket_candidate),
    (Invariant::AbsenceIsProved, absences::no_reply_candidate),
    (Invariant::AccountsHaveKeys, accounts::keys_and_accounts_agree),
    (Invariant::AccountsHaveKeys, accounts::one_account_per_customer),
    (Invariant::SameRequestIsTheSame, creates::same_request_is_the_same),
    (Invariant::ThrottledAccountSlowsDown, accounts::throttled_account_slows_down),
    (Invariant::StatisticsAreOfTickets, statistics::statistics_are_of_tickets),
    (Invariant::FilesAreSent, files::files_are_sent),
    (Invariant::FilesAreArchived, files::files_are_archived),
    (Invariant::ShownIsKept, deletions::shown_is_kept),
    (Invariant::ActionsOncePerKey, actions::actions_once_per_key),
    (Invariant::WithdrawalsHold, withdrawals::once_per_key),
    (Invariant::WithdrawalsHold, withdrawals::answers_hold),
    (Invariant::WithdrawalsHold, withdrawals::archive_keeps_them),
];

/// Every violation in the final state.
pub fn check(facts: &Facts) -> Vec<Violation> {
    let violations = |(invariant, check): &(Invariant, InvariantCheck)| {
        let invariant = *invariant;
        check(facts).into_iter().map(move |what| Violation::new(invariant, what)).collect::<Vec<_>>()
    };
    CHECKS.iter().flat_map(violations).collect()
}
