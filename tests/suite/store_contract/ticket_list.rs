//! Lists of tickets: newest first, filtered, paged without gap or double.

use shared::{
    domain::{Ticket, TicketState, TicketStatus, Vendor},
    store::{CloseReason, CreatedCommit, IntentWrite, Store, TicketFilter, TicketPosition},
};

use super::{NOW_MS, UNTIL_MS, account, account_id, begin, close, commit, lease, opened, seed, store, ticket};
use crate::support::World;

/// A random number generator with a fixed seed (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Takes the ticket to `state`.
async fn bring(store: &Store, wanted: Ticket, state: TicketState) {
    assert_eq!(begin(store, &wanted).await, IntentWrite::Written);
    let id = wanted.id.clone();
    let open = opened(&wanted, id.as_str());
    if state == TicketState::Unknown {
        store.mark_unknown(&id, NOW_MS).await.unwrap();
    }
    if state == TicketState::Indeterminate {
        assert!(store.mark_indeterminate(&wanted, NOW_MS).await.unwrap());
    }
    if matches!(state, TicketState::Open | TicketState::Closing | TicketState::Closed) {
        assert_eq!(commit(store, &open).await, CreatedCommit::Done);
    }
    if matches!(state, TicketState::Closing | TicketState::Closed) {
        store.start_close(&id, Some(CloseReason::Asked), NOW_MS, &lease(UNTIL_MS)).await.unwrap();
    }
    if state == TicketState::Closed {
        close(store, &open).await;
    }
}

/// 48 tickets of three accounts in all states, many of the same millisecond, in the list's order.
async fn scatter(store: &Store) -> Vec<Ticket> {
    seed(store).await;
    for id in ["A2", "A3"] {
        store.put_account(&account(id, Vendor::Huawei, NOW_MS)).await.unwrap();
    }
    let mut dice = Dice(20_260_115);
    for number in 0..48 {
        let at = NOW_MS + i64::try_from(dice.below(12)).unwrap();
        let state = TicketState::ALL[usize::try_from(dice.below(6)).unwrap()];
        let owner = format!("A{}", dice.below(3) + 1);
        // Ids as long as a ULID, unrelated to the time.
        let id = format!("01JD2Y5T9V7Z3M6Q8R4S0X{:02}{:02}", dice.below(100), number);
        let wanted = Ticket { account_id: account_id(&owner), ..ticket(&id, at) };
        bring(store, wanted, state).await;
    }
    let everything = store.tickets(&TicketFilter::default(), 100, None).await.unwrap();
    assert_eq!((everything.items.len(), everything.next), (48, None));
    let mut sorted = everything.items;
    sorted.sort_by(|a, b| (b.create_time, &b.id).cmp(&(a.create_time, &a.id)));
    sorted
}

async fn all_pages(store: &Store, filter: &TicketFilter, limit: usize) -> Vec<Ticket> {
    let mut all = Vec::new();
    let mut after: Option<TicketPosition> = None;
    loop {
        let page = store.tickets(filter, limit, after.as_ref()).await.unwrap();
        assert!(page.items.len() <= limit);
        all.extend(page.items);
        if page.next.is_none() {
            return all;
        }
        assert_ne!(page.next, after, "the list does not go on");
        after = page.next;
    }
}

fn matches(filter: &TicketFilter, ticket: &Ticket) -> bool {
    filter.accounts.as_ref().is_none_or(|accounts| accounts.contains(&ticket.account_id))
        && filter.vendor.is_none_or(|vendor| vendor == ticket.vendor)
        && filter.status.is_none_or(|status| status == ticket.status)
        && filter.state.is_none_or(|state| state == ticket.state)
        && filter.from_ms.is_none_or(|from| ticket.create_time >= from)
        && filter.to_ms.is_none_or(|to| ticket.create_time < to)
        && filter.updated_since_ms.is_none_or(|since| changed_ms(ticket) >= since)
}

/// When the ticket was changed.
fn changed_ms(ticket: &Ticket) -> i64 {
    ticket.update_time.unwrap_or_else(|| ticket.create_time.max(ticket.close_time.unwrap_or_default()))
}

