//! Closing a ticket: the whole conversation is archived, whatever happens on the way.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{Event, World};

fn close(id: &str) -> Event {
    Event::of("POST /tickets/{id}/close").id(id)
}

fn messages(id: &str) -> Event {
    Event::of("GET /tickets/{id}/messages").id(id)
}

fn contents(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|message| message["content"].as_str().unwrap())
        .collect()
}

/// The conversation as the vendor has it, oldest first.
fn at_vendor(world: &World, vendor: &str, cloud_id: &str) -> Vec<String> {
    let vendors = &world.stack.simulators.vendors;
    let ticket = if vendor == "ALIBABA" {
        vendors.alibaba.ticket(cloud_id)
    } else {
        vendors.huawei.ticket(cloud_id)
    };
    ticket
        .unwrap()
        .messages
        .into_iter()
        .map(|message| message.content)
        .collect()
}

fn support_says(world: &World, vendor: &str, cloud_id: &str, content: &str) {
    let vendors = &world.stack.simulators.vendors;
    let now_ms = world.stack.app.clock.now_ms();
    let said = if vendor == "ALIBABA" {
        vendors.alibaba.reply(cloud_id, None, content, now_ms)
    } else {
        vendors.huawei.reply(cloud_id, None, content, now_ms)
    };
    assert!(said.is_some());
}

fn add_messages(world: &World, vendor: &str, cloud_id: &str, count: usize) {
    let vendors = &world.stack.simulators.vendors;
    let added = if vendor == "ALIBABA" {
        vendors.alibaba.add_messages(cloud_id, count, None)
    } else {
        vendors.huawei.add_messages(cloud_id, count, None)
    };
    assert!(added);
}

fn add_fault(world: &World, vendor: &str, rule: FaultRule) {
    let vendors = &world.stack.simulators.vendors;
    if vendor == "ALIBABA" {
        vendors.alibaba.add_faults([rule])
    } else {
        vendors.huawei.add_faults([rule])
    }
}

