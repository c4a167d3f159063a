//! The pages of ListMessages.

use http::Response;

use super::{
    HuaweiClient,
    client::LIST_MESSAGES,
    decode,
    model::{CaseMessage, Messages},
    requests::{self, MAX_OFFSET, PAGE_SIZE},
};
use crate::{
    domain::CloudId,
    error::Result,
    vendors::{
        Access,
        answer::VendorAnswer,
        failure,
        lenient::Row,
        pager::{self, Pager},
    },
};

impl HuaweiClient {
    /// The page at `offset`, in the vendor's order.
    pub(super) async fn message_page(
        &self,
        access: &Access,
        ticket: &CloudId,
        offset: u32,
        limit: u32,
    ) -> Result<Messages> {
        if offset > MAX_OFFSET {
            return Err(failure::incomplete(&LIST_MESSAGES, "more messages than can be paged"));
        }
        let pages = access.pages.as_ref();
        let kept = match pages.filter(|_| limit == PAGE_SIZE) {
            Some(pages) => pages.page(offset).await?,
            None => None,
        };
        if let Some(body) = kept {
            return decode::messages(&VendorAnswer { operation: LIST_MESSAGES, response: Response::new(body) });
        }
        let request = requests::list_messages(access, ticket, offset, limit)?;
        let answer = self.call(access, &LIST_MESSAGES, request).await?;
        let page = decode::messages(&answer)?;
        match pages {
            // The first call only asks for the count.
            Some(pages) if limit == 1 => pages.begin(page.count()),
            Some(pages) => pages.keep(offset, answer.response.body()).await?,
            None => {}
        }
        Ok(page)
    }

    /// Every page of ListMessages.
    ///
    /// Fails when the count differs between two pages: with the newest message first the pages have moved, and a
    /// message that two pages show would count as two.
    pub(super) async fn all_pages(&self, access: &Access, ticket: &CloudId) -> Result<Vec<Row<CaseMessage>>> {
        let (mut pager, mut all, mut first_count) = (Pager::new(LIST_MESSAGES), Vec::new(), None);
        while let Some(offset) = pager.next_page()? {
            let page = self.message_page(access, ticket, offset, PAGE_SIZE).await?;
            if *first_count.get_or_insert(page.count()) != page.count() {
                return Err(failure::incomplete(&LIST_MESSAGES, "another count on another page"));
            }
            let count = page.count();
            let rows = page.message_list.unwrap_or_default();
            let next = pager::next_offset(offset, rows.len(), count)
                .map_err(|reason| failure::incomplete(&LIST_MESSAGES, reason))?;
            pager.accept(&rows, next)?;
            all.extend(rows);
        }
        Ok(all)
    }
}
