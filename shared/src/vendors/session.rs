//! A session with a vendor: the operations of [`TicketVendor`] for one account, with its keys and retries, until a
//! deadline.
//!
//! When the vendor refuses stored keys they are read again. If they were rotated meanwhile, the operation is done once
//! more: an operation that was refused for its keys did nothing. The same keys are never tried twice, because Huawei
//! locks a key for five minutes after five bad signatures
//! (<https://support.huaweicloud.com/devg-apisign/api-sign-errorcode.html>).

use std::{future::Future, sync::Arc};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{
    Access, Capability, FileSource, MessagePage, Messages, NewMessages, OpenFile, RightReading, SavedPages, TicketPage,
    TicketSearch, TicketVendor, VendorStatus, VendorTicket,
    endpoint::check_endpoint,
    pace::CallPace,
    retry::{Effect, Retries},
};
use crate::{
    domain::{
        Account, AccountId, AccountKeys, Attachment, AttachmentLimits, CloudId, CustomerId, FilePurpose, Message,
        NewTicket, ProblemType, ProblemTypeId, Product, ProductId, Rating, Region, RightName, Site, Source, TicketForm,
        TicketId, VendorFile, VendorFileRef,
    },
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    telemetry::metrics,
};

/// Where stored account keys are read.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The account's keys. `fresh`: read from where they are stored now; else they may come from memory.
    async fn keys(&self, account: &AccountId, fresh: bool) -> Result<Arc<AccountKeys>>;
}

/// The keys of a session.
pub enum SessionKeys<'a> {
    /// Those that are stored.
    Stored(&'a dyn KeySource),
    /// Those of a request: they are not stored yet.
    Given(Arc<AccountKeys>),
}

/// One account at its vendor, until a deadline. Every operation fails as in [`TicketVendor`], and also
///
/// - with `endpoint_not_allowed` where the account's endpoint is not one that this stack may call: it was checked when
///   it was stored, but an item that was restored or altered must not lead signed requests elsewhere;
/// - with `secrets_unavailable` where stored keys can't be read.
pub struct Session<'a> {
    pub(super) vendor: &'a dyn TicketVendor,
    pub(super) retries: &'a Retries,
    pub(super) account: &'a Account,
    pub(super) keys: SessionKeys<'a>,
    pub(super) allow_loopback: bool,
    pub(super) deadline: Instant,
    pub(super) pace: CallPace,
    pub(super) pages: Option<Arc<dyn SavedPages>>,
    pub(super) language: Site,
}

macro_rules! operations {
    ($($effect:ident $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+) => {
        impl Session<'_> {
            $(
                #[doc = concat!("[`TicketVendor::", stringify!($name), "`].")]
                pub async fn $name(&self, $($argument: $type),*) -> Result<$answer> {
                    let operation = |access: Arc<Access>| async move {
                        self.vendor.$name(&access, $($argument),*).await
                    };
                    self.call(stringify!($name), Effect::$effect, operation).await
                }
            )+
        }
    };
}

operations! {
    Read check_keys() -> ();
    Read identify_customer() -> CustomerId;
    Read read_right(name: RightName) -> RightReading;
    Read list_products() -> Vec<Product>;
    Read list_problem_types(product: &ProductId) -> Vec<ProblemType>;
    Read list_sources() -> Vec<Source>;
    Read list_regions() -> Vec<Region>;
    Read ticket_form(of: (&ProductId, &ProblemTypeId)) -> TicketForm;
    Write create_ticket(ticket: &NewTicket) -> CloudId;
    Read find_tickets(id: &TicketId, since_ms: i64) -> TicketSearch;
    Read list_tickets(since_ms: i64, page: u32) -> TicketPage;
    Read show_ticket(ticket: &CloudId) -> VendorTicket;
    Read ticket_status(ticket: &CloudId) -> VendorStatus;
    Read new_messages(tickets: &[CloudId], mark: Option<&str>) -> NewMessages;
    Read message_page(ticket: &CloudId, position: u32) -> MessagePage;
    Read conversation(ticket: &CloudId) -> Messages;
    Read list_messages(ticket: &CloudId) -> Vec<Message>;
    Read open_file(file: &Attachment, max_bytes: u64) -> OpenFile;
    Read attachment_limits() -> AttachmentLimits;
    Read upload_file(file: &dyn FileSource, purpose: FilePurpose) -> VendorFileRef;
    Write reply_ticket(ticket: &CloudId, content: &str, files: &[VendorFile]) -> Option<String>;
    Write close_ticket(ticket: &CloudId) -> ();
    Write reopen_ticket(ticket: &CloudId, content: &str) -> ();
    Write urge_ticket(ticket: &CloudId) -> ();
    Write rate_ticket(ticket: &CloudId, rating: &Rating) -> ();
    Read shows_rating(ticket: &CloudId, rating: &Rating) -> bool;
    Write withdraw_message(ticket: &CloudId, message: &str) -> ();
}

