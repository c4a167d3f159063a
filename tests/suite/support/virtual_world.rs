//! The functions in virtual time: table, keys, bus and vendors are in process, so that the paused clock of the runtime
//! decides how long everything takes. Each process of a function has clients and caches of its own.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use dynoxide::Database;
use http::{HeaderValue, Request, Response, header};
use local::{Invoke, functions::Functions, template::Template};
use publish_events::DeadLetterQueue;
use serde_json::{Value, json};
use shared::{
    app::{App, Dependencies},
    clock::Clock,
    config::Config,
    domain::{Account, AccountHealth, AccountId, Site, Vendor},
    vendors::http::{AnswerLimit, HttpSend, SendError},
};
use simulators::{SimulatedVendors, WireOutcome};
use tokio::time::{Instant, sleep};

use super::{Answer, ApiEvent, aws_in_process::AwsInProcess, demo_keys, world::shrink};

/// 2026-10-01, 08:00 UTC.
const EPOCH_MS: i64 = 1_790_841_600_000;
/// How long a vendor's answer takes.
const VENDOR_LATENCY: Duration = Duration::from_millis(60);
/// The timeout of the functions that HTTP calls start.
const HTTP_TIMEOUT: Duration = Duration::from_secs(29);

/// Virtual time.
#[derive(Clone, Copy)]
pub struct VirtualClock(Instant);

impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        EPOCH_MS + i64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
}

impl dynoxide::storage_backend::Clock for VirtualClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now_ms() / 1000).unwrap()
    }

    #[expect(clippy::cast_precision_loss, reason = "a time of this century fits")]
    fn now_unix_secs_f64(&self) -> f64 {
        self.now_ms() as f64 / 1000.0
    }
}

/// A stack in virtual time, with an account at Alibaba (`A`) and one at Huawei (`H`).
pub struct VirtualWorld {
    /// The vendors.
    pub vendors: SimulatedVendors,
    /// Virtual time.
    pub clock: VirtualClock,
    aws: AwsInProcess,
    started: Instant,
}

/// A process of a function.
pub struct Process {
    /// Its clients.
    pub app: Arc<App>,
    functions: Functions,
}

impl VirtualWorld {
    /// Starts it with small catalogs, or with the simulators' whole ones. They are not refreshed yet.
    pub async fn start(has_small_catalogs: bool) -> Self {
        let vendors = SimulatedVendors::default();
        if has_small_catalogs {
            shrink(&*vendors.alibaba);
            shrink(&*vendors.huawei);
        }
        let clock = VirtualClock(Instant::now());
        let database = Database::memory_with_clock(Arc::new(clock)).unwrap();
        let accounts = [("A", Vendor::Alibaba), ("H", Vendor::Huawei)];
        let secrets = accounts.map(|(id, vendor)| {
            let keys = demo_keys(vendor.as_str());
            let text = json!({"secret_id": keys.id, "secret_key_secret": keys.secret}).to_string();
            (format!("polydesk/{id}"), text)
        });
        let aws = AwsInProcess::new(database, HashMap::from(secrets));
        let world = Self { vendors, clock, aws, started: Instant::now() };
        let app = world.process().app;
        let template = Template::parse(include_str!("../../../infra/template.yaml")).unwrap();
        template.table.create(app.store.client(), "polydesk").await.unwrap();
        for (id, vendor) in accounts {
            app.store.put_account(&account(id, vendor)).await.unwrap();
        }
        world
    }

