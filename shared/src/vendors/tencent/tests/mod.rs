//! Tests of this vendor, one file per subject.

mod client;
mod errors;
mod signing;
mod wire;
