//! Plain domain types and their validation. Knows nothing of HTTP, vendors' wire forms or the store.

pub mod account;
pub mod archive;
pub mod candidate;
pub mod catalog;
pub mod conversation_times;
pub mod histogram;
pub mod id;
pub mod known_messages;
pub mod matching;
pub mod message;
pub mod refresh;
pub mod reply;
pub mod signed_links;
pub mod ticket;
pub mod ticket_counts;
pub mod ticket_facts;
pub mod ticket_state;
pub mod vendor;
pub mod visible;

pub use account::{Account, AccountHealth, AccountKeys, BlockedClose, HealthError};
pub use archive::{ArchiveDigest, ArchivedMessage, MessagePosition, PlacedMessage, Revision};
pub use candidate::Candidate;
pub use catalog::{CaseKind, CatalogEntry, EntryKind, ProblemType, Product, Region, Source};
pub use conversation_times::{Awaiting, ConversationTimes};
pub use histogram::Histogram;
pub use id::{AccountId, CloudId, CustomerId, ProblemTypeId, ProductId, RegionId, ReplyId, RunId, SourceId, TicketId};
pub use known_messages::{KnownMessages, MessageDigest, Placement};
pub use matching::Unmatched;
pub use message::{Attachment, Message, MessageType};
pub use refresh::{RefreshError, RefreshRun, RunState, VendorRefresh};
pub use reply::{Reply, ReplyState};
pub use ticket::{CloseError, NewTicket, Phase, Severity, Ticket};
pub use ticket_counts::TicketCounts;
pub use ticket_facts::{CountedValue, Day, DurationFact, TicketFacts, TicketTimes};
pub use ticket_state::{TicketMove, TicketState, TicketStatus};
pub use vendor::{Site, Vendor};
