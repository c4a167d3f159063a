//! The states of a ticket and the moves between them; `docs/states.md` says who makes each. The store makes its
//! conditions of [`TicketMove::from`] and [`TicketMove::to`].

use serde::{Deserialize, Serialize};
use strum::VariantArray;

/// The state of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, strum::EnumString, strum::IntoStaticStr)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum TicketState {
    /// The intent is written; the vendor may or may not have been called.
    Creating,
    /// The vendor was called and gave no definite answer. It is not created again before a reconcile.
    Unknown,
    /// The vendor has a ticket that may be this one. Never guessed, never created again: a person decides.
    Indeterminate,
    /// It is at the vendor.
    Open,
    /// Its conversation is being archived, and the vendor is asked to close it.
    Closing,
    /// Closed at the vendor and archived.
    Closed,
}

impl TicketState {
    /// Every state, from the first to the last.
    pub const ALL: [TicketState; 6] = [
        TicketState::Creating,
        TicketState::Unknown,
        TicketState::Indeterminate,
        TicketState::Open,
        TicketState::Closing,
        TicketState::Closed,
    ];

    /// The states in which it is not certain that the vendor has the ticket.
    pub const UNCERTAIN: [TicketState; 3] = [TicketState::Creating, TicketState::Unknown, TicketState::Indeterminate];

    /// The name as it stands in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The original schema's status: closed and archived, or not yet.
    pub fn status(self) -> TicketStatus {
        match self {
            TicketState::Closed => TicketStatus::Closed,
            _ => TicketStatus::NotComplete,
        }
    }
}

/// A move of a ticket from one state to another. No other moves exist: an abandoned ticket has no state, and comes
/// back by [`Adopt`](TicketMove::Adopt).
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub enum TicketMove {
    /// The intent is written.
    Begin,
    /// A ticket that the vendor has is written.
    Adopt,
    /// The create has no definite outcome.
    MarkUnknown,
    /// The vendor has tickets that may be it.
    MarkIndeterminate,
    /// The vendor has the ticket.
    CommitCreated,
    /// The vendor certainly does not have the ticket.
    Remove,
    /// A close begins.
    StartClose,
    /// The ticket does not close at the vendor.
    AbortClose,
    /// The archive is committed.
    CommitClosed,
    /// The vendor has opened the closed ticket again.
    Reopen,
}

impl TicketMove {
    /// Every move.
    pub const ALL: &[TicketMove] = Self::VARIANTS;

    /// The states that it starts from; none where the ticket must not exist yet.
    pub fn from(self) -> &'static [TicketState] {
        match self {
            TicketMove::Begin | TicketMove::Adopt => &[],
            TicketMove::MarkUnknown => &[TicketState::Creating],
            TicketMove::MarkIndeterminate | TicketMove::CommitCreated | TicketMove::Remove => &TicketState::UNCERTAIN,
            TicketMove::StartClose => &[TicketState::Open],
            TicketMove::AbortClose | TicketMove::CommitClosed => &[TicketState::Closing],
            TicketMove::Reopen => &[TicketState::Closed],
        }
    }

    /// The state that it ends in; `None` where the ticket no longer exists.
    pub fn to(self) -> Option<TicketState> {
        match self {
            TicketMove::Begin => Some(TicketState::Creating),
            TicketMove::MarkUnknown => Some(TicketState::Unknown),
            TicketMove::MarkIndeterminate => Some(TicketState::Indeterminate),
            TicketMove::Adopt | TicketMove::CommitCreated | TicketMove::AbortClose | TicketMove::Reopen => {
                Some(TicketState::Open)
            }
            TicketMove::StartClose => Some(TicketState::Closing),
            TicketMove::CommitClosed => Some(TicketState::Closed),
            TicketMove::Remove => None,
        }
    }
}

/// The original schema's `status`: `1` not complete, `0` closed and archived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("enum" = [0, 1])))]
#[serde(into = "u8", try_from = "u8")]
pub enum TicketStatus {
    /// `0`: closed at the vendor, and its archive is committed.
    Closed = 0,
    /// `1`: anything else.
    NotComplete = 1,
}

impl From<TicketStatus> for u8 {
    fn from(status: TicketStatus) -> u8 {
        status as u8
    }
}

impl TryFrom<u8> for TicketStatus {
    type Error = String;
    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            0 => Ok(TicketStatus::Closed),
            1 => Ok(TicketStatus::NotComplete),
            _ => Err(format!("a ticket status is 0 or 1, not {number}")),
        }
    }
}
