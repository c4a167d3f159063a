//! The client. (Being built.)

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    clock::Clock,
    domain::{CloudId, Message, NewTicket, ProblemType, Product, ProductId, Region, Source, Vendor},
    error::{Error, Result},
    ids::Random,
    vendor::{Access, Capability, TicketPage, TicketVendor, VendorStatus, http::HttpSend},
};

/// Huawei's client.
pub struct Huawei {
    _sender: Arc<dyn HttpSend>,
    _clock: Arc<dyn Clock>,
    _random: Arc<dyn Random>,
}

impl Huawei {
    /// Builds it.
    pub fn new(sender: Arc<dyn HttpSend>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            _sender: sender,
            _clock: clock,
            _random: random,
        }
    }
}

static CAPABILITY: Capability = Capability {
    vendor: Vendor::Huawei,
    api: "",
    documentation: "",
    console: "",
    products: true,
    problem_types: true,
    sources: true,
    regions: true,
    tickets: true,
    replies: true,
    severities: &[],
    title: true,
    max_text_chars: None,
    max_reply_chars: None,
    catalog_parallelism: 1,
};

fn later<T>() -> Result<T> {
    Err(Error::unexpected("not built yet"))
}

#[async_trait]
impl TicketVendor for Huawei {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }
    async fn check_keys(&self, _: &Access) -> Result<()> {
        later()
    }
    async fn list_products(&self, _: &Access) -> Result<Vec<Product>> {
        later()
    }
    async fn list_problem_types(&self, _: &Access, _: &ProductId) -> Result<Vec<ProblemType>> {
        later()
    }
    async fn list_sources(&self, _: &Access) -> Result<Vec<Source>> {
        later()
    }
    async fn list_regions(&self, _: &Access) -> Result<Vec<Region>> {
        later()
    }
    async fn create_ticket(&self, _: &Access, _: &NewTicket) -> Result<CloudId> {
        later()
    }
    async fn find_tickets(&self, _: &Access, _: &str, _: i64) -> Result<Vec<CloudId>> {
        later()
    }
    async fn list_tickets(&self, _: &Access, _: i64, _: u32) -> Result<TicketPage> {
        later()
    }
    async fn ticket_status(&self, _: &Access, _: &CloudId) -> Result<VendorStatus> {
        later()
    }
    async fn list_messages(&self, _: &Access, _: &CloudId) -> Result<Vec<Message>> {
        later()
    }
    async fn reply_ticket(&self, _: &Access, _: &CloudId, _: &str) -> Result<()> {
        later()
    }
    async fn close_ticket(&self, _: &Access, _: &CloudId) -> Result<()> {
        later()
    }
}
