//! `If-Match`: a write that is done only while what it changes is as the caller has seen it.
//!
//! The tag is that of the answer to a `GET`. It is compared with what is stored, and the write is bound to that very
//! version of the item, so that nothing can come in between. Much of an item is not shown, such as leases: a write that
//! only met a change of that is tried again.

use std::borrow::Cow;

use serde::Serialize;

use crate::{
    app::App,
    domain::{AccountId, EntityTag, IfMatch, TicketId},
    error::{Error, Result},
    problem_code::ProblemCode,
    store::{Seen, Store, contention},
};

/// How often a write is tried again that met changes which are not shown.
const MAX_ATTEMPTS: u32 = 8;

#[derive(Clone, Copy, Debug)]
enum Subject<'a> {
    Account(&'a AccountId),
    Ticket(&'a TicketId),
}

/// What must hold for a write.
#[derive(Clone, Debug)]
pub struct Precondition<'a> {
    store: Cow<'a, Store>,
    subject: Subject<'a>,
    if_match: Option<IfMatch>,
    seen: Option<Seen>,
    attempts: u32,
}

impl<'a> Precondition<'a> {
    /// The account is as the caller has seen it; without `if_match` it may be as it is. An account that is not there
    /// is for the caller to find out.
    ///
    /// # Errors
    /// `precondition_failed`, and the store's failures.
    pub async fn of_account(app: &'a App, id: &'a AccountId, if_match: Option<IfMatch>) -> Result<Self> {
        Self::check(app, Subject::Account(id), if_match).await
    }

    /// The same for a ticket.
    ///
    /// # Errors
    /// As [`of_account`](Self::of_account).
    pub async fn of_ticket(app: &'a App, id: &'a TicketId, if_match: Option<IfMatch>) -> Result<Self> {
        Self::check(app, Subject::Ticket(id), if_match).await
    }

    async fn check(app: &'a App, subject: Subject<'a>, if_match: Option<IfMatch>) -> Result<Self> {
        let mut new = Self { store: Cow::Borrowed(&app.store), subject, if_match, seen: None, attempts: 0 };
        new.renew().await?;
        Ok(new)
    }

    /// The same for a write under a key, whose earlier attempt counts in any case: where it does not hold, none, and
    /// why a first attempt can't be done.
    ///
    /// # Errors
    /// The store's failures.
    pub async fn of_first_attempt(
        app: &'a App,
        id: &'a TicketId,
        if_match: Option<IfMatch>,
    ) -> Result<(Self, Option<Error>)> {
        match Self::of_ticket(app, id, if_match).await {
            Err(unmet) if unmet.is(ProblemCode::PreconditionFailed) => Ok((Self::none(app, id), Some(unmet))),
            checked => Ok((checked?, None)),
        }
    }

    fn none(app: &'a App, id: &'a TicketId) -> Self {
        let subject = Subject::Ticket(id);
        Self { store: Cow::Borrowed(&app.store), subject, if_match: None, seen: None, attempts: 0 }
    }

    /// Whether there is one.
    pub fn is_given(&self) -> bool {
        self.if_match.is_some()
    }

    /// The store for the one write that is bound to it.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// After that write was refused: whether it makes sense to try it again, since only what is not shown has changed.
    /// `false`: it was refused for another reason.
    ///
    /// # Errors
    /// `precondition_failed` where the caller has seen something else; `store_contention` after too many attempts; the
    /// store's failures.
    pub async fn renew(&mut self) -> Result<bool> {
        let Some(if_match) = &self.if_match else { return Ok(false) };
        let found = match self.subject {
            Subject::Account(id) => self.store.seen_account(id).await?.map(|(account, seen)| (tag(&account), seen)),
            Subject::Ticket(id) => match self.store.seen_ticket(id).await? {
                Some((ticket, seen)) => {
                    let shown = Box::pin(self.store.with_removed_entries(ticket)).await?;
                    Some((tag(&shown), seen))
                }
                None => None,
            },
        };
        let Some((tag, seen)) = found else { return Ok(false) };
        if !if_match.matches(&tag?) {
            let message = "It was changed since it was read with the tag in If-Match. Nothing was done: read it \
                           again, and send the request with its new ETag if it still makes sense.";
            return Err(Error::new(ProblemCode::PreconditionFailed, message));
        }
        if self.seen.as_ref() == Some(&seen) {
            return Ok(false);
        }
        self.attempts += 1;
        if self.attempts > MAX_ATTEMPTS {
            return Err(contention());
        }
        self.store = Cow::Owned(self.store.only_while(seen.clone()));
        self.seen = Some(seen);
        Ok(true)
    }
}

/// The tag of the answer to a `GET`.
fn tag(shown: &impl Serialize) -> Result<EntityTag> {
    let body = serde_json::to_string(shown)
        .map_err(|source| Error::unexpected("The answer could not be written.").with_source(source))?;
    Ok(EntityTag::of(&body))
}
