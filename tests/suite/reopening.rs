//! Closed tickets that are opened again, through Polydesk or in the vendor's console.

mod console;
mod unknown;

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{ApiEvent, World};

/// Longer than the settle time, a lease and the interval of due work.
const SETTLED: Duration = Duration::from_mins(18);

/// Longer than the time between two checks for reopened tickets.
const CHECKED: Duration = Duration::from_mins(61);

const WHY: &str = "问题又出现了 🙏";

fn reopening(ticket: &str, key: &str) -> ApiEvent {
    let event = ApiEvent::of("POST /tickets/{id}/reopen").id(ticket).key(key);
    event.body(json!({"content": WHY}))
}

/// A closed ticket with an answer of support, and the vendor's id of it.
async fn closed(world: &World, vendor: &str, account: &str, key: &str) -> (String, String) {
    let (id, cloud_id) = world.create(vendor, account, key).await;
    world.simulated(vendor).support_says(&cloud_id, "已修复", world.now_ms());
    world.call(ApiEvent::close(&id)).await.expect(200);
    (id, cloud_id)
}

/// The events of the ticket's state, in their order.
async fn states_told(world: &World, ticket: &str) -> Vec<String> {
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events().into_iter().filter(|event| event["detail"]["ticket_id"] == ticket);
    let told = events.map(|event| event["detail-type"].as_str().unwrap().to_owned());
    told.filter(|told| ["TicketCreated", "TicketClosed", "TicketReopened"].contains(&told.as_str())).collect()
}

