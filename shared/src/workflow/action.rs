//! Urging, rating and withdrawing a message. The idempotency record is all of the intent.
//!
//! Nothing at a vendor shows whether a ticket was urged, and at one of them whether it was rated, so an unknown outcome
//! of that stays unknown. As long as the record of its key lives, the key answers that and calls nobody; a caller who
//! wants it done again sends a new key. When the same key comes again, a withdrawal is read in the conversation, and a
//! rating where its vendor may show it: one that is not shown proves nothing, and is not sent again.

use serde::Serialize;

use super::{
    ReconcileOutcome,
    precondition::Precondition,
    vendor_write::{self, BeginOutcome, EarlierAttempt, KeyedRequest, VendorWrite, WriteAnswer, key_in_use},
    withdraw::{WasDone, is_withdrawn},
};
use crate::{
    app::App,
    domain::{ArchivedMessage, CloudId, GivenRating, Rating, Ticket, TicketId, Withdrawal},
    error::{Error, Result},
    ids,
    seeded_bugs::{self, SeededBug},
    store::{ActionCommit, IdempotencyRecord, IntentWrite, StoredAnswer},
    telemetry,
    vendors::Session,
};

/// What is done with a ticket at its vendor.
#[derive(Clone, Copy, Debug)]
pub enum TicketAction<'a> {
    /// Support is urged to go on.
    Urge,
    /// The support is rated.
    Rate(&'a Rating),
    /// A customer's message is withdrawn.
    Withdraw(&'a ArchivedMessage),
}

/// Whether an action was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ActionState {
    /// The vendor did it.
    Done,
    /// The vendor gave no definite answer. The same key does not urge or rate again, but reads the rating at Huawei
    /// Cloud; of a withdrawal it reads the conversation, and withdraws the message where the vendor has not.
    Unknown,
}

/// The outcome of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionOutcome {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Whether it was done.
    pub state: ActionState,
    /// When it was done, Unix milliseconds; of an `unknown` one, when the request came.
    pub time: i64,
}

/// Does it, or replays the answer of the same key. `ticket` has the vendor's id `cloud_id`. `precondition` and
/// `refusal`: what must hold for a first attempt, and why it can't be done.
///
/// # Errors
/// As [`vendor_write::run`].
pub async fn run(
    app: &App,
    request: &KeyedRequest<'_>,
    session: Session<'_>,
    (ticket, cloud_id): (&Ticket, &CloudId),
    action: TicketAction<'_>,
    precondition: Precondition<'_>,
    refusal: Option<Error>,
) -> Result<WriteAnswer> {
    let (key_hash, began_ms) = (&*request.key_hash, app.clock.now_ms());
    let write = ActionWrite { app, session, precondition, ticket, cloud_id, action, key_hash, began_ms };
    vendor_write::run(app, request, &write, refusal).await
}

struct ActionWrite<'a> {
    app: &'a App,
    session: Session<'a>,
    precondition: Precondition<'a>,
    ticket: &'a Ticket,
    cloud_id: &'a CloudId,
    action: TicketAction<'a>,
    key_hash: &'a str,
    began_ms: i64,
}

impl ActionWrite<'_> {
    fn answer(&self, state: ActionState, time: i64) -> Result<StoredAnswer> {
        let status = if state == ActionState::Done { 200 } else { 202 };
        StoredAnswer::new(status, None, &ActionOutcome { ticket_id: self.ticket.id.clone(), state, time })
    }

    /// Whether the vendor may show what was done, so that the same key reads it there.
    fn may_be_shown(&self) -> bool {
        match self.action {
            TicketAction::Urge => false,
            TicketAction::Rate(_) => self.session.capability().rating.as_ref().is_some_and(|rating| rating.shown),
            TicketAction::Withdraw(_) => true,
        }
    }

    /// Whether the ticket has an equal rating. The own one would be stored with the answer, so it is another key's, and
    /// the vendor shows nothing about this one.
    fn was_rated_equally(&self, rating: &Rating) -> bool {
        let equal = |given: &GivenRating| given.rating.score == rating.score && given.rating.comment == rating.comment;
        self.ticket.rating.as_ref().is_some_and(equal)
    }

    /// Commits what the vendor did at `time`, Unix milliseconds.
    async fn commit_at(&self, intent: &IdempotencyRecord, time: i64) -> Result<StoredAnswer> {
        let now_ms = self.app.clock.now_ms();
        let (store, ticket_id, by) = (&self.app.store, &self.ticket.id, telemetry::actor());
        let done_at = |time| self.answer(ActionState::Done, time);
        let commit = match self.action {
            TicketAction::Urge => ActionCommit::Urged,
            TicketAction::Rate(rating) => ActionCommit::Rated(GivenRating { rating: rating.clone(), time, by }),
            TicketAction::Withdraw(message) => {
                let withdrawal = Withdrawal { message_id: message.message_id.clone(), time, by };
                // After a failure the same key reads in the conversation that it was withdrawn, and stores it then.
                return store.commit_withdrawal(ticket_id, intent, &withdrawal, done_at, now_ms).await;
            }
        };
        let answer = done_at(time)?;
        if let Err(error) = store.commit_action(ticket_id, intent, &commit, &answer, now_ms).await {
            tracing::error!(ticket.id = %ticket_id, error = ?error, "What a vendor did is not stored with its ticket.");
            store.finish(intent, &answer, now_ms).await?;
        }
        Ok(answer)
    }

    /// Stores that the outcome is and stays unknown, and gives that answer.
    async fn finish_unknown(&self, intent: &IdempotencyRecord) -> Result<StoredAnswer> {
        let answer = self.unknown_answer(intent)?;
        self.app.store.finish(intent, &answer, self.app.clock.now_ms()).await?;
        Ok(answer)
    }
}

