//! Tests of the whole project, one module per area.

mod accounts;
mod bad_input;
mod bad_vendor;
mod catalog_refresh;
mod queries;
mod store_contract;
mod support;
mod ticket_close;
mod ticket_create;
mod vendor_contract;
