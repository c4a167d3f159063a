//! Control of a simulator in process: the operations that the control API offers over HTTP.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;

use crate::catalog::{Catalog, CatalogChange};
use crate::console::support_message_in_console;
use crate::fault::FaultRule;
use crate::files::SimulatedFile;
use crate::keys::{CurrentKeys, Keyring};
use crate::simulator::{Simulator, VendorRules};
use crate::ticket::{LoggedCall, MessageAuthor, SimulatedTicket, SupportScript};
use crate::vendor_state::PersistedState;

/// Texts the bulk messages are made of, customer and support alternately.
const TEXTS: [&str; 4] = [
    "您好，服务器仍然无法连接，请帮忙看一下 🙏",
    "已收到您的问题，正在为您核实，请稍候。",
    "补充：报错为 \"Connection refused\" + 100% 丢包 😀👍🏽",
    "工程师已定位到原因：安全组未放通 22 端口 <a&b>。",
];

/// The format of [`Simulator::snapshot`].
#[derive(Deserialize)]
struct VendorSnapshot<S> {
    persisted: PersistedState,
    settings: S,
    keys: Keyring,
}

impl<R: VendorRules> Simulator<R> {
    /// Adds a key pair, with a customer account of its own named like the key id.
    pub fn add_keys(&self, id: &str, secret: &str) {
        self.add_keys_for(id, id, secret);
    }

    /// Adds a key pair that belongs to `account`. A second pair of one account sees the same tickets;
    /// an id that is known already gets the new secret.
    pub fn add_keys_for(&self, account: &str, id: &str, secret: &str) {
        self.lock().state.keys.add(account, id, secret, None);
    }

    /// Adds a temporary key pair that is only accepted together with `token`.
    pub fn add_temporary_keys(&self, account: &str, id: &str, secret: &str, token: &str) {
        self.lock().state.keys.add(account, id, secret, Some(token));
    }

    /// Removes a key pair; false when it is unknown. The account's tickets stay.
    pub fn remove_keys(&self, id: &str) -> bool {
        self.lock().state.keys.remove(id)
    }

