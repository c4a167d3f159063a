//! The promises, one function each, checked when everything has come to its end.

mod archives;
mod catalogs;
mod creates;
mod ends;
mod facts;
mod secrets;

pub use self::facts::Facts;
use crate::broken::Broken;

/// A promise's check.
type Check = fn(&Facts) -> Vec<String>;

/// All promises that are checked at the end; I9 is checked while it runs.
const CHECKS: [(&str, Check); 8] = [
    ("I1", creates::one_ticket_for_each_key),
    ("I2", creates::answers_hold),
    ("I2", creates::nothing_is_lost),
    ("I3", ends::nothing_is_stuck),
    ("I3", ends::accounts_count_their_tickets),
    ("I4", archives::archives_are_whole),
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
