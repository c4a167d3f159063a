//! Tickets that were opened in the vendor's console: adopted where the account asks for it, each once.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::{Fault, FaultRule};

use crate::support::{Answer, ApiEvent, World, api, cases, until};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE_MS: i64 = 60_000;

fn patch(id: &str, body: Value) -> ApiEvent {
    ApiEvent::of("PATCH /accounts/{id}").id(id).body(body)
}

async fn switch(world: &World, account: &str, on: bool) -> Value {
    world.call(patch(account, json!({"adopt_console_tickets": on}))).await.expect(200).body
}

/// Opens a ticket in the console a moment after the switch: Huawei's times are whole seconds.
fn open_in_console(world: &World, vendor: &str, text: &str) -> String {
    world.clock.advance(SECOND);
    world.open_in_console(vendor, "控制台的标题", text, world.now_ms())
}

/// The account's tickets, as they are shown alone.
async fn tickets(world: &World, account: &str) -> Vec<Value> {
    let listed = world.all(|| ApiEvent::of("GET /tickets"), &format!("&custom_id={account}"), 100).await;
    let mut tickets = Vec::new();
    for ticket in listed {
        tickets.push(world.ticket(ticket["id"].as_str().unwrap()).await);
    }
    tickets
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_adopted_unless_the_account_asks_for_it() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        open_in_console(&world, vendor, "磁盘已满");
        world.create(vendor, account, "k1").await;
    }
    world.sync().await;
    for (_, account) in accounts.both() {
        assert_eq!(tickets(&world, account).await.len(), 1);
        let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(account)).await.expect(200);
        assert_eq!(shown.body["adopt_since"], Value::Null);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_ticket_of_the_same_second_is_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let since_ms = switch(&world, account, true).await["adopt_since"].as_i64().unwrap();
        // Huawei shows it in whole seconds: before the switch.
        let cloud_id = world.open_in_console(vendor, "控制台的标题", "磁盘已满", since_ms);
        world.sync().await;
        let [ticket] = tickets(&world, account).await.try_into().unwrap();
        assert_eq!(ticket["cloud_id"], cloud_id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_console_ticket_is_adopted_once_and_works_like_any_other() {
    let world = World::start().await;
    for (vendor, by_post) in cases([("ALIBABA", true), ("ALIBABA", false), ("HUAWEI", true), ("HUAWEI", false)]) {
        // A ticket of the second of the switch is adopted: Huawei's times do not tell whether it is older.
        world.clock.advance(SECOND);
        let mut body = world.account_body(vendor);
        body["adopt_console_tickets"] = json!(by_post);
        let account = world.call(ApiEvent::of("POST /accounts").body(body)).await.expect(201);
        assert_eq!(account.body["adopt_since"].is_i64(), by_post);
        let account = account.text("id");
        if !by_post {
            assert!(switch(&world, &account, true).await["adopt_since"].is_i64());
        }
        let text = "磁盘已满 🙏\n报错: <No space left>";
        let cloud_id = open_in_console(&world, vendor, text);
        let simulated = world.simulated(vendor);
        simulated.support_says(&cloud_id, "您好 👋", world.now_ms() + 2_000);
        for _ in 0..3 {
            world.sync().await;
        }
        let [ticket] = tickets(&world, &account).await.try_into().unwrap();
        let at_vendor = simulated.ticket(&cloud_id);
        assert_eq!((&ticket["cloud_id"], &ticket["state"]), (&json!(cloud_id), &json!("open")));
        assert_eq!((&ticket["adopted"], &ticket["description"]), (&json!(true), &json!(text)));
        assert_eq!((&ticket["type"], &ticket["severity"]), (&json!(vendor), &json!("normal")));
        // Huawei has no titles, and gives no id of the problem type.
        let (name, problem_type) = match vendor {
            "ALIBABA" => ("控制台的标题", json!(at_vendor.problem_type)),
            _ => ("磁盘已满 🙏", Value::Null),
        };
        assert_eq!((&ticket["name"], &ticket["product_business_id"]), (&json!(name), &problem_type));
        let id = ticket["id"].as_str().unwrap();
        let messages: Vec<_> = at_vendor.messages.into_iter().map(|message| message.content).collect();
        assert_eq!(world.conversation(id).await, messages);

        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(id).key(id).body(json!({"content": "谢谢"}));
        world.call(reply).await.expect(201);
        let delete = || ApiEvent::of("DELETE /accounts/{id}").id(&account);
        world.call(delete()).await.expect_problem(409, "account_has_open_tickets");
        let closed = world.call(ApiEvent::close(id)).await.expect(200);
        assert_eq!(closed.body["message_count"], messages.len() + 1);
        // A closed one is not adopted again.
        world.sync().await;
        assert_eq!(tickets(&world, &account).await.len(), 1);
        world.remove(&account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_ticket_that_ended_meanwhile_is_adopted_and_archived() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        switch(&world, account, true).await;
        let cloud_id = open_in_console(&world, vendor, "磁盘已满");
        world.simulated(vendor).support_says(&cloud_id, "已修复", world.now_ms() + 2_000);
        world.simulated(vendor).close_in_console(&cloud_id);
        for _ in 0..2 {
            world.sync().await;
        }
        let [ticket] = tickets(&world, account).await.try_into().unwrap();
        let messages = world.simulated(vendor).ticket(&cloud_id).messages;
        assert_eq!((&ticket["state"], &ticket["adopted"]), (&json!("closed"), &json!(true)));
        assert_eq!(ticket["message_count"], messages.len());
        world.remove(account).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_from_before_the_switch_are_not_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        world.open_in_console(vendor, "旧", "很久以前", world.now_ms() - 3 * 24 * 60 * MINUTE_MS);
        world.open_in_console(vendor, "旧", "刚才", world.now_ms() - MINUTE_MS);
        switch(&world, account, true).await;
        let new = open_in_console(&world, vendor, "新的");
        world.sync().await;
        let [ticket] = tickets(&world, account).await.try_into().unwrap();
        assert_eq!(ticket["cloud_id"], new.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn switching_off_stops_it_and_on_again_begins_anew() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let since = switch(&world, account, true).await["adopt_since"].clone();
        assert_eq!(switch(&world, account, true).await["adopt_since"], since, "the first time counts");
        assert_eq!(switch(&world, account, false).await["adopt_since"], Value::Null);
        world.open_in_console(vendor, "t", "关着的时候", world.now_ms());
        let calls = world.vendor_calls();
        world.sync().await;
        assert_eq!(world.vendor_calls(), calls);
        // Huawei's times are whole seconds: what was opened in this very second may count as after the switch.
        world.clock.advance(2 * SECOND);
        switch(&world, account, true).await;
        let wanted = open_in_console(&world, vendor, "又开了");
        world.sync().await;
        let [ticket] = tickets(&world, account).await.try_into().unwrap();
        assert_eq!(ticket["cloud_id"], wanted.as_str());
        switch(&world, account, false).await;
        world.call(ApiEvent::close(ticket["id"].as_str().unwrap())).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_tickets_are_not_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        switch(&world, account, true).await;
        world.create(vendor, account, "k1").await;
        let operation = api(vendor).create;
        // One whose answer is lost, and one whose answer is still on its way while the sync runs.
        world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::CutAfter));
        let lost = world.call(world.create_event(vendor, account, "k2")).await.expect(202).text("id");
        world.simulated(vendor).fault(FaultRule::times(operation, 1, Fault::Delay { ms: 1_500 }));
        let slow = world.call(world.create_event(vendor, account, "k3"));
        let runs = async {
            until("the third ticket", || world.simulated(vendor).tickets().len() == 3).await;
            world.sync().await;
            assert_eq!(tickets(&world, account).await.len(), 3);
        };
        let (slow, ()) = tokio::join!(slow, runs);
        let slow: Answer = slow.expect(201);
        world.sync().await;
        let all = tickets(&world, account).await;
        assert_eq!(all.len(), 3);
        assert!(all.iter().all(|ticket| ticket["state"] == "open" && ticket["adopted"] == Value::Null));
        for id in [lost, slow.text("id")] {
            assert!(all.iter().any(|ticket| ticket["id"] == id.as_str()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_ticket_that_quotes_a_marker_is_adopted() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        switch(&world, account, true).await;
        let nobody = open_in_console(&world, vendor, "描述\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K");
        let (ours, _) = world.create(vendor, account, "k1").await;
        let quoting = open_in_console(&world, vendor, &format!("请看 ref {ours}\n谢谢"));
        world.sync().await;
        let all = tickets(&world, account).await;
        let ids: Vec<_> = all.iter().map(|ticket| ticket["cloud_id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&nobody.as_str()) && ids.contains(&quoting.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_first_line_is_a_name_all_the_same() {
    let (world, accounts) = World::ready().await;
    switch(&world, &accounts.huawei, true).await;
    let text = "\n  \n".to_owned() + &"长👋".repeat(400);
    open_in_console(&world, "HUAWEI", &text);
    world.sync().await;
    let [ticket] = tickets(&world, &accounts.huawei).await.try_into().unwrap();
    assert_eq!(ticket["name"], "长👋".repeat(250));
    assert_eq!(ticket["description"], text);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adoption_that_failed_comes_with_the_next_run() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        switch(&world, account, true).await;
        open_in_console(&world, vendor, "第一张");
        for number in 2..=8 {
            world.open_in_console(vendor, "t", &format!("第 {number} 张"), world.now_ms());
        }
        let show = api(vendor).detail;
        world.simulated(vendor).fault(FaultRule::always(show, Fault::Status { code: 500 }));
        world.sync().await;
        assert_eq!(tickets(&world, account).await.len(), 0);
        world.simulated(vendor).no_faults();
        world.sync().await;
        assert_eq!(tickets(&world, account).await.len(), 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_that_can_not_be_is_refused() {
    let (world, accounts) = World::ready().await;
    let tencent = world.register("TENCENT").await;
    let before = world.table().await;
    let on = json!({"adopt_console_tickets": true});
    world.call(patch(&tencent, on.clone())).await.expect_problem(422, "capability_not_supported");
    let mut body = world.account_body("TENCENT");
    body["adopt_console_tickets"] = json!(true);
    let answer = world.call(ApiEvent::of("POST /accounts").body(body)).await;
    answer.expect_problem(422, "capability_not_supported");
    let nobody = world.call(patch("01JD2Y5T9V7Z3M6Q8R4S0X1W2K", on)).await;
    nobody.expect_problem(404, "account_not_found");
    for bad in [
        json!({}),
        json!({"adopt_console_tickets": null}),
        json!({"adopt_console_tickets": "true"}),
        json!({"adopt_console_tickets": 1}),
    ] {
        let answer = world.call(patch(&accounts.alibaba, bad)).await;
        answer.expect_problem(400, "invalid_fields").expect_field("/adopt_console_tickets");
    }
    let unknown = json!({"adopt_console_tickets": true, "region_id": "cn-hangzhou"});
    let answer = world.call(patch(&accounts.alibaba, unknown)).await;
    answer.expect_problem(400, "invalid_fields").expect_field("/region_id");
    assert_eq!(world.table().await, before);
    // Off is what it is already.
    let off = world.call(patch(&tencent, json!({"adopt_console_tickets": false}))).await.expect(200);
    assert_eq!(off.body["adopt_since"], Value::Null);
}
