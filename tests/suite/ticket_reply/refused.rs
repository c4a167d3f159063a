//! What is not sent: bad input, tickets that are not open, vendors that can't or won't.

use std::time::Duration;

use serde_json::json;
use shared::{
    domain::{AccountId, CloudId, Ticket, TicketId, TicketState, Vendor},
    store::CloseReason,
};
use simulators::{Fault, FaultRule};

use super::{TEXT, expect_first, expect_replayed, fault, reply, written};
use crate::support::{Answer, ApiEvent, World, api, lease_until, refuse, without_next_copy};

/// Sends `event` and asserts that it changed nothing and reached no vendor.
async fn nothing_done(world: &World, event: ApiEvent) -> Answer {
    let (table, calls) = (world.table().await, world.vendor_calls());
    let answer = world.call(event).await;
    assert_eq!(world.vendor_calls(), calls, "a vendor was called for {answer}");
    assert_eq!(world.table().await, table, "something was stored for {answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_body_is_refused() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let of = |body| ApiEvent::of("POST /tickets/{id}/messages").id(&id).key("r1").body(body);
        for body in [
            json!({}),
            json!({"content": ""}),
            json!({"content": " \n\t "}),
            json!({"content": null}),
            json!({"content": 7}),
            json!({"content": ["x"]}),
            json!({"content": "bell\u{7}"}),
            json!({"content": "nul\u{0}"}),
            json!({"content": "escape\u{1b}[31m"}),
        ] {
            let answer = nothing_done(&world, of(body)).await;
            answer.expect_problem(400, "invalid_fields").expect_field("/content");
        }
        let unknown = nothing_done(&world, of(json!({"content": "x", "contents": "y"}))).await;
        unknown.expect_problem(400, "invalid_fields").expect_field("/contents");
        for (raw, code) in [("", "body_empty"), ("{", "body_not_json"), ("[]", "body_not_an_object")] {
            let event = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key("r1").raw_body(raw);
            nothing_done(&world, event).await.expect_problem(400, code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_too_long_names_its_field_and_the_longest_one_goes() {
    let (world, accounts) = World::ready().await;
    let (id, cloud_id) = world.create("HUAWEI", &accounts.huawei, "k1").await;
    let longest = "长".repeat(10_000);
    let too_long = nothing_done(&world, reply(&id, "r1", &format!("{longest}a"))).await;
    let too_long = too_long.expect_problem(400, "content_too_long").expect_field("/content");
    assert!(too_long.body["errors"][0]["detail"].as_str().unwrap().contains("10000"));
    world.call(reply(&id, "r1", &longest)).await.expect(201);
    assert!(written(&world, "HUAWEI", &cloud_id) == [longest], "the text differs");

    // Alibaba states no limit; what a body can hold is one.
    let (id, _) = world.create("ALIBABA", &accounts.alibaba, "k1").await;
    let too_long = nothing_done(&world, reply(&id, "r1", &"x".repeat(60_001))).await;
    too_long.expect_problem(400, "invalid_fields").expect_field("/content");
    world.call(reply(&id, "r2", &"x".repeat(60_000))).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_ticket_is_not_found() {
    let (world, _) = World::ready().await;
    let answer = nothing_done(&world, reply("01JD2Y5T9V7Z3M6Q8R4S0X1W2K", "r1", TEXT)).await;
    answer.expect_problem(404, "ticket_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_open_ticket_takes_messages() {
    let (world, accounts) = World::ready().await;
    let store = &world.stack.app.store;
    for (vendor, account) in accounts.both() {
        // closing, while somebody has the lease
        let (closing, _) = world.create(vendor, account, "k1").await;
        let now_ms = world.now_ms();
        let id = TicketId::parse(closing.as_str()).unwrap();
        store.start_close(&id, Some(CloseReason::Asked), now_ms, &lease_until(now_ms + 600_000)).await.unwrap();
        // closed
        let (closed, _) = world.create(vendor, account, "k2").await;
        world.call(ApiEvent::close(&closed)).await.expect(200);
        // unknown
        let create = api(vendor).create;
        world.simulated(vendor).fault(FaultRule::times(create, 1, Fault::CutAfter));
        let body = world.ticket_body(vendor, account);
        let event = ApiEvent::of("POST /tickets").key(&format!("{vendor}-k3")).body(body);
        let unknown = world.call(event).await.expect(202).text("id");

        for (state, id) in [("closing", &closing), ("closed", &closed), ("unknown", &unknown)] {
            assert_eq!(world.ticket(id).await["state"], state);
            let answer = nothing_done(&world, reply(id, &format!("{vendor}-{state}"), TEXT)).await;
            assert!(answer.expect_problem(409, "ticket_not_open").text("detail").contains(state));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_being_created_takes_no_messages() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let create = api(vendor).create;
        world.simulated(vendor).fault(FaultRule::times(create, 1, Fault::Delay { ms: 800 }));
        let body = world.ticket_body(vendor, account);
        let created = world.call(ApiEvent::of("POST /tickets").key(&format!("{vendor}-k1")).body(body));
        let replied = async {
            let id = loop {
                let list = ApiEvent::of("GET /tickets").query(&format!("state=creating&custom_id={account}"));
                let list = world.call(list).await.expect(200);
                if let Some(ticket) = list.items().first() {
                    break ticket["id"].as_str().unwrap().to_owned();
                }
            };
            world.call(reply(&id, &format!("{vendor}-r1"), TEXT)).await
        };
        let (created, replied) = tokio::join!(created, replied);
        let replied = replied.expect_problem(409, "ticket_not_open");
        assert!(replied.text("detail").contains("creating"));
        assert_eq!(written(&world, vendor, &created.expect(201).text("cloud_id")), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_answered_and_frees_the_key() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        let before = without_next_copy(world.table().await);
        let code = api(vendor).reply_refused;
        fault(&world, vendor, 1, refuse(code));
        let key = format!("{vendor}-r1");
        let refused = world.call(reply(&id, &key, TEXT)).await.expect_problem(400, "vendor_rejected");
        assert_eq!(refused.body["vendor"]["code"], code);
        assert_eq!(without_next_copy(world.table().await), before);
        // The key is free for a corrected text.
        expect_first(world.call(reply(&id, &key, "改过的文字")).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), ["改过的文字"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_keys_and_throttling_free_the_key_too() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k1").await;
        // The account keeps the pace that the vendor takes.
        let items = async || {
            let mut items = without_next_copy(world.table().await);
            items.retain(|item| !item.contains(r#""entity":"account""#));
            items
        };
        let before = items().await;
        let key = format!("{vendor}-r1");
        for (one, status) in [(api(vendor).keys_refused(), 422), (Fault::Throttle { retry_after_ms: None }, 429)] {
            fault(&world, vendor, 1_000, one);
            // A throttled call is made again until its time is up.
            let answer = world.call_within(reply(&id, &key, TEXT), Duration::from_secs(6)).await;
            assert_eq!(answer.status, status, "{answer}");
            assert_eq!(items().await, before, "{answer}");
            world.simulated(vendor).no_faults();
        }
        expect_first(world.call(reply(&id, &key, TEXT)).await, 201);
        assert_eq!(written(&world, vendor, &cloud_id), [TEXT]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_without_an_api_is_unsupported() {
    let world = World::start().await;
    let account = world.register("TENCENT").await;
    // Such a ticket can't come into being here; it may be there from a later time.
    let ticket: Ticket = serde_json::from_value(json!({
        "id": "01JD2Y5T9V7Z3M6Q8R4S0X1W2K", "status": 1, "state": "open", "name": "n", "description": "d",
        "type": "TENCENT", "severity": "normal", "custom_id": account, "create_time": world.now_ms(),
        "cloud_id": "1234",
    }))
    .unwrap();
    assert_eq!((ticket.vendor, ticket.state), (Vendor::Tencent, TicketState::Open));
    assert_eq!(ticket.account_id, AccountId::parse(account.as_str()).unwrap());
    assert_eq!(ticket.cloud_id, CloudId::parse("1234").ok());
    let store = &world.stack.app.store;
    let owner = store.account(&ticket.account_id).await.unwrap().unwrap();
    assert!(store.adopt_ticket(&owner, &ticket).await.unwrap());
    let answer = nothing_done(&world, reply(ticket.id.as_str(), "r1", TEXT)).await;
    let answer = answer.expect_problem(422, "capability_not_supported");
    assert!(answer.text("detail").contains("https://console.cloud.tencent.com/workorder"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_keeps_to_its_message_after_the_ticket_is_closed() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = world.create(vendor, account, "k1").await;
        let key = format!("{vendor}-r1");
        let sent = world.call(reply(&id, &key, TEXT)).await.expect(201);
        world.call(ApiEvent::close(&id)).await.expect(200);
        let again = nothing_done(&world, reply(&id, &key, TEXT)).await;
        assert_eq!(expect_replayed(again, 201).body, sent.body);
        let other = nothing_done(&world, reply(&id, &key, "另一句")).await;
        other.expect_problem(422, "idempotency_key_reused");
    }
}
