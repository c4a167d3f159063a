//! The policies against the calls that the functions really make in a whole story, mishaps included, and against the
//! keys of the items that they write.

mod by_lambda;
mod decisions;
mod needed;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::LocalBoxFuture};
use serde_json::json;
use shared::{
    domain::TicketId,
    start::{Connection, connect},
};
use simulators::{Fault, FaultRule, SimulatedFile};

use self::{
    by_lambda::done_by_lambda,
    decisions::decide,
    needed::{WRITES, needed_now},
};
use super::TEMPLATE;
use crate::support::{ApiEvent, CACHED, DAY, LEASE, World};

/// What each function connects to at its start.
const CONNECTIONS: [(&str, &[Connection]); 14] = [
    ("close-ticket", close_ticket::CONNECTIONS),
    ("copy-attachments", copy_attachments::CONNECTIONS),
    ("create-ticket", create_ticket::CONNECTIONS),
    ("manage-accounts", manage_accounts::CONNECTIONS),
    ("publish-events", publish_events::CONNECTIONS),
    ("query-catalog", query_catalog::CONNECTIONS),
    ("query-tickets", query_tickets::CONNECTIONS),
    ("refresh-catalog", refresh_catalog::CONNECTIONS),
    ("reply-ticket", reply_ticket::CONNECTIONS),
    ("resolve-outcome", resolve_outcome::CONNECTIONS),
    ("serve-desk", serve_desk::CONNECTIONS),
    ("sync-tickets", sync_tickets::CONNECTIONS),
    ("update-statistics", update_statistics::CONNECTIONS),
    ("write-transcripts", write_transcripts::CONNECTIONS),
];

/// Calls the API and records what its function called, and then what publishing its changes called. In a box: the story
/// is long, and its future must fit the stack of a thread.
fn call<'a>(
    world: &'a World,
    needed: &'a mut BTreeMap<String, BTreeSet<String>>,
    event: ApiEvent,
) -> LocalBoxFuture<'a, crate::support::Answer> {
    call_recorded(world, needed, event).boxed_local()
}

