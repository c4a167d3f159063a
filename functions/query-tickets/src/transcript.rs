//! The transcript of a closed ticket.

use std::str::FromStr;

use http::Response;
use shared::{
    app::App,
    domain::{TicketState, TranscriptFormat},
    error::{Error, Result},
    http::{Fields, HttpCall, kept, redirect as redirect_to},
    problem_code::ProblemCode,
};

/// Answers with a redirect to a link of five minutes.
///
/// # Errors
/// `ticket_not_found`, `ticket_erased`, `ticket_not_closed`; `transcript_pending` where it is not written yet;
/// `bucket_unavailable`.
pub async fn redirect(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.ticket_id()?;
    let mut fields = Fields::of_query(&call.query);
    let format = fields.optional_parsed("format", TranscriptFormat::from_str).unwrap_or(TranscriptFormat::Html);
    fields.finish(|| Some(()))?;
    let ticket = kept(app.store.ticket(&id).await?)?;
    if ticket.state != TicketState::Closed {
        let message = format!("The ticket is {}: only a closed ticket has a transcript.", ticket.state.as_str());
        return Err(Error::new(ProblemCode::TicketNotClosed, message));
    }
    let key = format.key(&ticket);
    if app.bucket.head(&key).await?.is_none() {
        return Err(Error::new(ProblemCode::TranscriptPending, ProblemCode::TranscriptPending.meaning()));
    }
    redirect_to(&app.bucket.view_link(&key)?)
}
