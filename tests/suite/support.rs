//! A stack to test, and API Gateway events for its functions.

mod accounts;
mod answer;
mod aws_in_process;
mod cases;
mod clock;
mod contract;
mod counting;
mod documents;
mod event;
mod fetch;
mod files;
mod logs;
mod simulated;
mod statistics;
mod table;
mod vendor_api;
mod virtual_world;
mod world;

pub use self::{
    accounts::Accounts,
    answer::Answer,
    cases::{CaseIterator, cases},
    clock::{CACHED, DAY, LEASE, NO_SETTLE_TIME, REFUSED_KEYS_PAUSE, SETTLE_TIME, TestClock, until},
    contract::{DOCUMENT, PAGE, assert_conforms, example_misfit, operation},
    counting::AwsCalls,
    documents::{Documents, Point},
    event::ApiEvent,
    fetch::fetch,
    logs::Logs,
    simulated::{Simulated, demo_keys, second_keys},
    table::{without, without_next_copy},
    vendor_api::{VendorApi, api, refuse},
    virtual_world::{Process, VirtualWorld},
    world::World,
};

/// A lease to close a ticket, named by its end.
pub fn lease_until(until_ms: i64) -> shared::store::Lease {
    shared::store::Lease { token: format!("lease-{until_ms}"), until_ms }
}
