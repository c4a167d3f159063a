//! The client: every call is built, signed, sent and read, in this order.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, header};
use serde::Serialize;

use super::{CAPABILITY, decode, model::DescribeProducts, sign::sign};
use crate::{
    clock::Clock,
    domain::{CloudId, Message, NewTicket, ProblemType, Product, ProductId, Region, Site, Source, Vendor},
    error::{Error, Result},
    vendors::{
        Access, Capability, TicketPage, TicketVendor, VendorStatus, VendorTicket,
        call::{self, Operation},
        endpoint, failure,
        http::HttpSend,
    },
};

/// An action of one service.
pub(super) struct Action {
    operation: Operation,
    service: &'static str,
    version: &'static str,
}

pub(super) const GET_CALLER_IDENTITY: Action = Action {
    operation: Operation::read(Vendor::Tencent, "GetCallerIdentity"),
    service: "sts",
    version: "2018-08-13",
};
pub(super) const DESCRIBE_PRODUCTS: Action = Action {
    operation: Operation::read(Vendor::Tencent, "DescribeProducts"),
    service: "region",
    version: "2022-06-27",
};

/// The largest page of DescribeProducts.
const PAGE_SIZE: u32 = 100;
/// The most products that are read: a server that never ends its list must not keep us.
const MAX_PRODUCTS: u32 = 10_000;

/// Tencent Cloud's client.
pub struct Tencent {
    sender: Arc<dyn HttpSend>,
    clock: Arc<dyn Clock>,
}

impl Tencent {
    /// Builds the client.
    pub fn new(sender: Arc<dyn HttpSend>, clock: Arc<dyn Clock>) -> Self {
        Self { sender, clock }
    }

    async fn call(&self, access: &Access, action: &Action, body: &impl Serialize) -> Result<Response<Bytes>> {
        let request = build(access, action, body)?;
        let request = self.signed(access, action, request)?;
        call::send(&*self.sender, access, &action.operation, request).await
    }

    fn signed(&self, access: &Access, action: &Action, request: Request<Bytes>) -> Result<Request<Bytes>> {
        let (mut parts, body) = request.into_parts();
        let now_ms = self.clock.now_ms();
        sign(&mut parts, &body, &access.keys, action.service, now_ms)?;
        Ok(Request::from_parts(parts, body))
    }
}

/// The unsigned request of an action: POST `/`, JSON, the action in headers.
pub(super) fn build(access: &Access, action: &Action, body: &impl Serialize) -> Result<Request<Bytes>> {
    let base = endpoint::base_url(
        Vendor::Tencent,
        access.endpoint.as_deref(),
        access.site,
        &access.region_id,
        action.service,
    );
    let language = match access.site {
        Site::China => "zh-CN",
        Site::International => "en-US",
    };
    let body = serde_json::to_vec(body)
        .map_err(|source| Error::unexpected("A vendor request could not be written.").with_source(source))?;
    let builder = Request::post(format!("{base}/"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-tc-action", action.operation.name)
        .header("x-tc-version", action.version)
        .header("x-tc-region", &access.region_id)
        .header("x-tc-language", language);
    call::request(builder, Bytes::from(body))
}

fn unsupported<T>(access: &Access, what: &str) -> Result<T> {
    Err(failure::not_supported(Vendor::Tencent, what, CAPABILITY.console(access.site)))
}

#[async_trait]
impl TicketVendor for Tencent {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    async fn check_keys(&self, access: &Access) -> Result<()> {
        let answer = self.call(access, &GET_CALLER_IDENTITY, &serde_json::Map::new()).await?;
        decode::caller_identity(&GET_CALLER_IDENTITY.operation, &answer)
    }

    /// The products that have regions, by their short names: no published call lists ticket categories.
    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        let operation = &DESCRIBE_PRODUCTS.operation;
        let mut seen = HashSet::new();
        let mut products = Vec::new();
        let mut offset = 0;
        while offset < MAX_PRODUCTS {
            let page = DescribeProducts { limit: PAGE_SIZE, offset };
            let answer = self.call(access, &DESCRIBE_PRODUCTS, &page).await?;
            let (ids, total) = decode::products(operation, &answer)?;
            if ids.is_empty() {
                return match total {
                    Some(total) if total > i64::from(offset) => {
                        Err(failure::incomplete(operation, "an empty page before the total"))
                    }
                    _ => Ok(products),
                };
            }
            offset = offset.saturating_add(u32::try_from(ids.len()).unwrap_or(u32::MAX));
            let before = products.len();
            for id in ids {
                if seen.insert(id.clone()) {
                    products.push(Product { name: id.to_string(), id, description: None, acronym: None });
                }
            }
            if products.len() == before {
                // The server ignores the offset: what it did not list is not known.
                return Err(failure::incomplete(operation, "the same page again"));
            }
            if total.is_some_and(|total| i64::from(offset) >= total) {
                return Ok(products);
            }
        }
        Err(failure::incomplete(operation, "a list without an end"))
    }

    async fn list_problem_types(&self, access: &Access, _product: &ProductId) -> Result<Vec<ProblemType>> {
        unsupported(access, "list problem types")
    }

    /// Always empty, without a call: there are no sources here.
    async fn list_sources(&self, _access: &Access) -> Result<Vec<Source>> {
        Ok(Vec::new())
    }

    /// Always empty, without a call: there are no tickets that could name a region.
    async fn list_regions(&self, _access: &Access) -> Result<Vec<Region>> {
        Ok(Vec::new())
    }

    async fn create_ticket(&self, access: &Access, _ticket: &NewTicket) -> Result<CloudId> {
        unsupported(access, "create a ticket")
    }

    async fn find_tickets(&self, access: &Access, _marker: &str, _since_ms: i64) -> Result<Vec<CloudId>> {
        unsupported(access, "search tickets")
    }

    async fn list_tickets(&self, access: &Access, _since_ms: i64, _page: u32) -> Result<TicketPage> {
        unsupported(access, "list tickets")
    }

    async fn show_ticket(&self, access: &Access, _ticket: &CloudId) -> Result<VendorTicket> {
        unsupported(access, "read a ticket")
    }

    async fn ticket_status(&self, access: &Access, _ticket: &CloudId) -> Result<VendorStatus> {
        unsupported(access, "read a ticket")
    }

    async fn list_messages(&self, access: &Access, _ticket: &CloudId) -> Result<Vec<Message>> {
        unsupported(access, "read messages")
    }

    async fn reply_ticket(
        &self,
        access: &Access,
        _ticket: &CloudId,
        _content: &str,
    ) -> Result<Option<String>> {
        unsupported(access, "reply to a ticket")
    }

    async fn close_ticket(&self, access: &Access, _ticket: &CloudId) -> Result<()> {
        unsupported(access, "close a ticket")
    }
}
