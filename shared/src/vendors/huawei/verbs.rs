//! Urging, rating and withdrawing. How these calls answer success is not documented: an empty body, which may come from
//! a proxy, decides nothing.

use super::{
    HuaweiClient, decode, error,
    model::{NewScore, NewScores},
    requests,
};
use crate::{
    domain::{CloudId, Rating, Vendor},
    error::{ErrorKind, Result},
    vendors::{Access, Phase, TicketVendor, answer::VendorAnswer, call::VendorOperation, failure},
};

const PRESS: VendorOperation = VendorOperation::write(Vendor::Huawei, "UpdateCases");
const LIST_SATISFACTION_DIMENSIONS: VendorOperation =
    VendorOperation::read(Vendor::Huawei, "ListSatisfactionDimensions");
const CREATE_SCORES: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateScores");
const REVOKE_MESSAGE: VendorOperation = VendorOperation::write(Vendor::Huawei, "RevokeMessage");

impl HuaweiClient {
    /// The action `press` (催单). The user guide urges a ticket that waits for support or is being processed.
    pub(super) async fn press(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        let answer = self.call(access, &PRESS, requests::update_case(access, ticket, "press")?).await?;
        let may_be_urged = |phase| matches!(phase, Phase::Waiting | Phase::Processing);
        self.done(access, ticket, &answer, may_be_urged).await
    }

    /// Gives each of the vendor's dimensions the same score: what they mean is not documented, and differs by account.
    pub(super) async fn score(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<()> {
        let request = requests::list_satisfaction_dimensions(access)?;
        let dimensions = decode::dimensions(&self.call(access, &LIST_SATISFACTION_DIMENSIONS, request).await?)?;
        if dimensions.is_empty() {
            return Err(failure::unusable(&LIST_SATISFACTION_DIMENSIONS).with_context("reason", "no dimensions"));
        }
        let scores = dimensions.into_iter().map(|(satisfaction_id, satisfaction_name)| NewScore {
            satisfaction_id,
            satisfaction_value: rating.score,
            satisfaction_name,
        });
        let body = NewScores { judgement: rating.comment.as_deref(), incident_satisfaction_list: scores.collect() };
        let answer = self.call(access, &CREATE_SCORES, requests::create_scores(access, ticket, &body)?).await?;
        self.done(access, ticket, &answer, |phase| phase == Phase::Ended).await
    }

    /// RevokeMessage.
    pub(super) async fn revoke(&self, access: &Access, ticket: &CloudId, message: &str) -> Result<()> {
        let answer = self.call(access, &REVOKE_MESSAGE, requests::revoke_message(access, ticket, message)?).await?;
        self.done(access, ticket, &answer, |_| true).await
    }

    /// A refusal is a conflict: the ticket or the message is not in the state for it. The code for a wrong status is
    /// not documented, so after a code that decides nothing the status does, if the call is for no ticket in it.
    async fn done(
        &self,
        access: &Access,
        ticket: &CloudId,
        answer: &VendorAnswer,
        is_for: impl Fn(Phase) -> bool,
    ) -> Result<()> {
        match error::check_documented(answer) {
            Err(error) if error.kind() == ErrorKind::InvalidInput => Err(failure::action_refused(&error)),
            Err(error) if failure::is_coded(&error, answer.response.status()) => {
                match self.ticket_status(access, ticket).await {
                    Ok(status) if !is_for(status.phase) => Err(failure::action_refused(&error)),
                    _ => Err(error),
                }
            }
            checked => checked,
        }
    }
}
