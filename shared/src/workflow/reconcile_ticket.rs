//! Reconciles a create of unknown outcome with the vendor's list. It never creates a ticket.

use std::collections::HashSet;

use super::{
    ReconcileOutcome, abandoned, marked_tickets,
    ticket_candidates::{self, RecentTickets},
};
use crate::{
    app::App,
    audit,
    domain::{Account, AuditRecord, Candidate, CloudId, Ticket, TicketState},
    error::{Error, ErrorKind, Result},
    events::{BusEvent, TICKET_CREATED},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{CreatedCommit, Store, StoredAnswer, StoredTicket},
    vendors::{FoundTicket, Session, TicketSearch},
};

/// The most candidates that are kept: an item of the table has 400 KB.
const MAX_CANDIDATES: usize = 50;

/// Searches the vendor for the ticket's id. The ticket must be `unknown` or `indeterminate`, or `creating` after its
/// lease.
///
/// The vendor's list may lag behind its writes by the settle time. Once that time has passed since the lease of its
/// create ended, a ticket that the vendor does not show is abandoned, unless a ticket of the vendor may be it: then it
/// is indeterminate. A ticket with the id that the vendor made later than the create may be a copy of it: it is ours
/// once the settle time has passed and no other ticket may be. An indeterminate ticket is never abandoned here. A list
/// that can't be read proves nothing.
///
/// # Errors
/// The store's failures. A vendor that can't be read is [`ReconcileOutcome::Unknown`].
pub async fn reconcile_ticket(app: &App, session: &Session<'_>, stored: &StoredTicket) -> Result<ReconcileOutcome> {
    let ticket = &stored.ticket;
    // The list shows what the vendor received before this time, so it is taken before the list is read.
    let read_at_ms = app.clock.now_ms();
    let settle_time_ms = match app.config.settle_time_ms {
        _ if seeded_bugs::enabled(SeededBug::AbandonBeforeSettleTime) => 0,
        settle_time_ms if seeded_bugs::enabled(SeededBug::SettleTimeTooShort) => settle_time_ms / 4,
        settle_time_ms => settle_time_ms,
    };
    let settle_end_ms = stored.lease_until_ms().max(ticket.create_time) + settle_time_ms;
    // Reading has failed for long. One ticket of which each call fails must not keep this one unknown for ever.
    let is_late = settle_end_ms + settle_time_ms <= read_at_ms;
    let search = match abandoned::find(session, ticket, is_late).await {
        Ok(search) => search,
        // The complete list, which is read below, has what the search has.
        Err(error) if is_late && error.kind() == ErrorKind::VendorUnavailable => TicketSearch::default(),
        Err(_) if seeded_bugs::enabled(SeededBug::FailedReadCountsAsAbsent) => TicketSearch::default(),
        Err(error) => return Ok(not_read(ticket, error)),
    };
    let found = marked_tickets::unclaimed(app, session, &search.found).await?;
    if let Some((oldest, duplicates)) = found.split_first().filter(|(oldest, _)| is_made_by(stored, oldest)) {
        return commit_marked(app, session, stored, (oldest, duplicates), is_late).await;
    }
    if settle_end_ms > read_at_ms {
        return Ok(ReconcileOutcome::Unknown(None));
    }
    let recent = match ticket_candidates::read(app, session, stored, &search.unreadable, is_late).await {
        _ if seeded_bugs::enabled(SeededBug::CandidatesIgnored) => RecentTickets::default(),
        Ok(recent) => recent,
        Err(_) if seeded_bugs::enabled(SeededBug::FailedReadCountsAsAbsent) => RecentTickets::default(),
        Err(error) => return Ok(not_read(ticket, error)),
    };
    let found = marked_tickets::unclaimed(app, session, &[search.found, recent.found].concat()).await?;
    let hits = [search.unreadable, search.quoting].concat();
    let hits = app.store.unclaimed(session.account(), &hits).await?;
    let mut candidates = recent.candidates;
    candidates.extend(hits.into_iter().map(|id| Candidate::new(id, None, "")));
    // One of the two readings may have failed.
    candidates.retain(|candidate| !found.iter().any(|found| found.cloud_id.as_str() == candidate.vendor_id));
    if let Some((oldest, duplicates)) = found.split_first() {
        let has_rival = !candidates.is_empty() || duplicates.iter().any(|found| found.create_time.is_none());
        if !has_rival || is_made_by(stored, oldest) {
            return commit_marked(app, session, stored, (oldest, duplicates), is_late).await;
        }
    }
    candidates.splice(0..0, found.iter().map(FoundTicket::candidate));
    candidates.extend(ticket.candidates.iter().cloned());
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.vendor_id.clone()));
    candidates.truncate(MAX_CANDIDATES);
    if ticket.state == TicketState::Indeterminate || !candidates.is_empty() {
        return mark_indeterminate(app, stored, candidates).await;
    }
    let next_check_ms = abandoned::next_check(app, read_at_ms, read_at_ms);
    if !app.store.abandon_ticket(stored, read_at_ms, next_check_ms).await? {
        return Ok(ReconcileOutcome::Superseded);
    }
    tracing::info!(
        ticket.id = %ticket.id, vendor = %ticket.vendor,
        "The vendor does not show a ticket after the settle time; it is abandoned."
    );
    Ok(ReconcileOutcome::Absent)
}

fn not_read(ticket: &Ticket, error: Error) -> ReconcileOutcome {
    tracing::warn!(
        ticket.id = %ticket.id, vendor = %ticket.vendor, error = ?error,
        "The vendor's list could not be read; the outcome stays unknown."
    );
    ReconcileOutcome::Unknown(Some(error))
}

