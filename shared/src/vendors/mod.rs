//! The vendors: one trait, one folder each, capabilities as data. Knows the domain and errors, not the store.

pub mod alibaba;
mod answer;
mod call;
mod capability;
mod conversation;
mod encoding;
pub mod endpoint;
pub(crate) mod failure;
pub mod http;
pub mod huawei;
pub(crate) mod lenient;
pub mod pace;
pub mod pager;
mod reading;
mod registry;
pub mod retry;
mod saved_pages;
mod session;
mod signing;
pub mod tencent;
pub(crate) mod text;
mod ticket;
mod time;
mod vendor_clock;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod testing;

pub use capability::Capability;
pub use conversation::Messages;
pub use reading::{MessagePage, PageMessages, Reading};
pub use registry::Vendors;
pub use saved_pages::SavedPages;
pub use session::{KeySource, Session, SessionKeys};
pub use ticket::{
    FoundTicket, ListedTicket, NewMessages, TicketPage, TicketSearch, VendorStatus, VendorTicket, is_unreadable,
};

pub use crate::domain::Phase;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::Instant;

use self::{pace::CallPace, reading::Collected};
use crate::{
    domain::{
        AccountId, AccountKeys, CloudId, CustomerId, Message, NewTicket, ProblemType, Product, ProductId, Region, Site,
        Source, TicketId,
    },
    error::Result,
};

/// What a client needs to call a vendor for one account.
#[derive(Clone, Debug)]
pub struct Access {
    /// Our id of the account: retry budgets and metrics are counted by it.
    pub account: AccountId,
    /// The key pair.
    pub keys: Arc<AccountKeys>,
    /// The account's site: decides the language of names.
    pub site: Site,
    /// The account's region.
    pub region_id: String,
    /// Base URL given for the account (`https://host` or, in local mode, `http://127.0.0.1:port`);
    /// without it the host follows from site and region.
    pub endpoint: Option<String>,
    /// Huawei's account id, sent and signed when it is known.
    pub domain_id: Option<String>,
    /// When the caller must have its answer. No call and no wait goes past it.
    pub deadline: Instant,
    /// The account's pace.
    pub pace: CallPace,
    /// Where the pages of a long conversation are kept, if they are.
    pub pages: Option<Arc<dyn SavedPages>>,
}

impl Access {
    /// The time until the deadline.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// The ticket operations of one vendor. Object-safe; uses domain types only.
///
/// # Errors
/// Every operation fails with [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) (code
/// `capability_not_supported`, the message names the vendor's console) when the [`Capability`] says that the
/// vendor can't do it, or does not implement it. Then it makes no call; where a vendor has no sources or regions, their
/// list is empty. No operation goes past [`Access::deadline`].
///
/// *Reads* (`check_keys`, `identify_customer`, `list_*`, `find_tickets`, `show_ticket`, `ticket_status`) are safe to
/// repeat: failures of the network and of the vendor are [`Retry::Yes`](crate::error::Retry::Yes). *Writes*
/// (`create_ticket`, `reply_ticket`, `close_ticket`) fail with
/// [`Retry::OutcomeUnknown`](crate::error::Retry::OutcomeUnknown) when the vendor may have received the request and
/// gave no definite answer.
///
/// # Examples
///
/// ```
/// use shared::{
///     domain::{CloudId, NewTicket},
///     error::{Result, Retry},
///     vendors::{Access, TicketVendor},
/// };
///
/// /// Creates a ticket. After an unknown outcome it searches for the ticket and does not create it again.
/// async fn create_once(
///     vendor: &dyn TicketVendor,
///     access: &Access,
///     ticket: &NewTicket,
///     now_ms: i64,
/// ) -> Result<Option<CloudId>> {
///     match vendor.create_ticket(access, ticket).await {
///         Ok(id) => Ok(Some(id)),
///         Err(error) if error.retry() == Retry::OutcomeUnknown => {
///             let search = vendor.find_tickets(access, &ticket.id, now_ms).await?;
///             Ok(search.found.into_iter().map(|found| found.cloud_id).next())
///         }
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[async_trait]
#[expect(unused_variables, reason = "an operation without an implementation has no use for its arguments")]
pub trait TicketVendor: Send + Sync {
    /// What the vendor's API can do.
    fn capability(&self) -> &'static Capability;

    /// Proves the keys with a harmless call.
    ///
    /// Behaviour: bad keys give `CredentialInvalid`; good keys without the right to read give `PermissionDenied`.
    async fn check_keys(&self, access: &Access) -> Result<()>;

    /// The customer behind the keys.
    ///
    /// Behaviour: an answer that does not name exactly one customer is `VendorUnavailable`. Only `Ok` proves anything.
    async fn identify_customer(&self, access: &Access) -> Result<CustomerId>;

