//! What a person decides about unknown outcomes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use simulators::{Fault, FaultRule, TextRewrite};

use super::call;
use crate::support::{ApiEvent, LEASE, World};

/// That the vendor has a ticket, and does not have another; the same for replies.
pub(super) async fn decide(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>, account: &str, open: &str) {
    let alibaba = world.simulated("ALIBABA");
    let lost = |operation: &str| {
        alibaba.fault(FaultRule::times(operation, 1, Fault::Rewrite(TextRewrite::Cut { chars: 3 })));
        alibaba.fault(FaultRule::times(operation, 1, Fault::CutAfter));
    };
    for (key, is_there) in [("d1", true), ("d2", false)] {
        lost("CreateTicket");
        let create = ApiEvent::of("POST /tickets").key(key).body(world.ticket_body("ALIBABA", account));
        let ticket = world.call(create).await.expect(202).text("id");
        lost("ReplyTicket");
        let content = json!({"content": format!("还有第二个问题 {key}")});
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(open).key(key).body(content);
        let reply = world.call(reply).await.expect(202).text("id");
        world.clock.advance(LEASE);
        world.sync().await;
        let candidate = world.ticket(&ticket).await["candidates"][0]["vendor_id"].clone();
        let decision = if is_there { json!({"cloud_id": candidate}) } else { json!({"absent": true}) };
        let decision = ApiEvent::of("POST /tickets/{id}/resolution").id(&ticket).body(decision);
        call(world, needed, decision).await.expect(if is_there { 200 } else { 204 });
        let messages = world.call(ApiEvent::of("GET /tickets/{id}/messages").id(open)).await.expect(200);
        let pending =
            messages.body["pending_replies"].as_array().unwrap().iter().find(|one| one["id"] == *reply).unwrap();
        let candidate = pending["candidates"][0]["vendor_id"].clone();
        let decision = if is_there { json!({"message_id": candidate}) } else { json!({"absent": true}) };
        let route = "POST /tickets/{id}/replies/{reply_id}/resolution";
        let decision = ApiEvent::of(route).id(open).reply_id(&reply).body(decision);
        call(world, needed, decision).await.expect(if is_there { 200 } else { 204 });
    }
}
