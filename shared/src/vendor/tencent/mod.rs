//! Tencent.

mod client;

pub use client::Tencent;
