//! The use case: a create is a [`VendorWrite`].
//!
//! It makes three calls to the table, one after the other: read the account with the ticket's catalog entries, write
//! the intent, write the outcome.

use shared::{
    app::App,
    domain::{Account, CloudId, NewTicket, SourceId, Ticket, TicketId, TicketState},
    error::{Error, Result},
    ids,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{IntentWrite, StoredAnswer, StoredTicket},
    telemetry,
    vendors::Session,
    workflow::{
        ReconcileOutcome,
        reconcile_ticket::{commit_created, created_answer, indeterminate, reconcile_ticket, unknown_answer},
        vendor_write::{self, BeginOutcome, COMMIT_RESERVE, EarlierAttempt, KeyedRequest, VendorWrite, WriteAnswer},
    },
};

use crate::{
    catalog_check,
    request::{self, CreateTicketRequest},
};

/// Creates the ticket, or replays the answer of the same key. Fails as [`vendor_write::run`], or for an invalid ticket.
pub async fn create(app: &App, keyed: &KeyedRequest<'_>, body: &CreateTicketRequest) -> Result<WriteAnswer> {
    let Some((account, refs)) = app.store.resolve_refs(&body.catalog_refs()).await? else {
        return vendor_write::replay_or(app, keyed, catalog_check::account_not_found()).await;
    };
    telemetry::set_account(&account.id);
    let session = app.session(&account, keyed.invocation.deadline_minus(COMMIT_RESERVE));
    let capability = session.capability();
    if !capability.tickets {
        let (vendor, console) = (capability.vendor, capability.console(account.site));
        let message = format!("{vendor} has no API for tickets; create it in the vendor's console: {console}");
        return Err(Error::new(ProblemCode::CapabilityNotSupported, message));
    }
    let ticket = body.for_vendor(ids::new_id(app.clock.as_ref(), app.random.as_ref())?);
    request::check(&ticket, capability)?;
    let default_source = capability.default_source.map(SourceId::parse).transpose()?;
    let ticket = NewTicket { source_id: ticket.source_id.or(default_source), ..ticket };
    // The catalog is checked for a first attempt only: a replay keeps its answer after an entry was removed.
    let refusal = catalog_check::check(app, &account, body, &refs).await?;
    let create = CreateTicket { app, session, account: &account, ticket };
    vendor_write::run(app, keyed, &create, refusal).await
}

struct CreateTicket<'a> {
    app: &'a App,
    session: Session<'a>,
    account: &'a Account,
    ticket: NewTicket,
}

impl VendorWrite for CreateTicket<'_> {
    type Intent = StoredTicket;
    type Receipt = CloudId;

    fn subject<'a>(&self, intent: &'a StoredTicket) -> &'a str {
        intent.ticket.id.as_str()
    }

    async fn begin(&self, keyed: &KeyedRequest<'_>) -> Result<BeginOutcome<StoredTicket>> {
        let record = keyed.record(self.app, self.ticket.id.as_str())?;
        let ticket = creating(self.account, &self.ticket, self.app.clock.now_ms());
        Ok(match self.app.store.begin_ticket(&ticket, &record, ticket.create_time).await? {
            IntentWrite::Written => {
                telemetry::set_ticket(&ticket.id);
                BeginOutcome::Written(StoredTicket {
                    idempotency_hash: Some(record.hash),
                    lease: Some(record.lease),
                    ..StoredTicket::new(ticket)
                })
            }
            IntentWrite::KeyTaken(record) => BeginOutcome::KeyTaken(record),
            IntentWrite::Refused => BeginOutcome::Refused(catalog_check::account_not_found()),
        })
    }

    async fn send(&self, _: &StoredTicket) -> Result<CloudId> {
        self.session.create_ticket(&self.ticket).await
    }

    async fn commit(&self, intent: &StoredTicket, cloud_id: CloudId) -> Result<Option<StoredAnswer>> {
        let hash = intent.idempotency_hash.as_deref();
        commit_created(self.app, self.account, hash, &intent.ticket, cloud_id).await
    }

    async fn remove(&self, intent: &StoredTicket) -> Result<()> {
        let hash = intent.idempotency_hash.as_deref().unwrap_or_default();
        self.app.store.remove_ticket(&intent.ticket, hash).await.map(|_| ())
    }

    async fn mark_unknown(&self, intent: &StoredTicket) -> Result<()> {
        self.app.store.mark_unknown(&intent.ticket.id, self.app.clock.now_ms()).await
    }

    fn unknown_answer(&self, intent: &StoredTicket) -> Result<StoredAnswer> {
        unknown_answer(&intent.ticket)
    }

    async fn earlier_attempt(&self, subject: &str) -> Result<EarlierAttempt<StoredTicket>> {
        let Some(intent) = self.app.store.stored_ticket(&TicketId::parse(subject)?).await? else {
            return Ok(EarlierAttempt::Gone);
        };
        Ok(match intent.ticket.state {
            TicketState::Creating => EarlierAttempt::Pending { intent, may_run: true },
            TicketState::Unknown => EarlierAttempt::Pending { intent, may_run: false },
            TicketState::Indeterminate => EarlierAttempt::Indeterminate(indeterminate(&intent.ticket)),
            TicketState::Open | TicketState::Closing | TicketState::Closed => {
                EarlierAttempt::Committed(created_answer(&intent.ticket)?)
            }
        })
    }

    async fn reconcile(&self, intent: &StoredTicket) -> Result<ReconcileOutcome> {
        if seeded_bugs::enabled(SeededBug::CreateAgainWithoutReconcile) {
            return self.remove(intent).await.map(|()| ReconcileOutcome::Absent);
        }
        reconcile_ticket(self.app, &self.session, intent).await
    }
}

fn creating(account: &Account, new: &NewTicket, now_ms: i64) -> Ticket {
    Ticket {
        email: new.email.clone(),
        product_id: Some(new.product_id.clone()),
        problem_type_id: Some(new.problem_type_id.clone()),
        source_id: new.source_id.clone(),
        region_id: new.region_id.clone(),
        severity: new.severity,
        ..Ticket::new(new.id.clone(), account, new.name.clone(), new.description.clone(), now_ms)
    }
}
