//! Tickets: the writes of their life, each under the condition that makes it safe to repeat, and their lists.

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{
        AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnValue,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    Attributes, Page, Store, StoredAnswer,
    idempotency::{self, IdempotencyRecord},
    item::{self, Item, StoredTicket},
    key_attributes,
    keys::{self, Key},
    number, store_error, text,
};
use crate::{
    domain::{AccountId, CloudId, EntryKind, Site, Ticket, TicketId, TicketState, TicketStatus, Vendor},
    error::{Error, Result, Retry},
};

/// How often a transaction that met another one is tried again.
const CONFLICT_ATTEMPTS: usize = 4;

/// What writing a new ticket's intent gave.
#[derive(Clone, Debug, PartialEq)]
pub enum NewTicketWrite {
    /// The intent stands; the vendor may be called.
    Written,
    /// The key was used before; this is its record.
    KeyTaken(IdempotencyRecord),
    /// The account is gone or being deleted.
    NoAccount,
    /// The catalog of that vendor and site was never refreshed.
    NoCatalog,
    /// The product is unknown or removed.
    NoProduct,
    /// The problem type is unknown for that product, or removed.
    NoProblemType,
    /// The problem type reports a fault, and the ticket names no region.
    RegionRequired,
    /// The ticket source is unknown or removed.
    NoSource,
    /// The region is unknown or removed.
    NoRegion,
}

/// What asking a ticket into `closing` gave.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseStart {
    /// It is `closing`; the work may go on.
    Closing(Ticket),
    /// It is in another state, shown here.
    Refused(Ticket),
    /// There is no such ticket.
    NotFound,
}

/// Which tickets a list holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketFilter {
    /// Of this account only.
    pub account: Option<AccountId>,
    /// Of this vendor only.
    pub vendor: Option<Vendor>,
    /// Of this status only.
    pub status: Option<TicketStatus>,
    /// In this state only.
    pub state: Option<TicketState>,
    /// Created at this time or later, Unix milliseconds.
    pub from_ms: Option<i64>,
    /// Created before this time, Unix milliseconds.
    pub to_ms: Option<i64>,
}

/// A place in a list of tickets, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPosition {
    /// Creation time of the last ticket seen, Unix milliseconds.
    pub create_time: i64,
    /// Its id.
    pub id: TicketId,
}

/// How many items a filtered list reads at the most for one page, so that a rare match can't hold a request up.
const MAX_ITEMS_READ: usize = 5_000;