/// Walks the list with pages of 1 to 7 and compares each with what the filter leaves of the whole.
async fn check(store: &Store, all: &[Ticket], filter: TicketFilter) {
    let wanted: Vec<_> = all.iter().filter(|ticket| matches(&filter, ticket)).cloned().collect();
    for limit in 1..=7 {
        let listed = all_pages(store, &filter, limit).await;
        let ids = |tickets: &[Ticket]| -> Vec<String> { tickets.iter().map(|ticket| ticket.id.to_string()).collect() };
        assert_eq!(ids(&listed), ids(&wanted), "{filter:?} in pages of {limit}");
        assert_eq!(listed, wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_statuses_merge_newest_first_in_pages_of_any_size() {
    let world = World::start().await;
    let all = scatter(store(&world)).await;
    let closed = all.iter().filter(|ticket| ticket.status == TicketStatus::Closed).count();
    assert!((3..46).contains(&closed), "the dice give one status only");
    check(store(&world), &all, TicketFilter::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_leave_just_what_matches_in_pages_of_any_size() {
    let world = World::start().await;
    let store = store(&world);
    let all = scatter(store).await;
    let none = TicketFilter::default();
    let accounts = Some(vec![account_id("A2")]);
    let two = Some(vec![account_id("A1"), account_id("A2")]);
    for filter in [
        TicketFilter { accounts: two, ..none.clone() },
        TicketFilter { accounts: Some(Vec::new()), ..none.clone() },
        TicketFilter { accounts: accounts.clone(), ..none.clone() },
        TicketFilter { accounts: accounts.clone(), status: Some(TicketStatus::Closed), ..none.clone() },
        TicketFilter { accounts, state: Some(TicketState::Open), from_ms: Some(NOW_MS + 2), ..none.clone() },
        TicketFilter { status: Some(TicketStatus::NotComplete), ..none.clone() },
        TicketFilter { state: Some(TicketState::Unknown), ..none.clone() },
        TicketFilter {
            // No ticket can be both.
            state: Some(TicketState::Closed),
            status: Some(TicketStatus::NotComplete),
            ..none.clone()
        },
        TicketFilter { vendor: Some(Vendor::Huawei), status: Some(TicketStatus::Closed), ..none.clone() },
        TicketFilter { vendor: Some(Vendor::Alibaba), ..none.clone() },
        TicketFilter { from_ms: Some(NOW_MS + 3), to_ms: Some(NOW_MS + 9), ..none.clone() },
        TicketFilter { from_ms: Some(NOW_MS + 9), to_ms: Some(NOW_MS + 3), ..none },
    ] {
        check(store, &all, filter).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_a_time_is_listed_in_pages_of_any_size() {
    let world = World::start().await;
    let store = store(&world);
    let all = scatter(store).await;
    // Some were not changed since an earlier version, which kept no time.
    for ticket in all.iter().step_by(3) {
        world.remove_attribute(&format!("TICKET#{}", ticket.id), "TICKET", "update_time").await;
    }
    let all = all_pages(store, &TicketFilter::default(), 50).await;
    let times: Vec<i64> = all.iter().map(changed_ms).collect();
    let (first, last) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
    assert!(all.iter().any(|ticket| ticket.update_time.is_none() && ticket.close_time.is_some()));
    for since in [first, NOW_MS + 1, NOW_MS + 6, last, last + 1] {
        let filter = TicketFilter { updated_since_ms: Some(since), ..TicketFilter::default() };
        check(store, &all, filter.clone()).await;
        check(store, &all, TicketFilter { status: Some(TicketStatus::Closed), ..filter.clone() }).await;
        check(store, &all, TicketFilter { accounts: Some(vec![account_id("A2")]), ..filter }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_range_takes_its_start_in_and_leaves_its_end_out() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    for (id, at) in [("T1", NOW_MS - 1), ("T2", NOW_MS), ("T3", NOW_MS), ("T4", NOW_MS + 1)] {
        bring(store, ticket(id, at), TicketState::Open).await;
    }
    let ids = async |from_ms, to_ms| -> Vec<String> {
        let filter = TicketFilter { from_ms, to_ms, ..TicketFilter::default() };
        let tickets = all_pages(store, &filter, 2).await;
        tickets.into_iter().map(|ticket| ticket.id.to_string()).collect()
    };
    assert_eq!(ids(Some(NOW_MS), Some(NOW_MS + 1)).await, ["T3", "T2"]);
    assert_eq!(ids(Some(NOW_MS), None).await, ["T4", "T3", "T2"]);
    assert_eq!(ids(None, Some(NOW_MS)).await, ["T1"]);
    assert_eq!(ids(Some(NOW_MS), Some(NOW_MS)).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_changes_its_status_between_pages_is_listed_once() {
    let world = World::start().await;
    let store = store(&world);
    seed(store).await;
    for number in 0..6 {
        bring(store, ticket(&format!("T{number}"), NOW_MS + number), TicketState::Open).await;
    }
    let filter = TicketFilter::default();
    let first = store.tickets(&filter, 2, None).await.unwrap();
    // One that was seen and one that was not.
    for id in ["T5", "T1"] {
        let open = store.ticket(&super::ticket_id(id)).await.unwrap().unwrap();
        close(store, &open).await;
    }
    let rest = store.tickets(&filter, 10, first.next.as_ref()).await.unwrap();
    let all = first.items.iter().chain(&rest.items);
    let ids: Vec<_> = all.map(|ticket| ticket.id.to_string()).collect();
    assert_eq!(ids, ["T5", "T4", "T3", "T2", "T1", "T0"]);
    assert_eq!(rest.next, None);
}
