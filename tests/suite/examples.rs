//! The examples of `infra/openapi.json`: each is a request and its answer of a run. `WRITE_EXAMPLES=1` writes those of
//! this run to `infra/openapi/examples.json`, from which the document has them.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use shared::domain::Day;
use simulators::{Fault, FaultRule, SimulatedFile, TextRewrite};

use crate::{
    indeterminate::SETTLED,
    support::{ApiEvent, DOCUMENT, World, api, example_misfit, operation},
};

/// The secret in the examples, in place of a simulator's.
const SECRET: &str = "the-secret-of-the-key";

/// The link in the examples, in place of a signed one.
const UPLOAD_LINK: &str = "https://files.s3.ap-southeast-1.amazonaws.com/uploads/…/nginx-error.log?…";

/// A run and its examples, by the operation's id.
struct Tour {
    world: World,
    examples: BTreeMap<String, Value>,
}

impl Tour {
    /// Calls the API, and keeps the call as the example of its operation, unless there is one. Gives the answer's body.
    async fn call(&mut self, event: ApiEvent, status: u64) -> Value {
        let (function, event) = event.build();
        let answer = self.world.invoke(function, event.clone()).await.expect(status).body;
        let id = operation(event["routeKey"].as_str().unwrap()).unwrap()["operationId"].as_str().unwrap();
        let request = event["body"].as_str().map(|body| published(serde_json::from_str(body).unwrap()));
        let example = json!({"request": request, "status": status, "answer": published(answer.clone())});
        self.examples.entry(id.to_owned()).or_insert(example);
        answer
    }

    async fn get(&mut self, route: &str, id: &str, query: &str) -> Value {
        let event = if id.is_empty() { ApiEvent::of(route) } else { ApiEvent::of(route).id(id) };
        self.call(event.query(query), 200).await
    }

    async fn accounts_and_catalog(&mut self) -> (String, String) {
        self.get("GET /version", "", "").await;
        self.get("GET /vendors", "", "").await;
        let mut ids = Vec::new();
        for vendor in ["HUAWEI", "ALIBABA"] {
            let body = self.world.account_body(vendor);
            ids.push(text(&self.call(ApiEvent::of("POST /accounts").body(body), 201).await["id"]));
        }
        let [huawei, alibaba] = ids.try_into().unwrap();
        let change = ApiEvent::of("PATCH /accounts/{id}").id(&alibaba).body(json!({"adopt_console_tickets": true}));
        self.call(change, 200).await;
        let keys = self.world.account_body("ALIBABA");
        let keys = json!({"secret_id": keys["secret_id"], "secret_key_secret": keys["secret_key_secret"]});
        self.call(ApiEvent::of("PUT /accounts/{id}/keys").id(&alibaba).body(keys), 200).await;
        self.get("GET /accounts", "", "limit=1").await;
        self.get("GET /accounts/{id}", &alibaba, "").await;
        let run = self.call(ApiEvent::of("POST /catalog/refresh").body(json!({})), 202).await;
        self.world.stack.events.wait_until_idle().await;
        self.get("GET /catalog/refreshes/{id}", run["id"].as_str().unwrap(), "").await;
        for list in ["products", "product-types", "regions", "sources"] {
            self.get(&format!("GET /catalog/{list}"), "", "limit=2").await;
        }
        self.get("GET /catalog/changes", "", "since=0&limit=2").await;
        let body = self.world.ticket_body("HUAWEI", &huawei);
        let text = |name: &str| body[name].as_str().unwrap();
        let (product, problem_type) = (text("product_id"), text("product_business_id"));
        let form = format!("type=HUAWEI&product_id={product}&product_business_id={problem_type}");
        self.get("GET /catalog/form", "", &form).await;
        (huawei, alibaba)
    }