impl Store {
    /// Writes the ticket as `creating` together with its idempotency record, if account and catalog allow it: one
    /// transaction, so that nothing can change between the check and the write.
    pub async fn begin_ticket(
        &self,
        ticket: &Ticket,
        site: Site,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<NewTicketWrite> {
        let items = self.begin_items(ticket, site, record, now_ms)?;
        let (actions, refusals): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let Some(reasons) = self.transact(actions).await? else {
            return Ok(NewTicketWrite::Written);
        };
        if let Some(old) = reasons.first().and_then(|reason| reason.item.clone()) {
            let old = idempotency::read_record(old)?;
            let own = old.subject == record.subject;
            return Ok(if own {
                NewTicketWrite::Written
            } else {
                NewTicketWrite::KeyTaken(old)
            });
        }
        let failed = reasons.iter().zip(refusals).find(|(reason, _)| is_failed(reason));
        match failed {
            Some((reason, NewTicketWrite::NoProblemType)) if stands(reason.item.as_ref()) => {
                Ok(NewTicketWrite::RegionRequired)
            }
            Some((_, refusal)) => Ok(refusal),
            None => Err(Error::unexpected("A new ticket could not be stored.")),
        }
    }

    /// The actions of the transaction, each with what its failure means.
    fn begin_items(
        &self,
        ticket: &Ticket,
        site: Site,
        record: &IdempotencyRecord,
        now_ms: i64,
    ) -> Result<Vec<(TransactWriteItem, NewTicketWrite)>> {
        let stored = StoredTicket {
            ticket: ticket.clone(),
            idempotency_hash: record.hash.clone(),
        };
        let put_record = self
            .put(
                item::to_attributes(idempotency::record_item(record.clone()))?,
                idempotency::FREE,
            )
            .expression_attribute_values(":now_s", number(now_ms / 1000));
        let put_ticket = self.put(
            item::to_attributes(item::ticket(stored, record.lease_until))?,
            "attribute_not_exists(PK)",
        );
        let vendor = ticket.vendor;
        let entry = |kind, id: &str| {
            let product = matches!(kind, EntryKind::ProblemType).then_some(&ticket.product_id);
            keys::catalog_entry(vendor, site, kind, product, id)
        };
        let product = entry(EntryKind::Product, ticket.product_id.as_str());
        let mut actions = vec![
            (put_action(put_record)?, NewTicketWrite::NoAccount),
            (put_action(put_ticket)?, NewTicketWrite::NoAccount),
            (
                self.check(keys::account(&ticket.custom_id), Store::account_stands())?,
                NewTicketWrite::NoAccount,
            ),
            (
                self.check(keys::catalog_head(vendor, site), "attribute_exists(PK)")?,
                NewTicketWrite::NoCatalog,
            ),
            (self.check(product, LISTED)?, NewTicketWrite::NoProduct),
        ];
        let problem_type = entry(EntryKind::ProblemType, ticket.product_business_id.as_str());
        actions.push(match &ticket.region_id {
            Some(_) => (self.check(problem_type, LISTED)?, NewTicketWrite::NoProblemType),
            None => (self.check_not_fault(problem_type)?, NewTicketWrite::NoProblemType),
        });
        if let Some(region) = &ticket.region_id {
            let region = entry(EntryKind::Region, region.as_str());
            actions.push((self.check(region, LISTED)?, NewTicketWrite::NoRegion));
        }
        if let Some(source) = &ticket.osm_id {
            let source = entry(EntryKind::Source, source.as_str());
            actions.push((self.check(source, LISTED)?, NewTicketWrite::NoSource));
        }
        Ok(actions)
    }

    /// Commits that the vendor has the ticket: `open` with its `cloud_id`, the vendor's id taken, the answer kept.
    ///
    /// `false`: the ticket is gone or was committed by somebody else; read it again.
    pub async fn commit_created(&self, ticket: &Ticket, hash: &str, answer: &StoredAnswer) -> Result<bool> {
        let cloud_id = ticket
            .cloud_id
            .as_ref()
            .ok_or_else(|| Error::unexpected("A created ticket must have the vendor's id."))?;
        let open = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(&ticket.id))))
            .update_expression("SET #state = :open, cloud_id = :cloud_id REMOVE GSI3PK, GSI3SK")
            .condition_expression("#state IN (:creating, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":unknown", state(TicketState::Unknown))
            .expression_attribute_values(":cloud_id", text(cloud_id.as_str()));
        let claim = self.cloud_item(ticket, cloud_id)?;
        let finish = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::idempotency(hash))))
            .update_expression("SET answer = :answer")
            .condition_expression("attribute_exists(PK)")
            .expression_attribute_values(":answer", idempotency::answer_attribute(answer)?);
        let actions = vec![update_action(open)?, claim, update_action(finish)?];
        Ok(self.transact(actions).await?.is_none())
    }

    fn cloud_item(&self, ticket: &Ticket, cloud_id: &CloudId) -> Result<TransactWriteItem> {
        #[derive(Serialize)]
        struct Claim {
            ticket_id: TicketId,
        }
        let key = keys::cloud_ticket(ticket.vendor, &ticket.custom_id, cloud_id);
        let attributes = item::to_attributes(Item::new(
            key,
            "cloud_id",
            Claim {
                ticket_id: ticket.id.clone(),
            },
        ))?;
        put_action(self.put(attributes, "attribute_not_exists(PK)"))
    }

    /// Writes that the outcome of the vendor's create is unknown. Nothing happens when the ticket went on meanwhile.
    pub async fn mark_unknown(&self, id: &TicketId, now_ms: i64) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :unknown, GSI3PK = :due, GSI3SK = :due_at")
            .condition_expression("#state = :creating")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":unknown", state(TicketState::Unknown))
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":due", text(keys::DUE))
            .expression_attribute_values(":due_at", text(keys::by_time(now_ms, id.as_str())));
        conditional(update).await.map(|_| ())
    }

    /// Removes a ticket that the vendor certainly does not have, and frees the caller's key. Nothing happens when the ticket
    /// went on meanwhile. `false` then.
    pub async fn remove_ticket(&self, id: &TicketId, hash: &str) -> Result<bool> {
        let ticket = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(id))))
            .condition_expression("attribute_not_exists(PK) OR #state IN (:creating, :unknown)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":creating", state(TicketState::Creating))
            .expression_attribute_values(":unknown", state(TicketState::Unknown));
        let record = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::idempotency(hash))))
            .condition_expression("attribute_not_exists(PK) OR subject = :id")
            .expression_attribute_values(":id", text(id.as_str()));
        let actions = vec![delete_action(ticket)?, delete_action(record)?];
        Ok(self.transact(actions).await?.is_none())
    }

    /// The ticket, if there is one.
    pub async fn ticket(&self, id: &TicketId) -> Result<Option<Ticket>> {
        Ok(self.stored_ticket(id).await?.map(|stored| stored.ticket))
    }

    /// The ticket with what only the store needs to know of it.
    pub async fn stored_ticket(&self, id: &TicketId) -> Result<Option<StoredTicket>> {
        self.get(keys::ticket(id)).await?.map(read_ticket).transpose()
    }

    /// Puts an `open` ticket into `closing`; one that is `closing` already stays so. Its work is due at `due_ms`.
    pub async fn start_closing(&self, id: &TicketId, due_ms: i64) -> Result<CloseStart> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :closing, GSI3PK = :due, GSI3SK = :due_at")
            .condition_expression("#state IN (:open, :closing)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":due", text(keys::DUE))
            .expression_attribute_values(":due_at", text(keys::by_time(due_ms, id.as_str())));
        Ok(match conditional(update).await? {
            Ok(Some(new)) => CloseStart::Closing(read_ticket(new)?.ticket),
            Err(Some(old)) => CloseStart::Refused(read_ticket(old)?.ticket),
            Ok(None) | Err(None) => CloseStart::NotFound,
        })
    }

    /// Puts a `closing` ticket back to `open`: the vendor refused to close it.
    pub async fn reopen_ticket(&self, id: &TicketId) -> Result<()> {
        let update = self
            .update_ticket(id)
            .update_expression("SET #state = :open REMOVE GSI3PK, GSI3SK")
            .condition_expression("#state = :closing")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":open", state(TicketState::Open));
        conditional(update).await.map(|_| ())
    }

    /// Commits the archive: `closed`, `status` 0, the count and the digest in one write. The ticket as it stands afterwards;
    /// somebody else's earlier commit stands and is returned.
    pub async fn commit_closed(
        &self,
        id: &TicketId,
        close_time: i64,
        message_count: u64,
        digest: &str,
    ) -> Result<Ticket> {
        let count = i64::try_from(message_count).unwrap_or(i64::MAX);
        let update = self
            .update_ticket(id)
            .update_expression(
                "SET #state = :closed, #status = :zero, close_time = :now, message_count = :count, digest = :digest, \
                 GSI2PK = :status_pk REMOVE GSI3PK, GSI3SK",
            )
            .condition_expression("#state = :closing")
            .expression_attribute_names("#state", "state")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":closing", state(TicketState::Closing))
            .expression_attribute_values(":closed", state(TicketState::Closed))
            .expression_attribute_values(":zero", number(0))
            .expression_attribute_values(":now", number(close_time))
            .expression_attribute_values(":count", number(count))
            .expression_attribute_values(":digest", text(digest))
            .expression_attribute_values(":status_pk", text(keys::tickets_of_status(TicketStatus::Closed)));
        let after = match conditional(update).await? {
            Ok(after) | Err(after) => after,
        };
        let ticket = after.map(read_ticket).transpose()?.map(|stored| stored.ticket);
        match ticket {
            Some(ticket) if ticket.state == TicketState::Closed => Ok(ticket),
            _ => Err(
                Error::conflict("The ticket was reopened while it was being closed; close it again.")
                    .with_code("ticket_reopened"),
            ),
        }
    }

    /// A page of tickets, newest first. May hold fewer than `limit` and still have a next page.
    pub async fn tickets(
        &self,
        filter: &TicketFilter,
        limit: usize,
        after: Option<&TicketPosition>,
    ) -> Result<Page<Ticket, TicketPosition>> {
        let mut tickets = Vec::new();
        let mut cut_off: Option<TicketPosition> = None;
        for partition in partitions(filter) {
            let (found, stopped_at) = self.partition_page(&partition, filter, limit, after).await?;
            tickets.extend(found);
            cut_off = match (cut_off, stopped_at) {
                (Some(one), Some(other)) => Some(newer(one, other)),
                (one, other) => one.or(other),
            };
        }
        tickets.sort_by(|a, b| (b.create_time, &b.id).cmp(&(a.create_time, &a.id)));
        // Past the point where one partition stopped reading, another one's tickets must wait for the next page.
        if let Some(cut_off) = &cut_off {
            tickets.retain(|ticket| (ticket.create_time, &ticket.id) >= (cut_off.create_time, &cut_off.id));
        }
        let more = tickets.len() > limit;
        tickets.truncate(limit);
        let last = tickets.last().map(|t| TicketPosition {
            create_time: t.create_time,
            id: t.id.clone(),
        });
        let next = if more { last } else { cut_off };
        Ok(Page { items: tickets, next })
    }

    /// Up to `limit` + 1 matching tickets of one index partition, and where reading stopped if it did before the end.
    async fn partition_page(
        &self,
        partition: &Partition,
        filter: &TicketFilter,
        limit: usize,
        after: Option<&TicketPosition>,
    ) -> Result<(Vec<Ticket>, Option<TicketPosition>)> {
        let (low, high) = bounds(filter, after);
        if low > high {
            return Ok((Vec::new(), None));
        }
        let conditions = filter_conditions(partition, filter);
        let mut found = Vec::new();
        let mut read = 0;
        let mut start = None;
        loop {
            let mut query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(partition.index)
                .key_condition_expression(format!(
                    "{0}PK = :pk AND {0}SK BETWEEN :low AND :high",
                    partition.index
                ))
                .expression_attribute_values(":pk", text(&partition.pk))
                .expression_attribute_values(":low", text(&low))
                .expression_attribute_values(":high", text(&high))
                .scan_index_forward(false)
                .set_exclusive_start_key(start);
            for (name, value) in &conditions {
                query = query
                    .expression_attribute_names(format!("#{name}"), *name)
                    .expression_attribute_values(format!(":{name}"), value.clone());
            }
            if !conditions.is_empty() {
                let equal: Vec<_> = conditions
                    .iter()
                    .map(|(name, _)| format!("#{name} = :{name}"))
                    .collect();
                query = query.filter_expression(equal.join(" AND "));
            } else {
                query = query.limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
            }
            let answer = query.send().await.map_err(|error| store_error("query", error))?;
            read += usize::try_from(answer.scanned_count).unwrap_or_default();
            for attributes in answer.items.unwrap_or_default() {
                found.push(read_ticket(attributes)?.ticket);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok((found, None));
            }
            if found.len() > limit || read >= MAX_ITEMS_READ {
                let stopped_at = start.as_ref().and_then(|key| position(key, partition.index));
                return Ok((found, stopped_at));
            }
        }
    }

    fn put(&self, attributes: Attributes, condition: &str) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(attributes))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn check(&self, key: Key, condition: &str) -> Result<TransactWriteItem> {
        self.check_with(key, condition, None)
    }

    fn check_not_fault(&self, key: Key) -> Result<TransactWriteItem> {
        self.check_with(key, NOT_FAULT, Some((":fault", text("fault"))))
    }

    fn check_with(
        &self,
        key: Key,
        condition: &str,
        value: Option<(&str, AttributeValue)>,
    ) -> Result<TransactWriteItem> {
        let mut check = ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key_attributes(key)))
            .condition_expression(condition)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        if let Some((name, value)) = value {
            check = check.expression_attribute_values(name, value);
        }
        let check = check.build().map_err(build_error)?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn update_ticket(&self, id: &TicketId) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key_attributes(keys::ticket(id))))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// Runs a transaction: `None` when it is done, the reasons when a condition failed. One that met another
    /// transaction on the same items is tried again.
    async fn transact(&self, actions: Vec<TransactWriteItem>) -> Result<Option<Vec<CancellationReason>>> {
        for _ in 0..CONFLICT_ATTEMPTS {
            let done = self
                .client
                .transact_write_items()
                .set_transact_items(Some(actions.clone()))
                .send()
                .await;
            let Err(error) = done else { return Ok(None) };
            let Some(reasons) = cancellation(&error) else {
                return Err(store_error("transact_write_items", error));
            };
            if reasons.iter().any(is_failed) {
                return Ok(Some(reasons));
            }
        }
        Err(
            Error::conflict("Another request works on the same ticket; try again.")
                .with_code("store_contention")
                .with_retry(Retry::Yes { after: None }),
        )
    }
}