impl Session<'_> {
    /// The same session for calls of the least importance: they take every second slot of the account's pace only.
    #[must_use]
    pub fn yielding(self) -> Self {
        Self { pace: self.pace.yielding(), ..self }
    }

    /// The same session until `end`, where it would last longer.
    #[must_use]
    pub fn until(self, end: Instant) -> Self {
        Self { deadline: self.deadline.min(end), ..self }
    }

    /// The same session, in which names are in the language of the other site.
    #[must_use]
    pub fn in_other_language(self) -> Self {
        let language = match self.account.site {
            Site::China => Site::International,
            Site::International => Site::China,
        };
        Self { language, ..self }
    }

    /// The same session, which keeps the pages of a long conversation, and uses those that were kept.
    #[must_use]
    pub fn saving_pages(self, pages: Arc<dyn SavedPages>) -> Self {
        Self { pages: Some(pages), ..self }
    }

    /// The account.
    pub fn account(&self) -> &Account {
        self.account
    }

    /// Until when it lasts.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// What the vendor can do.
    pub fn capability(&self) -> &'static Capability {
        self.vendor.capability()
    }

    async fn call<T, F, Fut>(&self, name: &'static str, effect: Effect, operation: F) -> Result<T>
    where
        F: Fn(Arc<Access>) -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let run = async |keys| {
            let access = Arc::new(self.access(keys)?);
            self.retries.run(&access, self.account.vendor, name, effect, || operation(Arc::clone(&access))).await
        };
        let source = match &self.keys {
            SessionKeys::Given(keys) => return run(Arc::clone(keys)).await,
            SessionKeys::Stored(source) => source,
        };
        let keys = source.keys(&self.account.id, false).await?;
        if seeded_bugs::enabled(SeededBug::KeysInLog) {
            tracing::info!(account.id = %self.account.id, key = keys.secret_id, "A vendor is called.");
        }
        let refused = match run(Arc::clone(&keys)).await {
            Err(error) if error.kind() == ErrorKind::CredentialInvalid => error,
            answer => return answer,
        };
        let fresh = source.keys(&self.account.id, true).await?;
        let answer = if fresh == keys { Err(refused) } else { run(fresh).await };
        if matches!(&answer, Err(error) if error.kind() == ErrorKind::CredentialInvalid) {
            metrics::KEYS_REFUSED.add([], 1);
            let Account { id, vendor, .. } = self.account;
            tracing::warn!(account.id = %id, %vendor, "The vendor refuses the account's keys.");
        }
        answer
    }

    fn access(&self, keys: Arc<AccountKeys>) -> Result<Access> {
        let Account { vendor, endpoint, .. } = self.account;
        if let Some(endpoint) = endpoint {
            check_endpoint(*vendor, endpoint, self.allow_loopback).map_err(|source| {
                let message = "The account's endpoint is not one that this stack may call.";
                Error::new(ProblemCode::EndpointNotAllowed, message).with_source(source)
            })?;
        }
        Ok(Access {
            account: self.account.id.clone(),
            keys,
            site: self.account.site,
            language: self.language,
            region_id: self.account.region_id.clone(),
            endpoint: endpoint.clone(),
            domain_id: self.account.domain_id.clone(),
            deadline: self.deadline,
            pace: self.pace.for_operation(),
            pages: self.pages.clone(),
        })
    }
}
