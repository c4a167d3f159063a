//! Tickets whose outcome is unknown.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule, TextRewrite};

use super::{SETTLED, lose_answer, rewrites};
use crate::support::{ApiEvent, LEASE, World, api};

fn resolve(ticket: &str, decision: Value) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/resolution").id(ticket).body(decision)
}

/// A ticket whose answer is lost, and that the vendor stores in another form; its id, and the vendor's.
pub async fn lose_ticket(world: &World, vendor: &str, account: &str, rewrite: TextRewrite) -> (String, String) {
    rewrites(world, vendor, api(vendor).create, rewrite);
    lose_answer(world, vendor, api(vendor).create);
    let id = world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id");
    let cloud_id = world.simulated(vendor).tickets().pop().unwrap().id;
    (id, cloud_id)
}

/// A ticket that is indeterminate: its answer is lost, and the vendor cuts its text before our id. Our id.
async fn leave_to_a_person(world: &World, vendor: &str, account: &str) -> String {
    let (id, _) = lose_ticket(world, vendor, account, TextRewrite::Cut { chars: 10 }).await;
    world.clock.advance(SETTLED);
    world.sync().await;
    assert_eq!(world.ticket(&id).await["state"], "indeterminate");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_found_by_its_id_whatever_stands_around_it() {
    let line = "-- sent by OpenAPI".to_owned();
    for rewrite in [TextRewrite::Append { line }, TextRewrite::Escape, TextRewrite::RichText, TextRewrite::NoEmoji] {
        let (world, accounts) = World::ready().await;
        for (vendor, account) in accounts.both() {
            let (id, cloud_id) = lose_ticket(&world, vendor, account, rewrite.clone()).await;
            let found = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
            assert_eq!((found.text("id"), found.text("cloud_id")), (id, cloud_id), "{rewrite:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_cut_before_its_id_is_left_to_a_person_and_never_created_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let patch = ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": true}));
        world.call(patch).await.expect(200);
        // GIVEN a create whose answer is lost, and a vendor that cuts the text
        let (id, cloud_id) = lose_ticket(&world, vendor, account, TextRewrite::Cut { chars: 10 }).await;
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        // WHEN the settle time passes
        world.clock.advance(SETTLED);
        world.sync().await;
        world.sync().await;
        // THEN it is indeterminate with that candidate, which is not adopted, and the key creates nothing
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["status"]), (&json!("indeterminate"), &json!(1)));
        assert_eq!(ticket["candidates"][0]["vendor_id"], cloud_id.as_str());
        assert_eq!(ticket["candidates"].as_array().unwrap().len(), 1);
        let event = world.create_event(vendor, account, "k1");
        let refused = world.call(event).await.expect_problem(409, "ticket_indeterminate");
        assert!(refused.text("detail").contains("/resolution"));
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
        world.call(ApiEvent::close(&id)).await.expect_problem(409, "ticket_not_open");
        // WHEN a person decides, THEN it is open under that id, and its key replays so
        let unknown = world.call(resolve(&id, json!({"cloud_id": "TT404"}))).await;
        unknown.expect_problem(400, "vendor_id_not_found");
        let open = world.call(resolve(&id, json!({"cloud_id": cloud_id}))).await.expect(200);
        assert_eq!((&open.body["state"], &open.body["candidates"]), (&json!("open"), &Value::Null));
        assert_eq!(world.call(resolve(&id, json!({"cloud_id": cloud_id}))).await.expect(200).body, open.body);
        let replayed = world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        assert_eq!(replayed.text("cloud_id"), cloud_id);
        let absent = world.call(resolve(&id, json!({"absent": true}))).await;
        absent.expect_problem(409, "ticket_not_indeterminate");
        assert_eq!(world.simulated(vendor).tickets().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_the_vendor_lists_and_does_not_show_is_left_to_a_person() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = lose_ticket(&world, vendor, account, TextRewrite::Cut { chars: 10 }).await;
        let show = if vendor == "ALIBABA" { "GetTicket" } else { "ShowCaseDetail" };
        world.simulated(vendor).fault(FaultRule::always(show, api(vendor).no_such_ticket()));
        world.clock.advance(SETTLED);
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(
            (&ticket["state"], ticket["candidates"][0]["vendor_id"].as_str()),
            (&json!("indeterminate"), Some(&*cloud_id))
        );
        // A person may know that it is the one.
        world.call(resolve(&id, json!({"cloud_id": cloud_id}))).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_another_title_and_time_is_no_candidate_and_the_key_is_free() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.open_in_console(vendor, "别的问题", "磁盘已满", world.now_ms() - 3 * 60 * 60 * 1000);
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let id = world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id");
        world.clock.advance(SETTLED);
        world.sync().await;
        world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect_problem(404, "ticket_not_found");
        world.call(world.create_event(vendor, account, "k1")).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_ticket_frees_its_key_and_is_adopted_if_its_id_shows_up() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = leave_to_a_person(&world, vendor, account).await;
        world.call(resolve(&id, json!({"absent": true}))).await.expect(204);
        world.call(ApiEvent::of("GET /tickets/{id}").id(&id)).await.expect_problem(404, "ticket_not_found");
        world.call(world.create_event(vendor, account, "k1")).await.expect(201);
        let late = world.open_in_console(vendor, "晚到的", &format!("ref {id}"), world.now_ms());
        world.clock.advance(SETTLED);
        world.sync().await;
        assert_eq!(world.ticket(&id).await["cloud_id"], late.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tickets_with_one_id_the_second_is_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, first) = lose_ticket(&world, vendor, account, TextRewrite::Escape).await;
        // Huawei gives whole seconds.
        world.clock.advance(Duration::from_secs(2));
        let second = world.open_in_console(vendor, "重复的", &format!("磁盘已满\n\nref {id}"), world.now_ms());
        world.clock.advance(LEASE);
        world.sync().await;
        let filters = format!("&custom_id={account}");
        let tickets = world.all(|| ApiEvent::of("GET /tickets"), &filters, 100).await;
        let of = |cloud_id: &str| tickets.iter().find(|ticket| ticket["cloud_id"] == cloud_id).unwrap();
        assert_eq!(tickets.len(), 2);
        assert_eq!((&of(&first)["id"], &of(&first)["adopted"]), (&json!(id), &Value::Null));
        assert_eq!((&of(&second)["adopted"], &of(&second)["state"]), (&json!(true), &json!("open")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_ticket_that_quotes_an_old_one_is_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let patch = ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": true}));
        world.call(patch).await.expect(200);
        let (old, _) = world.create(vendor, account, "k1").await;
        world.clock.advance(Duration::from_mins(1));
        let text = format!("同样的问题又出现了\n\nref {old}");
        let copied = world.open_in_console(vendor, "同样的问题", &text, world.now_ms());
        world.sync().await;
        let filters = format!("&custom_id={account}");
        let tickets = world.all(|| ApiEvent::of("GET /tickets"), &filters, 100).await;
        assert!(tickets.iter().any(|ticket| ticket["cloud_id"] == copied.as_str()), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_ticket_that_was_a_candidate_for_days_is_adopted_in_the_end() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let patch = ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": true}));
        world.call(patch).await.expect(200);
        // GIVEN a create that did not arrive, and a ticket of the console that may be it
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let event = world.create_event(vendor, account, "k1");
        let id = world.call(event).await.expect(202).text("id");
        let name = world.ticket(&id).await["name"].as_str().unwrap().to_owned();
        let of_console = world.open_in_console(vendor, &name, "控制台提交的", world.now_ms());
        for _ in 0..4 {
            world.clock.advance(Duration::from_hours(24));
            world.sync().await;
        }
        assert_eq!(world.ticket(&id).await["state"], "indeterminate");
        // WHEN a person decides days later that it is not the one, THEN it is adopted
        world.call(resolve(&id, json!({"absent": true}))).await.expect(204);
        world.sync().await;
        let filters = format!("&custom_id={account}");
        let tickets = world.all(|| ApiEvent::of("GET /tickets"), &filters, 100).await;
        assert!(tickets.iter().any(|ticket| ticket["cloud_id"] == of_console.as_str()), "{vendor}: it is lost");
    }
}

/// A ticket whose answer is lost and whose text the vendor cuts, and one that a person opens five minutes later with
/// its text: our id of the first, and the vendor's ids of both.
async fn lose_and_copy(world: &World, vendor: &str, account: &str) -> (String, [String; 2]) {
    let (id, first) = lose_ticket(world, vendor, account, TextRewrite::Cut { chars: 10 }).await;
    world.clock.advance(Duration::from_mins(5));
    let copy = world.open_in_console(vendor, "磁盘已满", &format!("磁盘已满\n\nref {id}"), world.now_ms());
    (id, [first, copy])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_ticket_that_can_no_longer_be_told_is_not_taken_for_it() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, at_vendor) = lose_and_copy(&world, vendor, account).await;
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        world.clock.advance(SETTLED);
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!(ticket["state"], "indeterminate");
        let [copy, first] = serde_json::from_value::<[Value; 2]>(ticket["candidates"].clone()).unwrap();
        assert_eq!([&first["vendor_id"], &copy["vendor_id"]], [&at_vendor[0], &at_vendor[1]]);
        assert_eq!(copy["first_line"], "磁盘已满");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_was_made_later_is_ours_once_no_other_may_be() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // A request that was held back on its way.
        world.simulated(vendor).fault(FaultRule::times(api(vendor).create, 1, Fault::CutBefore));
        let id = world.call(world.create_event(vendor, account, "k1")).await.expect(202).text("id");
        world.clock.advance(Duration::from_mins(5));
        let late = world.open_in_console(vendor, "磁盘已满", &format!("磁盘已满\n\nref {id}"), world.now_ms());
        world.sync().await;
        assert_eq!(world.ticket(&id).await["state"], "unknown");
        world.clock.advance(SETTLED);
        world.sync().await;
        let ticket = world.ticket(&id).await;
        assert_eq!((&ticket["state"], &ticket["cloud_id"]), (&json!("open"), &json!(late)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_gives_the_decision_about_a_ticket_again_and_refuses_another_one() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let id = leave_to_a_person(&world, vendor, account).await;
        let decide = |decision: Value| resolve(&id, decision).key(&format!("{vendor}-decision"));
        world.call(decide(json!({"absent": true}))).await.expect(204);
        // Without the key there is nothing left to decide.
        world.call(decide(json!({"absent": true}))).await.expect(204);
        world.call(resolve(&id, json!({"absent": true}))).await.expect_problem(404, "ticket_not_found");
        let other = world.call(decide(json!({"cloud_id": "TT1"}))).await;
        other.expect_problem(422, "idempotency_key_reused");
        // The key is one for each ticket.
        let another = ApiEvent::of("POST /tickets/{id}/resolution").id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
        let another = another.key(&format!("{vendor}-decision")).body(json!({"absent": true}));
        world.call(another).await.expect_problem(422, "idempotency_key_reused");
    }
}
