//! The client: each call is built, signed, sent and decoded, in this order.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;

use super::{
    CAPABILITY, SOURCE_ID, SOURCE_NAME,
    close::CloseAction,
    decode::{self, CasePage},
    error,
    requests::{self, MAX_OFFSET, PAGE_SIZE},
    sign::sign,
};
use crate::{
    clock::Clock,
    domain::{
        Attachment, AttachmentLimits, CloudId, CustomerId, FilePurpose, NewTicket, ProblemType, ProblemTypeId, Product,
        ProductId, Rating, Region, RightName, Source, SourceId, TicketForm, TicketId, Vendor, VendorFile,
        VendorFileRef,
    },
    error::{Error, ErrorKind, Result},
    vendors::{
        Access, Capability, FileSource, FoundTicket, ListedTicket, MessagePage, NewMessages, OpenFile, RightReading,
        TicketPage, TicketSearch, TicketVendor, VendorStatus, VendorTicket,
        answer::VendorAnswer,
        call::{self, VendorOperation},
        failure,
        http::HttpSend,
        pager::Pager,
        text,
        vendor_clock::VendorClock,
    },
};

const LIST_AUTH_DOMAINS: VendorOperation = VendorOperation::read(Vendor::Huawei, "KeystoneListAuthDomains");
const LIST_CASE_CATEGORIES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCaseCategories");
const LIST_PRODUCT_CATEGORIES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListProductCategories");
const LIST_PROBLEM_TYPES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListProblemTypes");
const LIST_REGIONS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListRegions");
const CREATE_CASES: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateCases");
const SHOW_CASE_DETAIL: VendorOperation = VendorOperation::messages(Vendor::Huawei, "ShowCaseDetail");
const SHOW_CASE_STATUS: VendorOperation = VendorOperation::read(Vendor::Huawei, "ShowCaseStatus");
const LIST_CASES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCases");
pub(super) const LIST_MESSAGES: VendorOperation = VendorOperation::messages(Vendor::Huawei, "ListMessages");
const LIST_NEW_INSTANT_MESSAGES: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListNewInstantMessages");
const CREATE_MESSAGES: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateMessages");
const UPDATE_CASES: VendorOperation = VendorOperation::write(Vendor::Huawei, "UpdateCases");

/// Huawei Cloud's ticket client.
pub struct HuaweiClient {
    pub(super) sender: Arc<dyn HttpSend>,
    pub(super) clock: VendorClock,
}

impl HuaweiClient {
    /// Builds the client.
    pub fn new(sender: Arc<dyn HttpSend>, clock: Arc<dyn Clock>) -> Self {
        Self { sender, clock: VendorClock::new(clock) }
    }

    pub(super) async fn call(
        &self,
        access: &Access,
        operation: &VendorOperation,
        request: Request<Bytes>,
    ) -> Result<VendorAnswer> {
        let send = || self.send(access, operation, request.clone());
        call::paced(access, operation, &self.clock, error::check, send).await
    }

    async fn send(
        &self,
        access: &Access,
        operation: &VendorOperation,
        request: Request<Bytes>,
    ) -> Result<VendorAnswer> {
        let (mut parts, body) = request.into_parts();
        sign(&mut parts, &body, &access.keys, self.clock.signing_ms())?;
        call::send(&*self.sender, access, operation, Request::from_parts(parts, body)).await
    }

    pub(super) async fn show_case_detail(&self, access: &Access, ticket: &CloudId) -> Result<VendorAnswer> {
        self.call(access, &SHOW_CASE_DETAIL, requests::show_case_detail(access, ticket)?).await
    }

    async fn cases(&self, access: &Access, app_key: Option<&str>, offset: u32, since_ms: i64) -> Result<CasePage> {
        if offset > MAX_OFFSET {
            return Err(failure::incomplete(&LIST_CASES, "more tickets than can be paged"));
        }
        let answer = self.call(access, &LIST_CASES, requests::list_cases(access, app_key, offset)?).await?;
        decode::cases(&answer, offset, PAGE_SIZE, since_ms)
    }

