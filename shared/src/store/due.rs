//! What the sync reads: work that is due, and the open tickets.

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    CopyState, Store, condition::Condition, copies::COPY_NAMES, keys, lease, query::Index, text, to_value,
    update::Update,
};
use crate::{
    domain::{
        AccountId, Closing, CloudId, Phase, ReplyId, ReplyState, RunId, TicketId, TicketState, TicketStatus,
        reopen_time,
    },
    error::Result,
};

/// Work that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueWork {
    /// A ticket in `creating`, `unknown` or `indeterminate`: its outcome must be reconciled.
    ReconcileTicket(TicketId),
    /// A ticket in `closing`: its close must continue.
    Close(TicketId),
    /// A ticket in `closed`: its post-close recheck.
    Recheck(TicketId),
    /// An abandoned ticket: the vendor may show it later.
    Abandoned(TicketId),
    /// A reply in `sending` or `unknown`: its outcome must be reconciled. Or one that is `sent` without an id of its
    /// message: the conversation must show it.
    ReconcileReply(TicketId, ReplyId),
}

/// Everything that is due.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Work at vendors with its account, the longest due first.
    pub at_vendors: Vec<(AccountId, DueWork)>,
    /// Refresh runs that should have ended long ago.
    pub lost_refreshes: Vec<RunId>,
    /// Registrations that did not end in time.
    pub lost_registrations: Vec<AccountId>,
    /// The replies of unknown outcome among the work, with the end of their lease, Unix milliseconds.
    pub unknown_replies: Vec<(ReplyId, i64)>,
}

/// Every ticket that is not closed, as far as the sync needs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnfinishedTickets {
    /// Those that are `open`, newest first.
    pub open: Vec<OpenTicket>,
    /// Those in another state, newest first.
    pub in_flight: Vec<InFlightTicket>,
}

/// A ticket in `creating`, `unknown`, `indeterminate` or `closing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InFlightTicket {
    /// Our id.
    pub id: TicketId,
    /// Its state.
    pub state: TicketState,
    /// Since when it waits, Unix milliseconds: `closing` since the close was requested, any other since the end of the
    /// create's lease, when the settle time begins.
    pub since_ms: i64,
}

/// An open ticket with what the comparison with the vendor's list needs.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTicket {
    /// Our id.
    pub id: TicketId,
    /// The account.
    pub account_id: AccountId,
    /// The vendor's id.
    pub cloud_id: CloudId,
    /// When it was created, Unix milliseconds.
    pub create_time: i64,
    /// The vendor's status as it was last read.
    pub vendor_status: Option<String>,
    /// What that means.
    pub vendor_phase: Option<Phase>,
    /// When it was last opened again, Unix milliseconds, if it was.
    pub reopen_time: Option<i64>,
    /// What is known of the copy of its conversation.
    pub copy: CopyState,
}

#[derive(Deserialize)]
struct DueItem {
    #[serde(rename = "PK")]
    pk: String,
    #[serde(rename = "SK")]
    sk: String,
    entity: String,
    #[serde(rename = "custom_id")]
    account_id: Option<AccountId>,
    id: Option<String>,
    ticket_id: Option<TicketId>,
    state: Option<String>,
    #[serde(default)]
    lease_until: i64,
}

/// The attributes of [`DueItem`].
const DUE_NAMES: [&str; 8] = ["PK", "SK", "entity", "custom_id", "id", "ticket_id", lease::UNTIL, "state"];

#[derive(Deserialize)]
struct UnfinishedItem {
    id: TicketId,
    #[serde(rename = "custom_id")]
    account_id: AccountId,
    cloud_id: Option<CloudId>,
    state: TicketState,
    create_time: i64,
    vendor_status: Option<String>,
    vendor_phase: Option<Phase>,
    #[serde(default)]
    closings: Vec<Closing>,
    #[serde(flatten)]
    copy: CopyState,
    #[serde(default)]
    lease_until: i64,
    closing_since: Option<i64>,
}

impl UnfinishedTickets {
    fn add(&mut self, item: UnfinishedItem) {
        let reopen_time = reopen_time(&item.closings);
        let UnfinishedItem { id, account_id, cloud_id, state, create_time, vendor_status, vendor_phase, copy, .. } =
            item;
        let since_ms = match (state, cloud_id) {
            (TicketState::Open, Some(cloud_id)) => {
                return self.open.push(OpenTicket {
                    id,
                    account_id,
                    cloud_id,
                    create_time,
                    vendor_status,
                    vendor_phase,
                    reopen_time,
                    copy,
                });
            }
            (TicketState::Closing, _) => item.closing_since.unwrap_or(create_time),
            _ => item.lease_until.max(create_time),
        };
        self.in_flight.push(InFlightTicket { id, state, since_ms });
    }
}