    /// Gives a random secret to each key pair that is known from the start.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn renew_secrets(&self) -> io::Result<()> {
        for pair in R::KEYS {
            self.add_keys_for(pair.account, pair.id, &loopback::random_text()?);
        }
        Ok(())
    }

    /// The key pairs that are known from the start, the first customer's first.
    #[must_use]
    pub fn current_keys(&self) -> Vec<CurrentKeys> {
        let keys = &self.read_lock().state.keys;
        let current = R::KEYS.iter().filter_map(|pair| {
            let secret = keys.get(pair.id)?.secret.clone();
            Some(CurrentKeys { id: pair.id, secret, account: pair.account })
        });
        current.collect()
    }

    /// Adds a support reply, also to an ended ticket (a real support message may arrive after a close), and gives
    /// the message id; `None` when the ticket is unknown. See [`support_message`](Self::support_message) for the
    /// stricter one.
    pub fn reply(&self, ticket: &str, replier_name: Option<&str>, content: &str, at_ms: i64) -> Option<u64> {
        self.reply_with_files(ticket, replier_name, content, at_ms, Vec::new())
    }

    /// The same with files.
    pub fn reply_with_files(
        &self,
        ticket: &str,
        replier_name: Option<&str>,
        content: &str,
        at_ms: i64,
        files: Vec<SimulatedFile>,
    ) -> Option<u64> {
        let state = &mut self.lock().state;
        let name = replier_name.unwrap_or(R::SUPPORT);
        let id = support_message_in_console::<R>(state, ticket, name, content, at_ms)?;
        state.attach(ticket, files);
        Some(id)
    }

    /// Adds `count` messages, customer and support alternately, three in the same second, beginning a second
    /// after the ticket's last message or at `from_ms`; status stays. False when the ticket is unknown.
    pub fn add_messages(&self, ticket: &str, count: usize, from_ms: Option<i64>) -> bool {
        let mut guard = self.lock();
        let Some(known) = guard.state.ticket(ticket) else {
            return false;
        };
        let last_ms = known.messages.last().map_or(known.created_at_ms, |message| message.at_ms);
        let start_ms = from_ms.unwrap_or(last_ms.saturating_add(1000));
        for ((n, step), text) in (1..=count).zip(0_i64..).zip(TEXTS.iter().cycle()) {
            let (from, name) =
                if n % 2 == 1 { (MessageAuthor::Customer, "customer") } else { (MessageAuthor::Support, R::SUPPORT) };
            guard.state.add_message(
                ticket,
                from,
                name,
                &format!("#{n} {text}"),
                start_ms.saturating_add(step / 3 * 1000),
            );
        }
        true
    }

    /// Changes the text of the message at that place (from 0) of a ticket's conversation; false when there is none.
    pub fn edit_message(&self, ticket: &str, place: usize, content: &str) -> bool {
        let mut guard = self.lock();
        let known = guard.state.ticket_mut(ticket).and_then(|ticket| ticket.messages.get_mut(place));
        known.map(|message| content.clone_into(&mut message.content)).is_some()
    }

    /// Takes the message at that place (from 0) out of a ticket's conversation; false when there is none.
    pub fn delete_message(&self, ticket: &str, place: usize) -> bool {
        let mut guard = self.lock();
        let Some(known) = guard.state.ticket_mut(ticket).filter(|known| place < known.messages.len()) else {
            return false;
        };
        known.messages.remove(place);
        true
    }

    /// Sets a ticket's status to the vendor's code; false when the ticket is unknown.
    pub fn set_status(&self, ticket: &str, status: i64) -> bool {
        self.lock().state.ticket_mut(ticket).map(|known| known.status = status).is_some()
    }

    /// Adds fault rules behind those in force.
    pub fn add_faults(&self, rules: impl IntoIterator<Item = FaultRule>) {
        self.lock().state.faults.add(rules);
    }

    /// The fault rules in force, with what is left of them.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultRule> {
        self.lock().state.faults.rules().to_vec()
    }

    /// Sets how many calls a second each customer account may make; `None`: any number.
    pub fn limit_calls(&self, calls_per_second: Option<u32>) {
        self.lock().state.limit.calls_per_second = calls_per_second;
    }

    /// Lists show every present ticket with its present status until `until_ms`: their index does not follow.
    pub fn stop_index(&self, until_ms: i64) {
        self.lock().state.stop_index(until_ms);
    }

    /// Ends all lags: hidden tickets and messages become visible, and lists follow.
    pub fn end_lags(&self) {
        let state = &mut self.lock().state;
        state.stale_index = None;
        for ticket in &mut state.persisted.tickets {
            ticket.visible_at_ms = ticket.created_at_ms;
            ticket.searchable_at_ms = ticket.created_at_ms;
            ticket.messages.iter_mut().for_each(|message| message.visible_at_ms = 0);
        }
    }

    /// Drops all fault rules.
    pub fn clear_faults(&self) {
        self.lock().state.faults.clear();
    }

    /// Sets the automatic support replies.
    pub fn set_script(&self, script: SupportScript) {
        self.lock().state.persisted.script = script;
    }

    /// All tickets of all accounts in the order of creation, deleted ones included, with all messages.
    #[must_use]
    pub fn tickets(&self) -> Vec<SimulatedTicket> {
        self.lock().state.persisted.tickets.clone()
    }

    /// One ticket; `None` when it is unknown or deleted.
    #[must_use]
    pub fn ticket(&self, id: &str) -> Option<SimulatedTicket> {
        self.lock().state.ticket(id).cloned()
    }

    /// The newest calls received, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<LoggedCall> {
        self.lock().state.calls.clone()
    }

    /// How many calls of each operation came, refused and failed ones included.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.lock().state.persisted.counts.clone()
    }

    /// Empties the log of calls and the counts.
    pub fn clear_calls(&self) {
        let mut guard = self.lock();
        guard.state.calls.clear();
        guard.state.persisted.counts.clear();
    }

    /// The present catalog.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        self.lock().state.catalog().clone()
    }

    /// Changes the catalog; false when an id in the change is unknown.
    pub fn change_catalog(&self, change: CatalogChange) -> bool {
        self.lock().state.catalog_mut().change(change)
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

    /// Tickets, messages, counters, script, settings, keys and a changed catalog. Not faults, nonces or log.
    #[must_use]
    pub fn snapshot(&self) -> serde_json::Value {
        let guard = self.read_lock();
        serde_json::json!({ "persisted": guard.state.persisted, "settings": guard.settings, "keys": guard.state.keys })
    }

    /// Puts a snapshot back in place of all tickets and keys.
    ///
    /// # Errors
    /// When the value is no snapshot; nothing is changed then.
    pub fn restore(&self, snapshot: serde_json::Value) -> Result<(), serde_json::Error> {
        let VendorSnapshot::<R::Settings> { persisted, settings, keys } = serde_json::from_value(snapshot)?;
        let mut guard = self.lock();
        guard.state.restore(persisted);
        guard.settings = settings;
        guard.state.keys = keys;
        Ok(())
    }
}
