//! Tests of this vendor's folder, one file per subject.

mod client;
mod errors;
mod finding;
mod signing;
mod wire;
