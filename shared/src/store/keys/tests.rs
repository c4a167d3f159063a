//! Keys as exact texts.

use super::*;
use crate::domain::EntryKind;

fn pair(key: Key) -> (String, String) {
    (key.pk, key.sk)
}

fn expect(key: Key, pk: &str, sk: &str) {
    assert_eq!(pair(key), (pk.to_owned(), sk.to_owned()));
}

#[test]
fn keys_are_exactly_these() {
    let ticket_id = TicketId::parse("T1").unwrap();
    let account_id = AccountId::parse("A1").unwrap();
    let product_id = ProductId::parse("7160").unwrap();
    let (vendor, site) = (Vendor::Huawei, Site::China);
    expect(connection(), "CONNECTION", "CONNECTION");
    expect(account(&account_id), "ACCOUNT#A1", "ACCOUNT");
    expect(ticket(&ticket_id), "TICKET#T1", "TICKET");
    expect(abandoned_ticket(&ticket_id), "TICKET#T1", "ABANDONED");
    expect(reply(&ticket_id, &ReplyId::parse("R1").unwrap()), "TICKET#T1", "REPLY#R1");
    assert_eq!(ticket_of("TICKET#T1"), Some(ticket_id.clone()));
    assert_eq!(ticket_of("ACCOUNT#A1"), None);
    let cloud_id = CloudId::parse("0005PYGCW").unwrap();
    expect(cloud_ticket(Vendor::Alibaba, "19367", &cloud_id), "CLOUD#ALIBABA#19367#0005PYGCW", "TICKET");
    expect(registration(&account_id), "ACCOUNT#A1", "REGISTRATION");
    let customer_id = CustomerId::parse("0f1e2d").unwrap();
    expect(customer(vendor, &customer_id), "CUSTOMER#HUAWEI#0f1e2d", "CUSTOMER");
    expect(message(&ticket_id, 1_623_396_736_000, 2, "m9"), "TICKET#T1", "MESSAGE#1623396736000#0000000002#m9");
    expect(message_part(&ticket_id, "m9", Some("ab"), 1), "TICKET#T1", "PART#m9#ab#0001");
    expect(message_part(&ticket_id, "m9", None, 1), "TICKET#T1", "PART#m9#0001");
    expect(answer(&ticket_id, "abc"), "TICKET#T1", "ANSWER#abc");
    expect(saved_page(&ticket_id, "r", 50, 1), "PAGES#T1", "r#000050#01");
    expect(retention(), "RETENTION", "RETENTION");
    let upload_id = UploadId::parse("U1").unwrap();
    expect(upload(&upload_id), "UPLOAD#U1", "UPLOAD");
    expect(sent_upload(&upload_id, &account_id, "abc"), "UPLOAD#U1", "SENT#A1#abc");
    expect(idempotency("abc"), "IDEMPOTENCY#abc", "IDEMPOTENCY");
    expect(catalog_head(vendor, site), "CATALOG#HUAWEI#china", "HEAD");
    let entry = |kind, product, id| catalog_entry(vendor, site, kind, product, id);
    expect(entry(EntryKind::Product, None, "7160"), "CATALOG#HUAWEI#china", "PRODUCT#7160");
    let problem_type = entry(EntryKind::ProblemType, Some(&product_id), "80793");
    expect(problem_type, "CATALOG#HUAWEI#china", "TYPE#7160#80793");
    expect(entry(EntryKind::Source, None, "83ae"), "CATALOG#HUAWEI#china", "SOURCE#83ae");
    expect(entry(EntryKind::Region, None, "cn-north-1"), "CATALOG#HUAWEI#china", "REGION#cn-north-1");
    assert_eq!(entry_prefix(EntryKind::ProblemType, None), "TYPE#");
    expect(refresh(&RunId::parse("R1").unwrap()), "REFRESH#R1", "REFRESH");
    expect(counted_ticket(&ticket_id, 3), "COUNTED#T1", "1");
    let day = Day::of(1_768_465_800_000);
    expect(statistics_of_day(4, vendor, day, &account_id), "STATISTICS#0#HUAWEI", "2026-01-15#A1");
    expect(statistics_head(), "STATISTICS", "STATISTICS");
    expect(statistics_rebuild(), "STATISTICS", "REBUILD");
    expect(audit_record("0000000000005#c1"), "AUDIT", "0000000000005#c1");
    assert_eq!(audit_of_account(&account_id), "AUDIT_ACCOUNT#A1");
    assert_eq!(audit_of_actor("abc"), "AUDIT_ACTOR#abc");
    assert_eq!(audit_of_ticket(&ticket_id), "AUDIT_TICKET#T1");
    assert_eq!(changes_of_catalog(vendor, site), "CHANGES#HUAWEI#china");
    assert_eq!(tickets_of_account(&account_id), "ACCOUNT#A1");
    assert_eq!(tickets_of_status(TicketStatus::NotComplete), "STATUS#1");
    assert_eq!(by_time(5, "T1"), "0000000000005#T1");
}
