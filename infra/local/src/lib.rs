//! The stack on one machine, on loopback only: small servers that stand for the AWS services of the functions.
//!
//! All of them ask for the access key of this start, because every user of the machine can connect to them.
//!
//! [`template`] reads `infra/template.yaml`, the one place that defines functions, routes, rules and the table.
//! [`gateway`] maps HTTP to Lambda events by its routes; [`events`] is EventBridge with its rules; [`stream`]
//! delivers the table's stream to a function; [`dynamodb`], [`queue`] (SQS), [`secrets`] (Secrets Manager) and
//! [`files`] (S3) are what the functions call.
//!
//! None of them depends on a function's code: they call functions through [`Invoke`].

mod aws_json;
pub mod dynamodb;
pub mod events;
pub mod files;
pub mod functions;
pub mod gateway;
mod invoke;
pub mod queue;
pub mod secrets;
pub mod stack;
mod state_file;
pub mod stream;
pub mod template;

pub use invoke::{Invoke, InvokeError, invoke_within};
