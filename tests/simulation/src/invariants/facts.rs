//! The data that invariants are checked against: the vendors' tickets, the table, the bus, and the answers to callers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::Ordering,
};

use bytes::Bytes;
use serde_json::Value;
use shared::domain::AttachmentCopy;
use simulators::{SimulatedMessage, SimulatedTicket};

use super::long_messages;
use crate::{
    history::{
        ActionRequest, CreateRequest, Deletion, RecordedAnswer, Registration, Reopening, ReplyRequest, WithdrawalCall,
    },
    initial_state::CUSTOMER,
    process::lock,
    quiesce::is_ticket,
    world::{RecordedVendorCall, SimulatedWorld},
};

/// The final state of a schedule, as plain data.
#[derive(Debug, Default)]
pub struct Facts {
    /// Every item of the table, by its keys. A long message is whole.
    pub items: BTreeMap<(String, String), Value>,
    /// The objects of the bucket, by their keys.
    pub objects: BTreeMap<String, Bytes>,
    /// The tickets among them, by id.
    pub tickets: BTreeMap<String, Value>,
    /// Every ticket at each vendor.
    pub at_vendors: Vec<(&'static str, SimulatedTicket)>,
    /// The creates and their answers.
    pub creates: Vec<CreateRequest>,
    /// The replies and their answers.
    pub replies: Vec<ReplyRequest>,
    /// The registrations of accounts.
    pub registrations: Vec<Registration>,
    /// The accounts whose keys are stored.
    pub accounts_with_keys: BTreeSet<String>,
    /// The answer to the first key after its lifetime.
    pub key_reuse: Option<RecordedAnswer>,
    /// The answers of `GET /tickets/{id}` at the end: id, status, state.
    pub final_reads: Vec<(String, u16, String)>,
    /// The vendor that did not answer, where there was no other fault.
    pub unresponsive: Option<&'static str>,
    /// The calls to vendors, where one did not answer.
    pub vendor_calls: Vec<RecordedVendorCall>,
    /// The texts of messages that their vendor accepted and lost.
    pub lost_messages: Vec<String>,
    /// At a vendor with a limit of calls: all calls, and the throttled ones, by the id of their key.
    pub limited_calls: BTreeMap<String, (u64, u64)>,
    /// The vendors' ids of tickets that were opened in the consoles, with the time.
    pub console: BTreeMap<String, i64>,
    /// The accounts that adopt tickets of the console.
    pub adopting: Vec<String>,
    /// The vendor's id of a ticket of which each call fails until the end.
    pub failing: Option<String>,
    /// Whether that is the only fault.
    pub one_failing_ticket: bool,
    /// The starts and ends of the runs of the sync, milliseconds since the schedule began.
    pub sync_runs: Vec<(u64, u64)>,
    /// Whether every text stays in a form that decoding makes equal, with its time and its row.
    pub texts_stay_readable: bool,
    /// How far the vendors' clock is ahead of the true time.
    pub vendor_clock_ms: i64,
    /// The largest difference between the clock of a process and the true time.
    pub largest_clock_ms: i64,
    /// Tickets that were reopened at the vendor.
    pub reopenings: Vec<Reopening>,
    /// The actions and their answers.
    pub actions: Vec<ActionRequest>,
    /// The vendors' ids of tickets of which support was urged, each time.
    pub urges: Vec<String>,
    /// The calls that withdrew a message at its vendor, or found it withdrawn.
    pub withdrawals: Vec<WithdrawalCall>,
    /// Tickets that were deleted at the vendor.
    pub deletions: Vec<Deletion>,
    /// The text of every answer.
    pub texts: Vec<String>,
    /// The product's log.
    pub logs: String,
    /// The accepted events.
    pub events: Vec<Value>,
    /// Every change that was committed, as the table's stream shows it.
    pub changes: Vec<Value>,
    /// Whether the dead-letter queue was redriven.
    pub dead_letters_redriven: bool,
    /// Whether lists may have lagged longer than the settle time.
    pub lag_exceeds_settle_time: bool,
    /// Whether the statistics were counted to the end and rebuilt, and are among the items.
    pub has_statistics: bool,
}

impl Facts {
    /// Reads the final state of `world`.
    pub fn of(world: &SimulatedWorld, logs: String) -> Self {
        let mut items = world.table.dump();
        long_messages::join(&mut items);
        let tickets = items.values().filter(|item| is_ticket(item));
        let tickets = tickets.map(|item| (item["id"].as_str().unwrap_or_default().to_owned(), item.clone()));
        let alibaba = world.vendors.alibaba.tickets().into_iter().map(|ticket| ("alibaba", ticket));
        let huawei = world.vendors.huawei.tickets().into_iter().map(|ticket| ("huawei", ticket));
        let history = lock(&world.history);
        Self {
            tickets: tickets.collect(),
            items,
            objects: lock(&world.bucket).objects().clone(),
            at_vendors: alibaba.chain(huawei).map(|(vendor, ticket)| (vendor, of_account(ticket))).collect(),
            creates: history.creates.clone(),
            replies: history.replies.clone(),
            registrations: history.registrations.clone(),
            accounts_with_keys: lock(&world.secrets).accounts(),
            key_reuse: history.key_reuse.clone(),
            final_reads: history.final_reads.clone(),
            unresponsive: world.plan.unresponsive,
            vendor_calls: lock(&world.vendor_calls).clone(),
            lost_messages: lock(&world.lost_messages).clone(),
            limited_calls: lock(&world.limited_calls).clone(),
            console: lock(&world.console_tickets).iter().cloned().collect(),
            adopting: world.accounts.iter().filter(|one| one.adopts).map(|one| one.id.to_string()).collect(),
            failing: world.lasting_failure(),
            one_failing_ticket: world.plan.one_failing_ticket,
            sync_runs: lock(&world.sync_runs).clone(),
            texts_stay_readable: world.plan.texts_stay_readable(),
            vendor_clock_ms: world.plan.vendors.clock_ms,
            largest_clock_ms: i64::try_from(world.plan.process_clock_ms).unwrap_or_default(),
            reopenings: lock(&world.reopenings).clone(),
            actions: history.actions.clone(),
            urges: lock(&world.urges).clone(),
            withdrawals: lock(&world.withdrawals).clone(),
            deletions: lock(&world.deletions).clone(),
            texts: history.texts.clone(),
            logs,
            events: lock(&world.bus).events.clone(),
            changes: world.take_changes(),
            dead_letters_redriven: world.dead_letters_redriven.load(Ordering::Relaxed),
            lag_exceeds_settle_time: world.plan.lag_exceeds_settle_time(),
            has_statistics: true,
        }
    }

