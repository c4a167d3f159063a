//! Every route with every scope, about the caller's own account and about another's; and lists, which never show what
//! is another's.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use shared::{
    clock::SystemClock,
    domain::Day,
    ids,
    vendors::http::{AnswerLimit, HttpSend, HttpSender},
};

use crate::{
    support::{ApiEvent, World},
    template::TEMPLATE,
};

const READ: &[&str] = &["read"];
const WRITE: &[&str] = &["write"];
const ADMIN: &[&str] = &["admin"];
/// Without authorisation: no data.
const ANYBODY: &[&str] = &["none", "read", "write", "admin"];

/// A status, and the code of a problem.
type Expected = (u16, &'static str);
const NO_TICKET: Expected = (404, "ticket_not_found");
const NO_ACCOUNT: Expected = (404, "account_not_found");
const ALL_NEEDED: Expected = (403, "all_accounts_needed");
const OK: Expected = (200, "");

/// A route: the scopes that are enough, the answer about the caller's own account, and about another's. They are called
/// in this order.
#[rustfmt::skip]
const ROUTES: [(&str, &[&str], Expected, Expected); 40] = [
    ("GET /", ANYBODY, (302, ""), (302, "")),
    ("GET /accounts", &["read", "admin"], OK, OK),
    ("GET /accounts/{id}", &["read", "admin"], OK, NO_ACCOUNT),
    ("GET /audit", ADMIN, ALL_NEEDED, ALL_NEEDED),
    ("GET /catalog/changes", READ, OK, OK),
    ("GET /catalog/form", READ, OK, (400, "account_not_found")),
    ("GET /catalog/product-types", READ, OK, OK),
    ("GET /catalog/products", READ, OK, OK),
    ("GET /catalog/refreshes/{id}", READ, (404, "refresh_not_found"), (404, "refresh_not_found")),
    ("GET /catalog/regions", READ, OK, OK),
    ("GET /catalog/sources", READ, OK, OK),
    ("GET /desk", ANYBODY, OK, OK),
    ("GET /desk/{path+}", ANYBODY, OK, OK),
    ("GET /statistics", READ, OK, OK),
    ("GET /tickets", READ, OK, OK),
    ("GET /tickets/{id}", READ, OK, NO_TICKET),
    ("GET /tickets/{id}/attachments/{attachment_id}", READ, (404, "attachment_not_found"), NO_TICKET),
    ("GET /tickets/{id}/messages", READ, OK, NO_TICKET),
    ("GET /tickets/{id}/transcript", READ, (409, "ticket_not_closed"), NO_TICKET),
    ("GET /tickets/{id}/verification", READ, (409, "ticket_not_closed"), NO_TICKET),
    ("GET /vendors", READ, OK, OK),
    ("GET /version", READ, OK, OK),
    ("POST /attachments", WRITE, (201, ""), (201, "")),
    ("POST /catalog/refresh", WRITE, (202, ""), (202, "")),
    ("POST /tickets", WRITE, (201, ""), (400, "account_not_found")),
    ("POST /tickets/{id}/messages", WRITE, (201, ""), NO_TICKET),
    ("POST /tickets/{id}/replies/{reply_id}/resolution", WRITE, (409, "reply_not_indeterminate"), NO_TICKET),
    ("POST /tickets/{id}/resolution", WRITE, (409, "ticket_not_indeterminate"), NO_TICKET),
    ("DELETE /tickets/{id}/messages/{message_id}", WRITE, (404, "message_not_found"), NO_TICKET),
    ("POST /tickets/{id}/urge", WRITE, (422, "capability_not_supported"), NO_TICKET),
    ("POST /tickets/{id}/close", WRITE, OK, NO_TICKET),
    ("POST /tickets/{id}/rating", WRITE, OK, NO_TICKET),
    ("POST /tickets/{id}/reopen", WRITE, (201, ""), NO_TICKET),
    ("PUT /tickets/{id}/hold", ADMIN, OK, NO_TICKET),
    ("DELETE /tickets/{id}/hold", ADMIN, OK, NO_TICKET),
    ("DELETE /tickets/{id}", ADMIN, (409, "ticket_not_closed"), NO_TICKET),
    ("POST /accounts", ADMIN, ALL_NEEDED, ALL_NEEDED),
    ("PATCH /accounts/{id}", ADMIN, OK, NO_ACCOUNT),
    ("PUT /accounts/{id}/keys", ADMIN, OK, NO_ACCOUNT),
    ("DELETE /accounts/{id}", ADMIN, (409, "account_has_open_tickets"), NO_ACCOUNT),
];

/// An account with a ticket and a reply.
struct Side {
    vendor: &'static str,
    account: String,
    ticket: String,
    reply: String,
}

impl Side {
    async fn new(world: &World, vendor: &'static str, account: &str) -> Self {
        let (ticket, _) = world.create(vendor, account, "side").await;
        let reply = ApiEvent::of("POST /tickets/{id}/messages").id(&ticket).key(vendor);
        let reply = world.call(reply.body(json!({"content": "再试"}))).await.expect(201).text("id");
        Self { vendor, account: account.to_owned(), ticket, reply }
    }

    /// The path and the body of a request about this account.
    fn request(&self, world: &World, route: &str) -> (String, Value) {
        let path = route.split_once(' ').unwrap().1;
        let id = if path.starts_with("/accounts") { &self.account } else { &self.ticket };
        let path = path.replace("{reply_id}", &self.reply).replace("{attachment_id}", "F1");
        let path = path.replace("{message_id}", "M1").replace("{path+}", "").replace("{id}", id);
        let body = match route {
            "POST /accounts" | "PUT /accounts/{id}/keys" => {
                let mut body = world.account_body(self.vendor);
                if path != "/accounts" {
                    body.as_object_mut().unwrap().retain(|name, _| name.starts_with("secret"));
                }
                body
            }
            "PATCH /accounts/{id}" => json!({"adopt_console_tickets": false}),
            "POST /attachments" => json!({"name": "a.txt", "size": 1}),
            "POST /tickets" => world.ticket_body(self.vendor, &self.account),
            "POST /tickets/{id}/messages" | "POST /tickets/{id}/reopen" => json!({"content": "再试"}),
            "POST /tickets/{id}/rating" => json!({"solved": true, "score": 5}),
            "POST /tickets/{id}/replies/{reply_id}/resolution" | "POST /tickets/{id}/resolution" => {
                json!({"absent": true})
            }
            _ => json!({}),
        };
        let query = match route {
            "GET /catalog/form" => {
                let ticket = world.ticket_body(self.vendor, &self.account);
                let text = |name: &str| ticket[name].as_str().unwrap().to_owned();
                let (product, problem_type) = (text("product_id"), text("product_business_id"));
                let of = format!("product_id={product}&product_business_id={problem_type}&custom_id={}", self.account);
                format!("?type={}&{of}", self.vendor)
            }
            "GET /catalog/changes" => "?since=0".to_owned(),
            "GET /tickets" => format!("?custom_id={}", self.account),
            "GET /statistics" => format!("?from=2026-01-01&to=2026-01-02&custom_id={}", self.account),
            _ => String::new(),
        };
        (format!("{path}{query}"), body)
    }
}

/// A stack that takes the tokens of a file.
struct Gate {
    world: World,
    own: Side,
    other: Side,
    file: PathBuf,
}

impl Gate {
    async fn open() -> Self {
        let name = ids::nonce(&ids::SystemRandom).unwrap();
        let file = std::env::temp_dir().join(format!("polydesk-tokens-{name}.json"));
        fs::write(&file, "{}").unwrap();
        let world = World::start_with_tokens(file.clone()).await;
        let accounts = world.register_accounts().await;
        let own = Side::new(&world, "ALIBABA", &accounts.alibaba).await;
        let other = Side::new(&world, "HUAWEI", &accounts.huawei).await;
        let token = |scope: &str| json!({"sub": "ann", "name": "Ann", "scope": scope, "accounts": [own.account]});
        let tokens: serde_json::Map<String, Value> = ["none", "read", "write", "admin"]
            .map(|scope| (scope.to_owned(), token(if scope == "none" { "" } else { scope })))
            .into_iter()
            .collect();
        fs::write(&file, Value::Object(tokens).to_string()).unwrap();
        Self { world, own, other, file }
    }

    /// Calls the API with a token; gives the status and the body.
    async fn call(&self, token: &str, method: &str, path: &str, key: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.world.stack.url()))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        let body = if method == "GET" { Bytes::new() } else { Bytes::from(body.to_string()) };
        let limit = AnswerLimit { timeout: Duration::from_secs(30), max_bytes: 1 << 20 };
        let sender = HttpSender::new(Arc::new(SystemClock));
        let (head, body) = sender.send(request.body(body).unwrap(), limit).await.unwrap().into_parts();
        (head.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call("read", "GET", path, "k", &Value::Null).await
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_learns_what_a_token_allows() {
    let gate = Gate::open().await;
    let caller = async |token| gate.call(token, "GET", "/desk/config.json", "", &Value::Null).await.1["caller"].take();
    assert_eq!(caller("read").await, json!({"name": "Ann", "scopes": ["read"]}));
    assert_eq!(caller("none").await, json!({"name": "Ann", "scopes": []}));
    assert_eq!(caller("nobody").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_wants_its_scope_and_the_callers_own_account() {
    let named: BTreeSet<_> = ROUTES.iter().map(|(route, ..)| (*route).to_owned()).collect();
    let routes: BTreeSet<_> = TEMPLATE.routes.iter().map(local::template::ApiRoute::key).collect();
    assert_eq!(named, routes, "each route needs an expectation");
    let gate = Gate::open().await;
    for (route, scopes, own, other) in ROUTES {
        let method = route.split_once(' ').unwrap().0;
        for scope in ["none", "read", "write", "admin"] {
            for (side, expected) in [(&gate.other, other), (&gate.own, own)] {
                let (path, body) = side.request(&gate.world, route);
                let key = format!("{}-{scope}", side.vendor);
                let (status, answer) = gate.call(scope, method, &path, &key, &body).await;
                let code = answer["code"].as_str().unwrap_or_default();
                let (expected, message) = match scopes.contains(&scope) {
                    true => (expected, Value::Null),
                    // As API Gateway answers it.
                    false => ((403, ""), json!("Forbidden")),
                };
                assert_eq!((status, code), expected, "{route} with {scope} about {}: {answer}", side.vendor);
                assert_eq!(answer["message"], message, "{route} with {scope} about {}", side.vendor);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_cursors_never_show_what_is_anothers() {
    let gate = Gate::open().await;
    let world = &gate.world;
    for number in 0..3 {
        for side in [&gate.own, &gate.other] {
            world.create(side.vendor, &side.account, &format!("more-{number}")).await;
        }
    }
    let mut seen = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let (status, page) = gate.get(&format!("/tickets?limit=1{cursor}")).await;
        assert_eq!(status, 200, "{page}");
        for ticket in page["items"].as_array().unwrap() {
            assert_eq!(ticket["custom_id"], gate.own.account.as_str());
            assert!(seen.insert(ticket["id"].as_str().unwrap().to_owned()));
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 4);
    // Another's account in a filter is one that has no tickets, as an account that does not exist.
    for account in [&*gate.other.account, "01NONE"] {
        assert_eq!(gate.get(&format!("/tickets?custom_id={account}")).await.1["items"], json!([]));
    }
    // A cursor of a caller that may use every account is none of a bound caller.
    let page = world.call(ApiEvent::of("GET /tickets").query("limit=1")).await.expect(200);
    let (status, problem) = gate.get(&format!("/tickets?limit=1&cursor={}", page.text("next_cursor"))).await;
    assert_eq!((status, &problem["code"]), (400, &json!("invalid_cursor")));
    let (_, accounts) = gate.get("/accounts").await;
    let ids: Vec<_> = accounts["items"].as_array().unwrap().iter().map(|account| &account["id"]).collect();
    assert_eq!(ids, [&json!(gate.own.account)]);
    // Statistics count the own tickets only, and none of another's account.
    world.count_statistics().await;
    let day = Day::of(world.now_ms());
    let (_, counted) = gate.get(&format!("/statistics?from={day}&to={day}")).await;
    let [vendor] = counted["vendors"].as_array().unwrap().as_slice() else { panic!("{counted}") };
    assert_eq!((&vendor["type"], &vendor["opened"]), (&json!(gate.own.vendor), &json!(4)));
    let others = format!("/statistics?from={day}&to={day}&custom_id={}", gate.other.account);
    assert_eq!(gate.get(&others).await.1["vendors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_read_anew_and_nobody_else_is_let_in() {
    let gate = Gate::open().await;
    assert_eq!(gate.call("unknown", "GET", "/version", "k", &Value::Null).await.0, 401);
    assert_eq!(gate.get("/version").await.0, 200);
    // WHEN the file has another token, or can't be read
    fs::write(&gate.file, json!({"later": {"sub": "bob", "scope": ["read"], "accounts": "*"}}).to_string()).unwrap();
    assert_eq!(gate.get("/version").await.0, 401);
    let (status, tickets) = gate.call("later", "GET", "/tickets", "k", &Value::Null).await;
    assert_eq!((status, tickets["items"].as_array().unwrap().len()), (200, 2));
    fs::write(&gate.file, "{").unwrap();
    assert_eq!(gate.call("later", "GET", "/version", "k", &Value::Null).await.0, 401);
}
