//! Retries, as a wrapper around any vendor client. Knows kinds of errors, no vendor.

mod budget;
mod call_metrics;

pub use budget::{CAPACITY, REFILL_EVERY, RetryBudgets};

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use self::call_metrics::CallMetrics;
use super::{Access, Capability, TicketPage, TicketVendor, VendorStatus, VendorTicket};
use crate::{
    domain::{CloudId, Message, NewTicket, ProblemType, Product, ProductId, Region, Source},
    error::{Error, ErrorKind, Result, Retry},
    ids::{self, Random},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
};

/// The most attempts of one operation.
const MAX_ATTEMPTS: u32 = 3;
/// The upper bound of the first wait; it doubles with every attempt.
const BASE_WAIT: Duration = Duration::from_millis(200);

/// A [`TicketVendor`] that repeats calls when that is safe.
///
/// *Reads* are repeated on [`Retry::Yes`]. *Writes* are repeated only when the vendor certainly did nothing: it
/// throttled the call, or the call did not reach it. Calls with refused keys are never repeated (Huawei locks a key
/// after five bad signatures). There are at most three attempts, with full jitter between them or the vendor's hint
/// when that is longer. A wait that would pass [`Access::deadline`] does not start: the error is returned, with the
/// hint in its [`Retry::Yes`].
///
/// Every attempt after the first costs one token of the account's [`RetryBudgets`]: 10 at once, one more each 6 s,
/// over all operations of the account in this process. Without a token the error is returned.
pub struct Retrying<V> {
    inner: V,
    random: Arc<dyn Random>,
    budgets: Arc<RetryBudgets>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Read,
    Write,
}

impl<V: TicketVendor> Retrying<V> {
    /// Wraps `inner`; `random` gives the jitter. `budgets` are shared by all wrappers of a process.
    pub fn new(inner: V, random: Arc<dyn Random>, budgets: Arc<RetryBudgets>) -> Self {
        Self { inner, random, budgets }
    }

    async fn run<T, F>(
        &self,
        access: &Access,
        (operation, repeat): (&'static str, Repeat),
        mut call: impl FnMut() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let attempts = if seeded_bugs::enabled(SeededBug::RetryWithoutBudget) { 12 } else { MAX_ATTEMPTS };
        let mut metrics = CallMetrics::begin(access, self.inner.capability().vendor, operation);
        loop {
            let done = metrics.attempt(call()).await;
            let Err(error) = &done else {
                return metrics.end(repeat, done);
            };
            let Some(hint) = may_repeat(error, repeat).filter(|_| metrics.attempts() < attempts) else {
                return metrics.end(repeat, done);
            };
            let wait = self.jitter(metrics.attempts())?.max(hint);
            if wait >= access.remaining() {
                return metrics.end(repeat, done);
            }
            // The last check, so that only a real retry costs a token.
            if !self.budgets.take(&access.account) {
                tracing::info!(account.id = %access.account, "The account's budget of retries is used up.");
                return metrics.end(repeat, done);
            }
            tokio::time::sleep(wait).await;
        }
    }

    fn jitter(&self, attempt: u32) -> Result<Duration> {
        let bound = BASE_WAIT.saturating_mul(1 << (attempt - 1));
        Ok(bound.mul_f64(ids::fraction(&*self.random)?))
    }
}

/// The shortest wait before the call may be repeated; `None` when it must not be.
fn may_repeat(error: &Error, repeat: Repeat) -> Option<Duration> {
    let Retry::Yes { after } = error.retry() else {
        let is_repeated = seeded_bugs::enabled(SeededBug::RepeatWriteWithoutAnswer)
            && error.retry() == Retry::OutcomeUnknown
            && error.kind() == ErrorKind::VendorUnavailable;
        return is_repeated.then_some(Duration::ZERO);
    };
    if error.kind() == ErrorKind::CredentialInvalid {
        return None;
    }
    let nothing_done = error.kind() == ErrorKind::RateLimited || error.is(ProblemCode::VendorUnreachable);
    match repeat {
        Repeat::Write if !nothing_done => None,
        Repeat::Read | Repeat::Write => Some(after.unwrap_or_default()),
    }
}

#[async_trait]
impl<V: TicketVendor> TicketVendor for Retrying<V> {
    fn capability(&self) -> &'static Capability {
        self.inner.capability()
    }

    async fn check_keys(&self, access: &Access) -> Result<()> {
        self.run(access, ("check_keys", Repeat::Read), || self.inner.check_keys(access)).await
    }

    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        self.run(access, ("list_products", Repeat::Read), || self.inner.list_products(access)).await
    }

    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        self.run(access, ("list_problem_types", Repeat::Read), || {
            self.inner.list_problem_types(access, product)
        })
        .await
    }

    async fn list_sources(&self, access: &Access) -> Result<Vec<Source>> {
        self.run(access, ("list_sources", Repeat::Read), || self.inner.list_sources(access)).await
    }

    async fn list_regions(&self, access: &Access) -> Result<Vec<Region>> {
        self.run(access, ("list_regions", Repeat::Read), || self.inner.list_regions(access)).await
    }

    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        self.run(access, ("create_ticket", Repeat::Write), || self.inner.create_ticket(access, ticket)).await
    }

    async fn find_tickets(&self, access: &Access, marker: &str, since_ms: i64) -> Result<Vec<CloudId>> {
        self.run(access, ("find_tickets", Repeat::Read), || self.inner.find_tickets(access, marker, since_ms))
            .await
    }

    async fn list_tickets(&self, access: &Access, since_ms: i64, page: u32) -> Result<TicketPage> {
        self.run(access, ("list_tickets", Repeat::Read), || self.inner.list_tickets(access, since_ms, page))
            .await
    }

    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        self.run(access, ("show_ticket", Repeat::Read), || self.inner.show_ticket(access, ticket)).await
    }

    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        self.run(access, ("ticket_status", Repeat::Read), || self.inner.ticket_status(access, ticket)).await
    }

    async fn list_messages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<Message>> {
        self.run(access, ("list_messages", Repeat::Read), || self.inner.list_messages(access, ticket)).await
    }

    async fn reply_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<Option<String>> {
        self.run(access, ("reply_ticket", Repeat::Write), || self.inner.reply_ticket(access, ticket, content))
            .await
    }

    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        self.run(access, ("close_ticket", Repeat::Write), || self.inner.close_ticket(access, ticket)).await
    }
}

#[cfg(test)]
mod tests;