    /// The vendor's tickets of the create under `key`.
    pub fn of_key(&self, key: &str) -> impl Iterator<Item = &SimulatedTicket> {
        let sign = format!("<{key}>");
        self.created_by_calls().filter(move |ticket| ticket.sent().contains(&sign))
    }

    /// The vendor's tickets that were sent with the marker of our ticket `id`.
    pub fn marked(&self, id: &str) -> impl Iterator<Item = &SimulatedTicket> {
        let marker = format!("ref {id}");
        self.created_by_calls().filter(move |ticket| ticket.sent().ends_with(&marker))
    }

    /// The vendors' tickets that no customer opened in a console.
    fn created_by_calls(&self) -> impl Iterator<Item = &SimulatedTicket> {
        let tickets = self.at_vendors.iter().map(|(_, ticket)| ticket);
        tickets.filter(|ticket| !self.console.contains_key(&ticket.id))
    }

    /// The vendor's ticket of a ticket of ours.
    pub fn at_vendor(&self, ticket: &Value) -> Option<&SimulatedTicket> {
        self.at_vendors.iter().map(|(_, there)| there).find(|there| ticket["cloud_id"] == there.id.as_str())
    }

    /// Whether a call has withdrawn the message of the vendor's ticket.
    pub fn is_withdrawn(&self, cloud_id: &str, message: &SimulatedMessage) -> bool {
        let mut calls = self.withdrawals.iter().filter(|call| call.cloud_id == cloud_id);
        calls.any(|call| call.withdrawn == Some(message.id))
    }

    /// The archived messages of our ticket `id`, in order.
    pub fn archive(&self, id: &str) -> Vec<&Value> {
        self.of_ticket(id, "MESSAGE#").collect()
    }

    /// The copies of the files of our ticket `id`, in the order of their keys.
    pub fn copies(&self, id: &str) -> Vec<AttachmentCopy> {
        let copies = self.of_ticket(id, "ATTACHMENT#");
        copies.filter_map(|item| serde_json::from_value(item.clone()).ok()).collect()
    }

    fn of_ticket(&self, id: &str, prefix: &'static str) -> impl Iterator<Item = &Value> {
        let pk = format!("TICKET#{id}");
        let items = self.items.range((pk.clone(), prefix.to_owned())..);
        items.take_while(move |((of, sk), _)| *of == pk && sk.starts_with(prefix)).map(|(_, item)| item)
    }
}

/// The ticket with the account of ours in place of the customer, which it has at the vendor.
fn of_account(ticket: SimulatedTicket) -> SimulatedTicket {
    let account = ticket.account.trim_start_matches(CUSTOMER).to_owned();
    SimulatedTicket { account, ..ticket }
}
