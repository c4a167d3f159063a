//! Who did what: on tickets, replies, accounts and refresh runs, in events, and nowhere a name after an erasure.

use serde_json::{Value, json};

use crate::support::{ApiEvent, World};

const NAME: &str = "canary-李雷";

/// A call of the person with that subject.
fn by(event: ApiEvent, subject: &str) -> ApiEvent {
    event.claims(json!({"sub": subject, "name": NAME})).variables(json!({"actor_name_claim": "name"}))
}

fn actor(subject: &str) -> Value {
    json!({"id": subject, "name": NAME})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_shows_who_created_urged_closed_opened_and_rated_it() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let create = world.create_event(vendor, account, "k");
        let ticket = world.call(by(create, "creator")).await.expect(201);
        assert_eq!(ticket.body["created_by"], actor("creator"), "{vendor}");
        let id = ticket.text("id");
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&id).key(vendor).body(json!({"content": "再试"}));
        let reply = world.call(by(reply, "sender")).await.expect(201);
        assert_eq!(reply.body["created_by"], actor("sender"), "{vendor}");
        if vendor == "HUAWEI" {
            let urge = ApiEvent::of("POST /tickets/{id}/urge").id(&id).key("u");
            world.call(by(urge, "urger")).await.expect(200);
            assert_eq!(world.ticket(&id).await["urged_by"], actor("urger"));
        }
        // WHEN it is closed, and a second close is asked for
        let closed = world.call(by(ApiEvent::close(&id), "closer")).await.expect(200);
        assert_eq!(closed.body["closed_by"], actor("closer"), "{vendor}");
        world.call(by(ApiEvent::close(&id), "other")).await.expect(200);
        let rating = json!({"solved": true, "score": 5});
        let rate = ApiEvent::of("POST /tickets/{id}/rating").id(&id).key(&format!("{vendor}-r")).body(rating);
        world.call(by(rate, "rater")).await.expect(200);
        let shown = world.ticket(&id).await;
        assert_eq!((&shown["closed_by"], &shown["rating"]["by"]), (&actor("closer"), &actor("rater")), "{vendor}");
        if vendor == "ALIBABA" {
            let reopen =
                ApiEvent::of("POST /tickets/{id}/reopen").id(&id).key("o").body(json!({"content": "还有问题"}));
            world.call(by(reopen, "opener")).await.expect(201);
            let shown = world.ticket(&id).await;
            assert_eq!(shown["closed_by"], Value::Null);
            let closing = &shown["closings"][0];
            assert_eq!((&closing["closed_by"], &closing["reopened_by"]), (&actor("closer"), &actor("opener")));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_has_no_actor() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, cloud_id) = world.create(vendor, account, "k").await;
        // With a signature the actor is the ARN, and has no name.
        let arn = "arn:aws:sts::123456789012:assumed-role/agent/agent";
        assert_eq!(world.ticket(&id).await["created_by"], json!({"id": arn}), "{vendor}");
        world.simulated(vendor).close_in_console(&cloud_id);
        world.sync().await;
        let shown = world.ticket(&id).await;
        assert_eq!((&shown["state"], &shown["closed_by"]), (&json!("closed"), &Value::Null), "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_a_refresh_show_who_changed_and_asked() {
    let world = World::start().await;
    let register = ApiEvent::of("POST /accounts").body(world.account_body("ALIBABA"));
    let account = world.call(by(register, "owner")).await.expect(201);
    assert_eq!((&account.body["created_by"], &account.body["changed_by"]), (&actor("owner"), &Value::Null));
    let id = account.text("id");
    let change = ApiEvent::of("PATCH /accounts/{id}").id(&id).body(json!({"adopt_console_tickets": true}));
    assert_eq!(world.call(by(change, "changer")).await.expect(200).body["changed_by"], actor("changer"));
    let body = world.account_body("ALIBABA");
    let keys = json!({"secret_id": body["secret_id"], "secret_key_secret": body["secret_key_secret"]});
    let rotate = ApiEvent::of("PUT /accounts/{id}/keys").id(&id).body(keys);
    assert_eq!(world.call(by(rotate, "rotator")).await.expect(200).body["changed_by"], actor("rotator"));
    let shown = world.call(ApiEvent::of("GET /accounts/{id}").id(&id)).await.expect(200).body;
    assert_eq!((&shown["created_by"], &shown["changed_by"]), (&actor("owner"), &actor("rotator")));
    let refresh = world.call(by(ApiEvent::of("POST /catalog/refresh"), "refresher")).await.expect(202);
    world.stack.events.wait_until_idle().await;
    let run = ApiEvent::of("GET /catalog/refreshes/{id}").id(&refresh.text("id"));
    let run = world.call(run).await.expect(200).body;
    assert_eq!((&run["state"], &run["created_by"]), (&json!("complete"), &actor("refresher")));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_the_actors_id_and_an_erased_ticket_has_no_name() {
    let (world, accounts) = World::ready().await;
    let account = &accounts.alibaba;
    let create = world.create_event("ALIBABA", account, "k");
    let id = world.call(by(create, "creator")).await.expect(201).text("id");
    let event =
        |route: &str, key: &str, text: &str| ApiEvent::of(route).id(&id).key(key).body(json!({"content": text}));
    world.call(by(event("POST /tickets/{id}/messages", "m", "再试"), "sender")).await.expect(201);
    world.call(by(ApiEvent::close(&id), "closer")).await.expect(200);
    world.call(by(event("POST /tickets/{id}/reopen", "o", "还有问题"), "opener")).await.expect(201);
    world.call(by(ApiEvent::close(&id), "second-closer")).await.expect(200);
    assert!(world.whole_table().await.iter().any(|item| item.contains(NAME)));
    // WHEN it is erased
    let erased = world.call(by(ApiEvent::of("DELETE /tickets/{id}").id(&id), "eraser")).await.expect(200).body;
    // THEN the ids stay, and no name
    assert_eq!((&erased["created_by"], &erased["erased"]["by"]), (&json!({"id": "creator"}), &json!("eraser")));
    assert_eq!(world.ticket(&id).await, erased);
    assert_eq!(erased["closings"][0]["reopened_by"], json!({"id": "opener"}));
    let left: Vec<_> = world.whole_table().await.into_iter().filter(|item| item.contains(NAME)).collect();
    assert_eq!(left, Vec::<String>::new());
    world.stack.stream.wait_until_idle().await;
    let events = world.stack.events.events();
    assert!(!format!("{events:?}").contains(NAME));
    let of_ticket = events.iter().filter(|event| event["detail"]["ticket_id"] == id.as_str());
    let actors: Vec<_> = of_ticket
        .map(|event| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            (text(&event["detail-type"]), text(&event["detail"]["actor"]))
        })
        .filter(|(_, actor)| actor != "-")
        .collect();
    let made = |kind: &str, actor: &str| (kind.to_owned(), actor.to_owned());
    let wanted = [
        made("TicketCreated", "creator"),
        made("TicketReplied", "sender"),
        made("TicketUpdated", "closer"),
        made("TicketClosed", "closer"),
        made("TicketReopened", "opener"),
        made("TicketReplied", "opener"),
        made("TicketUpdated", "second-closer"),
        made("TicketClosed", "second-closer"),
        made("TicketUpdated", "eraser"),
    ];
    assert_eq!(actors, wanted);
}
