//! The use cases: a reply, and one that opens its ticket again, is a [`VendorWrite`].

use shared::{
    app::App,
    audit,
    domain::{Account, CloudId, FilePurpose, Reply, ReplyId, ReplyState, Ticket, TicketId, TicketState},
    error::{Error, Result},
    http::found,
    ids,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{IntentWrite, StoredAnswer, StoredReply},
    telemetry,
    vendors::{Capability, Session},
    workflow::{
        ReconcileOutcome, existing_account,
        outgoing_files::{self, UploadedFile},
        precondition::Precondition,
        reconcile_reply::{commit_accepted, indeterminate, reconcile_reply, sent_answer, unknown_answer},
        vendor_write::{self, BeginOutcome, COMMIT_RESERVE, EarlierAttempt, KeyedRequest, VendorWrite, WriteAnswer},
    },
};

use crate::request::{self, NewMessage};

/// What is done with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyKind {
    /// It is added to an open ticket.
    Message,
    /// It opens a closed ticket again.
    Reopening,
}

impl ReplyKind {
    /// Why a ticket in another state does not take it.
    fn wrong_state(self, ticket: &Ticket) -> Error {
        let state = ticket.state.as_str();
        match self {
            ReplyKind::Message => {
                let message = format!("The ticket is {state}; only an open ticket takes messages.");
                Error::new(ProblemCode::TicketNotOpen, message)
            }
            ReplyKind::Reopening if ticket.erased.is_some() => {
                Error::new(ProblemCode::TicketErased, ProblemCode::TicketErased.meaning())
            }
            ReplyKind::Reopening if ticket.state == TicketState::Closed => account_deleting(),
            ReplyKind::Reopening => {
                let message = format!("The ticket is {state}; only a closed ticket is opened again.");
                Error::new(ProblemCode::TicketNotClosed, message)
            }
        }
    }

    /// Whether the vendor can do it.
    fn check(self, capability: &Capability, account: &Account) -> Result<()> {
        let (can, what) = match self {
            ReplyKind::Message => (capability.replies, "reply to a ticket"),
            ReplyKind::Reopening => (capability.reopening, "open a ticket again"),
        };
        if can { Ok(()) } else { Err(capability.not_supported(account.site, what)) }
    }

    /// Why the account's tickets do not take a first attempt.
    fn refusal(self, account: &Account) -> Option<Error> {
        (self == ReplyKind::Reopening && account.deleting.is_some()).then(account_deleting)
    }
}

fn account_deleting() -> Error {
    let message = "The account is being removed, so no ticket of it is opened again.";
    Error::new(ProblemCode::AccountDeleting, message)
}

/// Sends the message, or replays the answer of the same key. `precondition`: what must hold for a first attempt, and
/// why it does not. Fails as [`vendor_write::run`], or for an invalid message.
pub async fn reply(
    app: &App,
    keyed: &KeyedRequest<'_>,
    (precondition, unmet): (Precondition<'_>, Option<Error>),
    id: &TicketId,
    body: &NewMessage,
    kind: ReplyKind,
) -> Result<WriteAnswer> {
    let ticket = found(app.store.ticket(id).await?, ProblemCode::TicketNotFound)?;
    telemetry::set_account(&ticket.account_id);
    let Some(cloud_id) = &ticket.cloud_id else { return Err(kind.wrong_state(&ticket)) };
    let account = match existing_account(app, &ticket.account_id).await {
        Err(error) if error.is(ProblemCode::AccountNotFound) => {
            return vendor_write::replay_or(app, keyed, error).await;
        }
        account => account?,
    };
    let session = app.session(&account, keyed.invocation.deadline_minus(COMMIT_RESERVE));
    let capability = session.capability();
    kind.check(capability, &account)?;
    request::check(&body.content, capability)?;
    // For a first attempt only: an upload expires, and a replay keeps its answer.
    let (files, refusal) = match outgoing_files::check(app, &session, &body.attachments, FilePurpose::Reply).await {
        Ok(files) => (files, kind.refusal(&account).or(unmet)),
        Err(error) => (Vec::new(), Some(error)),
    };
    let content = &body.content;
    let reply = ReplyTicket { app, session, precondition, ticket: &ticket, cloud_id, kind, content, files };
    vendor_write::run(app, keyed, &reply, refusal).await
}

struct ReplyTicket<'a> {
    app: &'a App,
    session: Session<'a>,
    precondition: Precondition<'a>,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    kind: ReplyKind,
    content: &'a str,
    files: Vec<UploadedFile>,
}

