//! Who made a change of a ticket, by what its item says of that.

use serde::Deserialize;
use shared::{
    domain::TicketState,
    events::{MessageWithdrawn, TicketRated},
};

use super::TicketItem;

/// An actor in an item, without the name.
#[derive(PartialEq, Deserialize)]
pub(super) struct ActorId {
    pub id: String,
}

/// A rating in an item.
#[derive(PartialEq, Deserialize)]
pub(super) struct RatedItem {
    #[serde(flatten)]
    pub rating: TicketRated,
    by: Option<ActorId>,
}

/// A withdrawal in an item.
#[derive(PartialEq, Deserialize)]
pub(super) struct WithdrawnItem {
    #[serde(flatten)]
    pub withdrawal: MessageWithdrawn,
    by: Option<ActorId>,
}

/// An erasure in an item.
#[derive(Deserialize)]
pub(super) struct ErasedItem {
    by: Option<String>,
}

/// A close in an item.
#[derive(Deserialize)]
pub(super) struct ClosingItem {
    reopened_by: Option<ActorId>,
}

/// Who made the change from `old` to `new`; `None` where nobody did, or that is not known.
pub(super) fn of_ticket(old: Option<&TicketItem>, new: &TicketItem) -> Option<String> {
    use TicketState::{Closed, Closing, Creating, Indeterminate, Open, Unknown};
    let actor = match (old.map(|old| old.state), new.state) {
        (Some(before), now) if before == now => return of_same_state(old, new),
        (None | Some(Creating | Unknown | Indeterminate), Open) => new.resolved_by.as_ref().or(new.created_by.as_ref()),
        (Some(Closed), Open) => new.closings.last().and_then(|last| last.reopened_by.as_ref()),
        (_, Creating | Unknown) => new.created_by.as_ref(),
        (_, Closing | Closed) => new.closed_by.as_ref(),
        _ => None,
    };
    actor.map(|actor| actor.id.clone())
}

/// Who made the change by which the ticket is gone: its create was refused. A reconcile is nobody's.
pub(super) fn of_removed(old: &TicketItem) -> Option<String> {
    let creator = old.created_by.as_ref().filter(|_| old.state == TicketState::Creating);
    creator.map(|actor| actor.id.clone())
}

fn of_same_state(old: Option<&TicketItem>, new: &TicketItem) -> Option<String> {
    let old = old?;
    if old.erased.is_none()
        && let Some(erased) = &new.erased
    {
        return erased.by.clone();
    }
    let actor = match &new.rating {
        Some(given) if old.rating != new.rating => given.by.as_ref(),
        _ if old.withdrawals.len() < new.withdrawals.len() => new.withdrawals.last().and_then(|last| last.by.as_ref()),
        _ if old.urge_time != new.urge_time => new.urged_by.as_ref(),
        _ => None,
    };
    actor.map(|actor| actor.id.clone())
}
