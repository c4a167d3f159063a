//! The use case: a create is a [`VendorWrite`].
//!
//! It makes three calls to the table, one after the other: read the account with the ticket's catalog entries, write
//! the intent, write the outcome. Files, and a form that is not stored or is old, need more.

use std::collections::BTreeSet;

use shared::{
    app::App,
    audit,
    domain::{Account, CloudId, FilePurpose, NewTicket, SourceId, Ticket, TicketForm, TicketId, TicketState},
    error::{Error, Result},
    http::access::account_not_found,
    ids,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{IntentWrite, ResolvedRefs, StoredAnswer, StoredTicket},
    telemetry,
    vendors::Session,
    workflow::{
        ReconcileOutcome,
        outgoing_files::{self, UploadedFile},
        reconcile_ticket::{commit_created, created_answer, indeterminate, reconcile_ticket, unknown_answer},
        vendor_write::{self, BeginOutcome, COMMIT_RESERVE, EarlierAttempt, KeyedRequest, VendorWrite, WriteAnswer},
    },
};

use crate::{
    broken::BrokenFields,
    catalog_check,
    form::{self, FormReader},
    request::{self, CreateTicketRequest},
};

/// Creates the ticket, or replays the answer of the same key. Fails as [`vendor_write::run`], or for an invalid ticket.
/// `validates`: everything is checked, and nothing is written, here or at the vendor.
pub async fn create(
    app: &App,
    keyed: &KeyedRequest<'_>,
    body: &CreateTicketRequest,
    validates: bool,
) -> Result<WriteAnswer> {
    let Some((account, refs)) = app.store.resolve_refs(&body.catalog_refs()).await? else {
        if validates {
            return Err(account_not_found());
        }
        return vendor_write::replay_or(app, keyed, account_not_found()).await;
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
    // Catalog and form are checked for a first attempt only: a replay keeps its answer after an entry was removed.
    let reader = FormReader {
        app,
        session: &session,
        of: (&body.product_id, &body.problem_type_id),
        keeps: !validates,
        key_hash: (!validates).then_some(&keyed.key_hash),
    };
    // So are the files: an upload expires.
    let files = outgoing_files::check(app, &session, &body.attachments, FilePurpose::NewTicket).await;
    let (form, refusal) = check(&reader, &ticket, body, refs, files.is_ok()).await?;
    let default_source = capability.default_source.map(SourceId::parse).transpose()?;
    let sensitive = sensitive_keys(&ticket, form.as_ref());
    let ticket = NewTicket { source_id: ticket.source_id.or(default_source), sensitive, ..ticket };
    let (files, refusal) = match (files, refusal) {
        (Ok(files), refusal) => (files, refusal),
        (Err(error), refusal) => (Vec::new(), refusal.or(Some(error))),
    };
    if validates && account.deleting.is_some() {
        return Err(account_not_found());
    }
    if validates {
        return refusal.map_or_else(|| valid(&creating(&account, &ticket, app.clock.now_ms())), Err);
    }
    let create = CreateTicket { app, session, account: &account, ticket, files };
    vendor_write::run(app, keyed, &create, refusal).await
}

/// Checks the ticket by capability, catalog and form, and names every field that breaks a rule. A form that an earlier
/// call read refuses nothing once it is older than some minutes: it is read again before. `has_files`: its files are
/// not refused.
async fn check(
    reader: &FormReader<'_>,
    ticket: &NewTicket,
    body: &CreateTicketRequest,
    refs: ResolvedRefs,
    has_files: bool,
) -> Result<(Option<TicketForm>, Option<Error>)> {
    let (app, capability) = (reader.app, reader.session.capability());
    let account = reader.session.account();
    if let Some(refusal) = catalog_check::check_kind(app, account, &body.problem_type_id, &refs).await? {
        return Ok((refs.form, Some(refusal)));
    }
    let mut broken = BrokenFields::default();
    request::check(ticket, capability, &mut broken);
    catalog_check::check_choices(body, &refs, capability, &mut broken);
    // Without a call to the vendor where the ticket is refused in any case.
    let mut current = refs.form;
    if broken.is_empty() && has_files {
        match reader.current(current.take()).await {
            Ok(form) => current = form,
            Err(refusal) => return Ok((None, Some(refusal))),
        }
    }
    let mut of_form = BrokenFields::default();
    form::check(&ticket.details, capability, current.as_ref(), &mut of_form);
    let is_old = current.as_ref().is_some_and(|form| !form.may_refuse(app.clock.now_ms()));
    if broken.is_empty() && has_files && !of_form.is_empty() && is_old {
        of_form = BrokenFields::default();
        match reader.read().await {
            Ok(Some(form)) => form::check(&ticket.details, capability, Some(current.insert(form)), &mut of_form),
            // The vendor decides.
            Ok(None) => {}
            Err(refusal) => return Ok((current, Some(refusal))),
        }
    }
    broken.extend(of_form);
    Ok((current, broken.into_error()))
}

/// The keys of `extra` that are not stored: those that the vendor calls sensitive, and all where it did not tell them.
fn sensitive_keys(ticket: &NewTicket, form: Option<&TicketForm>) -> BTreeSet<String> {
    let is_plain = |key: &str| form.is_some_and(|form| form.extra.iter().any(|one| one.key == key && !one.sensitive));
    ticket.details.extra.keys().filter(|key| !is_plain(key)).cloned().collect()
}

/// The ticket as it would be stored. Nothing has its id.
fn valid(ticket: &Ticket) -> Result<WriteAnswer> {
    Ok(WriteAnswer { answer: StoredAnswer::new(200, None, ticket)?, replayed: false })
}

struct CreateTicket<'a> {
    app: &'a App,
    session: Session<'a>,
    account: &'a Account,
    ticket: NewTicket,
    files: Vec<UploadedFile>,
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
            IntentWrite::Refused => BeginOutcome::Refused(account_not_found()),
        })
    }

    async fn send(&self, intent: &StoredTicket) -> Result<CloudId> {
        let hash = intent.idempotency_hash.as_deref().unwrap_or_default();
        let files = outgoing_files::send(self.app, &self.session, hash, FilePurpose::NewTicket, &self.files).await?;
        if files.is_empty() {
            return self.session.create_ticket(&self.ticket).await;
        }
        self.session.create_ticket(&NewTicket { files, ..self.ticket.clone() }).await
    }

    async fn commit(&self, intent: &StoredTicket, cloud_id: CloudId) -> Result<Option<StoredAnswer>> {
        let hash = intent.idempotency_hash.as_deref();
        let (ticket, audit) = (&intent.ticket, audit::record());
        commit_created(self.app, &self.app.store, self.account, hash, ticket, cloud_id, audit).await
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
    let mut extra = new.details.extra.clone();
    extra.retain(|key, _| !new.sensitive.contains(key));
    Ticket {
        email: new.email.clone(),
        product_id: Some(new.product_id.clone()),
        problem_type_id: Some(new.problem_type_id.clone()),
        source_id: new.source_id.clone(),
        region_id: new.region_id.clone(),
        created_by: telemetry::actor(),
        severity: new.severity,
        severity_id: new.details.severity_id.clone(),
        extra,
        cc: new.details.cc.clone(),
        contact: new.details.contact.clone(),
        ..Ticket::new(new.id.clone(), account, new.name.clone(), new.description.clone(), now_ms)
    }
}
