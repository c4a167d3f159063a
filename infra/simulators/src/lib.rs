//! Simulators of the ticket APIs of Alibaba Cloud, Huawei Cloud and Tencent Cloud.
//!
//! They check every call as the vendor's gateway would, keep tickets, and fail on demand. They share no code
//! with the clients they check, so an error in a client cannot hide behind the same error here.
//!
//! - [`Alibaba`], [`Huawei`], [`Tencent`]: synchronous cores without sockets and without a clock;
//!   [`Simulator::handle`] takes a request and the time and gives an [`Answer`].
//! - [`Simulators::start`] serves them on 127.0.0.1.
//! - Scripting: methods of [`Simulator`], or JSON under `/_simulator/` on the vendor's own port.
//!
//! # Scripting over HTTP
//!
//! | Call | Body |
//! |---|---|
//! | `POST reply` | `{ticket, content, replier_name?, at?}`; answers `{message}` |
//! | `POST messages` | `{ticket, count, at?}`: many messages, customer and support in turn |
//! | `POST status` | `{ticket, status}` with the vendor's code |
//! | `POST customer_message`, `POST support_message` | `{ticket, content, at?}`; answers `{message}` |
//! | `POST close_by_hand` | `{ticket, at?}`: a person closes or cancels it |
//! | `POST reopen_by_hand`, `POST delete_ticket` | `{ticket}` |
//! | `POST faults`, `GET`, `DELETE` | one [`FaultRule`] or a list of them |
//! | `POST script` | [`Script`]: `{on_create, on_reply, delay_ms}` |
//! | `POST catalog`, `GET` | one [`CatalogChange`] or a list of them |
//! | `POST keys` | `{id, secret, account?, token?}` |
//! | `POST settings`, `GET` | some of the vendor's settings |
//! | `GET tickets` | `{tickets: [Ticket]}`, the whole truth |
//! | `GET calls`, `DELETE` | `{calls: [Call], counts: {operation: n}}` |
//!
//! Times are Unix milliseconds. Errors are `{error}` with 400 (unreadable) or 404 (unknown ticket or id, or a ticket
//! in a status in which the vendor would not let it be done: no message to an ended one, no second close).
//!
//! # Not modelled, at any vendor
//!
//! TLS, attachments and their upload, permissions of sub-users, rate limits other than by fault, support
//! plans, deletion of old tickets, temporary keys that expire. What a single vendor lacks, and which choice
//! stands where its behaviour is unknown, is in the module of that vendor.

pub mod alibaba;
mod answer;
mod by_hand;
mod catalog;
mod control_api;
mod fault;
pub mod huawei;
mod keys;
mod scripting;
mod server;
mod simulator;
pub mod tencent;
#[cfg(test)]
mod testing;
mod ticket;
mod vendor_state;
mod wire;

pub use alibaba::Alibaba;
pub use answer::{Answer, Outcome};
pub use catalog::{Catalog, CatalogChange, Group, ProblemType, Product, Region};
pub use fault::{Fault, FaultRule};
pub use huawei::Huawei;
pub use keys::Keys;
pub use server::{Clock, Options, Running, Simulators, Vendors};
pub use simulator::{Handle, Rules, Simulator};
pub use tencent::Tencent;
pub use ticket::{Call, Message, Script, Side, Ticket};
