//! The use case: write the intent, call the vendor once, commit what it said.
//!
//! Three round trips to the table in sequence: the account with all that the ticket chooses from, the intent, the
//! outcome.

use std::time::Duration;

use http::{Response, StatusCode};
use shared::{
    access::with_keys,
    app::App,
    domain::{Account, NewTicket, Site, SourceId, Ticket, TicketState},
    error::{Error, Result, Retry},
    http::{idempotency, respond},
    ids,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{IdempotencyRecord, IntentWrite},
    telemetry::{self, Subject},
    vendors::Capability,
    workflow::creation,
};

use crate::{
    catalog_check,
    lookup::{self, Settled},
    request::{self, CreateTicketRequest},
};

/// What is kept back of the time that is left, to commit the vendor's answer in.
const COMMIT_RESERVE: Duration = Duration::from_secs(3);

/// Who asks, and under which key.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    /// Names the idempotency record.
    pub hash: String,
    /// Digest of the request.
    pub request_hash: String,
    /// The run of the function.
    pub invocation: &'a Invocation,
}

/// Creates the ticket, or gives the answer that the same key had before.
pub async fn create(
    app: &App,
    caller: &Caller<'_>,
    wanted: &CreateTicketRequest,
) -> Result<Response<String>> {
    let Some((account, refs)) = app.store.resolve_refs(&wanted.catalog_refs()).await? else {
        return without_account(app, caller).await;
    };
    telemetry::set_subject(Subject::Account, &account.id);
    let capability = app.vendors.get(account.vendor).capability();
    require_tickets(capability, account.site)?;
    let ticket = wanted.for_vendor(ids::ticket_id(app.clock.as_ref(), app.random.as_ref())?);
    request::check(&ticket, capability)?;
    let ticket = with_default_source(ticket, capability)?;

    // What the catalog says counts for a first attempt only: an earlier one has its answer, whatever was removed since.
    let refusal = catalog_check::check(app, &account, wanted, &refs).await?;
    let intent = match &refusal {
        None => write_intent(app, caller, &account, &ticket).await?,
        Some(_) => match app.store.record(&caller.hash, app.clock.now_ms()).await? {
            Some(old) => key_taken(caller, old)?,
            None => return Err(refusal.unwrap_or_else(catalog_check::account_not_found)),
        },
    };
    match intent {
        Intent::Written(stored) => send(app, caller, &account, &ticket, *stored).await,
        Intent::KeyTaken(old) => match lookup::settle(app, caller, &account, &old).await? {
            Settled::Answer(answer, replayed) => respond(answer, replayed),
            // The earlier attempt certainly left no ticket and its key is free: this is a first attempt again.
            Settled::Free => match refusal {
                Some(refusal) => Err(refusal),
                None => again(app, caller, &account, &ticket).await,
            },
        },
    }
}

async fn again(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: &NewTicket,
) -> Result<Response<String>> {
    match write_intent(app, caller, account, ticket).await? {
        Intent::Written(stored) => send(app, caller, account, ticket, *stored).await,
        Intent::KeyTaken(_) => Err(idempotency::running()),
    }
}

/// An account that is gone has no tickets open, but an earlier attempt may have had its answer.
async fn without_account(app: &App, caller: &Caller<'_>) -> Result<Response<String>> {
    match app.store.record(&caller.hash, app.clock.now_ms()).await? {
        Some(IdempotencyRecord { answer: Some(answer), request_hash, .. })
            if request_hash == caller.request_hash =>
        {
            respond(answer, true)
        }
        _ => Err(catalog_check::account_not_found()),
    }
}

enum Intent {
    Written(Box<Ticket>),
    KeyTaken(IdempotencyRecord),
}

fn key_taken(caller: &Caller<'_>, old: IdempotencyRecord) -> Result<Intent> {
    if old.request_hash == caller.request_hash {
        Ok(Intent::KeyTaken(old))
    } else {
        Err(idempotency::reused())
    }
}

