//! The use case: write the intent, call the vendor once, commit what it said.

use std::time::Duration;

use http::{Response, StatusCode};
use shared::{
    access::with_keys,
    app::App,
    domain::{Account, CloudId, Reply, ReplyState, Ticket, TicketId},
    error::{Error, Result, Retry},
    http::{idempotency, respond},
    ids,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{IdempotencyRecord, IntentWrite, StoredReply},
    workflow::{
        existing_account,
        reconcile_reply::{self, Settled},
    },
};

use crate::{
    earlier::{self, Earlier},
    request,
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

/// Sends the message, or gives the answer that the same key had before.
pub async fn reply(
    app: &App,
    caller: &Caller<'_>,
    ticket_id: &TicketId,
    content: &str,
) -> Result<Response<String>> {
    let ticket = app.store.ticket(ticket_id).await?;
    let ticket = ticket.ok_or_else(|| Error::new(ProblemCode::TicketNotFound, "There is no such ticket."))?;
    let Some(cloud_id) = &ticket.cloud_id else { return Err(not_open(&ticket)) };
    let Some(account) = app.store.account(&ticket.account_id).await? else {
        return without_account(app, caller, &ticket).await;
    };
    let capability = app.vendors.get(account.vendor).capability();
    if !capability.replies {
        return Err(not_supported(&account, capability.console(account.site)));
    }
    request::check(content, capability)?;

    let work = Work { app, caller, account: &account, ticket: &ticket, cloud_id, content };
    let old = match work.write_intent().await? {
        Intent::Written(stored) => return work.send(stored).await,
        Intent::KeyTaken(old) => old,
    };
    match earlier::settle(app, caller, &account, &ticket, &old).await? {
        Earlier::Answer(answer, replayed) => respond(answer, replayed),
        // The earlier attempt certainly did not arrive and its key is free: this is a first attempt again.
        Earlier::Free => match work.write_intent().await? {
            Intent::Written(stored) => work.send(stored).await,
            Intent::KeyTaken(_) => Err(idempotency::running()),
        },
    }
}

/// An account that is gone can send nothing, but an earlier attempt may have had its answer.
async fn without_account(app: &App, caller: &Caller<'_>, ticket: &Ticket) -> Result<Response<String>> {
    match app.store.record(&caller.hash, app.clock.now_ms()).await? {
        Some(IdempotencyRecord { answer: Some(answer), request_hash, .. })
            if request_hash == caller.request_hash =>
        {
            respond(answer, true)
        }
        _ => existing_account(app, &ticket.account_id).await.and(Err(not_open(ticket))),
    }
}

enum Intent {
    Written(StoredReply),
    KeyTaken(IdempotencyRecord),
}

struct Work<'a> {
    app: &'a App,
    caller: &'a Caller<'a>,
    account: &'a Account,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    content: &'a str,
}