async fn call_recorded(
    world: &World,
    needed: &mut BTreeMap<String, BTreeSet<String>>,
    event: ApiEvent,
) -> crate::support::Answer {
    let (function, event) = event.build();
    let paused = world.stack.stream.pause().await;
    needed_now(&world.aws_calls);
    let mut record = |function: &str| {
        needed.entry(function.to_owned()).or_default().extend(needed_now(&world.aws_calls));
    };
    let answer = world.invoke(function, event).await;
    world.stack.events.wait_until_idle().await;
    record(function);
    drop(paused);
    world.stack.stream.wait_until_idle().await;
    record("publish-events");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn every_function_may_do_what_it_does_and_no_more() {
    let settings =
        [("SETTLE_TIME_MS", "0"), ("KEYS_MAX_AGE_MS", "0"), ("MAX_ATTACHMENT_MIB", "6"), ("RETENTION_DAYS", "30")];
    let world = World::start_with(&settings).await;
    // As if every call came to a new process: nothing stays in memory for long.
    let mut needed = BTreeMap::<String, BTreeSet<String>>::new();
    world.aws_calls.take();
    for (function, connections) in CONNECTIONS {
        connect(&world.stack.app, connections).await;
        let actions = needed_now(&world.aws_calls);
        assert_eq!(actions.len(), connections.len(), "{function}: {actions:?}");
        needed.entry(function.to_owned()).or_default().extend(actions);
    }
    let of = ApiEvent::of;
    let account = of("POST /accounts").key("a").body(world.account_body("ALIBABA"));
    let account = call(&world, &mut needed, account).await.expect(201).text("id");
    let bad = of("POST /accounts").key("b").body(json!({"type": "x"}));
    call(&world, &mut needed, bad).await.expect(400);
    let mut wrong = world.account_body("ALIBABA");
    wrong["secret_key_secret"] = json!("wrong");
    call(&world, &mut needed, of("POST /accounts").key("c").body(wrong)).await.expect(422);
    let mut keys = world.account_body("ALIBABA");
    keys.as_object_mut().unwrap().retain(|name, _| name.starts_with("secret"));
    // The account of an earlier version, whose customer its present keys say.
    world.forget_customer(&account).await;
    call(&world, &mut needed, of("PUT /accounts/{id}/keys").id(&account).body(keys)).await.expect(200);
    call(&world, &mut needed, of("GET /accounts")).await.expect(200);
    call(&world, &mut needed, of("GET /desk/{path+}").rest("")).await.expect(200);
    call(&world, &mut needed, of("POST /catalog/refresh").key("r")).await.expect(202);
    call(&world, &mut needed, of("GET /catalog/products")).await.expect(200);
    call(&world, &mut needed, of("GET /catalog/changes").query("since=0")).await.expect(200);
    call(&world, &mut needed, of("GET /catalog/refreshes/{id}").id("none")).await.expect(404);

    // A create that is cut before the vendor takes it, and its key's second try.
    let alibaba = world.simulated("ALIBABA");
    alibaba.fault(FaultRule::times("CreateTicket", 1, Fault::CutBefore));
    let create = || of("POST /tickets").key("t").body(world.ticket_body("ALIBABA", &account));
    call(&world, &mut needed, create()).await.expect(202);
    world.clock.advance(LEASE);
    let ticket = call(&world, &mut needed, create()).await.expect(201).text("id");
    let mut unknown = world.ticket_body("ALIBABA", &account);
    unknown["product_business_id"] = json!("999999");
    call(&world, &mut needed, of("POST /tickets").key("u").body(unknown)).await.expect(400);

    call(&world, &mut needed, of("GET /tickets")).await.expect(200);
    call(&world, &mut needed, of("GET /tickets").query(&format!("custom_id={account}"))).await.expect(200);
    call(&world, &mut needed, of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200);
    support_says(&world, &ticket).await;
    let cloud_id = world.ticket(&ticket).await["cloud_id"].as_str().unwrap().to_owned();
    let files = ["1.log", "2.log"].map(|name| SimulatedFile::text(name, "日志")).to_vec();
    alibaba.support_answers(&cloud_id, "请看附件", world.now_ms(), files);
    world.clock.advance(CACHED);
    let fresh = of("GET /tickets/{id}/messages").id(&ticket).query("refresh=true");
    call(&world, &mut needed, fresh).await.expect(200);
    let reply = |key: &str| {
        of("POST /tickets/{id}/messages").id(&ticket).key(key).body(json!({"content": format!("谢谢 {key}")}))
    };
    call(&world, &mut needed, reply("r1")).await.expect(201);
    alibaba.fault(FaultRule::times("ReplyTicket", 1, Fault::CutBefore));
    call(&world, &mut needed, reply("r2")).await.expect(202);
    world.clock.advance(LEASE);
    call(&world, &mut needed, reply("r2")).await.expect(201);
    follow(&world, &mut needed, &account, &ticket).await;
    decide(&world, &mut needed, &account, &ticket).await;
    support_says(&world, &ticket).await;
    alibaba.fault(FaultRule::times("CloseTicket", 1, Fault::CutAfter));
    let close = || ApiEvent::close(&ticket).key("c");
    call(&world, &mut needed, close()).await.expect(202);
    call(&world, &mut needed, close()).await.expect(200);
    let why = of("POST /tickets/{id}/reopen").id(&ticket).key("o").body(json!({"content": "问题又出现了"}));
    call(&world, &mut needed, why).await.expect(201);
    call(&world, &mut needed, of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200);
    let open = format!("custom_id={account}&status=1");
    for ticket in call(&world, &mut needed, of("GET /tickets").query(&open)).await.expect(200).items() {
        let id = ticket["id"].as_str().unwrap();
        call(&world, &mut needed, ApiEvent::close(id)).await.expect(200);
    }
    let no_adoption = of("PATCH /accounts/{id}").id(&account).body(json!({"adopt_console_tickets": false}));
    call(&world, &mut needed, no_adoption).await.expect(200);
    copy(&world, &mut needed).await;
    // The recheck commits the files.
    world.clock.advance(Duration::from_mins(2));
    world.sync().await;
    write_transcript(&world, &mut needed, &ticket).await;
    call(&world, &mut needed, of("PUT /tickets/{id}/hold").id(&ticket)).await.expect(200);
    call(&world, &mut needed, of("DELETE /tickets/{id}/hold").id(&ticket)).await.expect(200);
    call(&world, &mut needed, of("DELETE /tickets/{id}").id(&ticket)).await.expect(200);
    // A page that a run kept late.
    let id = TicketId::parse(&*ticket).unwrap();
    world.stack.app.store.save_page(&id, "late", 0, "{}", world.now_ms()).await.unwrap();
    copy(&world, &mut needed).await;
    // Abandoned tickets are searched for until then.
    world.clock.advance(DAY * 31);
    world.sync().await;
    call(&world, &mut needed, of("DELETE /accounts/{id}").id(&account)).await.expect(204);
    deliver_unreadable_record(&world, &mut needed).await;
    count_statistics(&world, &mut needed).await;
    for (function, actions) in done_by_lambda() {
        needed.entry(function).or_default().extend(actions);
    }

    for function in &TEMPLATE.functions {
        let granted: BTreeSet<String> = function
            .statements
            .iter()
            .flat_map(|statement| statement.actions.clone())
            .filter(|action| !action.starts_with("logs:"))
            .collect();
        let needed = &needed[&function.package];
        let (written, done): (BTreeSet<String>, BTreeSet<String>) =
            needed.iter().cloned().partition(|one| one.starts_with(WRITES));
        assert_eq!(granted, done, "{} may do / does", function.package);
        // The story does not write everything: pages of long conversations are kept only when the time is up.
        let writable = function.statements.iter().filter_map(|statement| {
            statement.condition.pointer("/ForAllValues:StringLike/dynamodb:LeadingKeys")?.as_array()
        });
        let writable = writable.flatten().map(|key| key.as_str().unwrap().trim_end_matches('*'));
        let writable: BTreeSet<String> = writable.map(|key| format!("{WRITES}{key}")).collect();
        assert!(written.is_subset(&writable), "{}: {written:?} / {writable:?}", function.package);
    }
}

/// Copies all files, one of which does not end, and then what is due.
async fn copy(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>) {
    world.stack.stream.wait_until_idle().await;
    let _paused = world.stack.stream.pause().await;
    needed_now(&world.aws_calls);
    world.simulated("ALIBABA").fault(FaultRule::times("GetObject", 1, Fault::Endless));
    world.copy_files().await;
    needed.entry("copy-attachments".to_owned()).or_default().extend(needed_now(&world.aws_calls));
}

/// Writes the transcript of a closed ticket.
async fn write_transcript(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>, ticket: &str) {
    world.stack.stream.wait_until_idle().await;
    needed_now(&world.aws_calls);
    assert_eq!(world.write_transcript(ticket).await["state"], "written");
    needed.entry("write-transcripts".to_owned()).or_default().extend(needed_now(&world.aws_calls));
}

/// Delivers an unreadable record of the stream, which becomes a dead letter.
async fn deliver_unreadable_record(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>) {
    world.stack.stream.wait_until_idle().await;
    let _paused = world.stack.stream.pause().await;
    needed_now(&world.aws_calls);
    let event = json!({"Records": [{"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": "1"}}]});
    let deadline = Instant::now() + Duration::from_secs(60);
    let done = world.stack.invoke("publish-events", event, deadline).await.unwrap();
    assert_eq!(done, json!({"batchItemFailures": []}));
    needed.entry("publish-events".to_owned()).or_default().extend(needed_now(&world.aws_calls));
}

