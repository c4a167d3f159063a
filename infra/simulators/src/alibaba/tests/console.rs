//! Console actions, and what the API shows of them.

use super::*;

#[test]
fn a_person_writes_closes_and_opens_again() {
    let caller = AlibabaTestClient::new();
    let id = caller.create("描述");
    let simulator = &caller.simulator;
    assert_eq!(simulator.customer_message(&id, "补充", NOW + 1), Some(1));
    assert_eq!(caller.status(&id), "4");
    let written = simulator.ticket(&id).unwrap().messages[0].clone();
    assert_eq!((written.from, written.content.as_str(), written.at_ms), (MessageAuthor::Customer, "补充", NOW + 1));

    assert!(simulator.close_in_console(&id, NOW + 2));
    assert_eq!((caller.status(&id), simulator.ticket(&id).unwrap().closed_at_ms), (json!("6"), Some(NOW + 2)));
    // Nothing is written to an ended ticket, and it is not closed twice.
    assert_eq!(simulator.customer_message(&id, "又及", NOW), None);
    assert_eq!(simulator.support_message(&id, "您好", NOW), None);
    assert!(!simulator.close_in_console(&id, NOW + 3));
    assert_eq!(simulator.ticket(&id).unwrap().messages.len(), 1);

    assert!(simulator.reopen_in_console(&id));
    assert!(!simulator.reopen_in_console(&id));
    assert_eq!((caller.status(&id), simulator.ticket(&id).unwrap().closed_at_ms), (json!("1"), None));
    assert_eq!(simulator.support_message(&id, "您好", NOW), Some(2));
    for unknown in
        [simulator.close_in_console("x", NOW), simulator.reopen_in_console("x"), simulator.delete_ticket("x")]
    {
        assert!(!unknown);
    }
    assert_eq!(simulator.customer_message("x", "y", NOW), None);
}

#[test]
fn a_scripted_reply_that_comes_after_the_end_is_never_written() {
    let caller = AlibabaTestClient::new();
    caller.simulator.set_script(SupportScript {
        on_create: vec!["您好".into()],
        delay_ms: 1000,
        ..SupportScript::default()
    });
    let id = caller.create("描述");
    assert!(caller.simulator.close_in_console(&id, NOW));
    caller.now_ms.set(NOW + 2000);
    assert_eq!(caller.status(&id), "6");
    assert!(caller.simulator.reopen_in_console(&id));
    assert_eq!(caller.status(&id), "1");
    assert_eq!(caller.simulator.ticket(&id).unwrap().messages, []);
}

#[test]
fn scripted_support_answers_a_person_too() {
    let caller = AlibabaTestClient::new();
    caller.simulator.set_script(SupportScript { on_reply: vec!["已收到".into()], ..SupportScript::default() });
    let id = caller.create("描述");
    caller.simulator.customer_message(&id, "补充", NOW);
    assert_eq!(caller.status(&id), "3");
    assert_eq!(caller.simulator.ticket(&id).unwrap().messages[1].content, "已收到");
}

#[test]
fn a_deleted_ticket_is_one_that_never_was() {
    let caller = AlibabaTestClient::new();
    let (gone, other) = (caller.create("删"), caller.create("留"));
    assert!(caller.simulator.delete_ticket(&gone));
    assert!(!caller.simulator.delete_ticket(&gone));
    let answer = |action, query: &[(&str, &str)], form: &[(&str, &str)]| {
        let (status, body) = caller.call(action, query, form);
        (status, body["Code"].clone(), body["Message"].clone())
    };
    let reply = |id| [("TicketId", id), ("Content", "c"), ("Encrypt", "false")];
    for (action, of_gone, of_unknown) in [
        ("GetTicket", answer("GetTicket", &[], &[("TicketId", &gone)]), answer("GetTicket", &[], &[("TicketId", "x")])),
        (
            "ListTicketNotes",
            answer("ListTicketNotes", &[("TicketId", &gone)], &[]),
            answer("ListTicketNotes", &[("TicketId", "x")], &[]),
        ),
        ("ReplyTicket", answer("ReplyTicket", &[], &reply(&gone)), answer("ReplyTicket", &[], &reply("x"))),
        (
            "CloseTicket",
            answer("CloseTicket", &[], &[("TicketId", &gone)]),
            answer("CloseTicket", &[], &[("TicketId", "x")]),
        ),
    ] {
        assert_eq!(of_gone, of_unknown, "{action}");
        assert_eq!((of_gone.0, &of_gone.1), (400, &json!("param.illegal")), "{action}");
    }
    let (_, body) = caller.call("ListTickets", &[("PageNumber", "1"), ("PageSize", "10")], &[]);
    assert_eq!((body["TotalCount"].as_i64(), &body["Data"][0]["TicketId"]), (Some(1), &json!(other)));
    assert_eq!(caller.simulator.ticket(&gone), None);
    let all = caller.simulator.tickets();
    assert_eq!(all.iter().map(|ticket| ticket.deleted).collect::<Vec<_>>(), [true, false]);
    // Its id is not used again, also after a restart.
    let restarted = AlibabaTestClient { nonce: 1000.into(), ..AlibabaTestClient::new() };
    restarted.simulator.restore(caller.simulator.snapshot()).unwrap();
    assert_eq!(restarted.simulator.ticket(&gone), None);
    let next = restarted.create("新");
    assert!(next != gone && next != other);
}

#[test]
fn the_control_api_offers_console_actions() {
    let caller = AlibabaTestClient::new();
    let id = caller.create("描述");
    let control_request =
        |name, body: Value| read(&caller.simulator.handle(control_request("POST", name, &body.to_string()), NOW + 5));
    let ticket = || caller.simulator.ticket(&id).unwrap();
    let named = json!({ "ticket": id });
    let message = |at: Option<i64>| json!({ "ticket": id, "content": "补充", "at": at });

    assert_eq!(control_request("customer_message", message(None)), (200, json!({ "message": 1 })));
    assert_eq!(control_request("customer_message", message(Some(7))), (200, json!({ "message": 2 })));
    assert_eq!(ticket().messages.iter().map(|m| m.at_ms).collect::<Vec<_>>(), [NOW + 5, 7]);
    assert_eq!(control_request("reopen_in_console", named.clone()).0, 404);
    assert_eq!(control_request("close_in_console", named.clone()), (200, json!({})));
    assert_eq!((ticket().status, ticket().closed_at_ms), (6, Some(NOW + 5)));
    assert_eq!(control_request("close_in_console", named.clone()).0, 404);
    assert_eq!(control_request("customer_message", message(None)).0, 404);
    assert_eq!(control_request("support_message", message(None)).0, 404);
    assert_eq!(control_request("reopen_in_console", named.clone()), (200, json!({})));
    assert_eq!(ticket().status, 1);
    assert_eq!(control_request("delete_ticket", named.clone()), (200, json!({})));
    assert_eq!(control_request("delete_ticket", named).0, 404);
    assert_eq!(caller.simulator.ticket(&id), None);
}