    /// Sends an action; `Some` is a refusal that the ticket's status or the other action may explain. The vendor's
    /// internal "operation failed" and undocumented codes count as such: the code for a wrong status is not documented.
    async fn act(&self, access: &Access, ticket: &CloudId, action: CloseAction) -> Result<Option<Error>> {
        let answer = self.call(access, &UPDATE_CASES, requests::update_case(access, ticket, action.id())?).await?;
        let (result, status) = (error::check_action(&answer), answer.response.status());
        match result {
            Err(error) if error.kind() == ErrorKind::InvalidInput || failure::is_coded(&error, status) => {
                Ok(Some(error))
            }
            result => result.map(|()| None),
        }
    }

    /// The action that ends the ticket in its present status; `None` when it has ended.
    async fn next_action(&self, access: &Access, ticket: &CloudId) -> Result<Option<CloseAction>> {
        Ok(CloseAction::for_status(&self.ticket_status(access, ticket).await?))
    }
}

#[async_trait]
impl TicketVendor for HuaweiClient {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    /// Reads the regions, the smallest of the catalog's lists.
    async fn check_keys(&self, access: &Access) -> Result<()> {
        self.list_regions(access).await.map(drop)
    }

    async fn identify_customer(&self, access: &Access) -> Result<CustomerId> {
        let answer = self.call(access, &LIST_AUTH_DOMAINS, requests::list_auth_domains(access)?).await?;
        decode::customer(&answer)
    }

