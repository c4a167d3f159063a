//! A ticket with what of its catalog entries the vendor no longer lists.

use futures_util::future::try_join;

use super::{Store, keys};
use crate::{
    domain::{CatalogEntry, EntryKind, Ticket},
    error::Result,
};

impl Store {
    /// The ticket as `GET /tickets/{id}` shows it: with when its product and its problem type were found to be
    /// removed. Its catalog follows from its account, so a ticket whose account is gone shows neither.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn with_removed_entries(&self, ticket: Ticket) -> Result<Ticket> {
        let Some(product_id) = &ticket.product_id else { return Ok(ticket) };
        let Some(account) = self.account(&ticket.account_id).await? else { return Ok(ticket) };
        let removed_time = async |kind, product, id: &str| {
            let key = keys::catalog_entry(account.vendor, account.site, kind, product, id);
            let entry: Option<CatalogEntry> = self.get(key).await?;
            Ok(entry.and_then(|entry| entry.removed_time))
        };
        let problem_type = async {
            let Some(id) = &ticket.problem_type_id else { return Ok(None) };
            removed_time(EntryKind::ProblemType, Some(product_id), id.as_str()).await
        };
        let (product_removed_time, problem_type_removed_time) =
            try_join(removed_time(EntryKind::Product, None, product_id.as_str()), problem_type).await?;
        Ok(Ticket { product_removed_time, problem_type_removed_time, ..ticket })
    }
}
