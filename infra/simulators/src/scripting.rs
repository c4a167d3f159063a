//! Scripting a simulator in process: the same things the HTTP door offers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::by_hand::support_by_hand;
use crate::catalog::{Catalog, CatalogChange};
use crate::fault::FaultRule;
use crate::simulator::{Rules, Simulator};
use crate::ticket::{Call, Script, Side, Ticket};
use crate::vendor_state::PersistedState;

/// Texts the bulk messages are made of, customer and support in turn.
const TEXTS: [&str; 4] = [
    "您好，服务器仍然无法连接，请帮忙看一下 🙏",
    "已收到您的问题，正在为您核实，请稍候。",
    "补充：报错为 \"Connection refused\" + 100% 丢包 😀👍🏽",
    "工程师已定位到原因：安全组未放通 22 端口 <a&b>。",
];

/// What [`Simulator::snapshot`] holds.
#[derive(Deserialize)]
struct Saved<S> {
    persisted: PersistedState,
    settings: S,
}

impl<R: Rules> Simulator<R> {
    /// Makes a key pair known, with a customer account of its own named like the key id.
    pub fn add_keys(&self, id: &str, secret: &str) {
        self.add_keys_for(id, id, secret);
    }

    /// Makes a key pair known that belongs to `account`. A second pair of one account sees the same tickets;
    /// an id that is known already gets the new secret.
    pub fn add_keys_for(&self, account: &str, id: &str, secret: &str) {
        self.lock().desk.keys.add(account, id, secret, None);
    }

    /// Makes a temporary key pair known that is only accepted together with `token`.
    pub fn add_temporary_keys(&self, account: &str, id: &str, secret: &str, token: &str) {
        self.lock().desk.keys.add(account, id, secret, Some(token));
    }

    /// Forgets a key pair; false when it is unknown. The account's tickets stay.
    pub fn remove_keys(&self, id: &str) -> bool {
        self.lock().desk.keys.remove(id)
    }

    /// Adds a support reply, to an ended ticket too (support's last words may cross a close), and gives the message
    /// id; `None` when the ticket is unknown. See [`support_message`](Self::support_message) for the stricter one.
    pub fn reply(&self, ticket: &str, replier_name: Option<&str>, content: &str, at_ms: i64) -> Option<u64> {
        support_by_hand::<R>(
            &mut self.lock().desk,
            ticket,
            replier_name.unwrap_or(R::SUPPORT),
            content,
            at_ms,
        )
    }

    /// Adds `count` messages, customer and support in turn, three in the same second, beginning a second
    /// after the ticket's last message or at `from_ms`; status stays. False when the ticket is unknown.
    pub fn add_messages(&self, ticket: &str, count: usize, from_ms: Option<i64>) -> bool {
        let mut state = self.lock();
        let Some(known) = state.desk.ticket(ticket) else {
            return false;
        };
        let last_ms = known.messages.last().map_or(known.created_at_ms, |message| message.at_ms);
        let start_ms = from_ms.unwrap_or(last_ms.saturating_add(1000));
        for ((n, step), text) in (1..=count).zip(0_i64..).zip(TEXTS.iter().cycle()) {
            let (from, name) =
                if n % 2 == 1 { (Side::Customer, "customer") } else { (Side::Support, R::SUPPORT) };
            state.desk.add_message(
                ticket,
                from,
                name,
                &format!("#{n} {text}"),
                start_ms.saturating_add(step / 3 * 1000),
            );
        }
        true
    }

    /// Sets a ticket's status to the vendor's code; false when the ticket is unknown.
    pub fn set_status(&self, ticket: &str, status: i64) -> bool {
        self.lock().desk.ticket_mut(ticket).map(|known| known.status = status).is_some()
    }

    /// Adds fault rules behind those in force.
    pub fn add_faults(&self, rules: impl IntoIterator<Item = FaultRule>) {
        self.lock().desk.faults.add(rules);
    }

    /// The fault rules in force, with what is left of them.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        self.lock().desk.faults.rules().to_vec()
    }

    /// Shows at once what lags.
    pub fn end_lags(&self) {
        for ticket in &mut self.lock().desk.persisted.tickets {
            ticket.visible_at_ms = ticket.created_at_ms;
            ticket.messages.iter_mut().for_each(|message| message.visible_at_ms = 0);
        }
    }

    /// Drops all fault rules.
    pub fn clear_faults(&self) {
        self.lock().desk.faults.clear();
    }

    /// Lets support answer by itself from now on.
    pub fn set_script(&self, script: Script) {
        self.lock().desk.persisted.script = script;
    }

    /// All tickets of all accounts in the order of creation, deleted ones included, with all messages.
    #[must_use]
    pub fn tickets(&self) -> Vec<Ticket> {
        self.lock().desk.persisted.tickets.clone()
    }

    /// One ticket; `None` when it is unknown or deleted.
    #[must_use]
    pub fn ticket(&self, id: &str) -> Option<Ticket> {
        self.lock().desk.ticket(id).cloned()
    }

    /// The newest calls received, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.lock().desk.calls.clone()
    }

    /// How many calls of each operation came, refused and failed ones included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().desk.persisted.counts.clone()
    }

    /// Empties the log of calls and the counts.
    pub fn clear_calls(&self) {
        let mut state = self.lock();
        state.desk.calls.clear();
        state.desk.persisted.counts.clear();
    }

    /// The catalog as it stands.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        self.lock().desk.catalog().clone()
    }

    /// Changes the catalog; false when an id in the change is unknown.
    pub fn change_catalog(&self, change: CatalogChange) -> bool {
        self.lock().desk.catalog_mut().change(change)
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> R::Settings {
        self.lock().settings.clone()
    }

    /// Replaces the settings.
    pub fn set_settings(&self, settings: R::Settings) {
        self.lock().settings = settings;
    }

    /// Tickets, messages, counters, script, settings and a changed catalog. Not keys, faults, nonces or log.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        let state = self.look();
        serde_json::json!({ "persisted": state.desk.persisted, "settings": state.settings })
    }

    /// Puts a snapshot back in place of all tickets.
    ///
    /// # Errors
    /// When the value is no snapshot; nothing is changed then.
    pub fn restore(&self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        let Saved::<R::Settings> { persisted, settings } = serde_json::from_value(snapshot)?;
        let mut state = self.lock();
        state.desk.restore(persisted);
        state.settings = settings;
        Ok(())
    }
}