fn assert_each_once(messages: &[String]) {
    assert_eq!(messages.iter().collect::<BTreeSet<_>>().len(), messages.len(), "{messages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_opened_again_keeps_its_archive_and_closes_with_a_new_digest() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let before = world.ticket(&id).await;
    let archive = world.conversation(&id).await;
    world.clock.advance(SETTLED);

    let sent = world.call(reopening(&id, "o1")).await.expect(201);
    assert_eq!((&sent.body["state"], &sent.body["reopening"]), (&json!("sent"), &json!(true)));
    let open = world.ticket(&id).await;
    assert_eq!((&open["state"], &open["status"]), (&json!("open"), &json!(1)));
    for gone in ["digest", "message_count", "close_time", "resolution_ms", "vendor_status"] {
        assert_eq!(open[gone], Value::Null, "{gone}");
    }
    let closing = |ticket: &Value| {
        json!({
            "close_time": ticket["close_time"], "closed_by": ticket["closed_by"],
            "message_count": ticket["message_count"], "digest": ticket["digest"],
        })
    };
    let mut first = closing(&before);
    first["reopen_time"] = open["closings"][0]["reopen_time"].clone();
    first["reopened_by"] = sent.body["created_by"].clone();
    world.around_now(&first["reopen_time"]);
    assert_eq!(open["closings"], json!([first]));
    assert_eq!(world.simulated("ALIBABA").ticket(&cloud_id).closed_at_ms, None);
    let listed = world.call(ApiEvent::of("GET /tickets").query("state=open")).await.expect(200);
    assert_eq!(listed.items()[0]["id"], id.as_str());

    // The same key opens nothing a second time.
    let again = world.call(reopening(&id, "o1")).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    // It is followed as any open ticket: its message is none of the console.
    world.simulated("ALIBABA").support_says(&cloud_id, "已更换物理主机", world.now_ms());
    world.sync().await;
    let shown = world.ticket(&id).await;
    assert_eq!((&shown["vendor_phase"], &shown["awaiting"]), (&json!("awaiting_customer"), &json!("customer")));
    let page = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
    let why = page.items().iter().find(|message| message["content"] == WHY).unwrap();
    assert_eq!((&why["type"], &why["from_console"]), (&json!(0), &Value::Null));

    let last = world.call(ApiEvent::close(&id).key("c2")).await.expect(200).body;
    assert_eq!(last["message_count"].as_u64(), before["message_count"].as_u64().map(|count| count + 2));
    assert_ne!(last["digest"], before["digest"]);
    assert_eq!(last["closings"], json!([first, closing(&last)]));
    let now = world.conversation(&id).await;
    assert_eq!(now[..archive.len()], archive);
    assert_each_once(&now);
    let verified = world.call(ApiEvent::of("GET /tickets/{id}/verification").id(&id)).await.expect(200);
    assert_eq!(verified.body["verified"], true);
    assert_eq!(states_told(&world, &id).await, ["TicketCreated", "TicketClosed", "TicketReopened", "TicketClosed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_comes_after_the_second_close_changes_its_closing() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    world.call(reopening(&id, "o1")).await.expect(201);
    let late = FaultRule::times("Console", 1, Fault::ListLag { ms: 60_000 });
    world.simulated("ALIBABA").fault(late);
    world.simulated("ALIBABA").support_says(&cloud_id, "迟到的答复", world.now_ms());
    world.call(ApiEvent::close(&id).key("c2")).await.expect(200);
    world.clock.advance(SETTLED);
    world.sync().await;
    let ticket = world.ticket(&id).await;
    assert_eq!(ticket["closings"][1]["message_count"], ticket["message_count"]);
    assert_eq!(ticket["closings"][1]["digest"], ticket["digest"]);
    assert!(world.conversation(&id).await.contains(&"迟到的答复".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_opened_again_counts_as_not_closed() {
    let (world, accounts) = World::ready().await;
    let (id, _) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let counted = async || {
        world.count_statistics().await;
        let day = shared::domain::Day::of(world.now_ms());
        let event = ApiEvent::of("GET /statistics").query(&format!("from={day}&to={day}"));
        let body = world.call(event).await.expect(200).body;
        let of_vendor = body["vendors"].as_array().unwrap().iter().find(|vendor| vendor["type"] == "ALIBABA").unwrap();
        (of_vendor["opened"].as_u64().unwrap(), of_vendor["closed"].as_u64().unwrap())
    };
    assert_eq!(counted().await, (1, 1));
    world.call(reopening(&id, "o1")).await.expect(201);
    assert_eq!(counted().await, (1, 0));
    let account = ApiEvent::of("DELETE /accounts/{id}").id(&accounts.alibaba);
    world.call(account).await.expect_problem(409, "account_has_open_tickets");
    world.call(ApiEvent::close(&id).key("c2")).await.expect(200);
    assert_eq!(counted().await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn three_reopenings_and_closes_leave_every_message_once() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let first = world.all(|| messages(&id), "", 100).await;
    assert_archived(&world, &id, &cloud_id, 1, &first).await;
    let mut earlier = first;
    for round in 1..=3 {
        world.clock.advance(SETTLED);
        let by_caller = round != 2;
        if by_caller {
            world.call(reopening(&id, &format!("o{round}"))).await.expect(201);
        } else {
            world.simulated("ALIBABA").reopen_in_console(&cloud_id);
            world.clock.advance(CHECKED);
            world.sync().await;
        }
        assert_eq!(world.ticket(&id).await["state"], "open", "round {round}");
        world.simulated("ALIBABA").support_says(&cloud_id, &format!("答复 {round}"), world.now_ms());
        world.sync().await;
        world.call(ApiEvent::close(&id).key(&format!("c{round}"))).await.expect(200);

        let now = world.all(|| messages(&id), "", 100).await;
        assert_eq!(now[..earlier.len()], earlier, "round {round}");
        assert_eq!(now.len(), earlier.len() + if by_caller { 2 } else { 1 }, "round {round}");
        assert_archived(&world, &id, &cloud_id, round + 1, &now).await;
        earlier = now;
    }
    // Also once everything that is due is done.
    world.clock.advance(SETTLED);
    world.sync().await;
    assert_eq!(world.all(|| messages(&id), "", 100).await, earlier);
    assert_archived(&world, &id, &cloud_id, 4, &earlier).await;
}

fn messages(ticket: &str) -> ApiEvent {
    ApiEvent::of("GET /tickets/{id}/messages").id(ticket)
}

/// The ticket is closed for that number of times, and its archive is `archive`: each message of the vendor once.
async fn assert_archived(world: &World, id: &str, cloud_id: &str, closes: usize, archive: &[Value]) {
    let ids: BTreeSet<_> = archive.iter().map(|message| message["message_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), archive.len(), "{archive:?}");
    let texts: Vec<_> = archive.iter().map(|message| message["content"].as_str().unwrap()).collect();
    assert_eq!(texts, world.vendor_conversation("ALIBABA", cloud_id));
    let ticket = world.ticket(id).await;
    assert_eq!((&ticket["state"], &ticket["message_count"]), (&json!("closed"), &json!(archive.len())));
    let closings = ticket["closings"].as_array().map(Vec::as_slice).unwrap_or_default();
    // The first close alone has none.
    assert_eq!(closings.len(), if closes == 1 { 0 } else { closes }, "{closings:?}");
    let reopened = closings.iter().filter(|closing| closing["reopen_time"].is_i64()).count();
    assert_eq!(reopened, closes - 1, "{closings:?}");
    let digests: BTreeSet<_> = closings.iter().map(|closing| closing["digest"].as_str().unwrap()).collect();
    assert_eq!(digests.len(), closings.len(), "each close has another digest: {closings:?}");
    if let Some(last) = closings.last() {
        assert_eq!((&last["digest"], &last["message_count"]), (&ticket["digest"], &ticket["message_count"]));
    }
    let verified = world.call(ApiEvent::of("GET /tickets/{id}/verification").id(id)).await.expect(200).body;
    assert_eq!(verified["verified"], true, "{verified}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_status_right_after_a_reopening_counts_as_that_of_before() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    world.clock.advance(SETTLED);
    world.call(reopening(&id, "o1")).await.expect(201);
    world.simulated("ALIBABA").set_status(&cloud_id, 6);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "open");
    world.call(ApiEvent::close(&id).key("c2")).await.expect(202);
    world.clock.advance(SETTLED);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_opened_again_is_refused_without_a_call() {
    let (world, accounts) = World::ready().await;
    let (open, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    world.call(reopening(&open, "o1")).await.expect_problem(409, "ticket_not_closed");
    let (erased, _) = closed(&world, "ALIBABA", &accounts.alibaba, "k2").await;
    world.call(ApiEvent::of("DELETE /tickets/{id}").id(&erased)).await.expect(200);
    world.call(reopening(&erased, "o2")).await.expect_problem(410, "ticket_erased");
    let (closed, _) = closed(&world, "HUAWEI", &accounts.huawei, "k3").await;
    let refused = world.call(reopening(&closed, "o3")).await;
    let refused = refused.expect_problem(422, "capability_not_supported");
    assert!(refused.body["detail"].as_str().unwrap().contains("https://"), "{refused}");
    let without_key = ApiEvent::of("POST /tickets/{id}/reopen").id(&closed).body(json!({"content": WHY}));
    world.call(without_key).await.expect_problem(400, "idempotency_key_required");
    for (body, field) in [
        (json!({}), "/content"),
        (json!({"content": " "}), "/content"),
        (json!({"content": WHY, "attachments": []}), "/attachments"),
    ] {
        let event = ApiEvent::of("POST /tickets/{id}/reopen").id(&open).key("o4").body(body);
        world.call(event).await.expect_problem(400, "invalid_fields").expect_field(field);
    }
    let missing = ApiEvent::of("POST /tickets/{id}/reopen").id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K").key("o5");
    world.call(missing.body(json!({"content": WHY}))).await.expect_problem(404, "ticket_not_found");
    assert_eq!(world.simulated("ALIBABA").count("ReopenTicket"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_of_the_vendor_frees_the_key_and_leaves_the_ticket_closed() {
    let (world, accounts) = World::ready().await;
    let (id, _) = closed(&world, "ALIBABA", &accounts.alibaba, "k1").await;
    let refusal = Fault::Refuse { code: "Forbidden.RAM".into(), message: "denied".into() };
    world.simulated("ALIBABA").fault(FaultRule::times("ReopenTicket", 1, refusal));
    let refused = world.call(reopening(&id, "o1")).await;
    assert!((400..500).contains(&refused.status), "{refused}");
    assert_eq!(world.ticket(&id).await["state"], "closed");
    world.call(reopening(&id, "o1")).await.expect(201);
}
