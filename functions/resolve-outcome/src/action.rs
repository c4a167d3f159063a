//! Urging support and rating it.

use shared::{
    app::App,
    domain::{IfMatch, Rating, Ticket, TicketId, TicketState},
    error::{Error, Result},
    http::{found, not_erased},
    problem_code::ProblemCode,
    telemetry,
    vendors::Session,
    workflow::{
        action::{self, TicketAction},
        existing_account,
        precondition::Precondition,
        vendor_write::{self, COMMIT_RESERVE, KeyedRequest, WriteAnswer},
    },
};

use crate::request;

/// Urges support to go on with an open ticket.
///
/// # Errors
/// `ticket_not_found`, `ticket_not_open`, `precondition_failed`, `capability_not_supported`, `urged_too_often`, and the
/// failures of vendor and store.
pub async fn urge(
    app: &App,
    keyed: &KeyedRequest<'_>,
    id: &TicketId,
    if_match: Option<IfMatch>,
) -> Result<WriteAnswer> {
    let ticket = found(app.store.ticket(id).await?, ProblemCode::TicketNotFound)?;
    let check = async |session: &Session<'_>| match session.capability().urging {
        true => in_state(&ticket, TicketState::Open, ProblemCode::TicketNotOpen, "only an open ticket is urged"),
        false => Err(not_supported(session, "urge support")),
    };
    perform(app, keyed, if_match, &ticket, TicketAction::Urge, check).await
}

/// Rates the support for a closed ticket.
///
/// # Errors
/// `ticket_not_found`, `ticket_not_closed`, `ticket_erased`, `precondition_failed`, `capability_not_supported`,
/// `content_too_long`, `vendor_action_refused`, and the failures of vendor and store.
pub async fn rate(
    app: &App,
    keyed: &KeyedRequest<'_>,
    id: &TicketId,
    if_match: Option<IfMatch>,
    rating: &Rating,
) -> Result<WriteAnswer> {
    let ticket = found(app.store.ticket(id).await?, ProblemCode::TicketNotFound)?;
    let check = async |session: &Session<'_>| {
        not_erased(&ticket)?;
        let Some(capability) = &session.capability().rating else {
            return Err(not_supported(session, "rate support"));
        };
        in_state(&ticket, TicketState::Closed, ProblemCode::TicketNotClosed, "only a closed ticket is rated")?;
        request::check_comment(rating, capability)
    };
    perform(app, keyed, if_match, &ticket, TicketAction::Rate(rating), check).await
}

/// Does it, if `check` allows it. An earlier attempt under the key counts, also where it is not allowed any more.
pub(crate) async fn perform(
    app: &App,
    keyed: &KeyedRequest<'_>,
    if_match: Option<IfMatch>,
    ticket: &Ticket,
    action: TicketAction<'_>,
    check: impl AsyncFnOnce(&Session<'_>) -> Result<()>,
) -> Result<WriteAnswer> {
    telemetry::set_account(&ticket.account_id);
    let account = match existing_account(app, &ticket.account_id).await {
        Err(error) => return vendor_write::replay_or(app, keyed, error).await,
        Ok(account) => account,
    };
    let session = app.session(&account, keyed.invocation.deadline_minus(COMMIT_RESERVE));
    let (precondition, unmet) = Precondition::of_first_attempt(app, &ticket.id, if_match).await?;
    let refusal = match unmet {
        None => check(&session).await.err(),
        unmet => unmet,
    };
    let Some(cloud_id) = &ticket.cloud_id else {
        let error = refusal.unwrap_or_else(|| Error::unexpected("A ticket that is open or closed has no vendor's id."));
        return vendor_write::replay_or(app, keyed, error).await;
    };
    action::run(app, keyed, session, (ticket, cloud_id), action, precondition, refusal).await
}

pub(crate) fn in_state(ticket: &Ticket, wanted: TicketState, code: ProblemCode, rule: &str) -> Result<()> {
    if ticket.state == wanted {
        return Ok(());
    }
    Err(Error::new(code, format!("The ticket is {}; {rule}.", ticket.state.as_str())))
}

pub(crate) fn not_supported(session: &Session<'_>, what: &str) -> Error {
    session.capability().not_supported(session.account().site, what)
}