/// In the catalog, and not removed.
const LISTED: &str = "attribute_exists(PK) AND attribute_not_exists(removed_time)";
/// Listed, and not about a fault, which needs a region.
const NOT_FAULT: &str = "attribute_exists(PK) AND attribute_not_exists(removed_time) AND (attribute_not_exists(case_kind) OR case_kind <> :fault)";

type TransactError = aws_sdk_dynamodb::error::SdkError<
    aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError,
>;

fn cancellation(error: &TransactError) -> Option<Vec<CancellationReason>> {
    use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::{
        TransactionCanceledException, TransactionInProgressException,
    };
    match error.as_service_error()? {
        TransactionCanceledException(canceled) => Some(canceled.cancellation_reasons().to_vec()),
        // An earlier attempt with the same token is still under way.
        TransactionInProgressException(_) => Some(Vec::new()),
        _ => None,
    }
}

fn is_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Whether a catalog entry that failed a check is listed all the same, so that only the region was missing.
fn stands(entry: Option<&Attributes>) -> bool {
    entry.is_some_and(|entry| !entry.contains_key("removed_time"))
}

fn state(state: TicketState) -> AttributeValue {
    text(state.as_str())
}

fn read_ticket(attributes: Attributes) -> Result<StoredTicket> {
    Ok(item::from_attributes::<Item<StoredTicket>>(attributes)?.value)
}

