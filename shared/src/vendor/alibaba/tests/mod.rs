//! Tests of this vendor's folder, one file per subject.

mod client;
mod signing;
mod wire;
