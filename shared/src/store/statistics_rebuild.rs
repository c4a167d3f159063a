//! The rebuild of the statistics from the tickets: a new generation is filled beside the one that is read, and takes
//! its place when every ticket is counted in it. One lease at a time; a run that ends early is continued by the next.

use serde::{Deserialize, Serialize};

use super::{
    Page, Store,
    condition::Condition,
    counted_tickets::TICKETS_AT_ONCE,
    keys::{self, Key},
    lease::{self, Lease},
    query::Index,
    statistics::StatisticsHead,
    text, to_value,
    transaction::contention,
    update::Update,
};
use crate::{
    domain::{TicketId, TicketStatus, Vendor},
    error::Result,
};

/// How many tickets are read at once.
const PAGE: usize = 7 * TICKETS_AT_ONCE;

const POSITION: &str = "position";

/// How far a rebuild has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebuildPosition {
    /// The generation that it builds.
    generation: u64,
    /// The tickets that are read now. Those that are not closed come first: a ticket that is closed meanwhile is then
    /// read with the closed ones, if it was not read before.
    status: TicketStatus,
    /// The sort key of the last ticket of that status that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// How many tickets were read.
    pub tickets: u64,
}

#[derive(Deserialize)]
struct RebuildItem {
    #[serde(flatten)]
    lease: Option<Lease>,
    position: Option<RebuildPosition>,
}

#[derive(Deserialize)]
struct KeysOnly {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
}

impl Store {
    /// Takes the lease to rebuild the statistics, and begins where no rebuild is under way. Gives where to go on;
    /// `None` when another run has the lease.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn start_rebuild(&self, now_ms: i64, lease: &Lease) -> Result<Option<RebuildPosition>> {
        let update = Update::of(keys::statistics_rebuild())
            .set("entity", text("statistics_rebuild"))
            .take_lease(lease)
            .when(lease::is_free(now_ms));
        let item: Option<RebuildItem> = self.update(update).await?.stored()?;
        // Also where the SDK sent this very write again, because the answer to the first one was lost.
        let is_mine = |item: &RebuildItem| item.lease.as_ref().is_some_and(|held| held.token == lease.token);
        let Some(item) = item.filter(is_mine) else { return Ok(None) };
        let head = self.statistics_head().await?;
        let generation = match head.building {
            Some(building) => building,
            None => {
                let building = head.generation + 1;
                // Nobody writes there while no head names it.
                self.clear_statistics(building).await?;
                let begun = self.update(head.begin(building)).await?.is_done();
                if !begun && self.statistics_head().await?.building != Some(building) {
                    return Err(contention());
                }
                building
            }
        };
        let first = RebuildPosition { generation, status: TicketStatus::NotComplete, after: None, tickets: 0 };
        // A position of an earlier rebuild may have stayed after a crash.
        Ok(Some(item.position.filter(|position| position.generation == generation).unwrap_or(first)))
    }

    async fn clear_statistics(&self, generation: u64) -> Result<()> {
        for vendor in Vendor::ALL {
            let query = self.query(Index::TABLE, keys::statistics_partition(generation, vendor), None);
            let items: Vec<KeysOnly> = query.only(&["PK", "SK"]).read_all().await?;
            self.batch_delete(items.into_iter().map(|KeysOnly { pk, sk }| Key { pk, sk }).collect()).await?;
        }
        Ok(())
    }

    /// Counts the next tickets, and keeps the position after them; `false` after the last one.
    ///
    /// # Errors
    /// When the lease is another's by now, or the store does not answer.
    pub async fn rebuild_next(&self, lease: &Lease, position: &mut RebuildPosition) -> Result<bool> {
        let page = self.tickets_of(position.status, position.after.as_deref()).await?;
        self.count_tickets_built(position.generation, &page.items).await?;
        position.tickets += page.items.len() as u64;
        match (page.next, position.status) {
            (None, TicketStatus::Closed) => return Ok(false),
            (None, TicketStatus::NotComplete) => (position.status, position.after) = (TicketStatus::Closed, None),
            (after, _) => position.after = after,
        }
        let update = Update::of(keys::statistics_rebuild()).set(POSITION, to_value(position)?).when_lease(lease);
        if self.update(update).await?.is_done() { Ok(true) } else { Err(contention()) }
    }

    /// A page of the tickets of a status, the oldest first.
    async fn tickets_of(&self, status: TicketStatus, after: Option<&str>) -> Result<Page<TicketId, String>> {
        let rest = after.map(|after| Condition::Compare(Index::GSI2.sk, ">", text(after)));
        let query = self.query(Index::GSI2, keys::tickets_of_status(status), rest);
        let query = query.only(&["PK", "SK", Index::GSI2.sk]).page_size(PAGE + 1);
        let page: Page<KeysOnly, String> = query.read_page(PAGE).await?;
        let items = page.items.iter().filter_map(|item| keys::ticket_of(&item.pk)).collect();
        Ok(Page { items, next: page.next })
    }

    /// Releases the lease of a rebuild that is to be continued. Nothing happens when it is another's by now.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release_rebuild(&self, lease: &Lease) -> Result<()> {
        let update = Update::of(keys::statistics_rebuild()).release_lease().when_lease(lease);
        self.update(update).await.map(|_| ())
    }

    /// Ends the rebuild after its last ticket: what it has built is read from now on. Safe to repeat.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn finish_rebuild(&self, lease: &Lease, position: &RebuildPosition) -> Result<()> {
        // Refused where another run has ended it.
        self.update(StatisticsHead::finish(position.generation)).await?;
        let update = Update::of(keys::statistics_rebuild()).remove(&[POSITION]).release_lease().when_lease(lease);
        self.update(update).await.map(|_| ())
    }
}
