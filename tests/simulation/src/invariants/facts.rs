//! What the promises are checked against: the vendors' own books, the table, the bus, and all that callers were told.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use serde_json::Value;
use simulators::Ticket as AtVendor;

use crate::{
    history::{Answered, Create, Reopening, Reply},
    process::lock,
    settle::is_ticket,
    world::{VendorCall, World},
};

/// The end of a schedule, as plain data.
#[derive(Debug, Default)]
pub struct Facts {
    /// Every item of the table, by its keys.
    pub items: BTreeMap<(String, String), Value>,
    /// The tickets among them, by id.
    pub tickets: BTreeMap<String, Value>,
    /// Every ticket at each vendor.
    pub at_vendors: Vec<(&'static str, AtVendor)>,
    /// The creates and their answers.
    pub creates: Vec<Create>,
    /// The replies and their answers.
    pub replies: Vec<Reply>,
    /// What the first key was answered after its life.
    pub returned: Option<Answered>,
    /// What `GET /tickets/{id}` said in the end: id, status, state.
    pub looks: Vec<(String, u16, String)>,
    /// The vendor that did not answer, where nothing else went wrong.
    pub only_dead: Option<&'static str>,
    /// The calls to vendors, where one was dead.
    pub vendor_calls: Vec<VendorCall>,
    /// Tickets that people opened again at the vendor.
    pub reopenings: Vec<Reopening>,
    /// The text of every answer.
    pub texts: Vec<String>,
    /// The product's log.
    pub logs: String,
    /// What the bus took.
    pub events: Vec<Value>,
    /// Every change that was committed, as the table's stream shows it.
    pub changes: Vec<Value>,
    /// Whether letters of the queue were handed over again.
    pub letters_redriven: bool,
    /// Whether lists may have lagged more than the settle time allows for.
    pub lags_beyond: bool,
}

impl Facts {
    /// Gathers them.
    pub fn of(world: &World, logs: String) -> Self {
        let items = world.table.dump();
        let tickets = items.values().filter(|item| is_ticket(item));
        let tickets = tickets.map(|item| (item["id"].as_str().unwrap_or_default().to_owned(), item.clone()));
        let alibaba = world.vendors.alibaba.tickets().into_iter().map(|ticket| ("alibaba", ticket));
        let huawei = world.vendors.huawei.tickets().into_iter().map(|ticket| ("huawei", ticket));
        let history = lock(&world.history);
        Self {
            tickets: tickets.collect(),
            items,
            at_vendors: alibaba.chain(huawei).collect(),
            creates: history.creates.clone(),
            replies: history.replies.clone(),
            returned: history.returned.clone(),
            looks: history.looks.clone(),
            only_dead: world.plan.only_dead,
            vendor_calls: lock(&world.vendor_calls).clone(),
            reopenings: lock(&world.reopenings).clone(),
            texts: history.texts.clone(),
            logs,
            events: lock(&world.bus).events.clone(),
            changes: {
                world.changes();
                world.all_changes()
            },
            letters_redriven: world.letters_redriven.load(Ordering::Relaxed),
            lags_beyond: world.plan.lags_beyond(),
        }
    }

    /// The vendor's tickets that came of the create under `key`.
    pub fn of_key(&self, key: &str) -> impl Iterator<Item = &AtVendor> {
        let sign = format!("<{key}>");
        self.at_vendors
            .iter()
            .map(|(_, ticket)| ticket)
            .filter(move |ticket| ticket.description.contains(&sign))
    }

    /// The vendor's tickets that carry the marker of our ticket `id`.
    pub fn marked(&self, id: &str) -> impl Iterator<Item = &AtVendor> {
        let marker = format!("ref {id}");
        self.at_vendors
            .iter()
            .map(|(_, ticket)| ticket)
            .filter(move |ticket| ticket.description.ends_with(&marker))
    }

    /// The messages that the archive of our ticket `id` holds, in order.
    pub fn archive(&self, id: &str) -> Vec<&Value> {
        let pk = format!("TICKET#{id}");
        let from = (pk.clone(), "MESSAGE#".to_owned());
        let messages = self.items.range(from..);
        messages
            .take_while(|((of, sk), _)| *of == pk && sk.starts_with("MESSAGE#"))
            .map(|(_, item)| item)
            .collect()
    }
}
