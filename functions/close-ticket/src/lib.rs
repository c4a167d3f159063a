//! The end of a ticket: `POST /tickets/{id}/close` closes it at its vendor and archives its whole conversation,
//! `DELETE /tickets/{id}` erases what is kept of it, and `PUT` and `DELETE /tickets/{id}/hold` say whether it may be
//! erased.
//!
//! `close` is the first use case, [`shared::workflow::close`] its work; `erase` has the others.

mod close;
mod erase;

use http::Response;
use shared::{
    app::App,
    domain::MAX_REASON_CHARS,
    error::Result,
    http::{Fields, HttpCall, answer, fields::TextRule, idempotency, no_route},
    start::Connection,
    workflow::precondition::Precondition,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table, Connection::Secrets];

/// The rule of the reason of an erasure or of a hold.
pub const REASON_RULE: TextRule = TextRule { max_chars: MAX_REASON_CHARS, multi_line: false };

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        match call.route.as_str() {
            "POST /tickets/{id}/close" => {
                let id = call.ticket_id()?;
                Fields::of_optional_body(&call.body)?.finish(|| Some(()))?;
                let if_match = call.if_match()?;
                // Boxed: every future around it would be larger than it.
                let work = |_| Box::pin(close::close(app, &call.invocation, &id, if_match));
                idempotency::run_of_ticket(app, call, &id, id.to_string(), work).await
            }
            "DELETE /tickets/{id}" => {
                let (id, reason) = (call.ticket_id()?, reason(call)?);
                let precondition = Precondition::of_ticket(app, &id, call.if_match()?).await?;
                erase::erase(app, precondition, &id, reason).await
            }
            "PUT /tickets/{id}/hold" => {
                let (id, reason) = (call.ticket_id()?, reason(call)?);
                let precondition = Precondition::of_ticket(app, &id, call.if_match()?).await?;
                erase::hold(app, precondition, &id, reason).await
            }
            "DELETE /tickets/{id}/hold" => {
                call.no_query()?;
                let id = call.ticket_id()?;
                let precondition = Precondition::of_ticket(app, &id, call.if_match()?).await?;
                erase::end_hold(app, precondition, &id).await
            }
            _ => Err(no_route()),
        }
    })
    .await
}

/// The reason in the body, which may be absent.
fn reason(call: &HttpCall) -> Result<Option<String>> {
    call.no_query()?;
    let mut fields = Fields::of_optional_body(&call.body)?;
    let reason = fields.optional_text("reason", REASON_RULE);
    fields.finish(|| Some(reason))
}
