//! Opening a closed ticket again: its archive stays and grows, and the close becomes one of its `closings`.

use super::{
    Store,
    close::CLOSED_BY,
    condition::Condition,
    erasure::ERASED,
    keys, number, text, to_value,
    transaction::{contention, is_failed},
    update::Update,
};
use crate::{
    domain::{Actor, Phase, Ticket, TicketId, TicketMove, TicketState, TicketStatus},
    error::Result,
};

/// The end of the lease of a reopening, on its ticket.
pub(super) const REOPENING_UNTIL: &str = "reopening_until";

/// What of a ticket says that it is closed.
const CLOSED_ATTRIBUTES: [&str; 8] = [
    CLOSED_BY,
    "close_time",
    "resolution_ms",
    "message_count",
    "shown_count",
    "digest",
    "attachments_missing",
    REOPENING_UNTIL,
];

/// How often the write is tried while rechecks change the archive.
const ATTEMPTS: u32 = 3;

impl Store {
    /// Opens a closed ticket again, if its last close is that of `close_time`, Unix milliseconds, and it is not erased.
    /// It is counted at its account, and copied as any open ticket. `vendor_status`: the vendor's status and its phase,
    /// where they were read; `by`: who opened it again. `false`, and nothing is changed, when it is in another state,
    /// or its account is gone or being removed.
    ///
    /// The lease of a recheck ends with it: that recheck writes no message any more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn reopen_ticket(
        &self,
        id: &TicketId,
        close_time: Option<i64>,
        vendor_status: Option<(&str, Phase)>,
        by: Option<&Actor>,
    ) -> Result<bool> {
        for _ in 0..ATTEMPTS {
            let Some(ticket) = self.ticket(id).await? else { return Ok(false) };
            let is_that_close = ticket.state == TicketState::Closed && ticket.close_time == close_time;
            if !is_that_close || ticket.erased.is_some() {
                return Ok(false);
            }
            let now_ms = self.clock.now_ms();
            let update = reopening(&ticket, vendor_status, by, now_ms)?;
            let actions = [self.update_action(update)?, self.count_open(&ticket.account_id, 1, None)?];
            let Some(reasons) = self.transact(&actions).await? else { return Ok(true) };
            // A recheck that committed another digest at this moment does not hold it back.
            if !reasons.first().is_some_and(is_failed) {
                return Ok(false);
            }
        }
        Err(contention())
    }
}

fn reopening(ticket: &Ticket, vendor_status: Option<(&str, Phase)>, by: Option<&Actor>, now_ms: i64) -> Result<Update> {
    let Ticket { close_time, message_count, digest, .. } = ticket;
    let close_time = close_time.unwrap_or(ticket.create_time);
    let mut closings = ticket.closings_with(close_time, message_count.unwrap_or_default(), digest.as_deref());
    if let Some(last) = closings.last_mut() {
        last.reopen_time = Some(now_ms);
        last.reopened_by = by.cloned();
    }
    let same_archive =
        digest.as_ref().map_or(Condition::Missing("digest"), |digest| Condition::equals("digest", text(digest)));
    let same_close = ticket
        .close_time
        .map_or(Condition::Missing("close_time"), |close_time| Condition::equals("close_time", number(close_time)));
    let update = Update::of(keys::ticket(&ticket.id))
        .make_move(TicketMove::Reopen)
        .set("status", number(u8::from(TicketStatus::NotComplete)))
        .set("GSI2PK", text(keys::tickets_of_status(TicketStatus::NotComplete)))
        .set("closings", to_value(&closings)?)
        .changed_at(now_ms)
        .copy_at(now_ms)
        .remove(&CLOSED_ATTRIBUTES)
        .release_lease()
        .no_longer_due()
        .when(Condition::Missing(ERASED))
        .when(same_close)
        .when(same_archive);
    Ok(match vendor_status {
        Some((raw, phase)) => update.set("vendor_status", text(raw)).set("vendor_phase", to_value(&phase)?),
        // The sync reads it.
        None => update.remove(&["vendor_status", "vendor_phase"]),
    })
}