/// Of an item of GSI3: it is due at `now_ms`.
fn is_due(now_ms: i64) -> Condition {
    // `~` sorts after every character of an id.
    Condition::less(Index::GSI3.sk, text(format!("{}#~", keys::time(now_ms))))
}

impl Store {
    /// Everything that is due at `now_ms`. An item that can't be read is left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_work(&self, now_ms: i64) -> Result<Due> {
        let is_due = is_due(now_ms);
        let items: Vec<DueItem> =
            self.query(Index::GSI3, keys::DUE, Some(is_due)).only(&DUE_NAMES).read_readable().await?;
        let mut due = Due::default();
        for item in items {
            if item.entity == "refresh" {
                due.lost_refreshes.extend(item.id.and_then(|id| RunId::parse(id).ok()));
                continue;
            }
            if item.entity == "registration" {
                due.lost_registrations.extend(item.id.and_then(|id| AccountId::parse(id).ok()));
                continue;
            }
            let lease_until = item.lease_until;
            let is_sent = item.state.as_deref() == Some(ReplyState::Sent.as_str());
            let Some((account, work)) = due_work(item) else { continue };
            if let DueWork::ReconcileReply(_, id) = &work
                && !is_sent
            {
                due.unknown_replies.push((id.clone(), lease_until));
            }
            due.at_vendors.push((account, work));
        }
        Ok(due)
    }

    /// The work at the vendor that waits for its time or for a result, of one account.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_work_of(&self, account: &AccountId) -> Result<Vec<DueWork>> {
        let of_account = Condition::equals("custom_id", text(account.as_str()));
        let query = self.query(Index::GSI3, keys::DUE, None).filter(of_account).only(&DUE_NAMES);
        let items: Vec<DueItem> = query.read_readable().await?;
        Ok(items.into_iter().filter_map(due_work).map(|(_, work)| work).collect())
    }

    /// Every ticket that is not closed. The index may lag behind the table by a moment. An item that can't be read is
    /// left out.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unfinished_tickets(&self) -> Result<UnfinishedTickets> {
        let own = [
            "PK",
            "SK",
            "id",
            "custom_id",
            "cloud_id",
            "create_time",
            "vendor_status",
            "vendor_phase",
            "closing_since",
            "closings",
            lease::UNTIL,
            "state",
        ];
        let names = [&own[..], &COPY_NAMES].concat();
        let partition = keys::tickets_of_status(TicketStatus::NotComplete);
        let query = self.query(Index::GSI2, partition, None).only(&names).descending();
        let mut tickets = UnfinishedTickets::default();
        query.read_readable().await?.into_iter().for_each(|item| tickets.add(item));
        Ok(tickets)
    }

    /// The first `limit` items that are due at `now_ms` in that partition of GSI3, the longest due first. An item that
    /// can't be read is left out.
    pub(super) async fn due_in<T>(&self, partition: &str, now_ms: i64, limit: usize) -> Result<Vec<T>>
    where
        T: DeserializeOwned,
    {
        let query = self.query(Index::GSI3, partition, Some(is_due(now_ms)));
        query.page_size(limit).read_first(limit).await
    }

    /// Writes the vendor's status of an `open` ticket as the sync read it; its conversation is to be copied. Nothing
    /// happens when the ticket has another state, or another status than `known`: a slow run would write an older
    /// status.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn set_vendor_status(
        &self,
        id: &TicketId,
        known: Option<&str>,
        status: &str,
        phase: Phase,
    ) -> Result<()> {
        let now_ms = self.clock.now_ms();
        let unchanged = match known {
            Some(known) => Condition::equals("vendor_status", text(known)),
            None => Condition::Missing("vendor_status"),
        };
        let update = Update::of(keys::ticket(id))
            .set("vendor_status", text(status))
            .set("vendor_phase", to_value(&phase)?)
            .changed_at(now_ms)
            .copy_at(now_ms)
            .when(Condition::state(&[TicketState::Open]))
            .when(unchanged);
        self.update(update).await.map(|_| ())
    }
}

fn due_work(item: DueItem) -> Option<(AccountId, DueWork)> {
    let ticket = |id: Option<String>| TicketId::parse(id?).ok();
    let work = match (item.entity.as_str(), item.state.as_deref()) {
        ("ticket", Some("creating" | "unknown" | "indeterminate")) => DueWork::ReconcileTicket(ticket(item.id)?),
        ("ticket", Some("closing")) => DueWork::Close(ticket(item.id)?),
        ("ticket", Some("closed")) => DueWork::Recheck(ticket(item.id)?),
        ("abandoned_ticket", _) => DueWork::Abandoned(ticket(item.id)?),
        ("reply", _) => DueWork::ReconcileReply(item.ticket_id?, ReplyId::parse(item.id?).ok()?),
        _ => {
            tracing::error!(item.pk, item.sk, item.entity, "An item of an unknown kind is due.");
            return None;
        }
    };
    Some((item.account_id?, work))
}
