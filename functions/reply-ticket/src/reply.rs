//! The use case: a reply is a [`VendorWrite`].

use shared::{
    app::App,
    domain::{CloudId, Reply, ReplyId, ReplyState, Ticket, TicketId},
    error::{Error, Result},
    http::found,
    ids,
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    store::{IntentWrite, StoredAnswer, StoredReply},
    vendors::Session,
    workflow::{
        ReconcileOutcome, existing_account,
        reconcile_reply::{commit_accepted, indeterminate, reconcile_reply, sent_answer, unknown_answer},
        vendor_write::{self, BeginOutcome, COMMIT_RESERVE, EarlierAttempt, KeyedRequest, VendorWrite, WriteAnswer},
    },
};

use crate::request;

/// Sends the message, or replays the answer of the same key. Fails as [`vendor_write::run`], or for an invalid message.
pub async fn reply(app: &App, keyed: &KeyedRequest<'_>, id: &TicketId, content: &str) -> Result<WriteAnswer> {
    let ticket = found(app.store.ticket(id).await?, ProblemCode::TicketNotFound)?;
    let Some(cloud_id) = &ticket.cloud_id else { return Err(not_open(&ticket)) };
    let account = match existing_account(app, &ticket.account_id).await {
        Err(error) if error.is(ProblemCode::AccountNotFound) => {
            return vendor_write::replay_or(app, keyed, error).await;
        }
        account => account?,
    };
    let session = app.session(&account, keyed.invocation.deadline_minus(COMMIT_RESERVE));
    let capability = session.capability();
    if !capability.replies {
        let (vendor, console) = (account.vendor, capability.console(account.site));
        let message = format!("{vendor} has no API to reply; do it in the vendor's console: {console}");
        return Err(Error::new(ProblemCode::CapabilityNotSupported, message));
    }
    request::check(content, capability)?;
    let reply = ReplyTicket { app, session, ticket: &ticket, cloud_id, content };
    vendor_write::run(app, keyed, &reply, None).await
}

struct ReplyTicket<'a> {
    app: &'a App,
    session: Session<'a>,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    content: &'a str,
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
            candidates: Vec::new(),
        };
        let record = keyed.record(app, reply.id.as_str())?;
        let intent = StoredReply {
            reply,
            account_id: self.ticket.account_id.clone(),
            idempotency_hash: record.hash.clone(),
            lease: record.lease.clone(),
        };
        Ok(match app.store.begin_reply(&intent, &record, intent.reply.create_time).await? {
            IntentWrite::Written => BeginOutcome::Written(intent),
            IntentWrite::KeyTaken(record) => BeginOutcome::KeyTaken(record),
            IntentWrite::Refused => {
                let now = app.store.ticket(&self.ticket.id).await?;
                BeginOutcome::Refused(not_open(now.as_ref().unwrap_or(self.ticket)))
            }
        })
    }

    async fn send(&self, _: &StoredReply) -> Result<Option<String>> {
        self.session.reply_ticket(self.cloud_id, self.content).await
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

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    Error::new(ProblemCode::TicketNotOpen, format!("The ticket is {state}; only an open ticket takes messages."))
}
