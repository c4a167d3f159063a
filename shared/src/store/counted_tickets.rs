//! The counting of tickets for the statistics. A marker holds what was counted of a ticket. It is written in the same
//! transaction as the counts, so that a ticket that is counted again changes nothing, and what changed of it is moved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Store,
    condition::Condition,
    item::{self, Item},
    keys, number,
    statistics::{StatisticsHead, change_counts},
    transaction::{contention, wait_after},
};
use crate::{
    domain::{AccountId, TicketFacts, TicketId, TicketTimes, Vendor},
    error::Result,
    seeded_bugs::{self, SeededBug},
};

/// How many tickets are counted in one transaction. The facts of each lie on at most three days, and those of before on
/// three others: 14 · (1 + 6) and the head are within DynamoDB's 100 actions.
pub const TICKETS_AT_ONCE: usize = 14;

/// How often tickets are counted again that were counted by somebody else at the same time.
const ATTEMPTS: u32 = 8;

/// What was counted of a ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct CountedTicket {
    /// The generation of statistics in which it was counted. Markers of before are of no account.
    generation: u64,
    /// Grows with each write.
    revision: u64,
    #[serde(rename = "type")]
    vendor: Vendor,
    #[serde(rename = "custom_id")]
    account_id: AccountId,
    #[serde(flatten)]
    facts: TicketFacts,
}

impl Store {
    /// Counts the tickets as they are stored now; a ticket that is gone no longer counts. The ids must differ. Safe to
    /// repeat: what is counted already stays as it is. A ticket whose item or marker can't be read is left out.
    ///
    /// # Errors
    /// When other runs count the same tickets all the time, or the store does not answer; some may be counted then.
    pub async fn count_tickets(&self, ids: &[TicketId]) -> Result<()> {
        for ids in ids.chunks(TICKETS_AT_ONCE) {
            self.count_together(ids, StatisticsHead::generations).await?;
        }
        Ok(())
    }

    /// The same in the generation that is built, which is that one while the rebuild's lease lasts.
    pub(super) async fn count_tickets_built(&self, building: u64, ids: &[TicketId]) -> Result<()> {
        for ids in ids.chunks(TICKETS_AT_ONCE) {
            self.count_together(ids, |head| head.building.filter(|found| *found == building).into_iter()).await?;
        }
        Ok(())
    }

    async fn count_together<I: Iterator<Item = u64>>(
        &self,
        ids: &[TicketId],
        generations: impl Fn(StatisticsHead) -> I,
    ) -> Result<()> {
        for attempt in 0..ATTEMPTS {
            let head = self.statistics_head().await?;
            let mut is_done = true;
            for generation in generations(head) {
                is_done = is_done && self.count_in(head, generation, ids).await?;
            }
            if is_done {
                return Ok(());
            }
            wait_after(attempt).await;
        }
        Err(contention())
    }

    /// `false`, and nothing is counted, when the head or a marker has changed since it was read.
    ///
    /// The markers are read before the tickets. So whoever writes a marker has read the ticket after the last marker
    /// was written, and never counts an older ticket over a newer one.
    async fn count_in(&self, head: StatisticsHead, generation: u64, ids: &[TicketId]) -> Result<bool> {
        let markers = ids.iter().map(|id| keys::counted_ticket(id, generation)).collect();
        let mut markers = self.batch_get(markers).await?;
        let mut tickets = self.batch_get(ids.iter().map(keys::ticket).collect()).await?;
        let mut actions = vec![self.check_action(keys::statistics_head(), head.is_unchanged())?];
        let mut changes: BTreeMap<_, BTreeMap<_, i64>> = BTreeMap::new();
        for id in ids {
            let key = keys::counted_ticket(id, generation);
            let marker = markers.remove(&key).map(item::readable::<CountedTicket>);
            let ticket = tickets.remove(&keys::ticket(id)).map(item::readable::<TicketTimes>);
            // One whose item or marker can't be read is left out.
            let (None | Some(Some(_)), None | Some(Some(_))) = (&marker, &ticket) else { continue };
            let (marker, ticket) = (marker.flatten(), ticket.flatten());
            let facts = ticket.as_ref().map(TicketFacts::of).unwrap_or_default();
            let known = marker.as_ref().filter(|marker| marker.generation == generation);
            let known = known.map(|marker| marker.facts).unwrap_or_default();
            let of_marker = marker.as_ref().map(|marker| (marker.vendor, marker.account_id.clone()));
            let Some((vendor, account_id)) = ticket.map(|ticket| (ticket.vendor, ticket.account_id)).or(of_marker)
            else {
                continue;
            };
            if facts == known {
                continue;
            }
            for ((day, value), change) in facts.changes_from(&known) {
                let of_day = changes.entry((vendor, account_id.clone(), day)).or_default();
                *of_day.entry(value).or_default() += change;
            }
            if seeded_bugs::enabled(SeededBug::CountedTicketNotMarked) {
                continue;
            }
            let is_as_read = match &marker {
                None => Condition::ITEM_MISSING,
                Some(marker) => Condition::equals("revision", number(marker.revision)),
            };
            let revision = marker.map_or(0, |marker| marker.revision) + 1;
            let marker = CountedTicket { generation, revision, vendor, account_id, facts };
            actions.push(self.put_action(Item::new(key, "counted_ticket", &marker)?, is_as_read)?);
        }
        for ((vendor, account, day), mut of_day) in changes {
            // What one ticket leaves and another comes to.
            of_day.retain(|_, change| *change != 0);
            if !of_day.is_empty() {
                actions.push(self.update_action(change_counts(generation, (vendor, &account, day), &of_day))?);
            }
        }
        if actions.len() == 1 {
            return Ok(true);
        }
        Ok(self.transact(&actions).await?.is_none())
    }
}
