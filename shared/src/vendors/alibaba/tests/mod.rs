//! Tests of this vendor, one file per subject.

mod client;
mod errors;
mod finding;
mod signing;
mod wire;
