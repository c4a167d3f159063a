//! Simulators of the ticket APIs of Alibaba Cloud, Huawei Cloud and Tencent Cloud.
//!
//! They check every call as the vendor's gateway would, store tickets, and fail on request. They share no code
//! with the clients they check, so that one error can't be in both.
//!
//! - [`AlibabaSimulator`], [`HuaweiSimulator`], [`TencentSimulator`]: synchronous cores without sockets and without
//!   a clock; [`Simulator::handle`] takes a request and the time and gives a [`SimulatedAnswer`].
//! - [`Simulators::start`] serves them on 127.0.0.1.
//! - Control: methods of [`Simulator`], or JSON under `/_simulator/` on the vendor's own port, with
//!   `Authorization: Bearer <access key>`.
//!
//! # Control API
//!
//! | Call | Body |
//! |---|---|
//! | `POST reply` | `{ticket, content, replier_name?, at?, files?}`; answers `{message}` |
//! | `POST messages` | `{ticket, count, at?}`: many messages, customer and support alternate |
//! | `POST status` | `{ticket, status}` with the vendor's code |
//! | `POST customer_message`, `POST support_message` | `{ticket, content, at?, files?}`; answers `{message}` |
//! | `POST close_in_console` | `{ticket, at?}`: a person closes or cancels it |
//! | `POST reopen_in_console`, `POST delete_ticket` | `{ticket}` |
//! | `POST faults`, `GET`, `DELETE` | one [`FaultRule`] or a list of them |
//! | `POST limit` | `{calls_per_second}`: a limit for each customer account; `null` ends it |
//! | `POST script` | [`SupportScript`]: `{on_create, on_reply, delay_ms}` |
//! | `POST catalog`, `GET` | one [`CatalogChange`] or a list of them |
//! | `POST keys` | `{id, secret, account?, token?}` |
//! | `POST settings`, `GET` | some of the vendor's settings |
//! | `GET uploads` | `{uploads: [SimulatedUpload]}`: the files that customers have sent, with their bytes |
//! | `GET tickets` | `{tickets: [SimulatedTicket]}`, complete |
//! | `GET calls`, `DELETE` | `{calls: [LoggedCall], counts: {operation: n}}` |
//!
//! `files` is a list of [`SimulatedFile`]: `{name, content: {text} | {base64} | {bytes: n}, link?, id?}`.
//!
//! Times are Unix milliseconds. Errors are `{error}` with 400 (unreadable) or 404 (unknown ticket or id, or a ticket
//! in a status in which the vendor would not let it be done: no message to an ended one, no second close).
//!
//! # Not modelled, at any vendor
//!
//! TLS, permissions of sub-users, rate limits other than by fault, support plans, deletion of old tickets, temporary
//! keys that expire. The module of a vendor lists what it does not model, and the assumptions where the behaviour of
//! the real vendor is unknown.

pub mod alibaba;
mod answer;
mod call_limit;
mod catalog;
mod console;
mod control_api;
mod fault;
mod fault_answer;
mod files;
pub mod huawei;
mod keys;
mod moderation;
mod rewrite;
mod row_defect;
mod scripting;
mod server;
mod simulator;
pub mod tencent;
#[cfg(test)]
mod testing;
mod ticket;
mod uploads;
mod vendor_state;
mod wire;

pub use alibaba::AlibabaSimulator;
pub use answer::{SimulatedAnswer, WireOutcome};
pub use catalog::{Catalog, CatalogChange, CatalogGroup, CatalogProblemType, CatalogProduct, CatalogRegion};
pub use fault::{Fault, FaultRule};
pub use files::{FileContent, SimulatedFile};
pub use huawei::HuaweiSimulator;
pub use keys::{CurrentKeys, Keys};
pub use moderation::MessageChange;
pub use rewrite::TextRewrite;
pub use row_defect::RowDefect;
pub use server::{ClockFn, RunningSimulators, SimulatedVendors, SimulatorOptions, Simulators};
pub use simulator::{RequestHandler, Simulator, VendorRules};
pub use tencent::TencentSimulator;
pub use ticket::{LoggedCall, MessageAuthor, SimulatedMessage, SimulatedRating, SimulatedTicket, SupportScript};
pub use uploads::SimulatedUpload;
