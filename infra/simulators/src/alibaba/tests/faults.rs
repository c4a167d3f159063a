//! Faults, scripting and state, seen at Alibaba.

use super::*;

#[test]
fn faults_apply_before_or_after_the_work() {
    let caller = AlibabaTestClient::new();
    let call_with_fault = |rule: FaultRule| {
        caller.simulator.add_faults([rule]);
        let form = [("Description", "d"), ("Severity", "1"), ("CategoryId", "7161")];
        let answer = caller.simulator.handle(caller.signed("CreateTicket", &[], &form), NOW);
        (answer, caller.simulator.tickets().len())
    };
    let times = |fault| FaultRule::times("CreateTicket", 1, fault);
    let (answer, tickets) = call_with_fault(times(Fault::CutBefore));
    assert!(matches!(answer.outcome, WireOutcome::CutBefore) && tickets == 0);
    let (answer, tickets) = call_with_fault(times(Fault::CutAfter));
    assert!(matches!(answer.outcome, WireOutcome::CutAfter) && tickets == 1);
    let (answer, tickets) = call_with_fault(times(Fault::Throttle { retry_after_ms: Some(700) }));
    assert_eq!((read(&answer).0, read(&answer).1["Code"].as_str(), tickets), (400, Some("Throttling.User"), 1));
    assert_eq!(answer.response().unwrap().headers()["x-acs-retry-after"], "700");
    let (answer, tickets) = call_with_fault(times(Fault::WrongShape).after_the_work());
    assert_eq!((read(&answer).1["Success"].as_bool(), read(&answer).1.get("Data"), tickets), (Some(true), None, 2));
    let (answer, _) = call_with_fault(times(Fault::Refuse { code: "-7".into(), message: "否".into() }));
    assert_eq!((read(&answer).0, read(&answer).1["Code"].as_i64()), (200, Some(-7)));
    let (answer, _) = call_with_fault(times(Fault::Refuse { code: "No permissions".into(), message: "否".into() }));
    assert_eq!((read(&answer).0, read(&answer).1["Code"].as_str()), (400, Some("No permissions")));
    let (answer, _) = call_with_fault(times(Fault::Huge { bytes: 5_000_000 }));
    assert_eq!(answer.response().unwrap().body().len(), 5_000_000);
    let (answer, _) = call_with_fault(times(Fault::Status { code: 503 }));
    assert_eq!((read(&answer).0, read(&answer).1["Code"].as_str()), (503, Some("ServiceUnavailable")));
    let (answer, tickets) = call_with_fault(times(Fault::Delay { ms: 40 }));
    assert_eq!((answer.delay_ms, tickets), (40, 3));
    let calls = caller.simulator.calls();
    assert_eq!((calls[0].outcome.as_str(), calls[0].done, calls[0].status), ("fault:cut_before", false, None));
    assert_eq!((calls[1].outcome.as_str(), calls[1].done), ("fault:cut_after", true));
    assert_eq!(caller.simulator.counts()["CreateTicket"], 9);
}

#[test]
fn the_list_may_show_new_tickets_after_a_lag() {
    let caller = AlibabaTestClient::new();
    caller.simulator.add_faults([FaultRule::times("*", 1, Fault::ListLag { ms: 5000 })]);
    let (lagging, immediate) = (caller.create("晚"), caller.create("早"));
    let listed = || {
        let (_, body) = caller.call("ListTickets", &[("PageNumber", "1"), ("PageSize", "10")], &[]);
        body["Data"].as_array().unwrap().iter().map(|row| row["TicketId"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed(), [json!(immediate)]);
    assert_eq!(caller.status(&lagging), "1");
    caller.now_ms.set(NOW + 5000);
    assert_eq!(listed(), [json!(immediate), json!(lagging)]);
}

#[test]
fn the_control_api_scripts_and_the_state_survives() {
    let caller = AlibabaTestClient::new();
    let control_request =
        |method, name, body: &str| read(&caller.simulator.handle(control_request(method, name, body), NOW));
    assert_eq!(
        control_request("POST", "script", r#"{"on_create": ["一", "二"], "on_reply": ["三"], "delay_ms": 1000}"#).0,
        200
    );
    let id = caller.create("描述");
    assert_eq!(caller.simulator.ticket(&id).unwrap().messages.len(), 0);
    caller.now_ms.set(NOW + 1500);
    caller.call("ReplyTicket", &[], &[("TicketId", &id), ("Content", "问"), ("Encrypt", "false")]);
    caller.now_ms.set(NOW + 9000);
    assert_eq!(caller.status(&id), "3");
    let contents =
        |ticket: &crate::SimulatedTicket| ticket.messages.iter().map(|m| m.content.clone()).collect::<Vec<_>>();
    assert_eq!(contents(&caller.simulator.ticket(&id).unwrap()), ["一", "问", "二", "三"]);
    assert_eq!(control_request("POST", "reply", r#"{"ticket": "x", "content": "y"}"#).0, 404);
    assert_eq!(control_request("POST", "reply", "{").0, 400);
    assert_eq!(control_request("POST", "status", &format!(r#"{{"ticket": "{id}", "status": 5}}"#)).0, 200);
    assert_eq!(control_request("POST", "catalog", r#"{"rename_product": {"id": "7160", "name": "新名"}}"#).0, 200);
    assert_eq!(control_request("POST", "settings", r#"{"status_names": true}"#).1["status_names"], true);
    assert_eq!(control_request("POST", "settings", r#"{"nonsense": true}"#).0, 404);
    assert!(!control_request("GET", "calls", "").1.to_string().contains(DEMO_KEYS.secret));

    let snapshot = caller.simulator.snapshot();
    let other = AlibabaTestClient { nonce: 1000.into(), now_ms: NOW.into(), ..AlibabaTestClient::new() };
    other.simulator.restore(snapshot).unwrap();
    assert_eq!(other.simulator.tickets(), caller.simulator.tickets());
    assert_eq!(other.simulator.catalog().product("7160").unwrap().name, "新名");
    assert_eq!(other.status(&id), "wait_confirm");
    assert_ne!(other.create("另一个"), id);
    assert!(other.simulator.restore(json!(7)).is_err());
    other.simulator.set_script(SupportScript::default());
    assert_eq!(
        RequestHandler::handle(&other.simulator, request("GET", "/_simulator/none", &[], ""), 0)
            .response()
            .unwrap()
            .status(),
        404
    );
}
