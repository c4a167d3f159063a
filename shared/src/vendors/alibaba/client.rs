//! The client: each call is built, signed, sent and decoded, in this order.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, header};
use serde_json::json;

use super::{CAPABILITY, decode, error, params::AlibabaParams, sign::sign};
use crate::{
    clock::Clock,
    domain::{
        Attachment, CloudId, CustomerId, FilePurpose, NewTicket, ProblemType, Product, ProductId, Rating, Severity,
        Site, TicketId, Vendor, VendorFile, VendorFileRef,
    },
    error::{ErrorKind, Result},
    ids::{self, Random},
    vendors::{
        Access, Capability, FileSource, MessagePage, OpenFile, PageMessages, Phase, TicketPage, TicketSearch,
        TicketVendor, VendorStatus, VendorTicket,
        answer::VendorAnswer,
        call::{self, VendorOperation},
        endpoint, failure, files,
        http::HttpSend,
        pager::Pager,
        vendor_clock::VendorClock,
    },
};

/// Service and version of the ticket actions.
const WORKORDER: (&str, &str) = ("workorder", "2021-06-10");
/// Service and version of GetCallerIdentity, as in the official SDK `alibabacloud_sts20150401`.
const STS: (&str, &str) = ("sts", "2015-04-01");
/// The largest page of ListTickets.
const PAGE_SIZE: u32 = 100;
/// How far a list reaches into the future. One page of the vendor's documents requires both ends of the time range.
const END_MARGIN_MS: i64 = 24 * 60 * 60 * 1000;

const GET_CALLER_IDENTITY: VendorOperation = VendorOperation::read(Vendor::Alibaba, "GetCallerIdentity");
const LIST_PRODUCTS: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListProducts");
const LIST_CATEGORIES: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListCategories");
const CREATE_TICKET: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CreateTicket");
const GET_TICKET: VendorOperation = VendorOperation::read(Vendor::Alibaba, "GetTicket");
const LIST_TICKETS: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListTickets");
const LIST_TICKET_NOTES: VendorOperation = VendorOperation::messages(Vendor::Alibaba, "ListTicketNotes");
/// Not of the ticket service: the object storage that a note's link leads to.
const GET_OBJECT: VendorOperation = VendorOperation::read(Vendor::Alibaba, "GetObject");
const REPLY_TICKET: VendorOperation = VendorOperation::write(Vendor::Alibaba, "ReplyTicket");
const CLOSE_TICKET: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CloseTicket");

/// Alibaba Cloud's ticket client.
pub struct AlibabaClient {
    pub(super) sender: Arc<dyn HttpSend>,
    clock: VendorClock,
    random: Arc<dyn Random>,
}

impl AlibabaClient {
    /// Builds the client; `random` gives the nonces.
    pub fn new(sender: Arc<dyn HttpSend>, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { sender, clock: VendorClock::new(clock), random }
    }

    pub(super) async fn call(
        &self,
        access: &Access,
        operation: &VendorOperation,
        params: AlibabaParams,
    ) -> Result<VendorAnswer> {
        let send = || self.send(access, operation, &params);
        call::paced(access, operation, &self.clock, error::check, send).await
    }

    async fn send(&self, access: &Access, operation: &VendorOperation, params: &AlibabaParams) -> Result<VendorAnswer> {
        let (mut parts, body) = build(access, operation, params)?.into_parts();
        let nonce = ids::nonce(&*self.random)?;
        sign(&mut parts, &body, &access.keys, self.clock.signing_ms(), &nonce)?;
        call::send(&*self.sender, access, operation, Request::from_parts(parts, body)).await
    }

    async fn page(&self, access: &Access, since_ms: i64, page: u32, keyword: Option<&str>) -> Result<TicketPage> {
        let params = list_tickets(since_ms, self.clock.now_ms(), page, keyword);
        let answer = self.call(access, &LIST_TICKETS, params).await?;
        decode::tickets(&answer, page, PAGE_SIZE)
    }
}

