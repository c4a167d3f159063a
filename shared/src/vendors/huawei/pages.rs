//! The pages of a conversation, out of two lists.
//!
//! ShowCaseDetail has message ids but may cut a long conversation; ListMessages has all of it, in parts and without
//! ids. So the detail is the first page, and the only one when it has as many messages as ListMessages counts. Else all
//! parts follow, and then the detail again: it has the ids of messages that were added meanwhile.

use serde_json::value::RawValue;

use http::Response;

use super::{
    HuaweiClient,
    client::LIST_MESSAGES,
    conversation::message,
    decode,
    model::ListedMessages,
    requests::{self, MAX_OFFSET, PAGE_SIZE},
};
use crate::{
    domain::CloudId,
    error::Result,
    vendors::{
        Access, MessagePage, PageMessages,
        answer::VendorAnswer,
        conversation::{Messages, ReadRow},
        failure, lenient, pager,
    },
};

/// The positions of the detail before and after the parts. The part at an offset is at that offset plus one.
const DETAIL: u32 = 0;
const DETAIL_AGAIN: u32 = u32::MAX;

impl HuaweiClient {
    /// The page of the conversation at `position`.
    pub(super) async fn page_at(&self, access: &Access, ticket: &CloudId, position: u32) -> Result<MessagePage> {
        let whole = |(messages, len), counted, next| MessagePage {
            messages: PageMessages::Whole(messages, len),
            counted,
            next,
        };
        match position {
            DETAIL => {
                let (messages, len) = self.detail_messages(access, ticket).await?;
                let counted = self.listed(access, ticket, 0, 1).await?.count();
                let is_whole = counted.is_some_and(|counted| i64::try_from(len).is_ok_and(|len| counted <= len));
                Ok(whole((messages, len), counted, (!is_whole).then_some(1)))
            }
            DETAIL_AGAIN => Ok(whole(self.detail_messages(access, ticket).await?, None, None)),
            _ => self.part(access, ticket, position - 1).await,
        }
    }

    async fn part(&self, access: &Access, ticket: &CloudId, offset: u32) -> Result<MessagePage> {
        let listed = self.listed(access, ticket, offset, PAGE_SIZE).await?;
        let counted = listed.count();
        let rows = listed.message_list.unwrap_or_default();
        // After a full page the count is not enough to end the list: it may be too low by one.
        let total = counted.filter(|_| rows.len() < PAGE_SIZE as usize);
        let next = pager::next_offset(offset, rows.len(), total)
            .map_err(|reason| failure::incomplete(&LIST_MESSAGES, reason))?;
        let row = |row: Box<RawValue>| ReadRow::new(lenient::row(row.get().as_bytes()), message);
        let rows = rows.into_iter().map(row).collect();
        let messages = PageMessages::Part { rows, is_last: next.is_none() };
        Ok(MessagePage { messages, counted, next: Some(next.map_or(DETAIL_AGAIN, |next| next + 1)) })
    }

    async fn detail_messages(&self, access: &Access, ticket: &CloudId) -> Result<(Messages, usize)> {
        decode::detail_messages(&self.show_case_detail(access, ticket).await?)
    }

    /// The messages from `offset` on, in the vendor's order.
    async fn listed(&self, access: &Access, ticket: &CloudId, offset: u32, limit: u32) -> Result<ListedMessages> {
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
            // A page that is not full may be full later: its list lags, or is longer by then.
            Some(pages) if page.is_full() => pages.keep(offset, answer.response.body()).await?,
            _ => {}
        }
        Ok(page)
    }
}
