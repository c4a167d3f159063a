//! Any vendor's simulator behind one trait, for tests that run the same case at every vendor.

use std::{collections::BTreeMap, sync::Arc};

use simulators::{
    Catalog, CatalogChange, FaultRule, Keys, LoggedCall, SimulatedFile, SimulatedTicket, SimulatedUpload,
    SimulatedVendors, Simulator, VendorRules,
};

/// The scripting that tests of all vendors need.
pub trait Simulated: Send + Sync {
    /// Adds a fault rule.
    fn fault(&self, rule: FaultRule);
    /// Drops all fault rules.
    fn no_faults(&self);
    /// Sets how many calls a second an account may make.
    fn limit_calls(&self, calls_per_second: Option<u32>);
    /// Shows at once what lags.
    fn end_lags(&self);
    /// How many fault rules are not used up.
    fn faults_left(&self) -> usize;
    /// All tickets.
    fn tickets(&self) -> Vec<SimulatedTicket>;
    /// All files that customers have sent or begun to send.
    fn uploads(&self) -> Vec<SimulatedUpload>;
    /// All calls received.
    fn calls(&self) -> Vec<LoggedCall>;
    /// How many calls of each operation came.
    fn counts(&self) -> BTreeMap<String, u64>;
    /// Adds a support reply.
    fn support_says(&self, ticket: &str, content: &str, at_ms: i64);
    /// Adds a support reply with files.
    fn support_answers(&self, ticket: &str, content: &str, at_ms: i64, files: Vec<SimulatedFile>);
    /// Adds a customer's message, as a person writes it in the console.
    fn customer_writes(&self, ticket: &str, content: &str, at_ms: i64);
    /// Closes a ticket in the console.
    fn close_in_console(&self, ticket: &str);
    /// Opens an ended ticket again in the console.
    fn reopen_in_console(&self, ticket: &str);
    /// Takes a ticket away.
    fn delete_ticket(&self, ticket: &str);
    /// The ticket, which must be there.
    fn ticket(&self, id: &str) -> SimulatedTicket;
    /// How many calls of the operation came.
    fn count(&self, operation: &str) -> u64 {
        self.counts().get(operation).copied().unwrap_or_default()
    }
    /// Adds many messages.
    fn add_messages(&self, ticket: &str, count: usize);
    /// Changes the text of the message at that place of the conversation.
    fn edit_message(&self, ticket: &str, place: usize, content: &str);
    /// Takes the message at that place out of the conversation.
    fn delete_message(&self, ticket: &str, place: usize);
    /// Sets a ticket's status to the vendor's code.
    fn set_status(&self, ticket: &str, status: i64);
    /// The catalog.
    fn catalog(&self) -> Catalog;
    /// Changes the catalog, which must know the ids.
    fn change(&self, change: CatalogChange);
    /// Makes another key pair of the account known.
    fn add_keys(&self, account: &str, id: &str, secret: &str);
    /// Removes a key pair.
    fn remove_keys(&self, id: &str);
}

impl<R: VendorRules> Simulated for Simulator<R> {
    fn fault(&self, rule: FaultRule) {
        self.add_faults([rule]);
    }

    fn no_faults(&self) {
        self.clear_faults();
    }

    fn limit_calls(&self, calls_per_second: Option<u32>) {
        Simulator::limit_calls(self, calls_per_second);
    }

    fn end_lags(&self) {
        Simulator::end_lags(self);
    }

    fn faults_left(&self) -> usize {
        self.faults().len()
    }

    fn tickets(&self) -> Vec<SimulatedTicket> {
        Simulator::tickets(self)
    }

    fn uploads(&self) -> Vec<SimulatedUpload> {
        Simulator::uploads(self)
    }

    fn calls(&self) -> Vec<LoggedCall> {
        Simulator::calls(self)
    }

    fn counts(&self) -> BTreeMap<String, u64> {
        Simulator::counts(self)
    }

    fn support_says(&self, ticket: &str, content: &str, at_ms: i64) {
        assert!(self.reply(ticket, None, content, at_ms).is_some(), "no ticket {ticket}");
    }

    fn support_answers(&self, ticket: &str, content: &str, at_ms: i64, files: Vec<SimulatedFile>) {
        assert!(self.reply_with_files(ticket, None, content, at_ms, files).is_some(), "no ticket {ticket}");
    }

    fn customer_writes(&self, ticket: &str, content: &str, at_ms: i64) {
        assert!(self.customer_message(ticket, content, at_ms).is_some(), "no ticket {ticket}");
    }

    fn close_in_console(&self, ticket: &str) {
        let at_ms = Simulator::ticket(self, ticket).map_or(0, |known| known.created_at_ms + 1);
        assert!(Simulator::close_in_console(self, ticket, at_ms), "no open ticket {ticket}");
    }

    fn reopen_in_console(&self, ticket: &str) {
        assert!(Simulator::reopen_in_console(self, ticket), "no ended ticket {ticket}");
    }

    fn delete_ticket(&self, ticket: &str) {
        assert!(Simulator::delete_ticket(self, ticket), "no ticket {ticket}");
    }

    fn ticket(&self, id: &str) -> SimulatedTicket {
        Simulator::tickets(self).into_iter().find(|ticket| ticket.id == id).unwrap()
    }

    fn add_messages(&self, ticket: &str, count: usize) {
        assert!(Simulator::add_messages(self, ticket, count, None), "no ticket {ticket}");
    }

    fn edit_message(&self, ticket: &str, place: usize, content: &str) {
        assert!(Simulator::edit_message(self, ticket, place, content), "no message {place} of {ticket}");
    }

    fn delete_message(&self, ticket: &str, place: usize) {
        assert!(Simulator::delete_message(self, ticket, place), "no message {place} of {ticket}");
    }

    fn set_status(&self, ticket: &str, status: i64) {
        assert!(Simulator::set_status(self, ticket, status), "no ticket {ticket}");
    }

    fn catalog(&self) -> Catalog {
        Simulator::catalog(self)
    }

    fn change(&self, change: CatalogChange) {
        assert!(self.change_catalog(change.clone()), "unknown id in {change:?}");
    }

    fn add_keys(&self, account: &str, id: &str, secret: &str) {
        self.add_keys_for(account, id, secret);
    }

    fn remove_keys(&self, id: &str) {
        assert!(Simulator::remove_keys(self, id), "no key {id}");
    }
}

/// The simulator of a vendor, by its name in JSON.
pub fn simulated(vendors: &SimulatedVendors, vendor: &str) -> Arc<dyn Simulated> {
    match vendor {
        "ALIBABA" => vendors.alibaba.clone(),
        "HUAWEI" => vendors.huawei.clone(),
        "TENCENT" => vendors.tencent.clone(),
        _ => panic!("no vendor {vendor}"),
    }
}

/// The vendor's first key pair.
pub fn demo_keys(vendor: &str) -> Keys {
    match vendor {
        "ALIBABA" => simulators::alibaba::DEMO_KEYS,
        "HUAWEI" => simulators::huawei::DEMO_KEYS,
        _ => simulators::tencent::DEMO_KEYS,
    }
}

/// The vendor's key pair of another customer.
pub fn second_keys(vendor: &str) -> Keys {
    match vendor {
        "ALIBABA" => simulators::alibaba::SECOND_KEYS,
        "HUAWEI" => simulators::huawei::SECOND_KEYS,
        _ => simulators::tencent::SECOND_KEYS,
    }
}