/// `Ok` with the new item, or `Err` with the old one where the condition failed.
async fn conditional(
    update: UpdateItemFluentBuilder,
) -> Result<std::result::Result<Option<Attributes>, Option<Attributes>>> {
    match update.send().await {
        Ok(done) => Ok(Ok(done.attributes)),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(Err(failed.item.clone())),
            _ => Err(store_error("update_item", error)),
        },
    }
}

fn build_error(source: aws_sdk_dynamodb::error::BuildError) -> Error {
    Error::unexpected("A write to the store could not be built.").with_source(source)
}

fn put_action(put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .put(put.build().map_err(build_error)?)
        .build())
}

fn update_action(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .update(update.build().map_err(build_error)?)
        .build())
}

fn delete_action(delete: aws_sdk_dynamodb::types::builders::DeleteBuilder) -> Result<TransactWriteItem> {
    Ok(TransactWriteItem::builder()
        .delete(delete.build().map_err(build_error)?)
        .build())
}

struct Partition {
    index: &'static str,
    pk: String,
}

/// The index partitions that hold the filter's tickets: the account's, or one for each status.
fn partitions(filter: &TicketFilter) -> Vec<Partition> {
    if let Some(account) = &filter.account {
        return vec![Partition {
            index: "GSI1",
            pk: keys::tickets_of_account(account),
        }];
    }
    let implied = filter.status.or(filter.state.map(TicketState::status));
    let statuses = implied.map_or_else(
        || vec![TicketStatus::NotComplete, TicketStatus::Closed],
        |status| vec![status],
    );
    statuses
        .into_iter()
        .map(|status| Partition {
            index: "GSI2",
            pk: keys::tickets_of_status(status),
        })
        .collect()
}

