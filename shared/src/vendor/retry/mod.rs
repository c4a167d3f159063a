//! Trying again, as a wrapper around any vendor client. Knows error classes, not vendors.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{Access, Capability, TicketPage, TicketVendor, VendorStatus, VendorTicket, failure};
use crate::{
    domain::{CloudId, Message, NewTicket, ProblemType, Product, ProductId, Region, Source},
    error::{Error, ErrorKind, Result, Retry},
    ids::{self, Random},
};

/// How often an operation is tried in all.
const MAX_ATTEMPTS: u32 = 3;
/// The upper bound of the first wait; it doubles with every attempt.
const BASE_WAIT: Duration = Duration::from_millis(200);
/// The largest upper bound of a wait.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// A [`TicketVendor`] that tries again where that is safe.
///
/// *Reads* are repeated on [`Retry::Yes`]. *Writes* are repeated only where the vendor certainly did nothing: it
/// throttled the call before taking it, or it was never reached. Refused keys are never tried again (Huawei locks a
/// key after five bad signatures). At most three attempts in all, with full jitter between them or the vendor's own
/// hint where that is longer; a wait that would pass [`Access::deadline`] is not begun, the error is returned instead.
pub struct Retrying<V> {
    inner: V,
    random: Arc<dyn Random>,
}

#[derive(Clone, Copy)]
enum Repeat {
    Read,
    Write,
}

impl<V: TicketVendor> Retrying<V> {
    /// Wraps `inner`; `random` gives the jitter.
    pub fn new(inner: V, random: Arc<dyn Random>) -> Self {
        Self { inner, random }
    }

    async fn run<T, F>(&self, access: &Access, repeat: Repeat, mut call: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempt = 1;
        loop {
            let error = match call().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let Some(hint) = may_repeat(&error, repeat).filter(|_| attempt < MAX_ATTEMPTS) else {
                return Err(error);
            };
            let wait = self.jitter(attempt)?.max(hint);
            if wait >= access.remaining() {
                return Err(error);
            }
            tracing::debug!(attempt, code = error.code(), wait_ms = wait.as_millis(), "trying again");
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    fn jitter(&self, attempt: u32) -> Result<Duration> {
        let bound = BASE_WAIT.saturating_mul(1 << (attempt - 1)).min(MAX_WAIT);
        Ok(bound.mul_f64(ids::fraction(&*self.random)?))
    }
}

/// The shortest wait before the call may be made again; `None` where it must not be.
fn may_repeat(error: &Error, repeat: Repeat) -> Option<Duration> {
    let Retry::Yes { after } = error.retry() else {
        return None;
    };
    if error.kind() == ErrorKind::CredentialInvalid {
        return None;
    }
    let nothing_done = error.kind() == ErrorKind::RateLimited || error.code() == failure::UNREACHABLE;
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
        self.run(access, Repeat::Read, || self.inner.check_keys(access)).await
    }

    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        self.run(access, Repeat::Read, || self.inner.list_products(access)).await
    }

    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        self.run(access, Repeat::Read, || self.inner.list_problem_types(access, product)).await
    }

    async fn list_sources(&self, access: &Access) -> Result<Vec<Source>> {
        self.run(access, Repeat::Read, || self.inner.list_sources(access)).await
    }

    async fn list_regions(&self, access: &Access) -> Result<Vec<Region>> {
        self.run(access, Repeat::Read, || self.inner.list_regions(access)).await
    }

    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        self.run(access, Repeat::Write, || self.inner.create_ticket(access, ticket)).await
    }

    async fn find_tickets(&self, access: &Access, marker: &str, since_ms: i64) -> Result<Vec<CloudId>> {
        self.run(access, Repeat::Read, || self.inner.find_tickets(access, marker, since_ms)).await
    }

    async fn list_tickets(&self, access: &Access, since_ms: i64, page: u32) -> Result<TicketPage> {
        self.run(access, Repeat::Read, || self.inner.list_tickets(access, since_ms, page)).await
    }

    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        self.run(access, Repeat::Read, || self.inner.show_ticket(access, ticket)).await
    }

    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        self.run(access, Repeat::Read, || self.inner.ticket_status(access, ticket)).await
    }

    async fn list_messages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<Message>> {
        self.run(access, Repeat::Read, || self.inner.list_messages(access, ticket)).await
    }

    async fn reply_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<Option<String>> {
        self.run(access, Repeat::Write, || self.inner.reply_ticket(access, ticket, content)).await
    }

    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        self.run(access, Repeat::Write, || self.inner.close_ticket(access, ticket)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::Site,
        vendor::{
            huawei::Huawei,
            testing::{FixedClock, Largest, Script, Step, access, cloud_id, fixture, new_ticket, ok, status},
        },
    };

    fn retrying(script: &Arc<Script>) -> Retrying<Huawei> {
        let client = Huawei::new(script.clone(), Arc::new(FixedClock));
        Retrying::new(client, Arc::new(Largest))
    }

    fn china() -> Access {
        access(Site::China, "cn-south-1")
    }

    fn throttled(retry_after: &'static str) -> Step {
        Step::Answer(429, vec![("retry-after", retry_after)], fixture("huawei/error-APIGW.0308"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_tried_three_times_with_growing_waits() {
        let script = Script::new([status(500, "{}"), Step::NoAnswer, ok(fixture("huawei/list-regions"))]);
        let start = tokio::time::Instant::now();
        retrying(&script).list_regions(&china()).await.unwrap();
        assert_eq!(script.calls(), 3);
        // The largest jitter: 200 ms and 400 ms.
        let waited = start.elapsed();
        assert!((Duration::from_millis(590)..=Duration::from_millis(610)).contains(&waited), "{waited:?}");

        let script = Script::new([Step::NoAnswer, Step::NoAnswer, Step::NoAnswer]);
        retrying(&script).list_regions(&china()).await.unwrap_err();
        assert_eq!(script.calls(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn the_vendors_hint_counts_where_it_is_longer() {
        let script = Script::new([throttled("3"), ok(fixture("huawei/create-cases"))]);
        let start = tokio::time::Instant::now();
        retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(3));
        assert_eq!(script.calls(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_past_the_deadline_is_not_begun() {
        let script = Script::new([throttled("120")]);
        let start = tokio::time::Instant::now();
        let error = retrying(&script).list_regions(&china()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!((script.calls(), start.elapsed()), (1, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_is_repeated_only_when_nothing_was_done() {
        for step in [Step::NotSent, throttled("1")] {
            let script = Script::new([step, ok(fixture("huawei/create-cases"))]);
            retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap();
            assert_eq!(script.calls(), 2);
        }
        for step in [Step::NoAnswer, Step::TooLarge, status(500, "{}"), ok("<html>"), ok("{}")] {
            let script = Script::new([step]);
            let error = retrying(&script).create_ticket(&china(), &new_ticket()).await.unwrap_err();
            assert_eq!((error.retry(), script.calls()), (Retry::OutcomeUnknown, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn refused_keys_are_never_tried_again() {
        for body in [fixture("huawei/error-APIGW.0301"), "<html>".to_owned(), String::new()] {
            let script = Script::new([status(401, body)]);
            let error = retrying(&script).ticket_status(&china(), &cloud_id("TT1")).await.unwrap_err();
            assert_eq!((error.kind(), script.calls()), (ErrorKind::CredentialInvalid, 1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_tried_without_time() {
        let script = Script::new([]);
        let mut late = china();
        late.deadline = tokio::time::Instant::now();
        let error = retrying(&script).list_regions(&late).await.unwrap_err();
        assert_eq!((error.code(), script.calls()), (failure::DEADLINE, 0));
    }
}
