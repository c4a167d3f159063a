//! Creating tickets, finding them again by their marker, and listing them.

use std::collections::HashSet;

use shared::domain::{CloudId, NewTicket, SecretText, ticket::marker};

use super::{ContractCase, vendors_with_tickets};
use crate::support::World;

/// The pages of the vendor's list.
async fn list(case: &ContractCase<'_>, since_ms: i64) -> Vec<Vec<CloudId>> {
    let (mut pages, mut next) = (Vec::new(), Some(0));
    while let Some(page) = next {
        let listed = case.session().list_tickets(since_ms, page).await.unwrap();
        pages.push(listed.tickets.into_iter().map(|ticket| ticket.cloud_id).collect());
        next = listed.next;
        assert!(pages.len() < 20, "the list of {} does not end", case.vendor);
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_ticket_holds_the_callers_text_and_ends_with_its_marker() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let wanted = NewTicket {
            name: "磁盘 a+b & <c> %20".into(),
            description: "第一行\n第二行 \"quoted\" = 50% 😀👍🏽".into(),
            ..case.new_ticket(1)
        };
        let id = case.session().create_ticket(&wanted).await.unwrap();
        let stored = case.at_vendor(&id);
        let (title, text) = if case.capability().title {
            (wanted.name.clone(), wanted.description_with_marker())
        } else {
            (String::new(), wanted.text_with_name())
        };
        assert_eq!((stored.title, &stored.description), (title, &text));
        assert!(text.ends_with(&format!("\n{}", wanted.marker())));
        assert_eq!(stored.problem_type, wanted.problem_type_id.as_str());
        assert_eq!(stored.product.as_deref(), Some(wanted.product_id.as_str()));
        assert_eq!(case.creates(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_finds_its_ticket_and_those_that_quote_it() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let since_ms = case.now_ms() - 60_000;
        let ids = [case.create(1).await, case.create(2).await, case.create(3).await];
        // One that quotes the marker of the second, and one of another customer.
        let quoting = NewTicket {
            description: format!("See {} of yesterday", marker(&case.new_ticket(2).id)),
            ..case.new_ticket(4)
        };
        let quoting = case.session().create_ticket(&quoting).await.unwrap();
        case.other_customer().create_ticket(&case.new_ticket(2)).await.unwrap();

        let find = async |number| case.session().find_tickets(&case.new_ticket(number).id, since_ms).await.unwrap();
        let [first, second, third] = ids;
        for (number, found, quoting) in
            [(1, vec![first], vec![]), (2, vec![second], vec![quoting]), (3, vec![third], vec![]), (9, vec![], vec![])]
        {
            let search = find(number).await;
            let searched: Vec<_> = search.found.iter().map(|ticket| ticket.cloud_id.clone()).collect();
            assert_eq!((searched, search.quoting), (found, quoting), "{} {number}", case.vendor);
            assert_eq!(search.unreadable, [], "{} {number}", case.vendor);
            // Whole seconds at some vendors.
            let is_now = |time_ms: Option<i64>| time_ms.is_some_and(|time_ms| since_ms <= time_ms);
            assert!(search.found.iter().all(|ticket| is_now(ticket.create_time)), "{} {number}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_ticket_of_two_with_one_marker_is_found() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let ids: HashSet<_> = [case.create(1).await, case.create(1).await].into();
        let found = case.session().find_tickets(&case.new_ticket(1).id, case.now_ms() - 60_000).await.unwrap().found;
        assert_eq!(found.len(), 2);
        assert_eq!(HashSet::from_iter(found.into_iter().map(|ticket| ticket.cloud_id)), ids);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_more_than_one_page_is_complete() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let since_ms = case.now_ms() - 60_000;
        assert_eq!(list(&case, since_ms).await.concat(), []);
        let mut ids = HashSet::new();
        for number in 0..205 {
            ids.insert(case.create(number).await);
        }
        // Another customer's tickets are not ours.
        case.other_customer().create_ticket(&case.new_ticket(0)).await.unwrap();
        let pages = list(&case, since_ms).await;
        assert!(pages.len() > 2, "{}", case.vendor);
        let listed = pages.concat();
        assert_eq!(listed.len(), 205, "{}", case.vendor);
        assert_eq!(HashSet::from_iter(listed), ids);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_leaves_out_what_is_certainly_older() {
    const TWO_DAYS_MS: i64 = 48 * 60 * 60 * 1000;
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        case.create(1).await;
        assert_eq!(list(&case, case.now_ms() + TWO_DAYS_MS).await.concat(), []);
        assert_eq!(list(&case, case.now_ms() - TWO_DAYS_MS).await.concat().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_vendor_with_a_place_for_it_gets_a_secret() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let secret = "p&w=\"密码\"\n%20";
        let ticket = NewTicket { secret_info: Some(SecretText::new(secret.to_owned())), ..case.new_ticket(1) };
        let stored = case.at_vendor(&case.session().create_ticket(&ticket).await.unwrap());
        let takes = case.capability().max_secret_chars.is_some();
        assert_eq!(stored.secret_info.as_deref(), takes.then_some(secret), "{}", case.vendor);
        assert!(!stored.description.contains(secret) && !format!("{ticket:?}").contains(secret));
    }
}
