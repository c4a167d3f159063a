//! The pages of ListMessages.

use super::{
    Huawei,
    client::LIST_MESSAGES,
    decode,
    model::{CaseMessage, Messages},
    requests::{self, MAX_OFFSET, PAGE_SIZE},
};
use crate::{
    domain::CloudId,
    error::Result,
    vendors::{Access, failure},
};

impl Huawei {
    /// One page, from `offset` in the vendor's order.
    pub(super) async fn message_page(
        &self,
        access: &Access,
        ticket: &CloudId,
        offset: u32,
        limit: u32,
    ) -> Result<Messages> {
        let request = requests::list_messages(access, ticket, offset, limit)?;
        let answer = self.call(access, &LIST_MESSAGES, request).await?;
        decode::messages(&LIST_MESSAGES, &answer)
    }

    /// Every page of ListMessages, up to the vendor's count or, where it gives none, to an empty page: the server may
    /// have smaller pages than were asked for. A listing that can't be complete is an error, and so is one that grew
    /// meanwhile: with the newest first the pages have moved, and a message that two of them show would count as two.
    pub(super) async fn walk_messages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<CaseMessage>> {
        let mut all: Vec<CaseMessage> = Vec::new();
        let mut last_page: Vec<CaseMessage> = Vec::new();
        let mut first_count = None;
        let mut offset = 0;
        while offset <= MAX_OFFSET {
            let page = self.message_page(access, ticket, offset, PAGE_SIZE).await?;
            if *first_count.get_or_insert(page.count) != page.count {
                return Err(failure::incomplete(&LIST_MESSAGES, "another count on another page"));
            }
            let rows = page.message_list.unwrap_or_default();
            if rows.is_empty() {
                return match page.count {
                    Some(count) if count > i64::from(offset) => {
                        Err(failure::incomplete(&LIST_MESSAGES, "an empty page before the count"))
                    }
                    _ => Ok(all),
                };
            }
            if rows == last_page {
                // The server ignores the offset.
                return Err(failure::incomplete(&LIST_MESSAGES, "the same page again"));
            }
            offset = offset.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            all.extend(rows.iter().cloned());
            if page.count.is_some_and(|count| i64::from(offset) >= count) {
                return Ok(all);
            }
            last_page = rows;
        }
        Err(failure::incomplete(&LIST_MESSAGES, "more messages than can be paged"))
    }
}
