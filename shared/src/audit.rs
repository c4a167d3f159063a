//! The audit record of the running call. `http` begins it, and stores it after the call. A use case whose last write
//! is a transaction may store it there, so that the call makes no round trip more: [`record`], then [`stored`].

use std::{
    future::Future,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{domain::AuditRecord, telemetry};

tokio::task_local! {
    static CURRENT: Mutex<CallAudit>;
}

struct CallAudit {
    record: AuditRecord,
    is_stored: bool,
}

/// Does `work` as a call with the record `begun`. Gives its result, and the record where the work has not stored it.
pub async fn surround<F: Future>(begun: AuditRecord, work: F) -> (F::Output, Option<AuditRecord>) {
    let work = async {
        let done = work.await;
        let is_stored = with_current(|audit| audit.is_stored).unwrap_or_default();
        (done, if is_stored { None } else { record() })
    };
    CURRENT.scope(Mutex::new(CallAudit { record: begun, is_stored: false }), work).await
}

/// The record of the running call, with what is known by now. `None` outside a call that is recorded.
pub fn record() -> Option<AuditRecord> {
    let begun = with_current(|audit| audit.record.clone())?;
    Some(AuditRecord { account_id: telemetry::account(), ticket_id: telemetry::ticket(), ..begun })
}

/// The record of the running call is stored.
pub fn stored() {
    with_current(|audit| audit.is_stored = true);
}

/// The running call is about this reply, message, upload or refresh run.
pub fn set_subject(id: &str) {
    with_current(|audit| audit.record.subject_id = Some(id.to_owned()));
}

/// The running call has written something at its vendor, who names the request so.
pub fn set_vendor_request(id: String) {
    with_current(|audit| audit.record.vendor_request_id = Some(id));
}

/// Nothing happens outside a call that is recorded.
fn with_current<T>(change: impl FnOnce(&mut CallAudit) -> T) -> Option<T> {
    let lock = |audit: &Mutex<CallAudit>| {
        let mut audit: MutexGuard<'_, _> = audit.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut audit)
    };
    CURRENT.try_with(lock).ok()
}
