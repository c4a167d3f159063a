//! Walks over a vendor that gives what it is told to.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;

use super::*;
use crate::{
    domain::{Message, NewTicket, ProblemType, Product, ProductId, Region, Site, Source},
    error::{ErrorKind, Retry},
    problem_code::ProblemCode,
    vendors::{
        Access, Capability, Phase, VendorStatus, VendorTicket, alibaba,
        testing::{access, cloud_id},
    },
};

type Pages = dyn Fn(u32) -> Result<TicketPage> + Send + Sync;

/// Has lists and nothing else.
struct Lists {
    pages: Box<Pages>,
    calls: AtomicU32,
}

impl Lists {
    fn new(pages: impl Fn(u32) -> Result<TicketPage> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { pages: Box::new(pages), calls: AtomicU32::new(0) })
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

/// A page of tickets by id and status.
fn page(tickets: &[(&str, &str)], next: Option<u32>) -> Result<TicketPage> {
    let tickets = tickets.iter().map(|(id, raw)| ListedTicket {
        cloud_id: cloud_id(id),
        status: VendorStatus { phase: Phase::Other, raw: (*raw).to_owned() },
    });
    Ok(TicketPage { tickets: tickets.collect(), next })
}

async fn walked(vendor: &Lists) -> Result<Vec<(String, String)>> {
    let (mut walk, mut tickets) = (Pager::default(), Vec::new());
    while let Some(page) = walk.next(vendor)? {
        let page = vendor.list_tickets(&access(Site::China, "cn-hangzhou"), 7, page).await?;
        tickets.extend(walk.take_in(vendor, page)?);
    }
    Ok(tickets.into_iter().map(|ticket| (ticket.cloud_id.to_string(), ticket.status.raw)).collect())
}

fn pairs(tickets: &[(&str, &str)]) -> Vec<(String, String)> {
    tickets.iter().map(|(id, raw)| ((*id).to_owned(), (*raw).to_owned())).collect()
}

#[tokio::test]
async fn every_page_is_read_in_its_order() {
    // A ticket that came in during the walk pushed B to the second page, where its status is newer.
    let vendor = Lists::new(|number| match number {
        0 => page(&[("A", "1"), ("B", "1")], Some(1)),
        1 => page(&[("B", "6"), ("C", "2")], Some(4)),
        // All of its tickets are too old, as are the next one's.
        4 => page(&[], Some(5)),
        5 => page(&[], Some(6)),
        _ => page(&[("D", "3")], None),
    });
    let all = walked(&vendor).await.unwrap();
    assert_eq!(all, pairs(&[("A", "1"), ("B", "1"), ("B", "6"), ("C", "2"), ("D", "3")]));
    assert_eq!(vendor.calls(), 5);

    let none = Lists::new(|_| page(&[], None));
    assert_eq!(walked(&none).await.unwrap(), []);
}

#[tokio::test]
async fn the_same_page_again_is_no_list() {
    let ignored = Lists::new(|number| page(&[("A", "1"), ("B", "1")], Some(number + 1)));
    // Another status makes it no other page, and neither does a page in between.
    let changed = Lists::new(|number| page(&[("A", if number == 0 { "1" } else { "2" })], Some(number + 1)));
    let circle =
        Lists::new(|number| page(&[(if number % 2 == 0 { "A" } else { "B" }, "1")], Some(number + 1)));
    for (vendor, calls) in [(ignored, 2), (changed, 2), (circle, 3)] {
        let error = walked(&vendor).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::VendorUnavailable, "vendor_bad_answer"));
        assert_eq!(error.retry(), Retry::Yes { after: None });
        assert!(format!("{error:?}").contains("the same page again"));
        assert_eq!(vendor.calls(), calls);
    }
}

#[tokio::test]
async fn a_list_ends_within_its_bound_or_is_none() {
    let pages = |last: u32| {
        Lists::new(move |number| {
            let id = format!("T{number}");
            page(&[(&id, "1")], (number < last).then_some(number + 1))
        })
    };
    let longest = pages(MAX_PAGES - 1);
    assert_eq!(walked(&longest).await.unwrap().len(), 1_000);
    let longer = pages(MAX_PAGES);
    let error = walked(&longer).await.unwrap_err();
    assert_eq!((error.code(), longer.calls()), ("vendor_bad_answer", 1_000));
}

#[tokio::test]
async fn a_page_that_cannot_be_read_fails_the_walk() {
    let vendor = Lists::new(|number| match number {
        0 => page(&[("A", "1")], Some(1)),
        _ => Err(Error::new(ProblemCode::VendorThrottled, "no")),
    });
    assert_eq!(walked(&vendor).await.unwrap_err().kind(), ErrorKind::RateLimited);
}

fn no<T>() -> Result<T> {
    Err(Error::unexpected("only lists are walked"))
}

#[async_trait]
impl TicketVendor for Lists {
    fn capability(&self) -> &'static Capability {
        &alibaba::CAPABILITY
    }
    async fn list_tickets(&self, _: &Access, since_ms: i64, page: u32) -> Result<TicketPage> {
        assert_eq!(since_ms, 7);
        self.calls.fetch_add(1, Ordering::Relaxed);
        (self.pages)(page)
    }
    async fn check_keys(&self, _: &Access) -> Result<()> {
        no()
    }
    async fn list_products(&self, _: &Access) -> Result<Vec<Product>> {
        no()
    }
    async fn list_problem_types(&self, _: &Access, _: &ProductId) -> Result<Vec<ProblemType>> {
        no()
    }
    async fn list_sources(&self, _: &Access) -> Result<Vec<Source>> {
        no()
    }
    async fn list_regions(&self, _: &Access) -> Result<Vec<Region>> {
        no()
    }
    async fn create_ticket(&self, _: &Access, _: &NewTicket) -> Result<CloudId> {
        no()
    }
    async fn find_tickets(&self, _: &Access, _: &str, _: i64) -> Result<Vec<CloudId>> {
        no()
    }
    async fn show_ticket(&self, _: &Access, _: &CloudId) -> Result<VendorTicket> {
        no()
    }
    async fn ticket_status(&self, _: &Access, _: &CloudId) -> Result<VendorStatus> {
        no()
    }
    async fn list_messages(&self, _: &Access, _: &CloudId) -> Result<Vec<Message>> {
        no()
    }
    async fn reply_ticket(&self, _: &Access, _: &CloudId, _: &str) -> Result<Option<String>> {
        no()
    }
    async fn close_ticket(&self, _: &Access, _: &CloudId) -> Result<()> {
        no()
    }
}
