//! The audit record of every call of a route that writes, done or refused.

use std::{future::Future, time::Duration};

use ::http::{Response, header::LOCATION};
use tokio::time::{Instant, timeout_at};

use super::{HttpCall, REPLAYED_HEADER};
use crate::{
    app::App,
    audit,
    domain::{AccountId, AuditRecord, TicketId},
    error::{Error, Result},
    ids,
    problem_code::ProblemCode,
    telemetry,
};

/// How long storing the record may take after the run's deadline. Lambda ends the run 500 ms after it.
const STORE_RESERVE: Duration = Duration::from_millis(300);

/// Whether the call is recorded: it may write something.
pub(super) fn is_recorded(call: &HttpCall) -> bool {
    let is_true = |(name, value): &(String, String)| name == "validate_only" && value == "true";
    let only_validates = call.route == "POST /tickets" && call.query.iter().any(is_true);
    !call.route.starts_with("GET ") && !only_validates
}

/// Does `work`, and stores the record of the call. Where that fails the answer is the same, since the work is done: the
/// log has the record then.
///
/// # Errors
/// Those of `work`; `Unexpected` without a source of randomness, before it.
pub(super) async fn record(
    app: &App,
    call: &HttpCall,
    work: impl Future<Output = Result<Response<String>>>,
) -> Result<Response<String>> {
    let (answer, record) = audit::surround(begun(app, call)?, work).await;
    if let Some(record) = record {
        let record = match &answer {
            Ok(answer) => with_answer(record, answer),
            Err(error) => AuditRecord { status: error.kind().status(), code: Some(error.code().to_owned()), ..record },
        };
        store(app, call, record).await;
    }
    answer
}

/// The record of a call with this answer. A replay has not read what it is about: the `Location` tells it.
fn with_answer(record: AuditRecord, answer: &Response<String>) -> AuditRecord {
    let headers = answer.headers();
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok()).unwrap_or_default();
    let account = || AccountId::parse(location.strip_prefix("/accounts/")?).ok();
    let ticket = || TicketId::parse(location.strip_prefix("/tickets/")?).ok();
    AuditRecord {
        status: answer.status().as_u16(),
        replayed: headers.contains_key(REPLAYED_HEADER),
        account_id: record.account_id.or_else(account),
        ticket_id: record.ticket_id.or_else(ticket),
        ..record
    }
}

fn begun(app: &App, call: &HttpCall) -> Result<AuditRecord> {
    Ok(AuditRecord {
        id: ids::new_id(app.clock.as_ref(), app.random.as_ref())?,
        time: app.clock.now_ms(),
        actor: call.invocation.actor.as_ref().map(|actor| actor.id.clone()),
        route: call.route.clone(),
        status: 0,
        code: None,
        replayed: false,
        account_id: None,
        ticket_id: None,
        subject_id: None,
        request_id: call.invocation.request_id.clone(),
        vendor_request_id: None,
    })
}

async fn store(app: &App, call: &HttpCall, mut record: AuditRecord) {
    let end = call.invocation.deadline.max(Instant::now()) + STORE_RESERVE;
    let work = async {
        // A call that was refused early has not read its ticket.
        if let (None, Some(ticket)) = (&record.account_id, &record.ticket_id)
            && let Ok(ticket) = app.store.ticket(ticket).await
        {
            record.account_id = ticket.map(|ticket| ticket.account_id);
        }
        app.store.put_audit_record(&record).await
    };
    let timed_out = || Error::unavailable("The store did not answer in time.").with_code(ProblemCode::StoreUnavailable);
    if let Err(error) = timeout_at(end, work).await.unwrap_or_else(|_| Err(timed_out())) {
        let error = Error::unexpected("An audit record could not be stored.").with_source(error);
        telemetry::record_defect(&error);
        tracing::error!(?record, ?error, "An audit record could not be stored.");
    }
}
