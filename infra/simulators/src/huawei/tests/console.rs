//! Console actions, and what the API shows of them.

use super::*;

#[test]
fn statuses_move_as_the_vendors_do() {
    let caller = HuaweiTestClient::new();
    let simulator = &caller.simulator;
    // Before, whether a customer's message is taken and what comes after it, after a close, after opening it again.
    for (before, customer, closed, reopened) in [
        (0, Some(0), Some(4), None),
        (1, Some(1), Some(3), None),
        (2, Some(1), Some(3), None),
        (5, Some(5), Some(3), None),
        (17, Some(1), Some(3), None),
        (3, None, None, Some(1)),
        (4, None, None, Some(1)),
        (12, None, None, None),
        (13, None, None, None),
    ] {
        let id = caller.create();
        let status = || simulator.ticket(&id).unwrap().status;
        simulator.set_status(&id, before);
        assert_eq!(simulator.customer_message(&id, "补充", NOW).map(|_| status()), customer, "{before}");
        simulator.set_status(&id, before);
        assert_eq!(simulator.close_in_console(&id, NOW).then(status), closed, "{before}");
        simulator.set_status(&id, before);
        assert_eq!(simulator.reopen_in_console(&id).then(status), reopened, "{before}");
        simulator.set_status(&id, before);
        assert_eq!(simulator.support_message(&id, "您好", NOW).is_some(), customer.is_some(), "{before}");
    }
}

#[test]
fn a_refused_message_leaves_nothing() {
    let caller = HuaweiTestClient::new();
    let id = caller.create();
    assert!(caller.simulator.close_in_console(&id, NOW));
    let ended = caller.simulator.ticket(&id).unwrap();
    assert_eq!(caller.simulator.customer_message(&id, "补充", NOW), None);
    assert_eq!(caller.simulator.support_message(&id, "您好", NOW), None);
    assert_eq!(caller.simulator.ticket(&id).unwrap(), ended);
}

#[test]
fn a_deleted_ticket_is_one_that_never_was() {
    let caller = HuaweiTestClient::new();
    let (gone, other) = (caller.create(), caller.create());
    assert!(caller.simulator.delete_ticket(&gone));
    let message = json!({ "message": { "content": "好的" } });
    for answer in [
        caller.get(&format!("cases/{gone}"), &[]),
        caller.get(&format!("cases/{gone}/status"), &[]),
        caller.get(&format!("cases/{gone}/messages"), &[]),
        caller.call(&format!("cases/{gone}/message"), &[], Some(&message)),
        caller.act(&gone, "cancel"),
    ] {
        assert_eq!(answer["error_code"], "OSM.01010015", "{answer}");
    }
    let listed = caller.get("cases", &[]);
    assert_eq!(
        (listed["total_count"].as_i64(), &listed["incident_info_list"][0]["incident_id"]),
        (Some(1), &json!(other))
    );
    assert_ne!(caller.create(), gone);
}