/// The unsigned request of an action: POST `/`, parameters by location, the action in a header.
fn build(access: &Access, operation: &VendorOperation, params: &AlibabaParams) -> Result<Request<Bytes>> {
    let (service, version) = if *operation == GET_CALLER_IDENTITY { STS } else { WORKORDER };
    let base = endpoint::base_url(Vendor::Alibaba, access, service);
    let query = params.query_string();
    let uri = if query.is_empty() { format!("{base}/") } else { format!("{base}/?{query}") };
    let body = params.body();
    let mut builder = Request::post(uri)
        .header(header::ACCEPT, "application/json")
        .header("x-acs-action", operation.name)
        .header("x-acs-version", version);
    if !body.is_empty() {
        builder = builder.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    call::request(builder, body)
}

fn list_products(access: &Access) -> AlibabaParams {
    let language = match access.language {
        Site::China => "zh",
        Site::International => "en",
    };
    AlibabaParams::default().query("Language", language)
}

fn list_categories(access: &Access, product: &ProductId) -> AlibabaParams {
    list_products(access).form("ProductId", product)
}

fn create_ticket(ticket: &NewTicket) -> AlibabaParams {
    let severity = match ticket.severity {
        Severity::Normal => 1,
        Severity::Urgent => 2,
    };
    let params = AlibabaParams::default()
        .form("Title", &ticket.name)
        .form("Description", ticket.description_with_marker())
        .form("Severity", severity)
        .form("CategoryId", &ticket.problem_type_id);
    let params = match file_names(&ticket.files) {
        Some(names) => params.form("FileNameList", names),
        None => params,
    };
    let params = match &ticket.email {
        Some(email) => params.form("Email", email),
        None => params,
    };
    match &ticket.secret_info {
        Some(secret) => params.query("SecretInfo", json!({ "Content": secret.reveal() })),
        None => params,
    }
}

fn list_tickets(since_ms: i64, now_ms: i64, page: u32, keyword: Option<&str>) -> AlibabaParams {
    let params = AlibabaParams::default()
        .query("PageNumber", u64::from(page) + 1)
        .query("PageSize", PAGE_SIZE)
        .form("StartDate", since_ms.max(0))
        .form("EndDate", now_ms.max(since_ms).saturating_add(END_MARGIN_MS));
    match keyword {
        Some(keyword) => params.form("Keyword", keyword),
        None => params,
    }
}

pub(super) fn ticket_id(ticket: &CloudId) -> AlibabaParams {
    AlibabaParams::default().form("TicketId", ticket)
}

fn list_ticket_notes(ticket: &CloudId) -> AlibabaParams {
    AlibabaParams::default().query("TicketId", ticket)
}

fn reply_ticket(ticket: &CloudId, content: &str, files: &[VendorFile]) -> AlibabaParams {
    // Encrypt is required; its effect on the message that is read later is not documented.
    let params = ticket_id(ticket).form("Content", content).form("Encrypt", false);
    match file_names(files) {
        Some(names) => params.query("FileNameList", names),
        None => params,
    }
}

/// `FileNameList`: the object keys as one text with commas, in the form at CreateTicket and in the query at
/// ReplyTicket, as in the official SDK. `None` without files.
fn file_names(files: &[VendorFile]) -> Option<String> {
    let names: Vec<_> = files.iter().map(|file| file.id.as_str()).collect();
    (!names.is_empty()).then(|| names.join(","))
}

#[async_trait]
impl TicketVendor for AlibabaClient {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    async fn check_keys(&self, access: &Access) -> Result<()> {
        let answer = self.call(access, &LIST_PRODUCTS, list_products(access)).await?;
        error::check(&answer)
    }

    async fn identify_customer(&self, access: &Access) -> Result<CustomerId> {
        let answer = self.call(access, &GET_CALLER_IDENTITY, AlibabaParams::default()).await?;
        decode::customer(&answer)
    }

    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        let answer = self.call(access, &LIST_PRODUCTS, list_products(access)).await?;
        decode::products(&answer)
    }

    async fn list_problem_types(&self, access: &Access, product: &ProductId) -> Result<Vec<ProblemType>> {
        let params = list_categories(access, product);
        let answer = self.call(access, &LIST_CATEGORIES, params).await?;
        decode::problem_types(&answer, product)
    }

    async fn create_ticket(&self, access: &Access, ticket: &NewTicket) -> Result<CloudId> {
        let answer = self.call(access, &CREATE_TICKET, create_ticket(ticket)).await?;
        let has_secrets = ticket.secret_info.is_some();
        decode::created(&answer).map_err(|error| failure::without_secrets(error, has_secrets))
    }

    /// `Keyword` is a fuzzy match on the description, so every hit is read.
    async fn find_tickets(&self, access: &Access, id: &TicketId, since_ms: i64) -> Result<TicketSearch> {
        let mut search = TicketSearch::default();
        let mut pager = Pager::new(LIST_TICKETS);
        while let Some(page) = pager.next_page()? {
            let listed = self.page(access, since_ms, page, Some(id.as_str())).await?;
            for ticket in pager.accept_tickets(listed)? {
                if !search.contains(&ticket.cloud_id) {
                    let shown = self.show_ticket(access, &ticket.cloud_id).await;
                    search.add(ticket.cloud_id, id, shown)?;
                }
            }
        }
        Ok(search)
    }

    async fn list_tickets(&self, access: &Access, since_ms: i64, page: u32) -> Result<TicketPage> {
        self.page(access, since_ms, page, None).await
    }

    async fn show_ticket(&self, access: &Access, ticket: &CloudId) -> Result<VendorTicket> {
        let answer = self.call(access, &GET_TICKET, ticket_id(ticket)).await?;
        decode::vendor_ticket(&answer, ticket)
    }

    async fn ticket_status(&self, access: &Access, ticket: &CloudId) -> Result<VendorStatus> {
        let answer = self.call(access, &GET_TICKET, ticket_id(ticket)).await?;
        decode::ticket_status(&answer)
    }

    /// All of it is one page.
    async fn message_page(&self, access: &Access, ticket: &CloudId, _position: u32) -> Result<MessagePage> {
        let answer = self.call(access, &LIST_TICKET_NOTES, list_ticket_notes(ticket)).await?;
        let (messages, len) = decode::messages(&answer)?;
        Ok(MessagePage { messages: PageMessages::Whole(messages, len), counted: None, next: None })
    }

    /// By the temporary link of ListTicketNotes
    /// (<https://help.aliyun.com/zh/support/developer-reference/api-workorder-2021-06-10-listticketnotes>).
    async fn open_file(&self, access: &Access, file: &Attachment, max_bytes: u64) -> Result<OpenFile> {
        files::open_link(&*self.sender, access, &GET_OBJECT, file.url.as_deref(), max_bytes).await
    }

    async fn upload_file(&self, access: &Access, file: &dyn FileSource, _: FilePurpose) -> Result<VendorFileRef> {
        self.put_attachment(access, file).await
    }

    async fn reply_ticket(
        &self,
        access: &Access,
        ticket: &CloudId,
        content: &str,
        files: &[VendorFile],
    ) -> Result<Option<String>> {
        let answer = self.call(access, &REPLY_TICKET, reply_ticket(ticket, content, files)).await?;
        decode::new_id(&answer).map(Some)
    }

    /// Closes first and reads the status only after a refusal: the answer for a closed ticket is not documented. As
    /// closing is idempotent, the status also decides a refusal with an undocumented code.
    async fn close_ticket(&self, access: &Access, ticket: &CloudId) -> Result<()> {
        let answer = self.call(access, &CLOSE_TICKET, ticket_id(ticket)).await?;
        let refusal = match error::check(&answer) {
            Err(error)
                if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::PermissionDenied)
                    || failure::is_coded(&error, answer.response.status()) =>
            {
                error
            }
            other => return other,
        };
        let status = self.ticket_status(access, ticket).await?;
        match status.phase {
            Phase::Ended => Ok(()),
            _ if refusal.kind() == ErrorKind::PermissionDenied => Err(refusal),
            _ => Err(failure::close_refused(&refusal)),
        }
    }

    async fn reopen_ticket(&self, access: &Access, ticket: &CloudId, content: &str) -> Result<()> {
        self.reopen(access, ticket, content).await
    }

    async fn rate_ticket(&self, access: &Access, ticket: &CloudId, rating: &Rating) -> Result<()> {
        self.evaluate(access, ticket, rating).await
    }
}
