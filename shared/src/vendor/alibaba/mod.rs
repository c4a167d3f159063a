//! Alibaba.

mod client;

pub use client::Alibaba;