    async fn ticket(&mut self, account: &str) {
        let announced = json!({"name": "nginx-error.log", "size": 18204, "type": "text/plain"});
        self.call(ApiEvent::of("POST /attachments").body(announced), 201).await;
        let mut body = self.world.ticket_body("ALIBABA", account);
        body["email"] = json!("ops@example.com");
        body["secret_info"] = json!("root: only for support");
        let ticket = self.call(ApiEvent::of("POST /tickets").key("k1").body(body), 201).await;
        let (id, cloud_id) = (ticket["id"].as_str().unwrap(), ticket["cloud_id"].as_str().unwrap());
        let files = vec![SimulatedFile::text("诊断日志.log", "Connection refused")];
        self.world.simulated("ALIBABA").support_answers(cloud_id, "请看附件", self.world.now_ms(), files);
        self.call(reply(id, "r1", "谢谢，已恢复 👍"), 201).await;
        self.world.call(ApiEvent::of("GET /tickets/{id}/messages").id(id).query("refresh=true")).await.expect(200);
        self.world.copy_files().await;
        self.get("GET /tickets", "", "limit=2").await;
        self.get("GET /tickets/{id}", id, "").await;
        self.get("GET /tickets/{id}/messages", id, "limit=2").await;
        self.call(ApiEvent::close(id).body(json!({})), 200).await;
        let page = self.world.call(ApiEvent::of("GET /tickets/{id}/messages").id(id)).await.expect(200);
        let file = page.items().iter().find_map(|message| message["attachments"][0]["attachment_id"].as_str()).unwrap();
        let event = ApiEvent::of("GET /tickets/{id}/attachments/{attachment_id}").id(id).attachment_id(file);
        self.call(event, 302).await;
        self.get("GET /tickets/{id}/verification", id, "").await;
        self.world.write_transcript(id).await;
        self.call(ApiEvent::of("GET /tickets/{id}/transcript").id(id).query("format=html"), 302).await;
        self.world.count_statistics().await;
        let why = json!({"content": "问题又出现了，请再检查一次 🙏"});
        self.call(ApiEvent::of("POST /tickets/{id}/reopen").id(id).key("o1").body(why), 201).await;
        self.world.call(ApiEvent::close(id)).await.expect(200);
        let day = Day::of(self.world.now_ms());
        self.get("GET /statistics", "", &format!("from={day}&to={day}")).await;
    }

    /// A ticket of which a message is withdrawn and support urged, and rated once it is closed.
    async fn actions(&mut self, account: &str) {
        let (id, _) = self.world.create("HUAWEI", account, "k8").await;
        self.world.call(reply(&id, "r3", "发错了，请忽略")).await.expect(201);
        let page = self.world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(200);
        let message = page.items().iter().find(|message| message["content"] == "发错了，请忽略").unwrap();
        let withdraw = ApiEvent::of("DELETE /tickets/{id}/messages/{message_id}").id(&id);
        let withdraw = withdraw.message_id(message["message_id"].as_str().unwrap()).key("w1");
        self.call(withdraw, 200).await;
        self.world.clock.advance(SETTLED);
        self.call(ApiEvent::of("POST /tickets/{id}/urge").id(&id).key("u1").body(json!({})), 200).await;
        self.world.call(ApiEvent::close(&id)).await.expect(200);
        let rating = json!({"solved": true, "score": 5, "comment": "响应很快，谢谢 👍"});
        self.call(ApiEvent::of("POST /tickets/{id}/rating").id(&id).key("g1").body(rating), 200).await;
        self.get("GET /audit", "", &format!("ticket_id={id}&limit=2")).await;
    }

    /// A ticket that is kept for a while, and erased then.
    async fn erasure(&mut self, account: &str) {
        let (id, _) = self.world.create("ALIBABA", account, "k9").await;
        self.world.call(ApiEvent::close(&id)).await.expect(200);
        let hold = ApiEvent::of("PUT /tickets/{id}/hold").id(&id).body(json!({"reason": "Audit 2026"}));
        self.call(hold, 200).await;
        self.call(ApiEvent::of("DELETE /tickets/{id}/hold").id(&id), 200).await;
        let reason = json!({"reason": "Request REQ-2026-17"});
        self.call(ApiEvent::of("DELETE /tickets/{id}").id(&id).body(reason), 200).await;
    }

