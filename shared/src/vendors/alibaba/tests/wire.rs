//! Documented answers and errors, decoded by the pure functions.

use crate::{
    domain::{CloudId, MessageType, ProblemTypeId, ProductId, Severity, Vendor},
    error::Retry,
    vendors::{
        Phase, VendorStatus, VendorTicket,
        alibaba::{decode, error},
        call::VendorOperation,
        testing::{answered, cloud_id, fixture, response},
    },
};

const READ: VendorOperation = VendorOperation::read(Vendor::Alibaba, "ListProducts");
const WRITE: VendorOperation = VendorOperation::write(Vendor::Alibaba, "CreateTicket");

fn read(answer: &http::Response<bytes::Bytes>) -> crate::error::Result<Vec<crate::domain::Message>> {
    decode::messages(&answered(&READ, answer)).map(|(messages, _)| messages.collect())
}

fn answer(name: &str) -> http::Response<bytes::Bytes> {
    response(200, &[], fixture(&format!("alibaba/{name}")))
}

#[test]
fn products() {
    let products = decode::products(&answered(&READ, &answer("list-products"))).unwrap();
    assert_eq!(products.len(), 1);
    assert_eq!(products[0].id.as_str(), "7160");
    assert_eq!(products[0].name, "ECS");
    assert_eq!(products[0].description.as_deref(), Some("云服务器"));

    let repeated = decode::products(&answered(&READ, &answer("list-products-repeated"))).unwrap();
    let rows: Vec<_> = repeated.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    assert_eq!(rows, [("7160", "ECS"), ("9457", "9457")]);
}

