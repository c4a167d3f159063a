//! Documented answers and errors, decoded by the pure functions.

use serde_json::value::RawValue;

use crate::{
    domain::{CaseKind, Message, MessageType, ProductId, Vendor},
    error::Retry,
    vendors::{
        Phase, VendorStatus, VendorTicket,
        call::VendorOperation,
        conversation::{Numbers, Order, ReadRow, messages_of},
        huawei::{conversation, decode},
        lenient,
        reading::Collected,
        testing::{MARKER, answered, cloud_id, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Huawei, "ListCases");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Huawei, "CreateCases");

fn answer(name: &str) -> http::Response<bytes::Bytes> {
    response(200, &[], fixture(&format!("huawei/{name}")))
}

#[test]
fn catalog() {
    let tree = decode::product_tree(&answered(&READ, &answer("list-case-categories"))).unwrap();
    assert_eq!(tree.len(), 2);
    assert_eq!((tree[0].id.as_str(), tree[0].name.as_str()), ("123", "弹性计算云"));
    assert_eq!(tree[0].description.as_deref(), Some("虚拟机"));
    assert_eq!(tree[0].acronym.as_deref(), Some("ECS"));
    assert_eq!(tree[1].name, "124");
    assert_eq!((&tree[1].description, &tree[1].acronym), (&None, &None));
    assert_eq!(decode::product_tree(&answered(&READ, &answer("list-case-categories-none"))).unwrap(), []);
    let list = decode::product_list(&answered(&READ, &answer("list-product-categories"))).unwrap();
    assert_eq!(list[0].name, "弹性云服务器");

    let product = ProductId::parse("123").unwrap();
    let types = decode::problem_types(&answered(&READ, &answer("list-problem-types")), &product).unwrap();
    let kinds: Vec<_> = types.iter().map(|t| (t.id.as_str(), t.case_kind)).collect();
    assert_eq!(kinds, [("123", CaseKind::Consulting), ("124", CaseKind::Fault), ("125", CaseKind::General)]);
    let regions = decode::regions(&answered(&READ, &answer("list-regions"))).unwrap();
    assert_eq!((regions[0].id.as_str(), regions[0].name.as_str()), ("cn-north-1", "华北-北京一"));
}

#[test]
fn a_catalog_row_without_a_usable_id_makes_the_catalog_a_bad_answer() {
    let product = ProductId::parse("123").unwrap();
    for id in ["null", r#""""#, r#""null""#, r#""a/b""#] {
        let list = |name: &str, field: &str| {
            let rows = format!(r#""{name}":[{{"{field}":"1"}},{{"{field}":{id}}}]"#);
            response(200, &[], format!("{{{rows}}}"))
        };
        let products = list("incident_product_category_list", "incident_product_category_id");
        let body = std::str::from_utf8(products.body()).unwrap();
        let tree = response(200, &[], format!(r#"{{"incident_sub_type_list":[{body}]}}"#));
        for error in [
            decode::product_tree(&answered(&READ, &tree)).unwrap_err(),
            decode::product_list(&answered(&READ, &products)).unwrap_err(),
            decode::problem_types(&answered(&READ, &list("incident_business_type_list", "business_type_id")), &product)
                .unwrap_err(),
            decode::regions(&answered(&READ, &list("data_center_list", "region_id"))).unwrap_err(),
        ] {
            assert_eq!(error.code(), "vendor_bad_answer", "{id}");
        }
    }
}

#[test]
fn a_success_without_its_required_fields_is_a_bad_answer() {
    let empty = answer("create-cases-empty");
    let product = ProductId::parse("123").unwrap();
    for error in [
        decode::product_tree(&answered(&READ, &empty)).unwrap_err(),
        decode::product_list(&answered(&READ, &empty)).unwrap_err(),
        decode::problem_types(&answered(&READ, &empty), &product).unwrap_err(),
        decode::regions(&answered(&READ, &empty)).unwrap_err(),
        decode::ticket_status(&answered(&READ, &empty)).unwrap_err(),
        decode::detail_messages(&answered(&READ, &empty)).map(drop).unwrap_err(),
        decode::vendor_ticket(&answered(&READ, &empty), &cloud_id("TT1")).map(drop).unwrap_err(),
        decode::messages(&answered(&READ, &empty)).map(drop).unwrap_err(),
        decode::cases(&answered(&READ, &empty), 0, 100, 0).map(drop).unwrap_err(),
    ] {
        assert_eq!(error.code(), "vendor_bad_answer");
    }
    let null = response(200, &[], r#"{"incident_id":"null"}"#);
    for empty in [empty, null] {
        let error = decode::created(&answered(&WRITE, &empty)).unwrap_err();
        assert_eq!((error.code(), error.retry()), ("vendor_outcome_unknown", Retry::OutcomeUnknown));
    }
}

#[test]
fn tickets() {
    let created = decode::created(&answered(&WRITE, &answer("create-cases"))).unwrap();
    assert_eq!(created.as_str(), "TT20240501000001");
    let status = decode::ticket_status(&answered(&READ, &answer("show-case-status"))).unwrap();
    assert_eq!((status.phase, status.raw.as_str()), (Phase::Waiting, "0"));
    let page = decode::cases(&answered(&READ, &answer("list-cases")), 0, 100, 0).unwrap();
    assert_eq!((page.tickets.len(), page.next), (2, None));
    assert_eq!(page.tickets[0].0.status.phase, Phase::AwaitingCustomer);
    assert!(page.tickets[0].1.as_deref().unwrap().ends_with(MARKER));
    assert_eq!(page.tickets[1].0.status.phase, Phase::Ended);
    // 2020: the ticket of 2019 is too old in either reading of its time.
    let page = decode::cases(&answered(&READ, &answer("list-cases")), 0, 100, 1_577_836_800_000).unwrap();
    assert_eq!((page.tickets.len(), page.next), (1, None));
    let none = decode::cases(&answered(&READ, &answer("list-cases-older-page")), 0, 100, 0).unwrap();
    assert_eq!((none.tickets.len(), none.next), (0, None));
}

#[test]
fn a_listed_ticket_without_a_usable_id_is_counted_and_the_others_are_read() {
    for id in ["null", r#""""#, r#""null""#, r#""TT/1""#] {
        let body =
            format!(r#"{{"total_count":2,"incident_info_list":[{{"incident_id":"TT1"}},{{"incident_id":{id}}}]}}"#);
        let page = decode::cases(&answered(&READ, &response(200, &[], body)), 0, 100, 0).unwrap();
        assert_eq!((page.tickets.len(), page.unreadable), (1, 1), "{id}");
    }
    let body = r#"{"total_count":3,"incident_info_list":[null,"odd",{"incident_id":"TT1"}]}"#;
    let page = decode::cases(&answered(&READ, &response(200, &[], body)), 0, 100, 0).unwrap();
    assert_eq!((page.tickets.len(), page.unreadable), (1, 2));
}

#[test]
fn every_status() {
    for (raw, phase) in [
        ("0", Phase::Waiting),
        ("1", Phase::Processing),
        ("2", Phase::AwaitingCustomer),
        ("3", Phase::Ended),
        ("4", Phase::Ended),
        ("5", Phase::Processing),
        ("12", Phase::Ended),
        ("13", Phase::Ended),
        ("17", Phase::AwaitingCustomer),
        ("20", Phase::Other),
    ] {
        assert_eq!(decode::status(raw.into()).phase, phase, "{raw}");
    }
}

fn detail_messages(answer: &http::Response<bytes::Bytes>) -> Vec<Message> {
    decode::detail_messages(&answered(&READ, answer)).unwrap().0.collect()
}

/// The messages of a list without ids.
fn listed(rows: Vec<Box<RawValue>>) -> Vec<Message> {
    let row = |row: Box<RawValue>| ReadRow::new(lenient::row(row.get().as_bytes()), conversation::message);
    messages_of(rows.into_iter().map(row).collect(), Order::AsListed, &mut Numbers::default())
}

/// The messages of pages that follow each other.
fn merged<const N: usize>(pages: [Vec<Message>; N]) -> Vec<Message> {
    let mut collected = Collected::default();
    pages.into_iter().for_each(|page| collected.add(Box::new(page.into_iter())));
    collected.finish()
}

#[test]
fn the_same_messages_from_both_lists_are_one_conversation() {
    let with_ids = detail_messages(&answer("show-case-detail"));
    assert_eq!(with_ids[0].message_id, "m1");
    assert_eq!(with_ids[0].message_type, MessageType::Customer);
    assert_eq!(with_ids[0].create_time, 1_714_534_252_000);
    assert_eq!(with_ids[0].attachments[0].id.as_deref(), Some("a1"));
    assert_eq!(with_ids[1].message_type, MessageType::Support);
    assert_eq!(with_ids[1].content, "<p>hi</p>");

    // This list is newest first and has no ids.
    let list = decode::messages(&answered(&READ, &answer("list-messages"))).unwrap();
    assert_eq!(list.count.0, Some(2));
    let all = listed(list.message_list.unwrap());
    assert_eq!(all[0].content, "hello");
    assert_eq!(merged([with_ids.clone(), all.clone()]), with_ids);

    // A message that is not in the detail gets the same id in every reading.
    let cut = merged([with_ids[..1].to_vec(), all.clone()]);
    assert_eq!((cut[0].message_id.as_str(), cut.len()), ("m1", 2));
    assert!(cut[1].message_id.starts_with("h-"));
    assert_eq!(cut, merged([with_ids[..1].to_vec(), all.clone()]));
    // The vendor's id of it, where a later page has it.
    assert_eq!(merged([with_ids[..1].to_vec(), all, with_ids.clone()]), with_ids);
    // A message that only the detail has stays.
    assert_eq!(merged([with_ids.clone(), Vec::new()]), with_ids);
}

#[test]
fn equal_messages_are_distinct_by_their_position() {
    let mut list = decode::messages(&answered(&READ, &answer("list-messages"))).unwrap().message_list.unwrap();
    list.push(list[1].clone());
    let all = listed(list);
    assert_eq!(all.len(), 3);
    assert_ne!(all[0].message_id, all[1].message_id);
}

#[test]
fn messages_without_an_id_stay_distinct() {
    for id in ["null", r#""""#, r#"" ""#, r#""null""#] {
        let row = |content: &str| {
            format!(r#"{{"message_id":{id},"type":0,"content":"{content}","create_time":"2024-05-01T03:30:52Z"}}"#)
        };
        let rows = [row("a"), row("a"), row("b")].join(",");
        let body = format!(r#"{{"incident_detail_info":{{"message_list":[{rows}]}}}}"#);
        let messages = detail_messages(&response(200, &[], body));
        assert_eq!(messages.len(), 3, "{id}");
        assert!(messages.iter().all(|m| m.message_id.starts_with("h-")), "{id}");
    }
}

#[test]
fn a_vendor_ticket() {
    let ticket =
        decode::vendor_ticket(&answered(&READ, &answer("show-case-detail")), &cloud_id("TT20240501000001")).unwrap();
    assert_eq!(
        ticket,
        VendorTicket {
            cloud_id: cloud_id("TT20240501000001"),
            name: None,
            text: "text".into(),
            create_time: Some(1_714_534_252_000),
            latest_create_time: Some(1_714_534_252_999),
            status: VendorStatus { phase: Phase::Processing, raw: "1".into() },
            product_id: None,
            problem_type_id: None,
            region_id: None,
            severity: None,
        }
    );
    let ticket = |info: &str| {
        let body = format!(r#"{{"incident_detail_info":{info}}}"#);
        decode::vendor_ticket(&answered(&READ, &response(200, &[], body)), &cloud_id("TT1"))
    };
    // A time without a zone may be UTC.
    let no_zone = ticket(r#"{"simple_description":"","create_time":"2024-05-01 11:30:52"}"#).unwrap();
    assert_eq!(no_zone.create_time, Some(1_714_534_252_000));
    assert_eq!(no_zone.latest_create_time, Some(1_714_534_252_999 + 8 * 60 * 60 * 1000));
    // An unreadable time is `None`; the text may be empty but must be there.
    let odd = ticket(r#"{"simple_description":"","status":"17","create_time":"soon"}"#).unwrap();
    assert_eq!((odd.text.as_str(), odd.create_time, odd.status.phase), ("", None, Phase::AwaitingCustomer));
    assert_eq!(ticket(r#"{"simple_description":"x"}"#).unwrap().status.phase, Phase::Other);
    for missing in [r#"{"status":1}"#, r#"{"simple_description":null,"status":1}"#] {
        assert_eq!(ticket(missing).unwrap_err().code(), "vendor_bad_answer", "{missing}");
    }
}
