//! The stack on one machine, on loopback only: small servers that stand for the AWS services of the functions.
//!
//! [`template`] reads `infra/template.yaml`, the one place that defines functions, routes, rules and the table.
//! [`gateway`] maps HTTP to Lambda events by its routes; [`events`] is EventBridge with its rules; [`stream`]
//! delivers the table's stream to a function; [`queue`] is SQS; [`secrets`] is Secrets Manager. None of them depends on
//! a function's code: they call functions through [`Invoke`].

mod aws_json;
pub mod events;
mod file;
pub mod functions;
pub mod gateway;
mod invoke;
pub mod queue;
pub mod secrets;
mod server;
pub mod stack;
mod state_file;
pub mod stream;
pub mod template;

pub use invoke::{Invoke, InvokeError, invoke_within};
pub use server::Server;
