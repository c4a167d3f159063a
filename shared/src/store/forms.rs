//! Vendors' forms, by account: used for a day, and gone a week after they were read.

use serde::{Deserialize, Serialize};

use super::{Store, item::Item, keys};
use crate::{
    domain::{AccountId, ProblemTypeId, ProductId, ticket_form::TicketForm},
    error::Result,
};

/// How long a form is kept, seconds: a week.
const LIFETIME_S: i64 = 7 * 24 * 60 * 60;

/// A form as it is stored.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredForm {
    pub form: TicketForm,
    expires_at: i64,
}

impl Store {
    /// Keeps what the account's vendor told of tickets of that problem type.
    ///
    /// # Errors
    /// When the store does not answer, or the form is too large for it.
    pub async fn put_form(
        &self,
        account: &AccountId,
        product: &ProductId,
        problem_type: &ProblemTypeId,
        form: &TicketForm,
    ) -> Result<()> {
        let stored = StoredForm { form: form.clone(), expires_at: form.read_time / 1000 + LIFETIME_S };
        self.overwrite(Item::new(keys::form(account, product, problem_type), "form", &stored)?).await
    }
}