    async fn read_right(&self, access: &Access, name: RightName) -> Result<RightReading> {
        self.right(access, name).await
    }

    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        let answer = self.call(access, &LIST_CASE_CATEGORIES, requests::list_case_categories(access)?).await?;
        let products = decode::product_tree(&answer)?;
        if !products.is_empty() {
            return Ok(products);
        }
        let answer = self.call(access, &LIST_PRODUCT_CATEGORIES, requests::list_product_categories(access)?).await?;
        decode::product_list(&answer)
    }

    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        let answer = self.call(access, &LIST_PROBLEM_TYPES, requests::list_problem_types(access, product)?).await?;
        decode::problem_types(&answer, product)
    }

    /// One configured row, without a call: the vendor has no interface for sources.
    async fn list_sources(&self, _access: &Access) -> Result<Vec<Source>> {
        Ok(vec![Source { id: SourceId::parse(SOURCE_ID)?, name: SOURCE_NAME.to_owned() }])
    }

    async fn list_regions(&self, access: &Access) -> Result<Vec<Region>> {
        let answer = self.call(access, &LIST_REGIONS, requests::list_regions(access)?).await?;
        decode::regions(&answer)
    }

    async fn ticket_form(&self, access: &Access, of: (&ProductId, &ProblemTypeId)) -> Result<TicketForm> {
        self.read_form(access, of).await
    }

    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        let answer = self.call(access, &CREATE_CASES, requests::create_case(access, ticket)?).await?;
        let has_secrets = !ticket.sensitive.is_empty();
        decode::created(&answer).map_err(|error| failure::without_secrets(error, has_secrets))
    }

    /// `app_key` matches the vendor's id or the description, and the list may cut the description, so a hit is read
    /// unless its row ends with the id. `since_ms` is not used: the time zone of the vendor's times is not certain, and
    /// our id is unique.
    async fn find_tickets(&self, access: &Access, id: &TicketId, _since_ms: i64) -> Result<TicketSearch> {
        let mut search = TicketSearch::default();
        let mut pager = Pager::new(LIST_CASES);
        while let Some(offset) = pager.next_page()? {
            let page = self.cases(access, Some(id.as_str()), offset, i64::MIN).await?;
            let (tickets, texts): (Vec<_>, Vec<_>) = page.tickets.into_iter().unzip();
            let page = TicketPage { tickets, unreadable: page.unreadable, next: page.next };
            let tickets = pager.accept_tickets(page)?;
            for (ListedTicket { cloud_id: hit, create_time, .. }, text) in tickets.into_iter().zip(texts) {
                if search.contains(&hit) {
                    continue;
                }
                let is_marked =
                    |text: &String| text::ulids(text).pop().is_some_and(|last| last.to_string() == id.as_str());
                if let Some(text) = text.filter(is_marked) {
                    search.found.push(FoundTicket { cloud_id: hit, create_time, text });
                } else {
                    let shown = self.show_ticket(access, &hit).await;
                    search.add(hit, id, shown)?;
                }
            }
        }
        Ok(search)
    }

    /// The vendor pages by offset and may have smaller pages than the request asks for: the position is an offset.
    async fn list_tickets(&self, access: &Access, since_ms: i64, position: u32) -> Result<TicketPage> {
        let page = self.cases(access, None, position, since_ms).await?;
        let tickets = page.tickets.into_iter().map(|(ticket, _)| ticket).collect();
        Ok(TicketPage { tickets, unreadable: page.unreadable, next: page.next })
    }

    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        decode::vendor_ticket(&self.show_case_detail(access, ticket).await?, ticket)
    }

    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        let answer = self.call(access, &SHOW_CASE_STATUS, requests::show_case_status(access, ticket)?).await?;
        decode::ticket_status(&answer)
    }

    async fn new_messages(&self, access: &Access, tickets: &[CloudId], mark: Option<&str>) -> Result<NewMessages> {
        let request = requests::list_new_instant_messages(access, tickets, mark)?;
        decode::new_messages(&self.call(access, &LIST_NEW_INSTANT_MESSAGES, request).await?)
    }

    async fn message_page(&self, access: &Access, ticket: &CloudId, position: u32) -> Result<MessagePage> {
        self.page_at(access, ticket, position).await
    }

    async fn open_file(&self, access: &Access, file: &Attachment, max_bytes: u64) -> Result<OpenFile> {
        self.open_accessory(access, file, max_bytes).await
    }

    async fn attachment_limits(&self, access: &Access) -> Result<AttachmentLimits> {
        self.accessory_limits(access).await
    }

    async fn upload_file(&self, access: &Access, file: &dyn FileSource, purpose: FilePurpose) -> Result<VendorFileRef> {
        self.upload_accessory(access, file, purpose).await
    }

    /// Always `None`: the answer has no id.
    async fn reply_ticket(
        &self,
        access: &Access,
        ticket: &CloudId,
        content: &str,
        files: &[VendorFile],
    ) -> Result<Option<String>> {
        let request = requests::create_message(access, ticket, content, files)?;
        let answer = self.call(access, &CREATE_MESSAGES, request).await?;
        error::check_documented(&answer)?;
        Ok(None)
    }

    /// Reads the status, then sends the action for it. After a refusal it reads the status again and tries the other
    /// action once. The code for a wrong action is not documented.
    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        let Some(action) = self.next_action(access, ticket).await? else {
            return Ok(());
        };
        if self.act(access, ticket, action).await?.is_none() || self.next_action(access, ticket).await?.is_none() {
            return Ok(());
        }
        let Some(refusal) = self.act(access, ticket, action.other()).await? else {
            return Ok(());
        };
        match self.next_action(access, ticket).await? {
            None => Ok(()),
            Some(_) => Err(failure::close_refused(&refusal)),
        }
    }

    async fn urge_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        self.press(access, ticket).await
    }

    async fn rate_ticket(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<()> {
        self.score(access, ticket, rating).await
    }

    async fn shows_rating(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<bool> {
        decode::shows_rating(&self.show_case_detail(access, ticket).await?, rating)
    }

    async fn withdraw_message(&self, access: &Access, ticket: &CloudId, message: &str) -> Result<()> {
        self.revoke(access, ticket, message).await
    }
}
