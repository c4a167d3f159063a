//! The vendor clients, built once per process.

use std::sync::Arc;

use super::{
    Capability, Session, SessionKeys, TicketVendor,
    alibaba::AlibabaClient,
    http::HttpSend,
    huawei::HuaweiClient,
    pace::{PaceStore, Paces},
    retry::Retries,
    tencent::TencentClient,
};
use tokio::time::Instant;

use crate::{
    clock::Clock,
    domain::{Account, Vendor},
    ids::Random,
};

/// The client of every vendor, and the retries and paces of all sessions.
pub struct Vendors {
    alibaba: Box<dyn TicketVendor>,
    huawei: Box<dyn TicketVendor>,
    tencent: Box<dyn TicketVendor>,
    retries: Retries,
    /// The paces of the accounts.
    pub paces: Paces,
}

impl Vendors {
    /// Builds the clients over one sender, clock and random source. Paces are kept in `store`.
    pub fn new(
        sender: Arc<dyn HttpSend>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        store: Arc<dyn PaceStore>,
    ) -> Self {
        let paces = Paces::new(store, clock.clone(), random.clone());
        let alibaba = AlibabaClient::new(sender.clone(), clock.clone(), random.clone());
        let huawei = HuaweiClient::new(sender.clone(), clock.clone());
        let tencent = TencentClient::new(sender, clock);
        let retries = Retries::new(random);
        Self { alibaba: Box::new(alibaba), huawei: Box::new(huawei), tencent: Box::new(tencent), retries, paces }
    }

    /// The client of `vendor`, without retries.
    pub fn get(&self, vendor: Vendor) -> &dyn TicketVendor {
        match vendor {
            Vendor::Alibaba => &*self.alibaba,
            Vendor::Huawei => &*self.huawei,
            Vendor::Tencent => &*self.tencent,
        }
    }

    /// A session with the account's vendor until `deadline`. `allow_loopback`: its endpoint may be on this machine.
    pub fn session<'a>(
        &'a self,
        account: &'a Account,
        keys: SessionKeys<'a>,
        allow_loopback: bool,
        deadline: Instant,
    ) -> Session<'a> {
        let (vendor, retries) = (self.get(account.vendor), &self.retries);
        let (pace, language) = (self.paces.of(account), account.site);
        Session { vendor, retries, account, keys, allow_loopback, deadline, pace, pages: None, language }
    }

    /// The capabilities in the order of [`Vendor::ALL`].
    pub fn capabilities(&self) -> [&'static Capability; 3] {
        Vendor::ALL.map(|vendor| self.get(vendor).capability())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing::{ConstantClock, Counting, NoStore, ScriptedSender};

    #[test]
    fn every_vendor_has_its_own_client() {
        let vendors = Vendors::new(
            ScriptedSender::new([]),
            Arc::new(ConstantClock),
            Arc::new(Counting::default()),
            Arc::new(NoStore),
        );
        let named = vendors.capabilities().map(|capability| capability.vendor);
        assert_eq!(named, Vendor::ALL);
        for capability in vendors.capabilities() {
            assert!(capability.console.starts_with("https://"));
            assert!(capability.catalog_parallelism > 0);
        }
    }
}
