//! Statistics: what was counted of tickets, in one item for each day, vendor and account.
//!
//! There are two sets of these items, each with its own markers of the tickets that are counted in it. The head names
//! the one that is read, and during a rebuild the other one, which the rebuild fills. Every count has the head as its
//! condition, so that none misses the set that is filled.

use std::collections::BTreeMap;

use futures_util::{
    TryStreamExt,
    future::{ready, try_join_all},
};
use serde::Deserialize;

use super::{Attributes, Store, condition::Condition, item, keys, number, query::Index, text, update::Update};
use crate::{
    domain::{AccountId, CountedValue, Day, TicketCounts, Vendor},
    error::Result,
};

const OPENED: &str = "opened";
/// Before the number of a bucket, in the names of attributes.
const FIRST_RESPONSE: &str = "first_response_";
const RESOLUTION: &str = "resolution_";

const GENERATION: &str = "generation";
const BUILDING: &str = "building";

/// Which statistics are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsFilter {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Of this vendor only.
    pub vendor: Option<Vendor>,
    /// Of these accounts only.
    pub accounts: Option<Vec<AccountId>>,
}

/// The generation of items that is read, and the one that is built. They differ by one, so that they are in different
/// partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct StatisticsHead {
    #[serde(default)]
    pub generation: u64,
    #[serde(default)]
    pub building: Option<u64>,
}

impl StatisticsHead {
    /// Where a ticket is counted.
    pub fn generations(self) -> impl Iterator<Item = u64> {
        [Some(self.generation), self.building].into_iter().flatten()
    }

    /// The stored head is still this one. Before the first rebuild there is none.
    pub fn is_unchanged(self) -> Condition {
        let generation = match self.generation {
            0 => Condition::Missing(GENERATION),
            generation => Condition::equals(GENERATION, number(generation)),
        };
        generation.and(match self.building {
            None => Condition::Missing(BUILDING),
            Some(building) => Condition::equals(BUILDING, number(building)),
        })
    }

    /// Sets that `building` is built.
    pub fn begin(self, building: u64) -> Update {
        Update::of(keys::statistics_head())
            .set("entity", text("statistics_head"))
            .set(BUILDING, number(building))
            .when(self.is_unchanged())
    }

    /// Sets that what was built is read.
    pub fn finish(building: u64) -> Update {
        Update::of(keys::statistics_head())
            .set(GENERATION, number(building))
            .remove(&[BUILDING])
            .when(Condition::equals(BUILDING, number(building)))
    }
}

/// Changes the counts of an account's day.
pub(super) fn change_counts(
    generation: u64,
    (vendor, account, day): (Vendor, &AccountId, Day),
    changes: &BTreeMap<CountedValue, i64>,
) -> Update {
    let update = Update::of(keys::statistics_of_day(generation, vendor, day, account))
        .set("entity", text("statistics"))
        .set("type", text(vendor.as_str()))
        .set("custom_id", text(account.as_str()))
        .set("day", text(day.to_string()))
        .when(Condition::any_item());
    changes.iter().fold(update, |update, (value, change)| update.add(&attribute(*value), *change))
}

fn attribute(value: CountedValue) -> String {
    match value {
        CountedValue::Opened => OPENED.to_owned(),
        CountedValue::FirstResponse(bucket) => format!("{FIRST_RESPONSE}{bucket}"),
        CountedValue::Resolution(bucket) => format!("{RESOLUTION}{bucket}"),
    }
}

fn counted_value(attribute: &str) -> Option<CountedValue> {
    if attribute == OPENED {
        return Some(CountedValue::Opened);
    }
    let bucket = |prefix| attribute.strip_prefix(prefix)?.parse().ok();
    bucket(FIRST_RESPONSE).map(CountedValue::FirstResponse).or_else(|| bucket(RESOLUTION).map(CountedValue::Resolution))
}

impl Store {
    pub(super) async fn statistics_head(&self) -> Result<StatisticsHead> {
        Ok(self.get(keys::statistics_head()).await?.unwrap_or_default())
    }

    /// The counts of each day and vendor that has any.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn statistics(&self, filter: &StatisticsFilter) -> Result<BTreeMap<(Day, Vendor), TicketCounts>> {
        let generation = self.statistics_head().await?.generation;
        let vendors = Vendor::ALL.into_iter().filter(|vendor| filter.vendor.is_none_or(|wanted| wanted == *vendor));
        let counts = try_join_all(vendors.map(|vendor| self.statistics_of(generation, vendor, filter))).await?;
        Ok(counts.into_iter().flatten().collect())
    }

    async fn statistics_of(
        &self,
        generation: u64,
        vendor: Vendor,
        filter: &StatisticsFilter,
    ) -> Result<BTreeMap<(Day, Vendor), TicketCounts>> {
        // `~` sorts after every character of an id.
        let (first, last) = (filter.from.to_string(), format!("{}#~", filter.to));
        let days = Condition::Between(Index::TABLE.sk, text(first), text(last));
        let query = self.query(Index::TABLE, keys::statistics_partition(generation, vendor), Some(days)).lagging();
        let is_wanted = |item: &Attributes| match &filter.accounts {
            Some(accounts) => {
                item::text_of(item, "custom_id").is_some_and(|id| accounts.iter().any(|account| account.as_str() == id))
            }
            None => true,
        };
        let query = match filter.accounts.as_deref() {
            Some([account]) => query.filter(Condition::equals("custom_id", text(account.as_str()))),
            // Also one of no account: an expression names at most 100 values, and few items are of others.
            _ => query,
        };
        let add = |mut days: BTreeMap<_, TicketCounts>, item: Attributes| {
            if let Some(day) = item::text_of(&item, "day").and_then(|day| day.parse().ok()) {
                add_counts(days.entry((day, vendor)).or_default(), &item);
            }
            ready(Ok(days))
        };
        let mut days = query.items().try_filter(|item| ready(is_wanted(item))).try_fold(BTreeMap::new(), add).await?;
        // A count that was moved to another day leaves a zero.
        days.retain(|_, counts| *counts != TicketCounts::default());
        Ok(days)
    }
}

fn add_counts(counts: &mut TicketCounts, item: &Attributes) {
    for (name, number) in item {
        let number = number.as_n().ok().and_then(|number| number.parse().ok());
        if let (Some(value), Some(number)) = (counted_value(name), number) {
            counts.add(value, number);
        }
    }
}
