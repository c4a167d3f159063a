//! What the sync reads: work that is due, and the open tickets.

use serde::Deserialize;

use super::{Store, item, keys, store_error, text, tickets::state, transaction::conditional};
use crate::{
    domain::{Account, AccountId, CloudId, Phase, ReplyId, RunId, TicketId, TicketState, TicketStatus},
    error::{Error, Result},
};

/// The most keys that one batch read takes.
const BATCH_KEYS: usize = 100;

/// Work that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A ticket in `creating` or `unknown`: what became of it must be looked up.
    ReconcileTicket(TicketId),
    /// A ticket in `closing`: the close must go on.
    Close(TicketId),
    /// A ticket in `closed`: its conversation is looked at once more.
    Recheck(TicketId),
    /// A ticket that was given up: it may have turned up.
    Abandoned(TicketId),
    /// A reply in `sending` or `unknown`: what became of it must be looked up.
    ReconcileReply(TicketId, ReplyId),
}

/// Everything that is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Work at vendors with its account, the longest due first.
    pub at_vendors: Vec<(AccountId, DueWork)>,
    /// Refresh runs that should be over long ago.
    pub lost_refreshes: Vec<RunId>,
    /// The replies among the work, with the time from which they are looked for, Unix milliseconds.
    pub unknown_replies: Vec<(ReplyId, i64)>,
}

/// Every ticket that is not closed, as far as the sync needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnfinishedTickets {
    /// Those that are `open`, newest first.
    pub open: Vec<OpenTicket>,
    /// Those that are on the way to something else, newest first.
    pub in_flight: Vec<InFlightTicket>,
}

/// A ticket in `creating`, `unknown` or `closing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlightTicket {
    /// Our id.
    pub id: TicketId,
    /// Its state.
    pub state: TicketState,
    /// Since when it waits, Unix milliseconds: for the vendor's list since the create call was certainly over, which is when the settle
    /// time begins; for the end of its close since that was asked for.
    pub since_ms: i64,
}

/// An open ticket, as far as comparing it with the vendor's list needs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OpenTicket {
    /// Our id.
    pub id: TicketId,
    /// The account.
    #[serde(rename = "custom_id")]
    pub account_id: AccountId,
    /// The vendor's id.
    pub cloud_id: CloudId,
    /// When it was created, Unix milliseconds.
    pub create_time: i64,
    /// The vendor's status as it was last seen.
    #[serde(default)]
    pub vendor_status: Option<String>,
    /// What that stands for.
    #[serde(default)]
    pub vendor_phase: Option<Phase>,
}

#[derive(Deserialize)]
struct DueItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    entity: String,
    #[serde(rename = "custom_id", default)]
    account_id: Option<AccountId>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    ticket_id: Option<TicketId>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    lease_until: i64,
}

#[derive(Deserialize)]
struct UnfinishedItem {
    id: TicketId,
    #[serde(rename = "custom_id")]
    account_id: AccountId,
    #[serde(default)]
    cloud_id: Option<CloudId>,
    state: TicketState,
    create_time: i64,
    #[serde(default)]
    vendor_status: Option<String>,
    #[serde(default)]
    vendor_phase: Option<Phase>,
    #[serde(default)]
    lease_until: i64,
    #[serde(default)]
    closing_since: Option<i64>,
}

impl UnfinishedTickets {
    fn add(&mut self, item: UnfinishedItem) {
        let UnfinishedItem { id, account_id, cloud_id, state, create_time, .. } = item;
        let since_ms = match (state, cloud_id) {
            (TicketState::Open, Some(cloud_id)) => {
                let (vendor_status, vendor_phase) = (item.vendor_status, item.vendor_phase);
                let open = OpenTicket { id, account_id, cloud_id, create_time, vendor_status, vendor_phase };
                return self.open.push(open);
            }
            (TicketState::Closing, _) => item.closing_since.unwrap_or(create_time),
            _ => item.lease_until.max(create_time),
        };
        self.in_flight.push(InFlightTicket { id, state, since_ms });
    }
}

