//! Alibaba's catalog and ticket actions.

use super::*;

#[test]
fn the_catalog_is_of_real_size() {
    let catalog = AlibabaSimulator::new().catalog();
    let types: Vec<_> = catalog.products().flat_map(|product| &product.problem_types).map(|t| &t.id).collect();
    assert!(catalog.products().count() >= 150);
    assert!(types.len() >= 1200);
    assert_eq!(types.iter().collect::<std::collections::HashSet<_>>().len(), types.len());
    for id in ["7160", "9457", "11864", "18422", "14278"] {
        assert!(catalog.product(id).is_some(), "{id}");
    }
    let empty: Vec<_> = catalog.products().filter(|product| product.problem_types.is_empty()).collect();
    assert!(!empty.is_empty());
    let caller = AlibabaTestClient::new();
    for product in empty {
        let (_, body) = caller.call("ListCategories", &[], &[("ProductId", &product.id)]);
        assert!(matches!(body.get("Data"), None | Some(Value::Array(_))), "{body}");
        assert_eq!(body["Code"], 200);
    }
}

#[test]
fn parameters_count_only_in_their_place() {
    let caller = AlibabaTestClient::new();
    let id = caller.create("描述");
    let code = |(status, body): (u16, Value)| (status, body["Code"].as_str().unwrap_or_default().to_owned());
    let missing = (400, "MissingTicketId".to_owned());
    assert_eq!(code(caller.call("GetTicket", &[("TicketId", &id)], &[])), missing);
    assert_eq!(code(caller.call("ListTicketNotes", &[], &[("TicketId", &id)])), missing);
    let page = [("PageNumber", "1"), ("PageSize", "10")];
    assert_eq!(code(caller.call("ListTickets", &[], &page)), (400, "MissingPageNumber".into()));
    assert_eq!(code(caller.call("ListTickets", &[("PageNumber", "1"), ("PageSize", "9")], &[])).1, "InvalidPageSize");
    let create = |severity, category| {
        code(caller.call(
            "CreateTicket",
            &[],
            &[("Description", "d"), ("Severity", severity), ("CategoryId", category)],
        ))
    };
    assert_eq!(create("x", "7161").1, "InvalidSeverity");
    assert_eq!(create("3", "7161").1, "param.illegal");
    assert_eq!(create("1", "1").1, "param.illegal");
    assert_eq!(create("1", "").1, "MissingCategoryId");
    let reply = [("TicketId", id.as_str()), ("Content", "c")];
    assert_eq!(code(caller.call("ReplyTicket", &[], &reply)).1, "MissingEncrypt");
    assert_eq!(caller.simulator.tickets().len(), 1);
}

#[test]
fn a_get_carries_all_parameters_in_the_query() {
    let params = params::CallParams::of(&request("GET", "/?TicketId=A&Content=a+b%2B", &[], ""));
    assert_eq!((params.form("TicketId"), params.query("Content")), (Some("A"), Some("a b+")));
}

#[test]
fn tickets_belong_to_an_account_and_pages_to_a_list() {
    let mut caller = AlibabaTestClient::new();
    let ids: Vec<_> = (0..23).map(|n| caller.create(&format!("第{n}个"))).collect();
    let page = |caller: &AlibabaTestClient, number: &str| {
        let (_, body) = caller.call("ListTickets", &[("PageNumber", number), ("PageSize", "10")], &[]);
        let ids = body["Data"].as_array().unwrap().iter().map(|row| row["TicketId"].as_str().unwrap().to_owned());
        (body["TotalCount"].as_i64().unwrap(), ids.collect::<Vec<_>>())
    };
    let mut newest_first = ids.clone();
    newest_first.reverse();
    assert_eq!(page(&caller, "1"), (23, newest_first[..10].to_vec()));
    assert_eq!(page(&caller, "3"), (23, newest_first[20..].to_vec()));
    assert_eq!(page(&caller, "4"), (23, vec![]));
    let filtered = [("StatusList.1", "wait-feedback"), ("StatusList.2", "1"), ("Keyword", "第2"), ("StartDate", "0")];
    let (_, body) = caller.call("ListTickets", &[("PageNumber", "1"), ("PageSize", "100")], &filtered);
    assert_eq!(body["TotalCount"], 4);
    caller.keys = SECOND_KEYS;
    assert_eq!(page(&caller, "1"), (0, vec![]));
    let (status, body) = caller.call("CloseTicket", &[], &[("TicketId", &ids[0])]);
    assert_eq!((status, &body["Code"]), (401, &json!("illegal.auth")));
}

#[test]
fn statuses_move_and_a_closed_ticket_is_refused_or_not() {
    let caller = AlibabaTestClient::new();
    let id = caller.create("描述");
    assert_eq!(caller.status(&id), "1");
    caller.simulator.reply(&id, None, "您好", NOW);
    assert_eq!(caller.status(&id), "3");
    let (_, body) = caller.call("ReplyTicket", &[], &[("TicketId", &id), ("Content", "谢谢"), ("Encrypt", "false")]);
    assert_eq!((caller.status(&id), &body["Data"]), (json!("4"), &json!("46430002")));
    let close = || caller.call("CloseTicket", &[], &[("TicketId", &id)]);
    assert_eq!(close().1["Success"], true);
    assert_eq!(caller.status(&id), "6");
    assert_eq!(close().1["Code"], -101);
    caller.simulator.set_settings(AlibabaSettings {
        close_closed: CloseClosed::Accept,
        status_names: true,
        ..AlibabaSettings::default()
    });
    assert_eq!(close().1["Success"], true);
    assert_eq!(caller.status(&id), "confirmed");
}

#[test]
fn messages_come_whole_and_in_no_order() {
    let caller = AlibabaTestClient::new();
    let id = caller.create("描述");
    assert!(caller.simulator.add_messages(&id, 2500, None));
    let messages = || caller.call("ListTicketNotes", &[("TicketId", &id)], &[]).1["Data"].as_array().unwrap().clone();
    let (first, again) = (messages(), messages());
    let ids: Vec<_> = first.iter().map(|message| message["DialogId"].as_i64().unwrap()).collect();
    assert_eq!(ids, again.iter().map(|message| message["DialogId"].as_i64().unwrap()).collect::<Vec<_>>());
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    assert_ne!(ids, sorted);
    assert_eq!(sorted, (46_430_001..46_432_501).collect::<Vec<_>>());
    let times: std::collections::HashSet<_> = first.iter().map(|message| message["CreateTime"].as_i64()).collect();
    assert_eq!(times.len(), 834);
    let shapes: std::collections::HashSet<_> = first.iter().map(|message| message["Tip"].to_string()).collect();
    assert_eq!(shapes.len(), 3);
}

#[test]
fn sts_names_the_customer_in_its_own_version_only() {
    let mut client = AlibabaTestClient::new();
    let (status, refused) = client.call("GetCallerIdentity", &[], &[]);
    assert_eq!((status, &refused["Code"]), (400, &json!("NoSuchVersion")));
    client.version = "2015-04-01";
    for keys in [DEMO_KEYS, SECOND_KEYS] {
        client.keys = keys;
        let (status, body) = client.call("GetCallerIdentity", &[], &[]);
        assert_eq!((status, &body["AccountId"], &body["Success"]), (200, &json!(keys.account), &Value::Null));
    }
    assert_eq!(client.call("ListProducts", &[], &[]).1["Code"], "NoSuchVersion");
}
