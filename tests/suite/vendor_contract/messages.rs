//! Conversations: complete, in order, with ids that stay.

use std::collections::HashSet;

use shared::{
    domain::{CloudId, Message, MessageType, Vendor},
    vendors::{Capability, Phase},
};
use simulators::{MessageAuthor, huawei};

use super::{ContractCase, of_vendor, vendors_with_tickets};
use crate::support::World;

async fn read(case: &ContractCase<'_>, id: &CloudId) -> Vec<Message> {
    case.session().list_messages(id).await.unwrap()
}

/// Asserts that the reading is what the vendor has: every message once, in its order, word for word.
fn assert_complete(case: &ContractCase<'_>, id: &CloudId, messages: &[Message]) {
    let read: Vec<_> = messages.iter().map(|message| (message.message_type, message.content.as_str())).collect();
    let stored = case.at_vendor(id).messages;
    let wanted: Vec<_> = stored
        .iter()
        .map(|message| {
            let written_by = match message.from {
                MessageAuthor::Customer => MessageType::Customer,
                MessageAuthor::Support => MessageType::Support,
            };
            (written_by, message.content.as_str())
        })
        .collect();
    assert!(read == wanted, "{}: {} read, {} stored", case.vendor, read.len(), wanted.len());
    assert!(messages.is_sorted_by_key(|message| message.create_time));
    let ids: HashSet<_> = messages.iter().map(|message| &message.message_id).collect();
    assert_eq!(ids.len(), messages.len(), "{}: ids are not unique", case.vendor);
}

fn ids(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.message_id.as_str()).collect()
}

fn huawei_settings(world: &World, change: impl FnOnce(&mut huawei::HuaweiSettings)) {
    let huawei = &world.stack.simulators.vendors.huawei;
    let mut settings = huawei.settings();
    change(&mut settings);
    huawei.set_settings(settings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_read_oldest_first_with_every_character_intact() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        let before = read(&case, &id).await.len();
        let texts =
            ["您好，请问有什么可以帮您？😀👍🏽", "a & b = 50% <br> \"q\" + \\n \u{3000}全角", "第一行\n\n第三行\t"];
        case.sim.support_says(id.as_str(), texts[0], case.now_ms());
        case.session().reply_ticket(&id, texts[1], &[]).await.unwrap();
        case.sim.support_says(id.as_str(), texts[2], case.now_ms());
        let messages = read(&case, &id).await;
        assert_complete(&case, &id, &messages);
        let new: Vec<_> =
            messages[before..].iter().map(|message| (message.message_type, message.content.as_str())).collect();
        let (customer, support) = (MessageType::Customer, MessageType::Support);
        assert_eq!(new, [(support, texts[0]), (customer, texts[1]), (support, texts[2])], "{}", case.vendor);
        assert!(messages[before].replier_name.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_the_customers_and_changes_the_vendors_status() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world).filter(|case| can_reply(case.capability())) {
        let id = case.create(1).await;
        for _ in 0..2 {
            case.sim.support_says(id.as_str(), "请提供日志", case.now_ms());
        }
        let phase = async || case.session().ticket_status(&id).await.unwrap().phase;
        assert_eq!(phase().await, Phase::AwaitingCustomer, "{}", case.vendor);
        case.session().reply_ticket(&id, "日志如下 📎", &[]).await.unwrap();
        assert_eq!(phase().await, Phase::Processing, "{}", case.vendor);
        let last = read(&case, &id).await.pop().unwrap();
        assert_eq!((last.message_type, last.content.as_str()), (MessageType::Customer, "日志如下 📎"));
    }
}

fn can_reply(capability: &Capability) -> bool {
    capability.replies
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_stay_the_same_while_the_conversation_grows() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        case.sim.add_messages(id.as_str(), 12);
        let first = read(&case, &id).await;
        case.sim.add_messages(id.as_str(), 5);
        let second = read(&case, &id).await;
        assert_eq!(ids(&second[..first.len()]), ids(&first), "{}", case.vendor);
        assert_complete(&case, &id, &second);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_of_2500_messages_is_complete() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = case.create(1).await;
        case.sim.add_messages(id.as_str(), 2_500);
        let messages = read(&case, &id).await;
        assert_complete(&case, &id, &messages);
        assert!(messages.len() >= 2_500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detail_that_is_cut_is_completed_from_the_list_without_ids() {
    let world = World::start().await;
    let case = &of_vendor(&world, Vendor::Huawei);
    let id = case.create(1).await;
    case.sim.add_messages(id.as_str(), 2_500);
    let whole = read(case, &id).await;
    for newest_first in [false, true] {
        huawei_settings(&world, |settings| {
            settings.detail_limit = Some(100);
            settings.newest_message_first = newest_first;
        });
        let cut = read(case, &id).await;
        assert_complete(case, &id, &cut);
        // The vendor's own ids where it gives them.
        assert_eq!(ids(&cut[..100]), ids(&whole[..100]));
        assert_eq!(ids(&read(case, &id).await), ids(&cut), "newest first: {newest_first}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_messages_without_ids_are_distinguished() {
    let world = World::start().await;
    let case = &of_vendor(&world, Vendor::Huawei);
    for newest_first in [false, true] {
        let id = case.create(1).await;
        huawei_settings(&world, |settings| {
            settings.detail_limit = Some(2);
            settings.newest_message_first = newest_first;
        });
        let at_ms = case.now_ms() + 5_000;
        for _ in 0..4 {
            case.sim.support_says(id.as_str(), "收到", at_ms);
        }
        let first = read(case, &id).await;
        assert_complete(case, &id, &first);
        case.sim.support_says(id.as_str(), "收到", at_ms + 60_000);
        let second = read(case, &id).await;
        assert_complete(case, &id, &second);
        assert_eq!(ids(&second[..first.len()]), ids(&first), "newest first: {newest_first}");
    }
}
