//! Tests of this vendor, one file per subject.

mod cases;
mod client;
mod errors;
mod finding;
mod forms;
mod identity;
mod signing;
mod uploads;
mod wire;
