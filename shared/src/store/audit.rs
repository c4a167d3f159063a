//! Audit records: items that are written once and never changed. The table's TTL removes them.

use aws_sdk_dynamodb::types::TransactWriteItem;

use super::{Page, Store, condition::Condition, item::Item, keys, number, query::Index, text, time_range};
use crate::{
    digest::sha256_hex,
    domain::{AccountId, AuditRecord, TicketId},
    error::Result,
};

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Which audit records a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of calls of this actor.
    pub actor: Option<String>,
    /// About this ticket.
    pub ticket: Option<TicketId>,
    /// About this account.
    pub account: Option<AccountId>,
    /// Of calls that began at this time or later, Unix milliseconds.
    pub from_ms: Option<i64>,
    /// Of calls that began before this time, Unix milliseconds.
    pub to_ms: Option<i64>,
}

impl Store {
    /// Stores a record. One that is there already stays as it is.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_audit_record(&self, record: &AuditRecord) -> Result<()> {
        self.put(self.audit_item(record)?, Condition::ITEM_MISSING).await.map(|_| ())
    }

    /// The same as a part of a transaction.
    pub(super) fn audit_action(&self, record: &AuditRecord) -> Result<TransactWriteItem> {
        self.put_action(self.audit_item(record)?, Condition::ITEM_MISSING)
    }

    fn audit_item(&self, record: &AuditRecord) -> Result<Item> {
        let sort_key = keys::by_time(record.time, record.id.as_str());
        let mut item = Item::new(keys::audit_record(&sort_key), "audit_record", record)?;
        if let Some(account) = &record.account_id {
            item = item.indexed(Index::GSI1, keys::audit_of_account(account), sort_key.as_str());
        }
        if let Some(actor) = &record.actor {
            item = item.indexed(Index::GSI2, audit_of_actor(actor), sort_key.as_str());
        }
        if let Some(ticket) = &record.ticket_id {
            item = item.indexed(Index::GSI3, keys::audit_of_ticket(ticket), sort_key.as_str());
        }
        if self.audit_retention_days > 0 {
            let lifetime = i64::from(self.audit_retention_days) * DAY_SECONDS;
            item = item.with("expires_at", number(record.time / 1000 + lifetime));
        }
        Ok(item)
    }

    /// A page of audit records, newest first, with the sort key of the last one read. May hold fewer than `limit` and
    /// still have a next page. Records of the last moment may be missing where there is a filter: indexes lag behind.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn audit_records(
        &self,
        filter: &AuditFilter,
        limit: usize,
        after: Option<&str>,
    ) -> Result<Page<AuditRecord, String>> {
        let (low, high) = time_range::bounds(filter.from_ms, filter.to_ms, after);
        if low > high {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let (index, partition) = partition(filter);
        let keys = Condition::Between(index.sk, text(low), text(high));
        let query = self.query(index, partition, Some(keys)).descending();
        let (mut items, stopped_at): (Vec<AuditRecord>, _) =
            query.read_matching(condition(index, filter), limit).await?;
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more).map(|last| keys::by_time(last.time, last.id.as_str()));
        Ok(Page { items, next: last.or(stopped_at) })
    }
}

/// The partition with the fewest records that holds all that are wanted.
fn partition(filter: &AuditFilter) -> (Index, String) {
    match filter {
        AuditFilter { ticket: Some(ticket), .. } => (Index::GSI3, keys::audit_of_ticket(ticket)),
        AuditFilter { actor: Some(actor), .. } => (Index::GSI2, audit_of_actor(actor)),
        AuditFilter { account: Some(account), .. } => (Index::GSI1, keys::audit_of_account(account)),
        _ => (Index::TABLE, keys::AUDIT.to_owned()),
    }
}

/// The filters that the partition does not fulfil by itself.
fn condition(index: Index, filter: &AuditFilter) -> Option<Condition> {
    let actor = filter.actor.as_ref().filter(|_| index == Index::GSI3);
    let actor = actor.map(|actor| Condition::equals("actor", text(actor)));
    let account = filter.account.as_ref().filter(|_| index != Index::GSI1);
    let account = account.map(|account| Condition::equals("custom_id", text(account.as_str())));
    let conditions: Vec<_> = [actor, account].into_iter().flatten().collect();
    (!conditions.is_empty()).then_some(Condition::All(conditions))
}

/// An ARN or a subject may be longer than a key, so its digest stands for it.
fn audit_of_actor(actor: &str) -> String {
    keys::audit_of_actor(&sha256_hex(actor))
}
