//! The load of a round: creates under keys, repeated creates, closes, and support replies.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    KillResult,
    api::{KillTestClient, VENDORS},
};
use crate::{
    history::{CreateRequest, RecordedAnswer},
    process::lock,
    rng::Rng,
};

/// All callers, over all rounds.
pub struct LoadDriver {
    api: Arc<KillTestClient>,
    /// Bodies of creates by account, without key and text.
    choices: Vec<Value>,
    creates: Mutex<Vec<CreateRequest>>,
    /// Tickets that were open in the last answer.
    open: Mutex<Vec<String>>,
    disconnected: AtomicU64,
}

/// The longest time of the first refresh, in polls of 200 ms.
const REFRESH_POLLS: u32 = 300;

impl LoadDriver {
    /// Registers an account at each vendor and waits for the refreshes that this starts.
    pub async fn prepare(api: Arc<KillTestClient>, url: &str) -> KillResult<Self> {
        let mut accounts = Vec::new();
        for (name, vendor, region) in VENDORS {
            let keys = &api.vendors[name]["keys"][0];
            let body = json!({
                "type": vendor,
                "region_id": region,
                "secret_id": keys["id"],
                "secret_key_secret": keys["secret"],
                "endpoint": api.vendors[name]["url"],
            });
            let (status, account) = api.call("POST", &format!("{url}/accounts"), None, Some(&body)).await?;
            if status != 201 {
                return Err(format!("the registration of an account failed: {status} {account}").into());
            }
            accounts.push((vendor, account["id"].clone()));
        }
        for (_, account) in &accounts {
            let run = format!("{url}/catalog/refreshes/{}", account.as_str().unwrap_or_default());
            for _ in 0..REFRESH_POLLS {
                let (_, run) = api.call("GET", &run, None, None).await?;
                if run["state"] == "complete" {
                    break;
                }
                sleep(Duration::from_millis(200)).await;
            }
        }
        let mut choices = Vec::new();
        for (vendor, account) in accounts {
            let list = format!("{url}/catalog/product-types?type={vendor}&limit=100");
            let (_, types) = api.call("GET", &list, None, None).await?;
            let question = types["items"].as_array().into_iter().flatten().find(|one| one["case_kind"] != "fault");
            let question = question.ok_or("the catalog has no problem type that is a question")?;
            choices.push(json!({
                "custom_id": account,
                "product_id": question["product_id"],
                "product_business_id": question["id"],
            }));
        }
        Ok(Self { api, choices, creates: Mutex::default(), open: Mutex::default(), disconnected: AtomicU64::new(0) })
    }

    /// How many requests got no answer.
    pub fn disconnected(&self) -> u64 {
        self.disconnected.load(Ordering::Relaxed)
    }

    /// The creates and their answers.
    pub fn creates(&self) -> Vec<CreateRequest> {
        lock(&self.creates).clone()
    }

    /// Sends one request after the other until the task is aborted.
    pub async fn work(self: Arc<Self>, url: String, mut rng: Rng) {
        loop {
            match rng.below(10) {
                0..=4 => {
                    let index = self.add_request(&mut rng);
                    self.create(&url, index).await;
                }
                5 | 6 => match self.unanswered().first() {
                    Some(index) => self.create(&url, *index).await,
                    None => sleep(Duration::from_millis(5)).await,
                },
                7 | 8 => {
                    let open = lock(&self.open).clone();
                    if !open.is_empty() {
                        let ticket: &String = rng.pick(&open);
                        self.close(&url, ticket).await;
                    }
                }
                _ => self.support(&mut rng).await,
            }
            sleep(Duration::from_millis(rng.below(20))).await;
        }
    }

    fn add_request(&self, rng: &mut Rng) -> usize {
        let account = usize::from(rng.chance(500));
        let mut creates = lock(&self.creates);
        let key = format!("kill-{}", creates.len() + 1);
        let mut body = self.choices[account].clone();
        body["name"] = json!("云服务器无法远程连接");
        body["description"] = json!(format!("<{key}> 重启之后一直超时 🙏"));
        creates.push(CreateRequest { key, body, files: Vec::new(), answers: Vec::new() });
        creates.len() - 1
    }

    async fn create(&self, url: &str, index: usize) {
        let (key, body) = {
            let creates = lock(&self.creates);
            (creates[index].key.clone(), creates[index].body.clone())
        };
        // A worker that is aborted here leaves the request without an answer, as a caller whose connection was reset.
        let answer = self.api.call("POST", &format!("{url}/tickets"), Some(&key), Some(&body)).await;
        let (status, body) = self.counted(answer);
        let ticket = body["id"].as_str().map(str::to_owned);
        if let (201, Some(id)) = (status, &ticket) {
            lock(&self.open).push(id.clone());
        }
        lock(&self.creates)[index].answers.push(RecordedAnswer { status, ticket, code: None });
    }

    async fn close(&self, url: &str, ticket: &str) {
        let answer = self.api.call("POST", &format!("{url}/tickets/{ticket}/close"), None, None).await;
        if self.counted(answer).0 == 200 {
            lock(&self.open).retain(|open| open != ticket);
        }
    }

    async fn support(&self, rng: &mut Rng) {
        let (vendor, ..) = *rng.pick(&VENDORS);
        let Ok(tickets) = self.api.simulator(vendor, "tickets", None).await else { return };
        let open: Vec<_> = tickets["tickets"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|ticket| {
                !crate::actors::vendor_people::ended(vendor, ticket["status"].as_i64().unwrap_or_default())
            })
            .filter_map(|ticket| ticket["id"].as_str())
            .collect();
        if !open.is_empty() {
            let body = json!({"ticket": rng.pick(&open), "content": format!("正在核实 {}", rng.next())});
            // The ticket may be closed meanwhile; then there is no reply.
            let _ = self.api.simulator(vendor, "reply", Some(&body)).await;
        }
    }

    fn counted(&self, answer: KillResult<(u16, Value)>) -> (u16, Value) {
        answer.unwrap_or_else(|_| {
            self.disconnected.fetch_add(1, Ordering::Relaxed);
            (0, Value::Null)
        })
    }

    /// Creates without a final answer.
    fn unanswered(&self) -> Vec<usize> {
        let creates = lock(&self.creates);
        let open = creates.iter().enumerate().filter(|(_, create)| !create.is_answered());
        open.map(|(index, _)| index).collect()
    }

    /// Repeats creates with the same keys and continues closes until nothing is unfinished.
    pub async fn quiesce(&self, url: &str) {
        loop {
            let unanswered = self.unanswered();
            for index in &unanswered {
                self.create(url, *index).await;
            }
            let mut states = BTreeMap::<String, u64>::new();
            for ticket in self.api.all(&format!("{url}/tickets")).await.unwrap_or_default() {
                let state = ticket["state"].as_str().unwrap_or_default();
                *states.entry(state.to_owned()).or_default() += 1;
                if state == "closing" {
                    self.close(url, ticket["id"].as_str().unwrap_or_default()).await;
                }
            }
            if self.unanswered().is_empty() && states.keys().all(|state| state == "open" || state == "closed") {
                return;
            }
            println!("quiescing: {} unanswered, tickets {states:?}", unanswered.len());
            sleep(Duration::from_secs(2)).await;
        }
    }
}
