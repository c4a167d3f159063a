//! Reopening and rating.

use super::{AlibabaClient, client::ticket_id, decode, error, params::AlibabaParams};
use crate::{
    domain::{CloudId, Rating, Vendor},
    error::{ErrorKind, Result},
    vendors::{Access, Phase, TicketVendor, call::VendorOperation, failure},
};

const REOPEN_TICKET: VendorOperation = VendorOperation::write(Vendor::Alibaba, "ReopenTicket");
const EVALUATE_TICKET: VendorOperation = VendorOperation::write(Vendor::Alibaba, "EvaluateTicket");

impl AlibabaClient {
    /// ReopenTicket. The code for a ticket that is not closed is not documented, so it leaves the outcome unknown: the
    /// status may lag, and a second call may add the text again.
    pub(super) async fn reopen(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<()> {
        let answer = self.call(access, &REOPEN_TICKET, ticket_id(ticket).form("Content", content)).await?;
        refused_is_conflict(error::check(&answer))?;
        // A success without the documented text proves nothing.
        decode::new_id(&answer).map(|_| ())
    }

    /// EvaluateTicket. The code for a ticket that is not closed is not documented, so after a code that decides nothing
    /// the status does.
    pub(super) async fn evaluate(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<()> {
        let answer = self.call(access, &EVALUATE_TICKET, evaluate_ticket(ticket, rating)).await?;
        match error::check(&answer) {
            Err(error) if failure::is_coded(&error, answer.response.status()) => {
                match self.ticket_status(access, ticket).await {
                    Ok(status) if status.phase != Phase::Ended => Err(failure::action_refused(&error)),
                    _ => Err(error),
                }
            }
            checked => refused_is_conflict(checked),
        }
    }
}

/// A refusal of what the request says is a conflict: the ticket is not in the state for it.
fn refused_is_conflict(checked: Result<()>) -> Result<()> {
    match checked {
        Err(error) if error.kind() == ErrorKind::InvalidInput => Err(failure::action_refused(&error)),
        checked => checked,
    }
}

fn evaluate_ticket(ticket: &CloudId, rating: &Rating) -> AlibabaParams {
    let params = ticket_id(ticket).form("Solved", rating.solved).form("Score", rating.score);
    match &rating.comment {
        Some(comment) => params.form("Content", comment),
        None => params,
    }
}