fn is_made_by(stored: &StoredTicket, found: &FoundTicket) -> bool {
    let start_ms = stored.ticket.create_time;
    marked_tickets::is_made_by_create(start_ms, stored.lease_until_ms().max(start_ms), found)
}

/// Commits the oldest of the vendor's tickets with our id, and adopts the others.
async fn commit_marked(
    app: &App,
    session: &Session<'_>,
    stored: &StoredTicket,
    (oldest, duplicates): (&FoundTicket, &[FoundTicket]),
    is_late: bool,
) -> Result<ReconcileOutcome> {
    let ticket = &stored.ticket;
    if let Err(error) = marked_tickets::adopt_duplicates(app, session, ticket, duplicates, is_late).await {
        return Ok(not_read(ticket, error));
    }
    let hash = stored.idempotency_hash.as_deref();
    let answer =
        commit_created(app, &app.store, session.account(), hash, ticket, oldest.cloud_id.clone(), None).await?;
    // Without an answer, the ticket was removed, or another one of ours has the vendor's id, since they were read.
    Ok(answer.map_or(ReconcileOutcome::Superseded, ReconcileOutcome::Found))
}

async fn mark_indeterminate(app: &App, stored: &StoredTicket, candidates: Vec<Candidate>) -> Result<ReconcileOutcome> {
    let now_ms = app.clock.now_ms();
    let next_check_ms = abandoned::next_check(app, stored.lease_until_ms().max(stored.ticket.create_time), now_ms);
    let ticket = Ticket { state: TicketState::Indeterminate, candidates, ..stored.ticket.clone() };
    if !app.store.mark_indeterminate(&ticket, next_check_ms).await? {
        return Ok(ReconcileOutcome::Superseded);
    }
    if stored.ticket.state != TicketState::Indeterminate {
        tracing::warn!(
            ticket.id = %ticket.id, vendor = %ticket.vendor, candidates = ticket.candidates.len(),
            "The vendor has tickets that may be this one; a person must decide."
        );
    }
    Ok(ReconcileOutcome::Indeterminate(indeterminate(&ticket)))
}

/// `Conflict` with code `ticket_indeterminate`: whether the vendor has the ticket is not known, and it is not created
/// again.
pub fn indeterminate(ticket: &Ticket) -> Error {
    let message = format!(
        "The vendor gave no answer to this ticket, and shows tickets that may be it. Compare the candidates of \
         GET /tickets/{0} with the vendor's console, then decide with POST /tickets/{0}/resolution.",
        ticket.id
    );
    Error::new(ProblemCode::TicketIndeterminate, message).with_context("ticket.id", ticket.id.as_str())
}

/// Commits by a write of `store` that the vendor has the ticket of `account`, and gives the answer, which is stored in
/// the idempotency record `hash`. The same write stores `audit`, the record of the call that answers so. `None`: the
/// vendor's id belongs to another ticket of ours, or the ticket was removed, and nothing is changed.
///
/// # Errors
/// The store's failures. The ticket stays due, and a reconcile finds it at the vendor by its marker.
pub async fn commit_created(
    app: &App,
    store: &Store,
    account: &Account,
    hash: Option<&str>,
    ticket: &Ticket,
    cloud_id: CloudId,
    audit: Option<AuditRecord>,
) -> Result<Option<StoredAnswer>> {
    let now_ms = app.clock.now_ms();
    let open = Ticket {
        state: TicketState::Open,
        cloud_id: Some(cloud_id),
        candidates: Vec::new(),
        update_time: Some(now_ms),
        ..ticket.clone()
    };
    let created = created_answer(&open)?;
    if seeded_bugs::enabled(SeededBug::PublishBeforeCommit) {
        let detail = serde_json::json!({"event_id": ticket.id, "ticket_id": ticket.id, "state": "open"});
        app.events.publish(&[BusEvent::new(TICKET_CREATED, &detail)?]).await?;
    }
    let audit = audit.map(|record| AuditRecord { status: created.status, ..record });
    match store.commit_created(account, &open, hash, &created, now_ms, audit.as_ref()).await? {
        CreatedCommit::Done => {
            if audit.is_some() {
                audit::stored();
            }
            Ok(Some(created))
        }
        CreatedCommit::IdTaken => Ok(None),
        CreatedCommit::StateChanged => match app.store.ticket(&open.id).await? {
            Some(now) if now.cloud_id.is_some() => created_answer(&now).map(Some),
            Some(_) => unknown_answer(ticket).map(Some),
            // Another run read the list before the vendor showed the ticket, and abandoned it.
            None => Ok(app.store.adopt_abandoned_ticket(account, &open).await?.then_some(created)),
        },
    }
}

/// `201` with the ticket.
///
/// # Errors
/// `Unexpected` where it can't be written as JSON, here and below.
pub fn created_answer(ticket: &Ticket) -> Result<StoredAnswer> {
    StoredAnswer::new(201, location(ticket), ticket)
}

/// `202` with the ticket as `unknown`.
pub fn unknown_answer(ticket: &Ticket) -> Result<StoredAnswer> {
    let unknown = Ticket { state: TicketState::Unknown, ..ticket.clone() };
    StoredAnswer::new(202, location(ticket), &unknown)
}

fn location(ticket: &Ticket) -> Option<String> {
    Some(format!("/tickets/{}", ticket.id))
}