    /// All products, de-duplicated by id.
    async fn list_products(&self, access: &Access) -> Result<Vec<Product>>;

    /// All problem types of one product; empty where it has none.
    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        Err(failure::not_supported(self.capability(), access, "list problem types"))
    }

    /// All ticket sources; empty, without a call, where the vendor knows none.
    async fn list_sources(&self, access: &Access) -> Result<Vec<Source>> {
        if self.capability().sources {
            return Err(failure::not_supported(self.capability(), access, "list ticket sources"));
        }
        Ok(Vec::new())
    }

    /// All regions that a ticket can name; empty, without a call, where tickets name none.
    async fn list_regions(&self, access: &Access) -> Result<Vec<Region>> {
        if self.capability().regions {
            return Err(failure::not_supported(self.capability(), access, "list regions"));
        }
        Ok(Vec::new())
    }

    /// Creates the ticket, with its marker as the last line of its text, and returns the vendor's id.
    ///
    /// Behaviour: one call. Not idempotent at any vendor: a second call creates a second ticket. A definite refusal is
    /// `InvalidInput`, `PermissionDenied`, `CredentialInvalid` or `RateLimited`; then no ticket exists.
    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        Err(failure::not_supported(self.capability(), access, "create a ticket"))
    }

    /// Searches the account's tickets that were created at `since_ms` (Unix milliseconds) or later for our `id`: in
    /// title or text, whatever stands around it. Reads the vendor's list, which may lag behind its writes. A hit that
    /// can't be read fails nothing: it is [`unreadable`](TicketSearch::unreadable) or [`failed`](TicketSearch::failed).
    async fn find_tickets(&self, access: &Access, id: &TicketId, since_ms: i64) -> Result<TicketSearch> {
        Err(failure::not_supported(self.capability(), access, "search tickets"))
    }

    /// One page of the account's tickets that were created at `since_ms` or later.
    ///
    /// `position` is 0 for the first page, then the [`next`](TicketPage::next) of the page before. A
    /// [`Pager`](pager::Pager) checks that the pages are the whole list.
    async fn list_tickets(&self, access: &Access, since_ms: i64, position: u32) -> Result<TicketPage> {
        Err(failure::not_supported(self.capability(), access, "list tickets"))
    }

    /// The ticket with its text; `NotFound` when the vendor has no such ticket.
    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        Err(failure::not_supported(self.capability(), access, "read a ticket"))
    }

    /// The ticket's status; `NotFound` when the vendor has no such ticket.
    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        Err(failure::not_supported(self.capability(), access, "read a ticket"))
    }

    /// Which of the tickets have messages after `mark`, which is the [`NewMessages::mark`] of an earlier answer. At most
    /// [`Capability::max_new_messages_tickets`] of them.
    ///
    /// Behaviour: only a sign that a conversation is worth reading. It may name messages again, and may miss some.
    async fn new_messages(&self, access: &Access, tickets: &[CloudId], mark: Option<&str>) -> Result<NewMessages> {
        Err(failure::not_supported(self.capability(), access, "ask for new messages"))
    }

    /// One page of the conversation.
    ///
    /// `position` is 0 for the first page, then the [`next`](MessagePage::next) of the page before. A [`Reading`] makes
    /// one conversation of the pages.
    async fn message_page(&self, access: &Access, ticket: &CloudId, position: u32) -> Result<MessagePage> {
        Err(failure::not_supported(self.capability(), access, "read messages"))
    }

    /// The whole conversation, oldest first; the vendor's own order decides within the same instant.
    ///
    /// Behaviour: every message once; a message has the same id in every reading.
    async fn conversation(&self, access: &Access, ticket: &CloudId) -> Result<Messages> {
        let mut reading = Reading::new(self.capability().vendor);
        let mut collected = Collected::default();
        while let Some(position) = reading.next_page()? {
            let page = self.message_page(access, ticket, position).await?;
            let is_all = position == 0 && page.next.is_none();
            let messages = reading.accept(page)?;
            if is_all {
                return Ok(messages);
            }
            collected.add(messages);
        }
        Ok(Box::new(collected.finish().into_iter()))
    }

    /// The same in memory at once.
    async fn list_messages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<Message>> {
        Ok(self.conversation(access, ticket).await?.collect())
    }

    /// Adds a customer message and returns the vendor's id of it, the same as in
    /// [`list_messages`](Self::list_messages); `None` when the answer has no id.
    ///
    /// Behaviour: one call. Not idempotent: a second call adds a second message.
    async fn reply_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<Option<String>> {
        Err(failure::not_supported(self.capability(), access, "reply to a ticket"))
    }

    /// Closes the ticket.
    ///
    /// Behaviour: idempotent; an already ended ticket is `Ok`. A refusal while the ticket has not ended is
    /// `Conflict` with the vendor's reason.
    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "close a ticket"))
    }
}
