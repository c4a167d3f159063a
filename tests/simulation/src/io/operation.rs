//! Numbers a process's vendor operations. So a retry of one operation differs from the first call of another
//! operation with an equal request: the reconciliations of two replies read the same messages.

use std::{
    future::Future,
    sync::atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use shared::{
    domain::{CloudId, Message, NewTicket, ProblemType, Product, ProductId, Region, Source},
    error::Result,
    vendors::{Access, Capability, TicketPage, TicketVendor, VendorStatus, VendorTicket},
};

tokio::task_local! {
    static OPERATION: u64;
}

/// The number of the operation that runs in this task.
pub fn current() -> Option<u64> {
    OPERATION.try_with(|number| *number).ok()
}

/// A vendor client, with its retries, whose operations are numbered.
pub struct NumberedOperations {
    inner: Box<dyn TicketVendor>,
    operations: AtomicU64,
}

impl NumberedOperations {
    /// Around `inner`.
    pub fn new(inner: Box<dyn TicketVendor>) -> Self {
        Self { inner, operations: AtomicU64::new(0) }
    }

    fn run<F: Future>(&self, operation: F) -> impl Future<Output = F::Output> {
        OPERATION.scope(self.operations.fetch_add(1, Ordering::Relaxed), operation)
    }
}

#[async_trait]
impl TicketVendor for NumberedOperations {
    fn capability(&self) -> &'static Capability {
        self.inner.capability()
    }

    async fn check_keys(&self, access: &Access) -> Result<()> {
        self.run(self.inner.check_keys(access)).await
    }

    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        self.run(self.inner.list_products(access)).await
    }

    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        self.run(self.inner.list_problem_types(access, product)).await
    }

    async fn list_sources(&self, access: &Access) -> Result<Vec<Source>> {
        self.run(self.inner.list_sources(access)).await
    }

    async fn list_regions(&self, access: &Access) -> Result<Vec<Region>> {
        self.run(self.inner.list_regions(access)).await
    }

    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        self.run(self.inner.create_ticket(access, ticket)).await
    }

    async fn find_tickets(&self, access: &Access, marker: &str, since_ms: i64) -> Result<Vec<CloudId>> {
        self.run(self.inner.find_tickets(access, marker, since_ms)).await
    }

    async fn list_tickets(&self, access: &Access, since_ms: i64, page: u32) -> Result<TicketPage> {
        self.run(self.inner.list_tickets(access, since_ms, page)).await
    }

    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        self.run(self.inner.show_ticket(access, ticket)).await
    }

    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        self.run(self.inner.ticket_status(access, ticket)).await
    }

    async fn list_messages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<Message>> {
        self.run(self.inner.list_messages(access, ticket)).await
    }

    async fn reply_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<Option<String>> {
        self.run(self.inner.reply_ticket(access, ticket, content)).await
    }

    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        self.run(self.inner.close_ticket(access, ticket)).await
    }
}