fn close_operation(vendor: &str) -> &'static str {
    if vendor == "ALIBABA" {
        "CloseTicket"
    } else {
        "UpdateCases"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_ticket_has_its_whole_conversation_archived() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "您好，请提供实例 ID 👋");
        support_says(&world, vendor, &cloud_id, "已修复，<b>请确认</b>");

        let closed = world.call(close(&id)).await.expect(200);
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(
            (&closed.body["status"], &closed.body["state"]),
            (&json!(0), &json!("closed"))
        );
        assert_eq!(closed.body["message_count"], expected.len());
        assert_eq!(closed.text("digest").len(), 64);

        let archive = world.all(|| messages(&id), "", 2).await;
        assert_eq!(contents(&archive), expected);
        let last = archive.last().unwrap();
        assert_eq!((&last["type"], &last["case_id"]), (&json!(1), &json!(cloud_id)));
        let open = world
            .call(Event::of("GET /tickets").query("status=1"))
            .await
            .expect(200);
        assert!(open.items().iter().all(|ticket| ticket["id"] != id.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_again_gives_the_first_result() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let first = world.call(close(&id)).await.expect(200);
        let calls = world.vendor_calls();
        let again = world.call(close(&id)).await.expect(200);
        assert_eq!(again.body, first.body);
        let with_key = world
            .call(close(&id).key(&format!("{vendor}-c1")))
            .await
            .expect(200);
        assert_eq!(with_key.body, first.body);
        assert_eq!(world.vendor_calls(), calls, "the vendor was asked again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_conversation_closes_and_reads_back_complete_and_in_order() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        add_messages(&world, vendor, &cloud_id, 2_500);
        let closed = world.call(close(&id)).await.expect(200);
        let archive = world.all(|| messages(&id), "", 100).await;
        let expected = at_vendor(&world, vendor, &cloud_id);
        assert_eq!(closed.body["message_count"], expected.len());
        assert_eq!(contents(&archive), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_written_while_closing_is_not_lost() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "first");
        // GIVEN a vendor that takes its time over the close
        add_fault(
            &world,
            vendor,
            FaultRule::times(close_operation(vendor), 1, Fault::Delay { ms: 400 }),
        );
        let closing = world.call(close(&id));
        let late = async {
            // WHEN support answers once the first reading is done and the close is on its way
            while !called(&world, vendor) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            support_says(&world, vendor, &cloud_id, "last words");
        };
        let (closed, ()) = tokio::join!(closing, late);
        closed.expect(200);
        // THEN the second reading has it
        let archive = world.all(|| messages(&id), "", 100).await;
        assert_eq!(contents(&archive), at_vendor(&world, vendor, &cloud_id));
        assert_eq!(contents(&archive).last(), Some(&"last words"));
    }
}

fn called(world: &World, vendor: &str) -> bool {
    let vendors = &world.stack.simulators.vendors;
    let counts = if vendor == "ALIBABA" {
        vendors.alibaba.counts()
    } else {
        vendors.huawei.counts()
    };
    counts.contains_key(close_operation(vendor))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_closed_by_somebody_else_is_archived_all_the_same() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "done");
        let vendors = &world.stack.simulators.vendors;
        let ended = if vendor == "ALIBABA" {
            vendors.alibaba.set_status(&cloud_id, 6)
        } else {
            vendors.huawei.set_status(&cloud_id, 3)
        };
        assert!(ended);
        let closed = world.call(close(&id)).await.expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(
            contents(&world.all(|| messages(&id), "", 100).await),
            at_vendor(&world, vendor, &cloud_id)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_trouble_leaves_it_closing_and_the_next_close_goes_on() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        support_says(&world, vendor, &cloud_id, "hello");
        add_fault(
            &world,
            vendor,
            FaultRule::times(close_operation(vendor), 1, Fault::CutAfter),
        );
        let accepted = world
            .call(close(&id).key(&format!("{vendor}-c1")))
            .await
            .expect(202);
        assert_eq!(
            (&accepted.body["state"], &accepted.body["status"]),
            (&json!("closing"), &json!(1))
        );
        let closed = world
            .call(close(&id).key(&format!("{vendor}-c1")))
            .await
            .expect(200);
        assert_eq!(closed.body["status"], 0);
        assert_eq!(
            contents(&world.all(|| messages(&id), "", 100).await),
            at_vendor(&world, vendor, &cloud_id)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_close_that_runs_out_of_time_answers_202_and_goes_on_later() {
    let (world, desks) = World::ready().await;
    let (id, cloud_id) = world.create("ALIBABA", &desks.alibaba, "k1").await;
    add_fault(&world, "ALIBABA", FaultRule::times("CloseTicket", 1, Fault::Hang));
    let accepted = world
        .call_within(close(&id), Duration::from_secs(4))
        .await
        .expect(202);
    assert_eq!(accepted.body["state"], "closing");
    world.call(close(&id)).await.expect(200);
    let archive = world.all(|| messages(&id), "", 100).await;
    assert_eq!(contents(&archive), at_vendor(&world, "ALIBABA", &cloud_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_close_is_told_and_the_ticket_stays_open() {
    let (world, desks) = World::ready().await;
    for (vendor, account) in desks.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let code = if vendor == "ALIBABA" {
            "param.illegal"
        } else {
            "OSM.01010014"
        };
        let refuse = Fault::Refuse {
            code: code.into(),
            message: "工单状态不允许".into(),
        };
        add_fault(
            &world,
            vendor,
            FaultRule::times(close_operation(vendor), 2, refuse),
        );
        let refused = world
            .call(close(&id))
            .await
            .expect_problem(409, "vendor_close_refused");
        assert_eq!(refused.body["vendor"]["code"], code);
        let ticket = world
            .call(Event::of("GET /tickets/{id}").id(&id))
            .await
            .expect(200);
        assert_eq!(
            (&ticket.body["state"], &ticket.body["status"]),
            (&json!("open"), &json!(1))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_ticket_can_be_closed() {
    let (world, desks) = World::ready().await;
    let unknown_id = "01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    world
        .call(close(unknown_id))
        .await
        .expect_problem(404, "ticket_not_found");

    add_fault(
        &world,
        "ALIBABA",
        FaultRule::times("CreateTicket", 1, Fault::CutAfter),
    );
    let body = world.ticket_body("ALIBABA", &desks.alibaba);
    let unknown = world
        .call(Event::of("POST /tickets").key("k1").body(body))
        .await
        .expect(202);
    world
        .call(close(&unknown.text("id")))
        .await
        .expect_problem(409, "ticket_not_open");
}
