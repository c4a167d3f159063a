//! Lists as tables: each page as the ids of its rows and the position that follows it.

use super::*;
use crate::{
    error::{ErrorKind, Retry},
    vendors::{Phase, VendorStatus, testing::cloud_id},
};

type Rows = (&'static [&'static str], Option<u32>);

/// Reads the pages as long as the pager asks for one: the positions that it asked for.
fn positions(pages: &[Rows]) -> Result<Vec<u32>> {
    let mut pager = Pager::of_tickets(Vendor::Alibaba);
    let (mut pages, mut positions) = (pages.iter(), Vec::new());
    while let Some(position) = pager.next_page()? {
        positions.push(position);
        let (rows, next) = pages.next().expect("a page past the last one");
        pager.accept(rows, *next)?;
    }
    assert_eq!(pages.next(), None, "a page was not read");
    Ok(positions)
}

fn assert_bad_list<T: std::fmt::Debug>(list: Result<T>, reason: &str) {
    let error = list.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::VendorUnavailable, "vendor_bad_answer"));
    assert_eq!(error.retry(), Retry::Yes { after: None });
    assert!(format!("{error:?}").contains(reason), "{error:?}");
}

#[test]
fn every_page_is_read_in_its_order() {
    let lists: [(&[Rows], &[u32]); 4] = [
        (&[(&[], None)], &[0]),
        (&[(&["A", "B"], Some(100)), (&["C"], None)], &[0, 100]),
        // A new ticket moved B to the second page.
        (&[(&["A", "B"], Some(1)), (&["B", "C"], Some(2)), (&["C"], None)], &[0, 1, 2]),
        // All tickets of two pages are too old.
        (&[(&["A"], Some(1)), (&[], Some(4)), (&[], Some(5)), (&["D"], None)], &[0, 1, 4, 5]),
    ];
    for (pages, expected) in lists {
        assert_eq!(positions(pages).unwrap(), expected);
    }
}

#[test]
fn a_repeated_page_is_a_bad_answer() {
    let lists: [&[Rows]; 3] = [
        &[(&["A", "B"], Some(1)), (&["A", "B"], None)],
        &[(&["A"], Some(1)), (&[], Some(2)), (&["A"], Some(3))],
        &[(&["A"], Some(1)), (&["B"], Some(2)), (&["A"], Some(3))],
    ];
    for pages in lists {
        assert_bad_list(positions(pages), "the same page again");
    }
}

#[test]
fn a_page_with_another_status_is_the_same_page() {
    let page = |raw: &str, next| TicketPage {
        unreadable: 0,
        tickets: vec![ListedTicket {
            create_time: None,
            cloud_id: cloud_id("A"),
            status: VendorStatus { phase: Phase::Other, raw: raw.to_owned() },
        }],
        next,
    };
    let mut pager = Pager::of_tickets(Vendor::Huawei);
    assert_eq!(pager.accept_tickets(page("1", Some(1))).unwrap(), page("1", None).tickets);
    assert_eq!(pager.next_page().unwrap(), Some(1));
    assert_bad_list(pager.accept_tickets(page("2", Some(2))), "the same page again");
}

#[test]
fn a_list_ends_within_its_limit() {
    let read = |pages: u32| {
        let mut pager = Pager::of_tickets(Vendor::Alibaba);
        let mut read = 0;
        while let Some(page) = pager.next_page()? {
            read += 1;
            pager.accept(&[page], Some(page + 1).filter(|next| *next < pages))?;
        }
        Ok(read)
    };
    assert_eq!(read(1_000).unwrap(), 1_000);
    assert_bad_list(read(1_001), "a list without an end");
}

#[test]
fn the_total_or_an_empty_page_ends_a_list() {
    const EARLY: Result<Option<u32>, &str> = Err("an empty page before the total");
    for (offset, rows, total, next) in [
        (0, 0, None, Ok(None)),
        (0, 0, Some(0), Ok(None)),
        (0, 0, Some(1), EARLY),
        (0, 1, None, Ok(Some(1))),
        (0, 100, Some(100), Ok(None)),
        (0, 100, Some(101), Ok(Some(100))),
        (0, 100, Some(0), Ok(None)),
        (100, 0, Some(100), Ok(None)),
        // The total is too high by one.
        (100, 0, Some(101), Ok(None)),
        (100, 0, Some(102), EARLY),
        (100, 0, None, Ok(None)),
        (100, 20, Some(121), Ok(Some(120))),
        (100, 20, Some(120), Ok(None)),
        (u32::MAX, 1, None, Ok(Some(u32::MAX))),
    ] {
        assert_eq!(next_offset(offset, rows, total), next, "{offset} {rows} {total:?}");
        assert_eq!(has_next(offset.into(), rows, total), next.map(|next| next.is_some()));
    }
}