impl Work<'_> {
    async fn write_intent(&self) -> Result<Intent> {
        let (app, caller) = (self.app, self.caller);
        let now_ms = app.clock.now_ms();
        let reply = Reply {
            id: ids::reply_id(app.clock.as_ref(), app.random.as_ref())?,
            ticket_id: self.ticket.id.clone(),
            state: ReplyState::Sending,
            content: self.content.to_owned(),
            create_time: now_ms,
            message_id: None,
        };
        let (hash, request_hash) = (caller.hash.clone(), caller.request_hash.clone());
        let record = idempotency::record(app, caller.invocation, hash, request_hash, reply.id.to_string())?;
        let stored = StoredReply {
            reply,
            account_id: self.account.id.clone(),
            idempotency_hash: record.hash.clone(),
            lease: record.lease.clone(),
        };
        match app.store.begin_reply(&stored, &record, now_ms).await? {
            IntentWrite::Written => Ok(Intent::Written(stored)),
            IntentWrite::KeyTaken(old) if old.request_hash == caller.request_hash => {
                Ok(Intent::KeyTaken(old))
            }
            IntentWrite::KeyTaken(_) => Err(idempotency::reused()),
            IntentWrite::Refused => self.ticket_moved().await,
        }
    }

    /// The ticket is not open (any more). What an earlier attempt left counts all the same.
    async fn ticket_moved(&self) -> Result<Intent> {
        let old = self.app.store.record(&self.caller.hash, self.app.clock.now_ms()).await?;
        match old {
            Some(old) if old.request_hash == self.caller.request_hash => Ok(Intent::KeyTaken(old)),
            Some(_) => Err(idempotency::reused()),
            None => {
                let now = self.app.store.ticket(&self.ticket.id).await?;
                Err(not_open(now.as_ref().unwrap_or(self.ticket)))
            }
        }
    }

    /// The one call to the vendor, and what becomes of the reply after it.
    async fn send(&self, stored: StoredReply) -> Result<Response<String>> {
        let (app, account, cloud_id, content) = (self.app, self.account, self.cloud_id, self.content);
        let vendor = app.vendors.get(account.vendor);
        let deadline = self.caller.invocation.deadline_minus(COMMIT_RESERVE);
        let answer = with_keys(app, account, deadline, |access| async move {
            vendor.reply_ticket(&access, cloud_id, content).await
        })
        .await;
        match answer {
            Ok(message_id) => self.commit(&stored, message_id.as_deref()).await,
            Err(error) if error.retry() == Retry::OutcomeUnknown => {
                tracing::warn!(ticket.id = %self.ticket.id, reply.id = %stored.reply.id, vendor = %account.vendor, error = ?error, "The outcome of a reply is unknown.");
                self.outcome_unknown(stored).await
            }
            Err(refusal) => {
                // If this fails the reply stays `sending` and is looked for in vain: the refusal is the answer all the same.
                if let Err(error) = app.store.remove_reply(&stored).await {
                    tracing::error!(ticket.id = %self.ticket.id, reply.id = %stored.reply.id, error = ?error, "A refused reply could not be removed.");
                }
                Err(refusal)
            }
        }
    }

    /// If the store does not take it the reply is not lost: it stays due, and is found among the ticket's messages.
    async fn commit(&self, stored: &StoredReply, message_id: Option<&str>) -> Result<Response<String>> {
        match reconcile_reply::commit(self.app, self.ticket, stored, message_id).await {
            Ok(Settled::Sent(answer)) => respond(answer, false),
            // A look of somebody else settled it first; the vendor has it, whatever that look made of it.
            Ok(_) => {
                let sent = Reply { state: ReplyState::Sent, ..stored.reply.clone() };
                respond(reconcile_reply::answer_for(StatusCode::CREATED, self.ticket, &sent)?, false)
            }
            Err(error) => {
                tracing::error!(ticket.id = %self.ticket.id, reply.id = %stored.reply.id, error = ?error, "A sent reply could not be committed; it will be found among the messages.");
                let unknown = Reply { state: ReplyState::Unknown, ..stored.reply.clone() };
                respond(reconcile_reply::answer_for(StatusCode::ACCEPTED, self.ticket, &unknown)?, false)
            }
        }
    }

    async fn outcome_unknown(&self, stored: StoredReply) -> Result<Response<String>> {
        let reply = stored.reply;
        // If this write fails the reply stays `sending`, which is looked for in the same way once its lease is over.
        let marked =
            self.app.store.mark_reply_unknown(&reply.ticket_id, &reply.id, self.app.clock.now_ms()).await;
        if let Err(error) = marked {
            tracing::error!(ticket.id = %self.ticket.id, reply.id = %reply.id, error = ?error, "An unknown outcome could not be written.");
        }
        let unknown = Reply { state: ReplyState::Unknown, ..reply };
        respond(reconcile_reply::answer_for(StatusCode::ACCEPTED, self.ticket, &unknown)?, false)
    }
}

fn not_supported(account: &Account, console: &str) -> Error {
    let message = format!("{} has no API to reply; do it in the vendor's console: {console}", account.vendor);
    Error::new(ProblemCode::CapabilityNotSupported, message)
}

fn not_open(ticket: &Ticket) -> Error {
    let state = ticket.state.as_str();
    Error::conflict(format!("The ticket is {state}; only an open ticket takes messages."))
        .with_code(ProblemCode::TicketNotOpen)
}
