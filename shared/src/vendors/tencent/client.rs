//! The client: each call is built, signed, sent and decoded, in this order.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, header};
use serde::Serialize;

use super::{CAPABILITY, decode, error, model::DescribeProducts, sign::sign};
use crate::{
    clock::Clock,
    domain::{CustomerId, Product, Site, Vendor},
    error::Result,
    vendors::{
        Access, Capability, TicketVendor,
        answer::VendorAnswer,
        call::{self, VendorOperation},
        endpoint, failure,
        http::HttpSend,
        pager::{self, Pager},
        vendor_clock::VendorClock,
    },
};

/// An action of one service.
struct TencentAction {
    operation: VendorOperation,
    service: &'static str,
    version: &'static str,
}

const GET_CALLER_IDENTITY: TencentAction = TencentAction {
    operation: VendorOperation::read(Vendor::Tencent, "GetCallerIdentity"),
    service: "sts",
    version: "2018-08-13",
};
const DESCRIBE_PRODUCTS: TencentAction = TencentAction {
    operation: VendorOperation::read(Vendor::Tencent, "DescribeProducts"),
    service: "region",
    version: "2022-06-27",
};

/// The largest page of DescribeProducts.
const PAGE_SIZE: u32 = 100;

/// Tencent Cloud's client.
pub struct TencentClient {
    sender: Arc<dyn HttpSend>,
    clock: VendorClock,
}

impl TencentClient {
    /// Builds the client.
    pub fn new(sender: Arc<dyn HttpSend>, clock: Arc<dyn Clock>) -> Self {
        Self { sender, clock: VendorClock::new(clock) }
    }

    async fn call(&self, access: &Access, action: &TencentAction, body: &impl Serialize) -> Result<VendorAnswer> {
        let send = || self.send(access, action, body);
        call::paced(access, &action.operation, &self.clock, error::check, send).await
    }

    async fn send(&self, access: &Access, action: &TencentAction, body: &impl Serialize) -> Result<VendorAnswer> {
        let (mut parts, body) = build(access, action, body)?.into_parts();
        sign(&mut parts, &body, &access.keys, action.service, self.clock.signing_ms())?;
        call::send(&*self.sender, access, &action.operation, Request::from_parts(parts, body)).await
    }
}

/// The unsigned request of an action: POST `/`, JSON, the action in headers.
fn build(access: &Access, action: &TencentAction, body: &impl Serialize) -> Result<Request<Bytes>> {
    let base = endpoint::base_url(Vendor::Tencent, access, action.service);
    let language = match access.language {
        Site::China => "zh-CN",
        Site::International => "en-US",
    };
    let builder = Request::post(format!("{base}/"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-tc-action", action.operation.name)
        .header("x-tc-version", action.version)
        .header("x-tc-region", &access.region_id)
        .header("x-tc-language", language);
    call::json_request(builder, body)
}

#[async_trait]
impl TicketVendor for TencentClient {
    fn capability(&self) -> &'static Capability {
        &CAPABILITY
    }

    async fn check_keys(&self, access: &Access) -> Result<()> {
        self.identify_customer(access).await.map(drop)
    }

    async fn identify_customer(&self, access: &Access) -> Result<CustomerId> {
        let answer = self.call(access, &GET_CALLER_IDENTITY, &serde_json::Map::new()).await?;
        decode::customer(&answer)
    }

    /// The products that have regions, by their short names: no published call lists ticket categories.
    async fn list_products(&self, access: &Access) -> Result<Vec<Product>> {
        let operation = &DESCRIBE_PRODUCTS.operation;
        let mut pager = Pager::new(*operation);
        let mut seen = HashSet::new();
        let mut products = Vec::new();
        while let Some(offset) = pager.next_page()? {
            let page = DescribeProducts { limit: PAGE_SIZE, offset };
            let answer = self.call(access, &DESCRIBE_PRODUCTS, &page).await?;
            let (ids, total) = decode::products(&answer)?;
            let next = pager::next_offset(offset, ids.len(), total)
                .map_err(|reason| failure::incomplete(operation, reason))?;
            pager.accept(&ids, next)?;
            let (rows, before) = (ids.len(), products.len());
            for id in ids {
                if seen.insert(id.clone()) {
                    products.push(Product { name: id.to_string(), id, description: None, acronym: None });
                }
            }
            if rows > 0 && products.len() == before {
                // The server ignores the offset but changes the order: products could be missing.
                return Err(failure::incomplete(operation, "the same page again"));
            }
        }
        Ok(products)
    }
}
