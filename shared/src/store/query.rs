//! Queries: every list of the store is one, read as a stream of pages or of items. The next page is asked for when it
//! is needed.

use std::{future::ready, pin::pin};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;

use super::{
    Attributes, Page, Store,
    condition::{Condition, Placeholders},
    item, store_error, text,
};
use crate::error::Result;

/// How many items a filtered list reads at the most for one page, so that a rare match can't delay a request.
const MAX_ITEMS_READ: usize = 5_000;

/// Where a query reads, with the names of the keys there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// The index; `None`: the table itself.
    name: Option<&'static str>,
    pub pk: &'static str,
    pub sk: &'static str,
}

impl Index {
    pub const TABLE: Index = Index { name: None, pk: "PK", sk: "SK" };
    /// Accounts, the tickets and audit records of an account, and the entries of a catalog by their last change.
    pub const GSI1: Index = Index { name: Some("GSI1"), pk: "GSI1PK", sk: "GSI1SK" };
    /// Tickets of a status, and the audit records of an actor.
    pub const GSI2: Index = Index { name: Some("GSI2"), pk: "GSI2PK", sk: "GSI2SK" };
    /// What is due, and the audit records of a ticket.
    pub const GSI3: Index = Index { name: Some("GSI3"), pk: "GSI3PK", sk: "GSI3SK" };
}

/// A query of one partition.
pub(super) struct Query {
    request: QueryFluentBuilder,
    index: Index,
    start: Option<Attributes>,
    placeholders: Placeholders,
}

/// A page as DynamoDB gives it.
pub(super) struct QueryPage {
    pub items: Vec<Attributes>,
    /// How many items were read for it, before the filter.
    pub scanned: usize,
    /// The key of the last item read, where there may be more.
    pub last_key: Option<Attributes>,
}

impl Store {
    /// A query of the partition `pk`, of the sort keys that `sort_keys` lets through.
    pub(super) fn query(&self, index: Index, pk: impl Into<String>, sort_keys: Option<Condition>) -> Query {
        let mut placeholders = Placeholders::default();
        let partition = Condition::equals(index.pk, text(pk));
        let keys = Condition::All([Some(partition), sort_keys].into_iter().flatten().collect());
        let request = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.name.map(str::to_owned))
            // DynamoDB has no consistent read of an index.
            .consistent_read(index == Index::TABLE)
            .key_condition_expression(placeholders.condition(keys));
        Query { request, index, start: None, placeholders }
    }
}

impl Query {
    /// Returns only such items. The others are read and paid for too.
    pub fn filter(mut self, condition: Condition) -> Self {
        let filter = self.placeholders.condition(condition);
        self.request = self.request.filter_expression(filter);
        self
    }

    /// Reads these attributes only.
    pub fn only(mut self, names: &[&str]) -> Self {
        let names: Vec<_> = names.iter().map(|name| self.placeholders.name(name)).collect();
        self.request = self.request.projection_expression(names.join(", "));
        self
    }

    /// Reads up to so many items for each page.
    pub fn page_size(mut self, items: usize) -> Self {
        self.request = self.request.limit(i32::try_from(items).unwrap_or(i32::MAX));
        self
    }

    /// From the greatest sort key to the least.
    pub fn descending(mut self) -> Self {
        self.request = self.request.scan_index_forward(false);
        self
    }

    /// Eventually consistent, at half the cost.
    pub fn lagging(mut self) -> Self {
        self.request = self.request.consistent_read(false);
        self
    }

    /// From the item after this key on.
    pub fn after(mut self, key: Option<Attributes>) -> Self {
        self.start = key;
        self
    }

    /// The pages. Each is one round trip, made when the stream is polled for it.
    pub fn pages(self) -> impl Stream<Item = Result<QueryPage>> {
        let request = self
            .request
            .set_expression_attribute_names(self.placeholders.names())
            .set_expression_attribute_values(self.placeholders.values());
        // The key to start after; nothing once the last page is read.
        let first = Some(self.start);
        stream::try_unfold(first, move |start| {
            let request = request.clone();
            async move {
                let Some(start) = start else { return Ok(None) };
                let answer = request.set_exclusive_start_key(start).send().await;
                let answer = answer.map_err(|error| store_error("query", error))?;
                let page = QueryPage {
                    items: answer.items.unwrap_or_default(),
                    scanned: usize::try_from(answer.scanned_count).unwrap_or_default(),
                    last_key: answer.last_evaluated_key,
                };
                let next = page.last_key.clone().map(Some);
                Ok(Some((page, next)))
            }
        })
    }

    /// The items of all pages.
    pub fn items(self) -> impl Stream<Item = Result<Attributes>> {
        self.pages().map_ok(|page| stream::iter(page.items.into_iter().map(Ok))).try_flatten()
    }

    /// The values of all items.
    pub async fn read_all<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        self.items().and_then(|item| ready(item::from_attributes(item))).try_collect().await
    }

    /// The values of all items, without those that can't be read.
    pub async fn read_readable<T: DeserializeOwned>(self) -> Result<Vec<T>> {
        self.items().try_filter_map(|item| ready(Ok(item::readable(item)))).try_collect().await
    }

    /// The values of the first `limit` items, without those that can't be read.
    pub async fn read_first<T: DeserializeOwned>(self, limit: usize) -> Result<Vec<T>> {
        let items = self.items().take(limit);
        items.try_filter_map(|item| ready(Ok(item::readable(item)))).try_collect().await
    }

    /// Up to `limit` + 1 values that match, or a few more, and the sort key where reading stopped, if it did before the
    /// end: there may be no match for as long as [`MAX_ITEMS_READ`].
    pub async fn read_matching<T: DeserializeOwned>(
        self,
        condition: Option<Condition>,
        limit: usize,
    ) -> Result<(Vec<T>, Option<String>)> {
        let sort_key = self.index.sk;
        let query = match condition {
            Some(condition) => self.filter(condition),
            None => self.page_size(limit + 1),
        };
        let mut pages = pin!(query.pages());
        let (mut found, mut read) = (Vec::new(), 0);
        while let Some(page) = pages.try_next().await? {
            read += page.scanned;
            for attributes in page.items {
                found.push(item::from_attributes(attributes)?);
            }
            let Some(last_key) = page.last_key else { break };
            if found.len() > limit || read >= MAX_ITEMS_READ {
                return Ok((found, item::text_of(&last_key, sort_key)));
            }
        }
        Ok((found, None))
    }

    /// The values of the first `limit` items, and the last one's sort key where there are more.
    pub async fn read_page<T: DeserializeOwned>(self, limit: usize) -> Result<Page<T, String>> {
        let sort_key = self.index.sk;
        let mut items: Vec<_> = self.items().take(limit + 1).try_collect().await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).and_then(|item| item::text_of(item, sort_key));
        let items = items.into_iter().map(item::from_attributes).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }
}