async fn write_intent(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: &NewTicket,
) -> Result<Intent> {
    let stored = creating(account, ticket, app.clock.now_ms());
    let (hash, request_hash) = (caller.hash.clone(), caller.request_hash.clone());
    let record = idempotency::record(app, caller.invocation, hash, request_hash, ticket.id.to_string())?;
    match app.store.begin_ticket(&stored, &record, stored.create_time).await? {
        IntentWrite::Written => Ok(Intent::Written(Box::new(stored))),
        IntentWrite::KeyTaken(old) => key_taken(caller, old),
        IntentWrite::Refused => Err(catalog_check::account_not_found()),
    }
}

/// The one call to the vendor, and what becomes of the ticket after it.
async fn send(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: &NewTicket,
    stored: Ticket,
) -> Result<Response<String>> {
    telemetry::set_subject(Subject::Ticket, &ticket.id);
    let vendor = app.vendors.get(account.vendor);
    let deadline = caller.invocation.deadline_minus(COMMIT_RESERVE);
    let answer =
        with_keys(
            app,
            account,
            deadline,
            |access| async move { vendor.create_ticket(&access, ticket).await },
        )
        .await;
    match answer {
        Ok(cloud_id) => match creation::commit(app, Some(&caller.hash), &stored, cloud_id).await? {
            Some(answer) => respond(answer, false),
            None => outcome_unknown(app, stored).await,
        },
        Err(error) if error.retry() == Retry::OutcomeUnknown => {
            tracing::warn!(ticket.id = %stored.id, vendor = %account.vendor, error = ?error, "The outcome of a create is unknown.");
            outcome_unknown(app, stored).await
        }
        Err(refusal) => {
            // If this fails the ticket stays `creating` and is looked for in vain: the refusal is the answer all the same.
            if let Err(error) = app.store.remove_ticket(&stored, &caller.hash).await {
                tracing::error!(ticket.id = %stored.id, error = ?error, "A refused ticket could not be removed.");
            }
            Err(refusal)
        }
    }
}

async fn outcome_unknown(app: &App, ticket: Ticket) -> Result<Response<String>> {
    // If this write fails the ticket stays `creating`, which is looked for in the same way once its lease is over.
    if let Err(error) = app.store.mark_unknown(&ticket.id, app.clock.now_ms()).await {
        tracing::error!(ticket.id = %ticket.id, error = ?error, "An unknown outcome could not be written.");
    }
    let unknown = Ticket { state: TicketState::Unknown, ..ticket };
    respond(creation::answer_for(StatusCode::ACCEPTED, &unknown)?, false)
}

fn creating(account: &Account, ticket: &NewTicket, now_ms: i64) -> Ticket {
    Ticket {
        id: ticket.id.clone(),
        cloud_id: None,
        status: TicketState::Creating.status(),
        state: TicketState::Creating,
        name: ticket.name.clone(),
        description: ticket.description.clone(),
        email: ticket.email.clone(),
        vendor: account.vendor,
        product_id: Some(ticket.product_id.clone()),
        problem_type_id: Some(ticket.problem_type_id.clone()),
        source_id: ticket.source_id.clone(),
        region_id: ticket.region_id.clone(),
        severity: ticket.severity,
        account_id: account.id.clone(),
        adopted: false,
        vendor_status: None,
        vendor_phase: None,
        close_error: None,
        create_time: now_ms,
        close_time: None,
        message_count: None,
        digest: None,
    }
}

/// A ticket that names no source comes from the vendor's default one, where it has sources.
fn with_default_source(ticket: NewTicket, capability: &Capability) -> Result<NewTicket> {
    let default = capability.default_source.map(SourceId::parse).transpose()?;
    Ok(NewTicket { source_id: ticket.source_id.or(default), ..ticket })
}

fn require_tickets(capability: &Capability, site: Site) -> Result<()> {
    if capability.tickets {
        return Ok(());
    }
    let message = format!(
        "{} has no API for tickets; create it in the vendor's console: {}",
        capability.vendor,
        capability.console(site)
    );
    Err(Error::new(ProblemCode::CapabilityNotSupported, message))
}