    /// A new process of a function.
    pub fn process(&self) -> Process {
        let settings = |name: &str| {
            let value = match name {
                "TABLE_NAME" | "EVENT_BUS_NAME" | "CURSOR_KEY" => "polydesk",
                "SECRETS_PREFIX" => "polydesk/",
                "AWS_REGION" | "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "local",
                "AWS_ENDPOINT_URL" => "http://aws.invalid",
                "DEAD_LETTER_QUEUE_URL" => "http://aws.invalid/queue",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let config = Config::from_lookup(settings).unwrap();
        let aws_http = self.aws.client();
        let dead_letters = DeadLetterQueue::new(&config, aws_http.clone()).unwrap();
        let sender = Arc::new(VendorsInProcess { vendors: self.vendors.clone(), clock: self.clock });
        let clock = Arc::new(self.clock);
        let app = Arc::new(App::new(config, Dependencies { sender, aws_http, clock, ..Dependencies::system() }));
        Process { functions: Functions::new(Arc::clone(&app), dead_letters), app }
    }

    /// How long it has run.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Runs a refresh of the vendor, or of all, in runs of the function that end after `timeout` each; gives the
    /// refresh run and how many runs of the function it took.
    pub async fn refresh(&self, body: Value, timeout: Duration) -> (Value, usize) {
        let start = ApiEvent::of("POST /catalog/refresh").body(body);
        let id = self.process().call(start).await.expect(202).text("id");
        for runs in 0.. {
            let Some(event) = self.aws.next_event() else {
                let shown = ApiEvent::of("GET /catalog/refreshes/{id}").id(&id);
                return (self.process().call(shown).await.expect(200).body, runs);
            };
            self.process().invoke("refresh-catalog", event, timeout).await;
        }
        unreachable!("a refresh ends")
    }

    /// The catalog of the accounts without the vendors' limits.
    pub async fn refresh_unlimited(&self) {
        let (run, _) = self.refresh(json!({}), Duration::from_secs(300)).await;
        assert_eq!(run["state"], "complete", "{run}");
    }
}

impl Process {
    /// Calls the API.
    pub async fn call(&self, event: ApiEvent) -> Answer {
        let (function, event) = event.build();
        Answer::read(&self.invoke(function, event, HTTP_TIMEOUT).await)
    }

    /// Calls a function, which Lambda ends after `timeout`.
    pub async fn invoke(&self, function: &str, event: Value, timeout: Duration) -> Value {
        // The functions count from the machine's clock to virtual time.
        let deadline = std::time::Instant::now() + timeout;
        self.functions.invoke(function, event, deadline).await.unwrap()
    }

    /// One run of the sync with its timeout.
    pub async fn sync(&self, timeout: Duration) {
        self.invoke("sync-tickets", json!({}), timeout).await;
    }
}

fn account(id: &str, vendor: Vendor) -> Account {
    Account {
        id: AccountId::parse(id).unwrap(),
        vendor,
        site: Site::China,
        region_id: if vendor == Vendor::Alibaba { "cn-hangzhou" } else { "cn-south-1" }.into(),
        endpoint: None,
        domain_id: None,
        customer_id: None,
        created_by: None,
        changed_by: None,
        create_time: EPOCH_MS,
        health: AccountHealth::default(),
        adopt_since: None,
        adoption_read_until: None,
        wait_until: None,
        calls_per_minute: None,
        new_messages_mark: None,
        blocked_close: None,
        last_ended: None,
        reopening_check: None,
        rights: None,
        deleting: None,
    }
}

/// The simulators without a network.
struct VendorsInProcess {
    vendors: SimulatedVendors,
    clock: VirtualClock,
}

#[async_trait]
impl HttpSend for VendorsInProcess {
    async fn send(&self, mut request: Request<Bytes>, _: AnswerLimit) -> Result<Response<Bytes>, SendError> {
        sleep(VENDOR_LATENCY / 2).await;
        let host = request.uri().host().unwrap().to_owned();
        // An HTTP client adds the host where the signer set none.
        request.headers_mut().entry(header::HOST).or_insert(HeaderValue::from_str(&host).unwrap());
        let now_ms = self.clock.now_ms();
        let answer = if host.contains("aliyuncs") {
            self.vendors.alibaba.handle(request, now_ms)
        } else {
            self.vendors.huawei.handle(request, now_ms)
        };
        sleep(VENDOR_LATENCY / 2).await;
        match answer.outcome {
            WireOutcome::Respond(response) => Ok(response),
            _ => Err(SendError::NoAnswer("a fault".into())),
        }
    }
}
