//! Whether the archive of a closed ticket is whole.

use http::{Response, StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    domain::TicketState,
    error::{Error, Result},
    http::{HttpCall, found, json},
    problem_code::ProblemCode,
    workflow::archive,
};

/// Whether an archive is whole.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verification<'a> {
    /// Whether the archive holds the same messages as when it was committed, and as many as the vendor showed or more.
    verified: bool,
    /// The committed count.
    message_count: Option<u64>,
    /// How many messages the vendor showed when the archive was last compared with it; absent where it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_count: Option<u64>,
    /// The committed digest.
    digest: Option<&'a str>,
    /// The count of what is stored now; absent where a part of a message is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_message_count: Option<u64>,
    /// The digest over what is stored now; absent with the count.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored_digest: Option<&'a str>,
}

/// Reads the whole archive and computes its count and digest again.
pub async fn verify(app: &App, call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    let ticket = found(app.store.ticket(&call.ticket_id()?).await?, ProblemCode::TicketNotFound)?;
    if ticket.state != TicketState::Closed {
        let message =
            format!("The ticket is {}: only the archive of a closed ticket can be verified.", ticket.state.as_str());
        return Err(Error::new(ProblemCode::TicketNotClosed, message));
    }
    let (count, digest) = match archive::digest(app, &ticket.id).await {
        Ok((count, digest)) => (Some(count), Some(digest)),
        Err(error) if error.is(ProblemCode::ArchivePartMissing) => (None, None),
        Err(error) => return Err(error),
    };
    let is_complete = count >= ticket.shown_count;
    let verified = count.is_some() && ticket.message_count == count && ticket.digest == digest && is_complete;
    if !verified {
        tracing::error!(
            ticket.id = %ticket.id, count, digest, shown_count = ticket.shown_count,
            "An archive is not what was committed, or not what the vendor showed."
        );
    }
    let answer = Verification {
        verified,
        message_count: ticket.message_count,
        shown_count: ticket.shown_count,
        digest: ticket.digest.as_deref(),
        stored_message_count: count,
        stored_digest: digest.as_deref(),
    };
    json(StatusCode::OK, &answer)
}
