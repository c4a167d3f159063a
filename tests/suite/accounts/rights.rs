//! What an account's keys may do: read at registration, with new keys and daily, and shown.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulators::{
    Fault, FaultRule,
    huawei::{HuaweiSettings, RightsSettings},
};

use super::{VENDORS, rotation};
use crate::support::{ApiEvent, World, api, cases, demo_keys};

const DAY: Duration = Duration::from_hours(24);

async fn account(world: &World, id: &str) -> Value {
    world.call(ApiEvent::of("GET /accounts/{id}").id(id)).await.expect(200).body
}

fn set(world: &World, rights: RightsSettings) {
    let huawei = &world.stack.simulators.vendors.huawei;
    huawei.set_settings(HuaweiSettings { rights, ..huawei.settings() });
}

fn states(account: &Value) -> Vec<(String, String)> {
    let items = account["rights"]["items"].as_array().unwrap().iter();
    let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
    items.map(|item| (text(item, "name"), text(item, "state"))).collect()
}

fn right<'a>(account: &'a Value, name: &str) -> &'a Value {
    account["rights"]["items"].as_array().unwrap().iter().find(|item| item["name"] == name).unwrap()
}

async fn daily(world: &World) {
    let event = serde_json::from_str(include_str!("../../events/manage-accounts-schedule.json")).unwrap();
    let deadline = Instant::now() + Duration::from_secs(300);
    world.stack.invoke("manage-accounts", event, deadline).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_account_shows_what_its_keys_may_do() {
    let world = World::start().await;
    for vendor in cases(VENDORS) {
        let created =
            world.call(ApiEvent::of("POST /accounts").body(world.account_body(vendor))).await.expect(201).body;
        assert!(created["rights"]["check_time"].as_i64() >= created["create_time"].as_i64());
        let known = |names: &[&str]| names.iter().map(|name| ((*name).into(), "granted".into())).collect::<Vec<_>>();
        let mut wanted = match vendor {
            "TENCENT" => known(&["products"]),
            "ALIBABA" => known(&["products", "tickets", "messages"]),
            _ => known(&["products", "tickets", "messages", "creation", "agreement", "contacts", "quota"]),
        };
        if vendor != "TENCENT" {
            // A new customer has no ticket whose messages could be read.
            wanted[2].1 = "unknown".into();
            assert!(right(&created, "messages")["detail"].as_str().unwrap().contains("no ticket"));
        }
        assert_eq!(states(&created), wanted);
        assert_eq!(account(&world, created["id"].as_str().unwrap()).await, created);
    }
    let huawei = world.call(ApiEvent::of("GET /accounts")).await.expect(200).items()[1].clone();
    assert_eq!((&right(&huawei, "quota")["count"], &right(&huawei, "contacts")["count"]), (&json!(28), &json!(2)));
    let table = world.whole_table().await.join("\n");
    assert!(!table.contains("13900000000") && !table.contains("contact0@example.com"), "a contact is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_names_what_to_do_and_the_vendors_page() {
    let world = World::start().await;
    set(
        &world,
        RightsSettings { restricted: true, may_create: false, signed: false, contacts: [0, 0], quota: Some([30, 0]) },
    );
    let id = world.register("HUAWEI").await;
    let shown = account(&world, &id).await;
    for name in cases(["creation", "agreement", "contacts", "quota"]) {
        let missing = right(&shown, name);
        assert_eq!(missing["state"], "missing");
        assert_eq!(missing["page"], "https://console.huaweicloud.com/ticket/");
        assert!(missing["detail"].as_str().unwrap().len() > 20 && missing["code"].is_null(), "{missing}");
    }
    assert_eq!(right(&shown, "quota")["count"], 0);

    // A refusal of a read is a missing right, too.
    let refused = api("ALIBABA").no_permission();
    world.simulated("ALIBABA").fault(FaultRule::always(api("ALIBABA").list, refused));
    let id = world.register("ALIBABA").await;
    let shown = account(&world, &id).await;
    let tickets = right(&shown, "tickets");
    assert_eq!((&tickets["state"], &tickets["code"]), (&json!("missing"), &json!("vendor_permission_denied")));
    assert_eq!(tickets["page"], "https://help.aliyun.com/document_detail/2330745.html");
    assert!(tickets["detail"].as_str().unwrap().contains("AliyunSupportFullAccess"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_read_is_unknown_and_fails_no_registration() {
    let world = World::start().await;
    let huawei = world.simulated("HUAWEI");
    huawei.fault(FaultRule::always("ListCaseQuotas", Fault::WrongShape));
    huawei.fault(FaultRule::always("ShowCustomerPrivilegePolicy", Fault::Status { code: 500 }));
    huawei.fault(FaultRule::always("ListHasVerifiedContacts", Fault::Hang));
    let event = ApiEvent::of("POST /accounts").body(world.account_body("HUAWEI"));
    let created = world.call_within(event, Duration::from_secs(12)).await.expect(201).body;
    for (name, code) in cases([("creation", "vendor_unavailable"), ("contacts", "vendor_unavailable")]) {
        let unknown = right(&created, name);
        assert_eq!((&unknown["state"], &unknown["code"]), (&json!("unknown"), &json!(code)));
        assert!(unknown["detail"].is_string() && unknown["page"].is_null());
    }
    assert_eq!(right(&created, "quota")["state"], "unknown");
    assert_eq!(right(&created, "agreement")["state"], "granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_read_again_daily_and_with_new_keys() {
    let world = World::start().await;
    let id = world.register("HUAWEI").await;
    let before = account(&world, &id).await;
    set(&world, RightsSettings { signed: false, ..RightsSettings::default() });
    world.open_in_console("HUAWEI", "控制台", "控制台的问题", world.now_ms());
    world.clock.advance(DAY);
    daily(&world).await;
    let after = account(&world, &id).await;
    assert_eq!(right(&after, "agreement")["state"], "missing");
    assert_eq!(right(&after, "messages")["state"], "granted", "{after}");
    assert!(
        after["rights"]["check_time"].as_i64() >= before["rights"]["check_time"].as_i64().map(|ms| ms + 86_400_000)
    );

    set(&world, RightsSettings::default());
    let keys = demo_keys("HUAWEI");
    let rotated = world.call(rotation(&id, keys.id, keys.secret)).await.expect(200).body;
    assert_eq!(right(&rotated, "agreement")["state"], "granted");
    assert_eq!(account(&world, &id).await["rights"], rotated["rights"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_keys_are_tried_once_and_say_nothing_of_the_rights() {
    let world = World::start().await;
    let id = world.register("HUAWEI").await;
    world.simulated("HUAWEI").remove_keys(demo_keys("HUAWEI").id);
    let before: u64 = world.vendor_calls().values().sum();
    daily(&world).await;
    let shown = account(&world, &id).await;
    assert!(states(&shown).iter().all(|(_, state)| state == "unknown"), "{shown}");
    assert_eq!(right(&shown, "quota")["code"], "account_keys_refused");
    assert_eq!(world.vendor_calls().values().sum::<u64>() - before, 1);
    let other = json!({"source": "polydesk", "detail-type": "TicketClosed"});
    let deadline = Instant::now() + Duration::from_secs(9);
    world.stack.invoke("manage-accounts", other, deadline).await.unwrap_err();
}
