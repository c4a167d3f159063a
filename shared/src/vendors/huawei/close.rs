//! Which action ends a ticket. Pure.

use crate::vendors::{Phase, VendorStatus};

/// An action of UpdateCases that ends a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Withdraw a ticket that nobody has taken up.
    Cancel,
    /// Close one that is worked on.
    Close,
}

impl Action {
    /// The action that fits a status; `None` where the ticket has ended. The user guide cancels a waiting ticket and
    /// closes any other; a code that we don't know is closed too.
    pub fn for_status(status: &VendorStatus) -> Option<Self> {
        match status.phase {
            Phase::Ended => None,
            Phase::Waiting => Some(Action::Cancel),
            Phase::Processing | Phase::AwaitingCustomer | Phase::Other => Some(Action::Close),
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Action::Cancel => Action::Close,
            Action::Close => Action::Cancel,
        }
    }

    /// The vendor's name of it.
    pub fn id(self) -> &'static str {
        match self {
            Action::Cancel => "cancel",
            Action::Close => "close",
        }
    }
}
