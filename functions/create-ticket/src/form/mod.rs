//! The form of a vendor for one problem type: read when it is needed, kept for a day, shown as JSON Schema
//! ([`show`]), and checked by the same rules ([`rules`]).

mod check;
pub mod rules;
mod schema;
pub mod show;

use std::time::Duration;

use shared::{
    app::App,
    domain::{ProblemTypeId, ProductId, TicketForm},
    error::{ErrorKind, Result},
    vendors::Session,
};
use tokio::time::Instant;

pub use check::check;

/// The longest time that a form is waited for: the ticket itself must still be sent.
const MAX_READ_TIME: Duration = Duration::from_secs(5);

/// Reads forms of one problem type for an account.
pub struct FormReader<'a> {
    /// The clients.
    pub app: &'a App,
    /// The account's session.
    pub session: &'a Session<'a>,
    /// The product and the problem type.
    pub of: (&'a ProductId, &'a ProblemTypeId),
    /// Whether what is read is stored.
    pub keeps: bool,
    /// Names the idempotency record of the request that needs it, if there is one.
    pub key_hash: Option<&'a str>,
}

impl FormReader<'_> {
    /// The stored form, or a new one where that is old. `None` where the vendor has no forms, or none can be read.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn current(&self, stored: Option<TicketForm>) -> Result<Option<TicketForm>> {
        match stored {
            _ if !self.session.capability().forms => Ok(None),
            Some(stored) if stored.is_fresh(self.app.clock.now_ms()) => Ok(Some(stored)),
            stored => Ok(self.read().await?.or(stored)),
        }
    }

    /// The form as the vendor tells it now. A failure is logged: a ticket can be sent without it. `None`, without a
    /// call, where the request was sent before: what became of that counts, and not the form.
    ///
    /// # Errors
    /// When the vendor refuses the keys: one call more could lock them. The store's failures.
    pub async fn read(&self) -> Result<Option<TicketForm>> {
        let (app, account) = (self.app, self.session.account());
        if let Some(hash) = self.key_hash
            && app.store.record(hash, app.clock.now_ms()).await?.is_some()
        {
            return Ok(None);
        }
        let now = Instant::now();
        let left = self.session.deadline().saturating_duration_since(now);
        // It must not slow down what is sent for the account.
        let session = app.session(account, now + MAX_READ_TIME.min(left / 4)).yielding();
        let read = session.ticket_form(self.of).await;
        let read = match read {
            Ok(form) => form,
            Err(error) if error.kind() == ErrorKind::CredentialInvalid => return Err(error),
            Err(error) => {
                tracing::warn!(account.id = %account.id, error = ?error, "The form of a ticket could not be read.");
                return Ok(None);
            }
        };
        let form = TicketForm { read_time: app.clock.now_ms(), ..read };
        if self.keeps {
            let (product, problem_type) = self.of;
            let kept = app.store.put_form(&account.id, product, problem_type, &form).await;
            // It is read again then.
            if let Err(error) = kept {
                tracing::warn!(account.id = %account.id, error = ?error, "The form of a ticket could not be stored.");
            }
        }
        Ok(Some(form))
    }
}
