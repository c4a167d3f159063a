//! The vendors: one trait, one folder each, capabilities as data. Knows the domain and errors, not the store.

mod access;
pub mod alibaba;
mod answer;
mod call;
mod capability;
mod conversation;
mod encoding;
pub mod endpoint;
pub(crate) mod failure;
mod files;
pub mod http;
pub mod huawei;
pub(crate) mod lenient;
pub mod pace;
pub mod pager;
mod reading;
mod registry;
pub mod retry;
mod rights;
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

pub use access::Access;
pub use capability::{Capability, FileCapability, RatingCapability, RightCapability};
pub use conversation::Messages;
pub use files::{FileBody, FileSource, OpenFile, differs as file_differs, file_body};
pub use reading::{MessagePage, PageMessages, Reading};
pub use registry::Vendors;
pub use rights::RightReading;
pub use saved_pages::SavedPages;
pub use session::{KeySource, Session, SessionKeys};
pub use ticket::{
    FoundTicket, ListedTicket, NewMessages, TicketPage, TicketSearch, VendorStatus, VendorTicket, is_unreadable,
};

pub use crate::domain::Phase;

use async_trait::async_trait;

use self::reading::Collected;
use crate::{
    domain::{
        Attachment, AttachmentLimits, CloudId, CustomerId, FilePurpose, Message, NewTicket, ProblemType, ProblemTypeId,
        Product, ProductId, Rating, Region, RightName, Source, TicketForm, TicketId, VendorFile, VendorFileRef,
    },
    error::Result,
};

/// The ticket operations of one vendor. Object-safe; uses domain types only.
///
/// # Errors
/// Every operation fails with [`ErrorKind::Unsupported`](crate::error::ErrorKind::Unsupported) (code
/// `capability_not_supported`, the message names the vendor's console) when the [`Capability`] says that the
/// vendor can't do it, or does not implement it. Then it makes no call; where a vendor has no sources or regions, their
/// list is empty. No operation goes past [`Access::deadline`].
///
/// *Reads* (`check_keys`, `identify_customer`, `read_right`, `list_*`, `ticket_form`, `find_tickets`, `show_ticket`,
/// `ticket_status`, `shows_rating`, `open_file`, `attachment_limits`, and `upload_file`, which nobody sees) are safe to
/// repeat: failures of the network and of the vendor are [`Retry::Yes`](crate::error::Retry::Yes). *Writes*
/// (`create_ticket`, `reply_ticket`, `close_ticket`, `reopen_ticket`, `urge_ticket`, `rate_ticket`,
/// `withdraw_message`) fail with
/// [`Retry::OutcomeUnknown`](crate::error::Retry::OutcomeUnknown) when the vendor may have received the request and
/// gave no definite answer.
///
#[doc = include_str!("create_once.md")]
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

    /// One of [`Capability::rights`] that no other operation shows. An answer that can't be read is
    /// `VendorUnavailable`.
    async fn read_right(&self, access: &Access, name: RightName) -> Result<RightReading> {
        Err(failure::not_supported(self.capability(), access, "read this right"))
    }

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

    /// What the vendor tells of the fields of a ticket of that problem type; nothing, without a call, where it has no
    /// forms. A part that can't be read is [`unread`](TicketForm::unread) and fails nothing, except for refused keys.
    async fn ticket_form(&self, access: &Access, of: (&ProductId, &ProblemTypeId)) -> Result<TicketForm> {
        Ok(TicketForm::default())
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

    /// Which of the tickets have messages after `mark`, which is the [`NewMessages::mark`] of an earlier answer. At
    /// most [`Capability::max_new_messages_tickets`] of them.
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

    /// Opens a file of a message, as a reading of the conversation shows it, for reading at most `max_bytes`.
    ///
    /// Behaviour: links of files expire. `file_link_expired` means that another reading of the conversation shows a new
    /// one; `file_link_not_allowed`, `file_redirected`, `file_not_found`, `file_too_large` and `file_length_wrong` that
    /// it is not read, or not to its end.
    async fn open_file(&self, access: &Access, file: &Attachment, max_bytes: u64) -> Result<OpenFile> {
        Err(failure::not_supported(self.capability(), access, "read the files of messages"))
    }

    /// What the vendor says about the files that the account may send; nothing, without a call, where it has no call
    /// for it. The [`Capability`] has the limits for all accounts.
    async fn attachment_limits(&self, access: &Access) -> Result<AttachmentLimits> {
        match self.capability().files {
            Some(_) => Ok(AttachmentLimits::default()),
            None => Err(failure::not_supported(self.capability(), access, "send files")),
        }
    }

    /// Sends a file to the vendor, and returns the vendor's id of it for a [`NewTicket`] or a reply.
    ///
    /// Behaviour: safe to repeat; a file that no ticket and no reply names is shown nowhere. `file_refused`,
    /// `file_too_large` and `file_quota_exceeded` mean that the vendor does not take it, `file_differs` that `file`
    /// does not have the bytes that it should have. `file_link_not_allowed`, `file_redirected`, `file_link_expired`:
    /// the vendor's link can't be used. The file is never in memory as a whole.
    async fn upload_file(&self, access: &Access, file: &dyn FileSource, purpose: FilePurpose) -> Result<VendorFileRef> {
        Err(failure::not_supported(self.capability(), access, "send files"))
    }

    /// Adds a customer message, with files that the vendor has already, and returns the vendor's id of it, the same as
    /// in [`list_messages`](Self::list_messages); `None` when the answer has no id.
    ///
    /// Behaviour: one call. Not idempotent: a second call adds a second message.
    async fn reply_ticket(
        &self,
        access: &Access,
        ticket: &CloudId,
        content: &str,
        files: &[VendorFile],
    ) -> Result<Option<String>> {
        Err(failure::not_supported(self.capability(), access, "reply to a ticket"))
    }

    /// Closes the ticket.
    ///
    /// Behaviour: idempotent; an already ended ticket is `Ok`. A refusal while the ticket has not ended is
    /// `Conflict` with the vendor's reason.
    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "close a ticket"))
    }

    /// Opens an ended ticket again, and adds `content` to its conversation as a customer message.
    ///
    /// Behaviour: one write. Not idempotent: a second call may add the text again. A refusal while the ticket has
    /// ended, or because it has not, is `Conflict` with the vendor's reason.
    async fn reopen_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "reopen a ticket"))
    }

    /// Urges support to go on with the ticket.
    ///
    /// Behaviour: one call, which nothing shows afterwards. `urged_too_often` where the last one was a short time ago;
    /// how long is not documented.
    async fn urge_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "urge a ticket"))
    }

    /// Rates the support for the ticket.
    ///
    /// Behaviour: one write. What a second rating does is not documented.
    async fn rate_ticket(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "rate a ticket"))
    }

    /// Whether the vendor shows the ticket with that score and comment.
    ///
    /// Behaviour: `false` proves nothing, since no vendor documents when it shows a rating. Where
    /// [`RatingCapability::shown`] is not set it is `capability_not_supported`.
    async fn shows_rating(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<bool> {
        Err(failure::not_supported(self.capability(), access, "show a rating"))
    }

    /// Withdraws a customer message. `message` is the vendor's id of it.
    ///
    /// Behaviour: one write. For how long after the message was sent the vendor allows it, and what a second call
    /// answers, is not documented. A refusal is `Conflict` with the vendor's reason.
    async fn withdraw_message(&self, access: &Access, ticket: &CloudId, message: &str) -> Result<()> {
        Err(failure::not_supported(self.capability(), access, "withdraw a message"))
    }
}