#[test]
fn a_success_without_its_required_fields_is_a_bad_answer() {
    let empty = answer("list-categories-none");
    for error in [
        decode::products(&answered(&READ, &empty)).unwrap_err(),
        decode::ticket_status(&answered(&READ, &empty)).unwrap_err(),
        decode::tickets(&answered(&READ, &empty), 0, 100).unwrap_err(),
        read(&empty).unwrap_err(),
        read(&response(200, &[], r#"{"Success":true,"Data":null}"#)).unwrap_err(),
    ] {
        assert_eq!(error.code(), "vendor_bad_answer");
        assert_eq!(error.retry(), Retry::Yes { after: None });
    }
    let null = response(200, &[], r#"{"Success":true,"Data":"null"}"#);
    for error in [
        decode::created(&answered(&WRITE, &empty)).unwrap_err(),
        decode::created(&answered(&WRITE, &null)).unwrap_err(),
        decode::new_id(&answered(&WRITE, &null)).unwrap_err(),
    ] {
        assert_eq!((error.code(), error.retry()), ("vendor_outcome_unknown", Retry::OutcomeUnknown));
    }
}

#[test]
fn a_catalog_row_without_a_usable_id_makes_the_catalog_a_bad_answer() {
    let product = ProductId::parse("7160").unwrap();
    for row in [
        "{}",
        r#"{"ProductId":null,"CategoryId":null}"#,
        r#"{"ProductId":"","CategoryId":""}"#,
        r#"{"ProductId":"null","CategoryId":"null"}"#,
        r#"{"ProductId":"a/b","CategoryId":"a/b"}"#,
        r#"{"productId":7160,"categoryId":7161}"#,
    ] {
        let products = format!(r#"{{"Success":true,"Data":[{{"ProductList":[{{"ProductId":1}},{row}]}}]}}"#);
        let error = decode::products(&answered(&READ, &response(200, &[], products))).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{row}");
        let types = format!(r#"{{"Success":true,"Data":[{{"CategoryId":1}},{row}]}}"#);
        let error = decode::problem_types(&answered(&READ, &response(200, &[], types)), &product).unwrap_err();
        assert_eq!(error.code(), "vendor_bad_answer", "{row}");
    }
    let nothing = response(200, &[], r#"{"Success":true,"Data":null}"#);
    let error = decode::products(&answered(&READ, &nothing)).unwrap_err();
    assert_eq!(error.code(), "vendor_bad_answer");
}

#[test]
fn problem_types() {
    let product = ProductId::parse("7160").unwrap();
    let types = decode::problem_types(&answered(&READ, &answer("list-categories")), &product).unwrap();
    assert_eq!((types[0].id.as_str(), types[0].name.as_str()), ("7161", "ECS"));
    assert_eq!(types[0].product_id, product);
    assert_eq!(decode::problem_types(&answered(&READ, &answer("list-categories-none")), &product).unwrap(), []);
}

#[test]
fn tickets() {
    let created = decode::created(&answered(&WRITE, &answer("create-ticket"))).unwrap();
    assert_eq!(created, CloudId::parse("0005PYGCW").unwrap());
    let shown = decode::vendor_ticket(&answered(&READ, &answer("get-ticket")), &created).unwrap();
    assert_eq!(shown.text, "ecs无法启动");
    let status = decode::ticket_status(&answered(&READ, &answer("get-ticket"))).unwrap();
    assert_eq!((status.phase, status.raw.as_str()), (Phase::Ended, "6"));
    let page = decode::tickets(&answered(&READ, &answer("list-tickets")), 0, 100).unwrap();
    assert_eq!(page.tickets[0].cloud_id.as_str(), "0005PYGCW");
    assert_eq!(page.next, Some(1));
    // The last of the total, but a full page: the total may be too low by one.
    assert_eq!(decode::tickets(&answered(&READ, &answer("list-tickets")), 98, 1).unwrap().next, Some(99));
    assert_eq!(decode::tickets(&answered(&READ, &answer("list-tickets")), 98, 2).unwrap().next, None);
    error::check(&answered(&WRITE, &answer("close-ticket"))).unwrap();
    assert_eq!(decode::new_id(&answered(&WRITE, &answer("reply-ticket"))).unwrap(), "46434030");
    // Success without the id of the new message does not prove a message.
    let error = decode::new_id(&answered(&WRITE, &answer("close-ticket"))).unwrap_err();
    assert_eq!(error.retry(), Retry::OutcomeUnknown);
}

#[test]
fn a_listed_ticket_without_a_usable_id_is_counted_and_the_others_are_read() {
    for id in ["null", r#""""#, r#""null""#, r#""A/1""#] {
        let body = format!(r#"{{"Success":true,"TotalCount":2,"Data":[{{"TicketId":"A1"}},{{"TicketId":{id}}}]}}"#);
        let page = decode::tickets(&answered(&READ, &response(200, &[], body)), 0, 100).unwrap();
        assert_eq!((page.tickets.len(), page.unreadable), (1, 1), "{id}");
    }
    let body = r#"{"Success":true,"TotalCount":3,"Data":[null,[],{"TicketId":"A1"}]}"#;
    let page = decode::tickets(&answered(&READ, &response(200, &[], body)), 0, 100).unwrap();
    assert_eq!((page.tickets.len(), page.unreadable), (1, 2));
}

#[test]
fn statuses_by_number_and_name() {
    for (raw, phase) in [
        ("1", Phase::Waiting),
        ("dealing", Phase::Processing),
        ("wait-feedback", Phase::AwaitingCustomer),
        ("wait_feedback", Phase::AwaitingCustomer),
        ("4", Phase::Processing),
        ("WAIT_CONFIRM", Phase::AwaitingCustomer),
        ("confirmed", Phase::Ended),
        ("7", Phase::Other),
        ("", Phase::Other),
    ] {
        assert_eq!(decode::status(raw.into()).phase, phase, "{raw}");
    }
}

#[test]
fn messages() {
    let documented = read(&answer("list-ticket-notes")).unwrap();
    assert_eq!(documented[0].message_id, "9999");
    assert_eq!(documented[0].message_type, MessageType::Customer);
    assert_eq!(documented[0].content, "你好, 我的ECS续费失败, 请问是什么原因");
    assert_eq!(documented[0].create_time, 1_623_396_736_000);
    assert!(documented[0].attachments[0].url.as_deref().unwrap().ends_with("image.png"));

    let messages = read(&answer("list-ticket-notes-unordered")).unwrap();
    let rows: Vec<_> = messages.iter().map(|m| (m.message_id.as_str(), m.content.as_str(), m.message_type)).collect();
    assert_eq!(
        rows,
        [
            ("8", r#"{"card":1}"#, MessageType::Customer),
            ("9", "second", MessageType::Support),
            ("10", "third", MessageType::Support),
        ]
    );
    assert_eq!(messages[1].attachments[0].url.as_deref(), Some("http://plain.example/a"));
}

#[test]
fn an_empty_list_is_an_empty_conversation() {
    let empty = response(200, &[], r#"{"Success":true,"Data":[]}"#);
    assert_eq!(read(&empty).unwrap(), []);
}

#[test]
fn messages_without_an_id_stay_distinct() {
    for id in ["null", r#""""#, r#"" ""#, r#""null""#] {
        let note =
            format!(r#"{{"DialogId":{id},"CreateTime":1,"Type":2,"Dialog":{{"Content":"ok"}},"User":{{"Role":3}}}}"#);
        let later = note.replace(r#""CreateTime":1"#, r#""CreateTime":2"#);
        let read = |notes: [&str; 3]| {
            let body = format!(r#"{{"Success":true,"Data":[{}]}}"#, notes.join(","));
            read(&response(200, &[], body)).unwrap()
        };
        let messages = read([&note, &note, &later]);
        assert_eq!(messages.len(), 3, "{id}");
        assert!(messages.iter().all(|m| m.message_id.starts_with("h-")), "{id}");
        // The order of the vendor's list makes no difference.
        assert_eq!(read([&note, &later, &note]), messages, "{id}");
    }
}

#[test]
fn a_vendor_ticket() {
    let ticket = decode::vendor_ticket(&answered(&READ, &answer("get-ticket")), &cloud_id("0005PYGCW")).unwrap();
    assert_eq!(
        ticket,
        VendorTicket {
            cloud_id: cloud_id("0005PYGCW"),
            name: Some("ecs续费失败啥原因".into()),
            text: "ecs无法启动".into(),
            create_time: Some(1_623_396_736_000),
            latest_create_time: Some(1_623_396_736_999),
            status: VendorStatus { phase: Phase::Ended, raw: "6".into() },
            product_id: None,
            problem_type_id: Some(ProblemTypeId::parse("7161").unwrap()),
            region_id: None,
            severity: Some(Severity::Normal),
        }
    );
    let ticket = |data: &str| {
        let body = format!(r#"{{"Success":true,"Data":{data}}}"#);
        decode::vendor_ticket(&answered(&READ, &response(200, &[], body)), &cloud_id("T"))
    };
    let urgent = r#"{"Title":"null","Description":"","Status":{"Value":"dealing"},
        "Severity":{"Value":2},"CategoryId":7161}"#;
    let urgent = ticket(urgent).unwrap();
    assert_eq!((urgent.name, urgent.text.as_str(), urgent.create_time), (None, "", None));
    assert_eq!((urgent.status.phase, urgent.severity), (Phase::Processing, Some(Severity::Urgent)));
    assert_eq!(urgent.problem_type_id.unwrap().as_str(), "7161");
    // Unusual values are left out; the text is required.
    let odd = r#"{"Description":"x","Status":{"Value":"1"},"Severity":{"Value":"3"},"CategoryId":"a/b"}"#;
    let odd = ticket(odd).unwrap();
    assert_eq!((odd.severity, odd.problem_type_id), (None, None));
    assert_eq!(ticket(r#"{"Description":"x","Status":"null"}"#).unwrap().status.phase, Phase::Other);
    assert_eq!(ticket(r#"{"Status":{"Value":"1"}}"#).unwrap_err().code(), "vendor_bad_answer");
}

#[test]
fn a_page_is_counted_by_the_size_that_it_has() {
    let listed = |page: u32, rows: usize, total: u32, size: &str| {
        let rows: Vec<_> = (0..rows).map(|n| format!(r#"{{"TicketId":"T{n}"}}"#)).collect();
        let body = format!(r#"{{"Success":true,"TotalCount":{total}{size},"Data":[{}]}}"#, rows.join(","));
        decode::tickets(&answered(&READ, &response(200, &[], body)), page, 100)
    };
    let next = |page, rows, total, size| listed(page, rows, total, size).unwrap().next;
    // Pages of 50 when the request asks for 100: the second is not the last of 120.
    let fifty = r#","PageSize":50"#;
    assert_eq!(next(0, 50, 120, fifty), Some(1));
    assert_eq!(next(1, 50, 120, fifty), Some(2));
    assert_eq!(next(2, 20, 120, fifty), None);
    // A total may be too low by one: after a full page the list is read on.
    assert_eq!(next(1, 50, 100, fifty), Some(2));
    // Impossible sizes are ignored.
    for size in ["", r#","PageSize":100"#, r#","PageSize":200"#, r#","PageSize":0"#, r#","PageSize":-1"#] {
        assert_eq!(next(1, 20, 120, size), None, "{size}");
        assert_eq!(next(0, 100, 101, size), Some(1), "{size}");
        assert_eq!(next(0, 100, 100, size), Some(1), "{size}");
        // Or too high by one.
        assert_eq!(listed(1, 0, 102, size).unwrap_err().code(), "vendor_bad_answer", "{size}");
        let one_short = listed(1, 0, 101, size).unwrap();
        assert_eq!((one_short.next, one_short.unreadable), (None, 1), "{size}");
        assert_eq!(listed(1, 0, 100, size).unwrap().next, None, "{size}");
    }
}

#[test]
fn an_odd_field_that_nothing_needs_spoils_no_answer() {
    let body = r#"{"Success":true,"Message":[],"Data":{"Status":{"Value":"confirmed"},"Title":[],"Severity":7}}"#;
    let status = decode::ticket_status(&answered(&READ, &response(200, &[], body))).unwrap();
    assert_eq!(status.phase, Phase::Ended);
}