    /// A ticket and a reply whose outcome a person decides.
    async fn decisions(&mut self, account: &str) {
        let (ticket, cloud_id) = self.world.create("HUAWEI", account, "k1").await;
        self.lose(api("HUAWEI").reply);
        let lost = self.world.call(reply(&ticket, "r2", "请联系 13800000000")).await.expect(202).text("id");
        self.lose(api("HUAWEI").create);
        let unknown = self.world.call(self.world.create_event("HUAWEI", account, "k2")).await.expect(202).text("id");
        self.world.clock.advance(SETTLED);
        self.world.sync().await;
        let at_vendor = self.world.simulated("HUAWEI").tickets().into_iter().find(|one| one.id != cloud_id).unwrap();
        let event = ApiEvent::of("POST /tickets/{id}/resolution").id(&unknown);
        self.call(event.body(json!({"cloud_id": at_vendor.id})), 200).await;
        let page = self.world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&ticket)).await.expect(200).body;
        let candidate = &page["pending_replies"][0]["candidates"][0]["vendor_id"];
        let event = ApiEvent::of("POST /tickets/{id}/replies/{reply_id}/resolution").id(&ticket).reply_id(&lost);
        self.call(event.body(json!({"message_id": candidate})), 200).await;
    }

    /// The next answer of the operation is lost, and the vendor cuts the text that it stores.
    fn lose(&self, operation: &str) {
        let vendor = self.world.simulated("HUAWEI");
        vendor.fault(FaultRule::times(operation, 1, Fault::Rewrite(TextRewrite::Cut { chars: 4 })));
        vendor.fault(FaultRule::times(operation, 1, Fault::CutAfter));
    }
}

fn reply(ticket: &str, key: &str, content: &str) -> ApiEvent {
    ApiEvent::of("POST /tickets/{id}/messages").id(ticket).key(key).body(json!({"content": content}))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Without a simulator's secret and address.
fn published(mut body: Value) -> Value {
    match &mut body {
        Value::Object(members) => {
            members.remove("endpoint");
            if let Some(secret) = members.get_mut("secret_key_secret") {
                *secret = SECRET.into();
            }
            if let Some(link) = members.get_mut("upload_url") {
                *link = UPLOAD_LINK.into();
            }
            members.values_mut().for_each(|value| *value = published(value.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = published(item.take())),
        _ => {}
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_gives_an_example_of_every_operation() {
    let mut tour = Tour { world: World::start().await, examples: BTreeMap::new() };
    let (huawei, alibaba) = tour.accounts_and_catalog().await;
    tour.ticket(&alibaba).await;
    tour.erasure(&alibaba).await;
    tour.decisions(&huawei).await;
    tour.actions(&huawei).await;
    tour.world.clock.advance(SETTLED);
    tour.world.sync().await;
    tour.call(ApiEvent::of("DELETE /accounts/{id}").id(&alibaba), 204).await;
    let operations =
        DOCUMENT["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    ids.sort_unstable();
    assert_eq!(tour.examples.keys().collect::<Vec<_>>(), ids);
    #[expect(clippy::disallowed_methods, reason = "whoever runs the test asks for the file")]
    let writes = std::env::var_os("WRITE_EXAMPLES").is_some();
    if writes {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/openapi/examples.json");
        fs::write(file, serde_json::to_string_pretty(&tour.examples).unwrap() + "\n").unwrap();
    }
}

#[test]
fn every_example_is_as_documented() {
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert_eq!(example_misfit(operation), None, "{}", operation["operationId"]);
        }
    }
}
