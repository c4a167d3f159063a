//! The promises, one function each, checked when everything has come to its end.

mod archives;
mod catalogs;
mod closes;
mod creates;
mod ends;
mod events;
mod facts;
mod replies;
mod secrets;
mod shares;

pub use self::facts::Facts;
use crate::broken::Broken;

/// A promise's check.
type Check = fn(&Facts) -> Vec<String>;

/// All promises that are checked at the end; I9 is checked while it runs.
const CHECKS: [(&str, Check); 18] = [
    ("I1", creates::one_ticket_for_each_key),
    ("I2", creates::answers_hold),
    ("I2", creates::nothing_is_lost),
    ("I2", creates::what_is_shown_is_true),
    ("I2", creates::an_old_key_is_new_again),
    ("I1", replies::each_message_once),
    ("I2", replies::answers_hold),
    ("I3", ends::nothing_is_stuck),
    ("I3", ends::accounts_count_their_tickets),
    ("I4", archives::archives_are_whole),
    ("I4", archives::archives_are_whole_at_the_close),
    ("I5", closes::what_ended_is_archived),
    ("I5", closes::what_is_closed_has_ended),
    ("I6", events::every_change_has_its_event),
    ("I6", events::events_come_in_order),
    ("I8", shares::a_dead_vendor_takes_its_own_time),
    ("I7", secrets::no_secret_shows),
    ("C1", catalogs::nothing_listed_is_removed),
];

/// Every promise that does not hold.
pub fn check(facts: &Facts) -> Vec<Broken> {
    let broken = |(promise, check): &(&'static str, Check)| {
        let promise = *promise;
        check(facts).into_iter().map(move |what| Broken::new(promise, what)).collect::<Vec<_>>()
    };
    CHECKS.iter().flat_map(broken).collect()
}

#[cfg(test)]
mod tests;
