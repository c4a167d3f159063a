//! Huawei.

mod client;

pub use client::Huawei;