/// Counts all tickets from the stream, and twice in a rebuild: the second one removes what the first one replaced.
async fn count_statistics(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>) {
    needed_now(&world.aws_calls);
    world.count_statistics().await;
    for _ in 0..2 {
        world.rebuild_statistics().await;
    }
    needed.entry("update-statistics".to_owned()).or_default().extend(needed_now(&world.aws_calls));
}

/// What the sync has to do: an unknown ticket and an unknown reply to abandon, one of each to find, a status to
/// write, a ticket to adopt, and one to archive that a person closed at the vendor.
async fn follow(world: &World, needed: &mut BTreeMap<String, BTreeSet<String>>, account: &str, open: &str) {
    let alibaba = world.simulated("ALIBABA");
    let adopt = ApiEvent::of("PATCH /accounts/{id}").id(account).body(json!({"adopt_console_tickets": true}));
    call(world, needed, adopt).await.expect(200);
    for (key, fault) in [("s1", Fault::CutBefore), ("s2", Fault::CutAfter)] {
        alibaba.fault(FaultRule::times("CreateTicket", 1, fault.clone()));
        let create = ApiEvent::of("POST /tickets").key(key).body(world.ticket_body("ALIBABA", account));
        call(world, needed, create).await.expect(202);
        alibaba.fault(FaultRule::times("ReplyTicket", 1, fault));
        let content = json!({"content": format!("还有一个问题 {key}")});
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(open).key(key).body(content);
        call(world, needed, reply).await.expect(202);
    }
    let by_hand = world.create("ALIBABA", account, "by-hand").await.1;
    alibaba.support_says(&by_hand, &long_text(), world.now_ms());
    alibaba.close_in_console(&by_hand);
    world.clock.advance(LEASE);
    world.stack.stream.wait_until_idle().await;
    let _paused = world.stack.stream.pause().await;
    for _ in 0..2 {
        needed_now(&world.aws_calls);
        world.sync().await;
        needed.entry("sync-tickets".to_owned()).or_default().extend(needed_now(&world.aws_calls));
    }
}

async fn support_says(world: &World, ticket: &str) {
    let ticket = world.call(ApiEvent::of("GET /tickets/{id}").id(ticket)).await.expect(200);
    world.simulated("ALIBABA").support_says(&ticket.text("cloud_id"), &long_text(), world.now_ms());
}

/// More than one item of the table holds.
fn long_text() -> String {
    "您好".repeat(60_000)
}
