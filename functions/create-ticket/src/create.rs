//! The use case: write the intent, call the vendor once, commit what it said.
//!
//! Three round trips to the table in sequence: the account, the intent (with every check of the catalog, in one
//! transaction), the outcome.

use std::time::Duration;

use http::{Response, StatusCode};
use shared::{
    access::with_keys,
    app::App,
    domain::{Account, CloudId, EntryKind, NewTicket, SourceId, Ticket, TicketState},
    error::{Error, ErrorKind, Result, Retry},
    http::{Invocation, idempotency, respond, stored_answer},
    ids,
    store::{IdempotencyRecord, NewTicketWrite, StoredAnswer},
    vendor::Capability,
};

use crate::{
    lookup::{self, Settled},
    request::{self, WantedTicket},
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
pub async fn create(app: &App, caller: &Caller<'_>, wanted: &WantedTicket) -> Result<Response<String>> {
    let account = app
        .store
        .account(&wanted.custom_id)
        .await?
        .ok_or_else(account_not_found)?;
    let capability = app.vendors.get(account.vendor).capability();
    require_tickets(capability)?;
    let ticket = wanted.for_vendor(ids::ticket_id(app.clock.as_ref(), app.random.as_ref())?);
    request::check(&ticket, capability)?;
    let ticket = with_default_source(ticket, capability)?;

    match write_intent(app, caller, &account, &ticket).await? {
        Intent::Written(stored) => send(app, caller, &account, &ticket, stored).await,
        Intent::KeyTaken(old) => match lookup::settle(app, caller, &account, &old).await? {
            Settled::Answer(answer, replayed) => respond(answer, replayed),
            // The earlier attempt certainly left no ticket and its key is free: this is a first attempt again.
            Settled::Free => match write_intent(app, caller, &account, &ticket).await? {
                Intent::Written(stored) => send(app, caller, &account, &ticket, stored).await,
                Intent::KeyTaken(_) => Err(idempotency::running()),
            },
        },
    }
}

enum Intent {
    Written(Ticket),
    KeyTaken(IdempotencyRecord),
}

async fn write_intent(
    app: &App,
    caller: &Caller<'_>,
    account: &Account,
    ticket: &NewTicket,
) -> Result<Intent> {
    let now_ms = app.clock.now_ms();
    let stored = creating(account, ticket, now_ms);
    let record = IdempotencyRecord::new(
        caller.hash.clone(),
        caller.request_hash.clone(),
        ticket.id.to_string(),
        now_ms,
        idempotency::lease_until(caller.invocation, now_ms),
    );
    match app
        .store
        .begin_ticket(&stored, account.site, &record, now_ms)
        .await?
    {
        NewTicketWrite::Written => Ok(Intent::Written(stored)),
        NewTicketWrite::KeyTaken(old) if old.request_hash != caller.request_hash => {
            Err(idempotency::reused())
        }
        NewTicketWrite::KeyTaken(old) => Ok(Intent::KeyTaken(old)),
        refusal => Err(explain(app, account, ticket, &refusal).await?),
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
    let vendor = app.vendors.get(account.vendor);
    let deadline = caller.invocation.keep_back(COMMIT_RESERVE);
    let answer = with_keys(app, account, deadline, |access| async move {
        vendor.create_ticket(&access, ticket).await
    })
    .await;
    match answer {
        Ok(cloud_id) => respond(commit(app, &caller.hash, stored, cloud_id).await?, false),
        Err(error) if error.retry() == Retry::OutcomeUnknown => {
            tracing::warn!(ticket.id = %stored.id, vendor = %account.vendor, error = ?error, "The outcome of a create is unknown.");
            outcome_unknown(app, stored).await
        }
        Err(error) => {
            app.store.remove_ticket(&stored.id, &caller.hash).await?;
            Err(error)
        }
    }
}

/// Writes that the vendor has the ticket, and gives the answer for it.
///
/// If the store does not take it the ticket is not lost: it stays due, and is found at the vendor by its marker.
pub async fn commit(app: &App, hash: &str, ticket: Ticket, cloud_id: CloudId) -> Result<StoredAnswer> {
    let open = Ticket {
        state: TicketState::Open,
        cloud_id: Some(cloud_id),
        ..ticket
    };
    let created = answer_for(StatusCode::CREATED, &open)?;
    match app.store.commit_created(&open, hash, &created).await {
        Ok(true) => Ok(created),
        Ok(false) => {
            let now = app
                .store
                .ticket(&open.id)
                .await?
                .ok_or_else(idempotency::running)?;
            answer_for(StatusCode::CREATED, &now)
        }
        Err(error) => {
            tracing::error!(ticket.id = %open.id, error = ?error, "A created ticket could not be committed; it will be found by its marker.");
            answer_for(
                StatusCode::ACCEPTED,
                &Ticket {
                    state: TicketState::Unknown,
                    cloud_id: None,
                    ..open
                },
            )
        }
    }
}

async fn outcome_unknown(app: &App, ticket: Ticket) -> Result<Response<String>> {
    // If this write fails the ticket stays `creating`, which is looked for in the same way once its lease is over.
    if let Err(error) = app.store.mark_unknown(&ticket.id, app.clock.now_ms()).await {
        tracing::error!(ticket.id = %ticket.id, error = ?error, "An unknown outcome could not be written.");
    }
    let unknown = Ticket {
        state: TicketState::Unknown,
        ..ticket
    };
    respond(answer_for(StatusCode::ACCEPTED, &unknown)?, false)
}

/// The answer that shows the ticket.
pub fn answer_for(status: StatusCode, ticket: &Ticket) -> Result<StoredAnswer> {
    stored_answer(status, Some(format!("/tickets/{}", ticket.id)), ticket)
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
        product_id: ticket.product_id.clone(),
        product_business_id: ticket.product_business_id.clone(),
        osm_id: ticket.osm_id.clone(),
        region_id: ticket.region_id.clone(),
        severity: ticket.severity,
        custom_id: account.id.clone(),
        create_time: now_ms,
        close_time: None,
        message_count: None,
        digest: None,
    }
}

/// A ticket that names no source comes from the vendor's default one, where it has sources.
fn with_default_source(ticket: NewTicket, capability: &Capability) -> Result<NewTicket> {
    let default = capability.default_source.map(SourceId::parse).transpose()?;
    Ok(NewTicket {
        osm_id: ticket.osm_id.or(default),
        ..ticket
    })
}

fn account_not_found() -> Error {
    Error::invalid_field("/custom_id", "there is no such account; GET /accounts lists them")
        .with_code("account_not_found")
}

fn require_tickets(capability: &Capability) -> Result<()> {
    if capability.tickets {
        return Ok(());
    }
    let message = format!(
        "{} has no API for tickets; create it in the vendor's console: {}",
        capability.vendor, capability.console
    );
    Err(Error::new(ErrorKind::Unsupported, message))
}

/// The problem for a refused intent. Looks further into the catalog where that makes the way out clearer.
async fn explain(
    app: &App,
    account: &Account,
    ticket: &NewTicket,
    refusal: &NewTicketWrite,
) -> Result<Error> {
    let (vendor, site) = (account.vendor, account.site);
    Ok(match refusal {
        NewTicketWrite::NoCatalog => Error::conflict(format!(
            "The catalog of {vendor} ({site}) was never refreshed, so the ticket can't be checked; POST /catalog/refresh first."
        ))
        .with_code("catalog_not_refreshed"),
        NewTicketWrite::NoProduct => {
            let removed = app.store.entry(vendor, site, EntryKind::Product, None, ticket.product_id.as_str()).await?;
            match removed {
                Some(_) => field("/product_id", "product_removed", "the vendor no longer lists this product"),
                None => field("/product_id", "product_not_found", "is not in the catalog; GET /catalog/products lists them"),
            }
        }
        NewTicketWrite::NoProblemType => explain_problem_type(app, account, ticket).await?,
        NewTicketWrite::RegionRequired => field(
            "/region_id",
            "region_required",
            "is required: this problem type reports a fault; GET /catalog/regions lists the regions",
        ),
        NewTicketWrite::NoSource => {
            field("/osm_id", "source_not_found", "is not in the catalog; GET /catalog/sources lists them")
        }
        NewTicketWrite::NoRegion => {
            field("/region_id", "region_not_found", "is not in the catalog; GET /catalog/regions lists them")
        }
        NewTicketWrite::NoAccount => account_not_found(),
        NewTicketWrite::Written | NewTicketWrite::KeyTaken(_) => Error::unexpected("A stored ticket was taken for a refusal."),
    })
}

async fn explain_problem_type(app: &App, account: &Account, ticket: &NewTicket) -> Result<Error> {
    const POINTER: &str = "/product_business_id";
    let (vendor, site) = (account.vendor, account.site);
    let (product, id) = (&ticket.product_id, ticket.product_business_id.as_str());
    let removed = app
        .store
        .entry(vendor, site, EntryKind::ProblemType, Some(product), id)
        .await?;
    if removed.is_some() {
        return Ok(field(
            POINTER,
            "problem_type_removed",
            "the vendor no longer lists this problem type",
        ));
    }
    let products = app.store.products_with_problem_type(vendor, site, id).await?;
    Ok(match products.first() {
        Some(other) => {
            let rule = format!("belongs to another product ({other})");
            Error::invalid_field(POINTER, rule).with_code("problem_type_of_other_product")
        }
        None => field(
            POINTER,
            "problem_type_not_found",
            "is not in the catalog; GET /catalog/product-types?product_id=… lists them",
        ),
    })
}

fn field(pointer: &str, code: &'static str, rule: &str) -> Error {
    Error::invalid_field(pointer, rule).with_code(code)
}
