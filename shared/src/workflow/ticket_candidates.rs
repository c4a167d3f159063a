//! The vendor's tickets that may be a ticket of ours whose create had no definite outcome.
//!
//! The vendor's search by our id may miss a ticket: its index lags, or the text behind the title was cut or changed. So
//! before a ticket counts as absent, every recent ticket of the account that belongs to no ticket of ours is looked at.

use std::collections::BTreeSet;

use super::vendor_time;
use crate::{
    app::App,
    domain::{Candidate, CloudId, Ticket},
    error::{ErrorKind, Result},
    seeded_bugs::{self, SeededBug},
    store::StoredTicket,
    vendors::{FoundTicket, ListedTicket, Session, VendorTicket, is_unreadable, pager::Pager, text::same_text},
};

/// How long before the ticket's intent was stored a search begins, milliseconds: clocks and time zones differ.
pub const SEARCHED_BEFORE_MS: i64 = 24 * 60 * 60 * 1000;

/// The first line of a candidate that is a row of the list without a readable id.
const UNREADABLE_ROW: &str = "The vendor lists a ticket whose id can't be read.";

/// What the account's recent tickets at the vendor say.
#[derive(Debug, Default)]
pub struct RecentTickets {
    /// Those that our id marks.
    pub found: Vec<FoundTicket>,
    /// Those that may be the ticket.
    pub candidates: Vec<Candidate>,
}

/// Reads the vendor's tickets of the ticket's time that belong to no ticket of ours, but for `unreadable_ids`, which
/// are candidates. `is_late`: reading has failed for long, so a ticket that can't be read counts as a candidate,
/// whatever the reason is. Else one ticket of which each call fails would keep the others unknown for ever.
///
/// # Errors
/// The failures of vendor and store: then nothing is proved.
pub async fn read(
    app: &App,
    session: &Session<'_>,
    stored: &StoredTicket,
    unreadable_ids: &[CloudId],
    is_late: bool,
) -> Result<RecentTickets> {
    let first = list(session, stored).await?;
    let mut recent = RecentTickets::default();
    let (mut ids, mut unreadable) = (first.ids, first.unreadable);
    if first.pages > 1 {
        // A row that moves to another page between two calls is on none of them.
        let second = list(session, stored).await?;
        ids.extend(second.ids);
        unreadable = unreadable.max(second.unreadable);
    }
    // Such a row may be the ticket.
    recent.candidates.extend((0..unreadable).map(|_| Candidate::new("", None, UNREADABLE_ROW)));
    let ids: Vec<_> = ids.into_iter().collect();
    for cloud_id in app.store.unclaimed(session.account(), &ids).await? {
        // A call that gets no answer takes most of the time of a run.
        if unreadable_ids.contains(&cloud_id) {
            recent.candidates.push(Candidate::new(cloud_id, None, ""));
            continue;
        }
        let shown = match session.show_ticket(&cloud_id).await {
            Ok(shown) => shown,
            Err(error) if is_unreadable(&error) || (is_late && error.kind() == ErrorKind::VendorUnavailable) => {
                recent.candidates.push(Candidate::new(cloud_id, None, ""));
                continue;
            }
            Err(error) => return Err(error),
        };
        if shown.is_marked_by(&stored.ticket.id) {
            recent.found.push(shown.found());
        } else if may_be(stored, &shown) && !is_anothers(app, &shown).await? {
            recent.candidates.push(shown.candidate());
        }
    }
    Ok(recent)
}

/// One reading of the account's list at the vendor.
#[derive(Default)]
struct Listing {
    /// The tickets of the ticket's time.
    ids: BTreeSet<CloudId>,
    unreadable: usize,
    pages: usize,
}

async fn list(session: &Session<'_>, stored: &StoredTicket) -> Result<Listing> {
    let since_ms = stored.ticket.create_time - SEARCHED_BEFORE_MS;
    let mut listing = Listing::default();
    let mut pager = Pager::of_tickets(session.account().vendor);
    while let Some(position) = pager.next_page()? {
        let page = session.list_tickets(since_ms, position).await?;
        listing.unreadable += page.unreadable;
        listing.pages += 1;
        let of_its_time = |ticket: &ListedTicket| is_of_its_time(stored, ticket.create_time);
        let listed = pager.accept_tickets(page)?.into_iter().filter(of_its_time);
        listing.ids.extend(listed.map(|ticket| ticket.cloud_id));
    }
    Ok(listing)
}

/// Whether the vendor's ticket is another one of ours, of the same time, that waits for it.
async fn is_anothers(app: &App, shown: &VendorTicket) -> Result<bool> {
    let Some(owner) = owner(app, shown).await? else { return Ok(false) };
    let sent_ms = owner.create_time;
    Ok(shown.is_marked_by(&owner.id)
        && shown.create_time.is_some_and(|time_ms| vendor_time::may_be_sent(sent_ms, sent_ms, time_ms)))
}

/// The ticket of ours that the vendor's ticket mentions and that has no other id of the vendor: it is that one. A
/// ticket that quotes the id of one with another vendor's id is a new one: people copy an old text to ask again.
///
/// # Errors
/// The store's failures.
pub async fn owner(app: &App, shown: &VendorTicket) -> Result<Option<Ticket>> {
    for id in shown.mentioned_ids() {
        let mentioned = match app.store.ticket(&id).await? {
            Some(ticket) => Some(ticket),
            None => app.store.abandoned_ticket(&id).await?.map(|abandoned| abandoned.ticket),
        };
        let is_owner = |ticket: &Ticket| ticket.cloud_id.as_ref().is_none_or(|cloud_id| *cloud_id == shown.cloud_id);
        let is_owner = |ticket: &Ticket| is_owner(ticket) || seeded_bugs::enabled(SeededBug::CopiedMarkerCounts);
        if let Some(ticket) = mentioned.filter(is_owner) {
            return Ok(Some(ticket));
        }
    }
    Ok(None)
}

/// Whether the vendor's ticket may be the ticket with a text that was cut or changed: it is of the same time, and its
/// title or its problem type is the same. The problem type is not given by every vendor (Huawei); then the time
/// decides.
pub fn may_be(stored: &StoredTicket, shown: &VendorTicket) -> bool {
    let ticket = &stored.ticket;
    let same_type = shown.problem_type_id.as_ref().map(|id| ticket.problem_type_id.as_ref() == Some(id));
    let same_title = shown.name.as_ref().map(|name| same_text(name, &ticket.name));
    let is_unlike = same_title != Some(true) && same_type == Some(false);
    is_of_its_time(stored, shown.create_time) && !is_unlike
}

fn is_of_its_time(stored: &StoredTicket, time_ms: Option<i64>) -> bool {
    let start_ms = stored.ticket.create_time;
    let end_ms = stored.lease_until_ms().max(start_ms);
    time_ms.is_none_or(|time_ms| vendor_time::may_be_sent(start_ms, end_ms, time_ms))
}
