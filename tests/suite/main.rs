//! Tests of the whole project, one module per area.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test's helpers fail the test")]

mod abandoned;
mod accounts;
mod adoption;
mod allocations;
mod bad_input;
mod bad_vendor;
mod catalog_refresh;
mod copies;
mod events;
mod examples;
mod indeterminate;
mod layers;
mod logging;
mod openapi;
mod pace;
mod queries;
mod statistics;
mod store_contract;
mod support;
mod sync;
mod template;
mod ticket_close;
mod ticket_create;
mod ticket_reply;
mod unreadable_tickets;
mod vendor_contract;
mod vendor_texts;
mod verification;
mod watching;