fn filter_conditions(partition: &Partition, filter: &TicketFilter) -> Vec<(&'static str, AttributeValue)> {
    let mut conditions = Vec::new();
    if let Some(vendor) = filter.vendor {
        conditions.push(("type", text(vendor.as_str())));
    }
    if let Some(state) = filter.state {
        conditions.push(("state", text(state.as_str())));
    }
    if let Some(status) = filter
        .status
        .filter(|_| partition.index == "GSI1" || filter.state.is_some())
    {
        conditions.push(("status", number(i64::from(u8::from(status)))));
    }
    conditions
}

/// Lowest and highest sort key of the wanted tickets, both inclusive.
fn bounds(filter: &TicketFilter, after: Option<&TicketPosition>) -> (String, String) {
    let low = filter.from_ms.map_or_else(|| "0".to_owned(), keys::time);
    // `#` sorts before every character of an id, so `<time>#` is just below all tickets of that time.
    let to = filter
        .to_ms
        .map_or_else(|| "9~".to_owned(), |to| format!("{}#", keys::time(to)));
    // The largest text below `<time>#<id>`: DynamoDB has no "between, exclusive".
    let before = after.map(|at| just_below(&keys::by_time(at.create_time, at.id.as_str())));
    let high = before.map_or(to.clone(), |before| before.min(to));
    (low, high)
}

/// A text that is less than `key` and not less than any other ticket's sort key below it: its last character is
/// replaced by the one before it and the highest characters that ids can hold.
fn just_below(key: &str) -> String {
    let mut text = key.to_owned();
    if let Some(last) = text.pop() {
        text.push(char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('!'));
        text.push('~');
    }
    text
}

fn position(key: &Attributes, index: &str) -> Option<TicketPosition> {
    let sort_key = key.get(&format!("{index}SK"))?.as_s().ok()?;
    let (time, id) = sort_key.split_once('#')?;
    Some(TicketPosition {
        create_time: time.parse().ok()?,
        id: TicketId::parse(id).ok()?,
    })
}

fn newer(one: TicketPosition, other: TicketPosition) -> TicketPosition {
    if (one.create_time, &one.id) >= (other.create_time, &other.id) {
        one
    } else {
        other
    }
}