impl VendorWrite for ActionWrite<'_> {
    type Intent = IdempotencyRecord;
    type Receipt = ();

    fn subject<'a>(&self, intent: &'a IdempotencyRecord) -> &'a str {
        &intent.subject
    }

    async fn begin(&self, request: &KeyedRequest<'_>) -> Result<BeginOutcome<IdempotencyRecord>> {
        let app = self.app;
        let record = request.record(app, &ids::nonce(app.random.as_ref())?)?;
        let mut precondition = self.precondition.clone();
        loop {
            return Ok(match precondition.store().begin_action(&record, app.clock.now_ms()).await? {
                IntentWrite::Written => BeginOutcome::Written(record),
                IntentWrite::KeyTaken(earlier) => BeginOutcome::KeyTaken(earlier),
                IntentWrite::Refused if precondition.renew().await? => continue,
                // It was freed at this moment.
                IntentWrite::Refused => BeginOutcome::Refused(key_in_use()),
            });
        }
    }

    async fn send(&self, _: &IdempotencyRecord) -> Result<()> {
        match self.action {
            TicketAction::Urge => self.session.urge_ticket(self.cloud_id).await,
            TicketAction::Rate(rating) => self.session.rate_ticket(self.cloud_id, rating).await,
            TicketAction::Withdraw(message) => self.session.withdraw_message(self.cloud_id, &message.message_id).await,
        }
    }

    async fn commit(&self, intent: &IdempotencyRecord, (): ()) -> Result<Option<StoredAnswer>> {
        self.commit_at(intent, self.app.clock.now_ms()).await.map(Some)
    }

    async fn remove(&self, intent: &IdempotencyRecord) -> Result<()> {
        self.app.store.release(intent).await
    }

    async fn mark_unknown(&self, intent: &IdempotencyRecord) -> Result<()> {
        if seeded_bugs::enabled(SeededBug::ActionAgain) {
            return self.remove(intent).await;
        }
        // The record stays without an answer where the vendor may show it.
        if self.may_be_shown() { Ok(()) } else { self.finish_unknown(intent).await.map(|_| ()) }
    }

    fn unknown_answer(&self, _: &IdempotencyRecord) -> Result<StoredAnswer> {
        self.answer(ActionState::Unknown, self.began_ms)
    }

    async fn earlier_attempt(&self, _: &str) -> Result<EarlierAttempt<IdempotencyRecord>> {
        let record = self.app.store.record(self.key_hash, self.app.clock.now_ms()).await?;
        Ok(match record {
            None => EarlierAttempt::Gone,
            Some(IdempotencyRecord { answer: Some(answer), .. }) => EarlierAttempt::Committed(answer),
            Some(intent) => EarlierAttempt::Pending { intent, may_run: true },
        })
    }

    /// Its run has ended without storing an outcome.
    async fn reconcile(&self, intent: &IdempotencyRecord) -> Result<ReconcileOutcome> {
        let was_done = match self.action {
            TicketAction::Withdraw(message) => {
                let attempt = (&intent.lease, intent.began_ms());
                is_withdrawn(self.app, &self.session, self.cloud_id, message, attempt).await
            }
            TicketAction::Rate(rating) if self.was_rated_equally(rating) => Ok(WasDone::Unknown),
            TicketAction::Rate(rating) if self.may_be_shown() => {
                let is_shown = self.session.shows_rating(self.cloud_id, rating).await;
                is_shown.map(|is_shown| if is_shown { WasDone::Yes } else { WasDone::Unknown })
            }
            _ => return self.finish_unknown(intent).await.map(ReconcileOutcome::Found),
        };
        match was_done {
            Ok(WasDone::Yes) => {
                // A rating was given when its key first came, so that each run that finds it stores the same.
                let time = match self.action {
                    TicketAction::Rate(_) => intent.began_ms(),
                    _ => self.app.clock.now_ms(),
                };
                self.commit_at(intent, time).await.map(ReconcileOutcome::Found)
            }
            Ok(WasDone::No) => {
                self.remove(intent).await?;
                Ok(ReconcileOutcome::Absent)
            }
            Ok(WasDone::Unknown) => Ok(ReconcileOutcome::Unknown(None)),
            Err(error) => Ok(ReconcileOutcome::Unknown(Some(error))),
        }
    }
}
