//! Tests of the whole project, one module per area.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test's helpers fail the test")]

mod abandoned;
mod access;
mod accounts;
mod actions;
mod actors;
mod adoption;
mod allocations;
mod attachments;
mod audit;
mod bad_input;
mod bad_vendor;
mod catalog_refresh;
mod conditional;
mod copies;
mod desk;
mod erasure;
mod events;
mod examples;
mod forms;
mod indeterminate;
mod layers;
mod logging;
mod openapi;
mod pace;
mod queries;
mod reopening;
mod secrets;
mod statistics;
mod store_contract;
mod support;
mod sync;
mod template;
mod ticket_close;
mod ticket_create;
mod ticket_reply;
mod transcripts;
mod unreadable_tickets;
mod uploads;
mod vendor_contract;
mod vendor_texts;
mod verification;
mod watching;
mod withdrawing;
