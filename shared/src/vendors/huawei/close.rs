//! Which action ends a ticket. Pure.

use crate::vendors::{Phase, VendorStatus};

/// An action of UpdateCases that ends a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseAction {
    /// Cancels a ticket that no engineer has started on.
    Cancel,
    /// Closes any other ticket.
    Close,
}

impl CloseAction {
    /// The action for a status; `None` when the ticket has ended. The user guide cancels a waiting ticket and closes
    /// any other; so a ticket with an unknown status is closed.
    pub fn for_status(status: &VendorStatus) -> Option<Self> {
        match status.phase {
            Phase::Ended => None,
            Phase::Waiting => Some(CloseAction::Cancel),
            Phase::Processing | Phase::AwaitingCustomer | Phase::Other => Some(CloseAction::Close),
        }
    }

    /// The other action.
    pub fn other(self) -> Self {
        match self {
            CloseAction::Cancel => CloseAction::Close,
            CloseAction::Close => CloseAction::Cancel,
        }
    }

    /// The vendor's name of the action.
    pub fn id(self) -> &'static str {
        match self {
            CloseAction::Cancel => "cancel",
            CloseAction::Close => "close",
        }
    }
}