impl VendorWrite for ReplyTicket<'_> {
    type Intent = StoredReply;
    /// The vendor's id of the message, where it gives one.
    type Receipt = Option<String>;

    fn subject<'a>(&self, intent: &'a StoredReply) -> &'a str {
        intent.reply.id.as_str()
    }

    async fn begin(&self, keyed: &KeyedRequest<'_>) -> Result<BeginOutcome<StoredReply>> {
        let app = self.app;
        let reply = Reply {
            id: ids::new_id(app.clock.as_ref(), app.random.as_ref())?,
            ticket_id: self.ticket.id.clone(),
            state: ReplyState::Sending,
            content: self.content.to_owned(),
            create_time: app.clock.now_ms(),
            message_id: None,
            reopening: self.kind == ReplyKind::Reopening,
            created_by: telemetry::actor(),
            resolved_by: None,
            candidates: Vec::new(),
        };
        let record = keyed.record(app, reply.id.as_str())?;
        let intent = StoredReply {
            reply,
            account_id: self.ticket.account_id.clone(),
            undoes_close: self.ticket.close_time.filter(|_| self.kind == ReplyKind::Reopening),
            idempotency_hash: record.hash.clone(),
            lease: record.lease.clone(),
        };
        let mut precondition = self.precondition.clone();
        loop {
            let written = precondition.store().begin_reply(&intent, &record, intent.reply.create_time).await?;
            return Ok(match written {
                IntentWrite::Written => {
                    audit::set_subject(intent.reply.id.as_str());
                    BeginOutcome::Written(intent)
                }
                IntentWrite::KeyTaken(record) => {
                    audit::set_subject(&record.subject);
                    BeginOutcome::KeyTaken(record)
                }
                IntentWrite::Refused if precondition.renew().await? => continue,
                IntentWrite::Refused => {
                    let now = app.store.ticket(&self.ticket.id).await?;
                    BeginOutcome::Refused(self.kind.wrong_state(now.as_ref().unwrap_or(self.ticket)))
                }
            });
        }
    }

    async fn send(&self, intent: &StoredReply) -> Result<Option<String>> {
        if self.kind == ReplyKind::Reopening {
            return self.session.reopen_ticket(self.cloud_id, self.content).await.map(|()| None);
        }
        let hash = &intent.idempotency_hash;
        let files = outgoing_files::send(self.app, &self.session, hash, FilePurpose::Reply, &self.files).await?;
        self.session.reply_ticket(self.cloud_id, self.content, &files).await
    }

    async fn commit(&self, intent: &StoredReply, message_id: Option<String>) -> Result<Option<StoredAnswer>> {
        match commit_accepted(self.app, self.ticket, intent, message_id.as_deref()).await? {
            ReconcileOutcome::Found(answer) => Ok(Some(answer)),
            // Another run reconciled it first. The vendor has the message in any case.
            _ => {
                let sent = Reply { state: ReplyState::Sent, message_id, ..intent.reply.clone() };
                sent_answer(self.ticket, &sent).map(Some)
            }
        }
    }

    async fn remove(&self, intent: &StoredReply) -> Result<()> {
        self.app.store.remove_reply(intent).await.map(|_| ())
    }

    async fn mark_unknown(&self, intent: &StoredReply) -> Result<()> {
        self.app.store.mark_reply_unknown(&self.ticket.id, &intent.reply.id, self.app.clock.now_ms()).await
    }

    fn unknown_answer(&self, intent: &StoredReply) -> Result<StoredAnswer> {
        unknown_answer(self.ticket, &intent.reply)
    }

    async fn earlier_attempt(&self, subject: &str) -> Result<EarlierAttempt<StoredReply>> {
        let Some(intent) = self.app.store.reply(&self.ticket.id, &ReplyId::parse(subject)?).await? else {
            return Ok(EarlierAttempt::Gone);
        };
        Ok(match intent.reply.state {
            ReplyState::Sending => EarlierAttempt::Pending { intent, may_run: true },
            ReplyState::Unknown => EarlierAttempt::Pending { intent, may_run: false },
            ReplyState::Sent => EarlierAttempt::Committed(sent_answer(self.ticket, &intent.reply)?),
            ReplyState::Indeterminate => EarlierAttempt::Indeterminate(indeterminate(&intent.reply)),
        })
    }

    async fn reconcile(&self, intent: &StoredReply) -> Result<ReconcileOutcome> {
        if seeded_bugs::enabled(SeededBug::ReplyAgainWithoutReconcile) {
            return self.remove(intent).await.map(|()| ReconcileOutcome::Absent);
        }
        reconcile_reply(self.app, &self.session, self.ticket, intent).await
    }
}