impl Store {
    /// Everything that is due at `now_ms`. An item that can't be read is left out.
    pub async fn due_work(&self, now_ms: i64) -> Result<Due> {
        let mut due = Due::default();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("GSI3")
                .key_condition_expression("GSI3PK = :pk AND GSI3SK < :now")
                .projection_expression("PK, SK, entity, custom_id, id, ticket_id, lease_until, #state")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":pk", text(keys::DUE))
                // `~` sorts after every character of an id.
                .expression_attribute_values(":now", text(format!("{}#~", keys::time(now_ms))))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            for item in answer.items.unwrap_or_default().into_iter().filter_map(item::readable::<DueItem>) {
                if item.entity == "refresh" {
                    due.lost_refreshes.extend(item.id.and_then(|id| RunId::parse(id).ok()));
                    continue;
                }
                let lease_until = item.lease_until;
                let Some((account, work)) = due_work(item) else { continue };
                if let DueWork::ReconcileReply(_, id) = &work {
                    due.unknown_replies.push((id.clone(), lease_until));
                }
                due.at_vendors.push((account, work));
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(due);
            }
        }
    }

    /// Every ticket that is not closed. The index may lag behind the table by a moment. An item that can't be read is left out.
    pub async fn unfinished_tickets(&self) -> Result<UnfinishedTickets> {
        let mut tickets = UnfinishedTickets::default();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("GSI2")
                .key_condition_expression("GSI2PK = :pk")
                .projection_expression(
                    "PK, SK, id, custom_id, cloud_id, create_time, vendor_status, vendor_phase, lease_until, closing_since, #state",
                )
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":pk", text(keys::tickets_of_status(TicketStatus::NotComplete)))
                .scan_index_forward(false)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| store_error("query", error))?;
            let items = answer.items.unwrap_or_default();
            items.into_iter().filter_map(item::readable).for_each(|item| tickets.add(item));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(tickets);
            }
        }
    }

    /// Writes the vendor's status of an `open` ticket as the sync saw it. Nothing happens when the ticket has moved on or no longer
    /// has the status `seen` before: a run that is late would write what was true earlier.
    pub async fn set_vendor_status(
        &self,
        id: &TicketId,
        seen: Option<&str>,
        status: &str,
        phase: Phase,
    ) -> Result<()> {
        let phase = serde_dynamo::to_attribute_value(phase).map_err(|source| {
            Error::unexpected("A vendor's status could not be written.").with_source(source)
        })?;
        let unchanged = match seen {
            Some(_) => "vendor_status = :seen",
            None => "attribute_not_exists(vendor_status)",
        };
        let update = self
            .update_ticket(id)
            .update_expression("SET vendor_status = :status, vendor_phase = :phase")
            .condition_expression(format!("#state = :open AND {unchanged}"))
            .set_expression_attribute_values(seen.map(|seen| [(":seen".to_owned(), text(seen))].into()))
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":open", state(TicketState::Open))
            .expression_attribute_values(":status", text(status))
            .expression_attribute_values(":phase", phase);
        conditional(update).await.map(|_| ())
    }

    /// Those of the vendor's tickets that no ticket of ours stands for.
    pub async fn unclaimed(&self, account: &Account, ids: &[CloudId]) -> Result<Vec<CloudId>> {
        let mut unclaimed = Vec::new();
        for ids in ids.chunks(BATCH_KEYS) {
            let key = |id: &CloudId| keys::cloud_ticket(account.vendor, &account.id, id);
            let found = self.batch_get(ids.iter().map(key).collect()).await?;
            unclaimed.extend(ids.iter().filter(|id| !found.contains_key(&key(id))).cloned());
        }
        Ok(unclaimed)
    }
}

fn due_work(item: DueItem) -> Option<(AccountId, DueWork)> {
    let ticket = |id: Option<String>| TicketId::parse(id?).ok();
    let work = match (item.entity.as_str(), item.state.as_deref()) {
        ("ticket", Some("creating" | "unknown")) => DueWork::ReconcileTicket(ticket(item.id)?),
        ("ticket", Some("closing")) => DueWork::Close(ticket(item.id)?),
        ("ticket", Some("closed")) => DueWork::Recheck(ticket(item.id)?),
        ("abandoned_ticket", _) => DueWork::Abandoned(ticket(item.id)?),
        ("reply", _) => DueWork::ReconcileReply(item.ticket_id?, ReplyId::parse(item.id?).ok()?),
        _ => {
            tracing::error!(
                item.pk,
                item.sk,
                item.entity,
                "An item is due that nobody knows how to work on."
            );
            return None;
        }
    };
    Some((item.account_id?, work))
}
