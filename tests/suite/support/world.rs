//! A stack of its own for each test: embedded DynamoDB, simulated vendors with a small catalog, the real handlers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use local::{
    stack::{MetricsSink, Stack, StackClock, StackOptions},
    stream::PauseGuard,
};
use serde_json::{Value, json};
use shared::events::REFRESH_REQUESTED;
use simulators::{Catalog, CatalogChange, SimulatedVendors};
use tokio::sync::Mutex;

use super::{
    Accounts, Answer, ApiEvent, CACHED, Documents, TestClock, assert_conforms,
    counting::AwsCalls,
    simulated::{self, Simulated},
};

/// How many products of each vendor a test's catalog keeps.
const PRODUCTS: usize = 4;

/// A running stack.
pub struct World {
    /// The stack.
    pub stack: Stack,
    /// The time of the functions, the local AWS services and the vendors.
    pub clock: TestClock,
    /// The calls that the functions made to AWS.
    pub aws_calls: AwsCalls,
    /// The metrics that the functions wrote.
    pub metrics: Documents,
    /// No ticket is counted for the statistics while a test does not ask for it: the calls of that function would be
    /// among those of others.
    pub(super) statistics_paused: Mutex<Option<PauseGuard>>,
    /// Whether the first account of a catalog starts its refresh. Its calls would be among those that a test counts.
    has_first_refreshes: bool,
}

impl World {
    /// Starts a stack with small catalogs.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a stack with other settings (names of environment variables).
    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        Self::start_as(settings, None, None).await
    }

    /// Starts a stack in which the first account of a catalog starts its refresh.
    pub async fn start_with_first_refreshes() -> Self {
        Self::start().await.with_first_refreshes()
    }

    /// From now on the first account of a catalog starts its refresh.
    pub fn with_first_refreshes(self) -> Self {
        Self { has_first_refreshes: true, ..self }
    }

    /// Starts a stack whose API takes the tokens of this file.
    pub async fn start_with_tokens(file: PathBuf) -> Self {
        Self::start_as(&[], None, Some(file)).await
    }

    /// Starts a stack that keeps its table in this file, and the rest beside it.
    pub async fn start_in(db: PathBuf) -> Self {
        Self::start_as(&[], Some(db), None).await
    }

    async fn start_as(settings: &[(&str, &str)], db: Option<PathBuf>, token_file: Option<PathBuf>) -> Self {
        let settings: HashMap<_, _> =
            settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let vendors = SimulatedVendors::default();
        let aws_calls = AwsCalls::default();
        for vendor in ["ALIBABA", "HUAWEI", "TENCENT"] {
            shrink(&*simulated::simulated(&vendors, vendor));
        }
        let metrics = Documents::default();
        let clock = TestClock::default();
        let options = StackOptions {
            settings,
            vendors: Some(vendors),
            aws_http: Some(aws_calls.client()),
            db,
            token_file,
            metrics: Some(MetricsSink(Arc::new(metrics.clone()))),
            clock: StackClock(Arc::new(clock.clone())),
            // Its calls would be among those that a test counts.
            only_by_call: &["write-transcripts"],
            ..StackOptions::default()
        };
        let stack = Stack::start(options).await.unwrap();
        let statistics_paused = Mutex::new(Some(stack.statistics.pause().await));
        Self { stack, clock, aws_calls, metrics, statistics_paused, has_first_refreshes: false }
    }

    /// Starts a stack with an account at Alibaba and one at Huawei and their catalogs refreshed.
    pub async fn ready() -> (Self, Accounts) {
        Self::ready_with(&[]).await
    }

    /// The same with other settings.
    pub async fn ready_with(settings: &[(&str, &str)]) -> (Self, Accounts) {
        let world = Self::start_with(settings).await;
        let accounts = world.register_accounts().await;
        (world, accounts)
    }

    /// Calls the API.
    pub async fn call(&self, event: ApiEvent) -> Answer {
        let (function, event) = event.build();
        self.invoke(function, event).await
    }

    /// Calls the API with so much time left for the invocation.
    pub async fn call_within(&self, event: ApiEvent, time_left: Duration) -> Answer {
        let (function, event) = event.build();
        self.invoke_within(function, event, time_left).await
    }

    /// Calls a function with an HTTP event.
    pub async fn invoke(&self, function: &str, event: Value) -> Answer {
        // Boxed, as each test's future holds many calls.
        Box::pin(self.invoke_within(function, event, Duration::from_secs(29))).await
    }

    /// Every call must conform to the API's document, whatever else a test asserts of it.
    async fn invoke_within(&self, function: &str, event: Value, time_left: Duration) -> Answer {
        let is_registration = event["routeKey"] == "POST /accounts" && !self.has_first_refreshes;
        self.stack.events.discard(is_registration.then_some(REFRESH_REQUESTED));
        let answer = self.stack.invoke(function, event.clone(), Instant::now() + time_left).await.unwrap();
        let answer = Answer::read(&answer);
        assert_conforms(&event, &answer);
        if is_registration && answer.status == 201 {
            self.delete_item(&format!("REFRESH#{}", answer.text("id")), "REFRESH").await;
        }
        answer
    }

    /// Runs a refresh to its end and returns the run.
    pub async fn refresh(&self, body: Value) -> Value {
        let run = self.call(ApiEvent::of("POST /catalog/refresh").body(body)).await.expect(202);
        self.stack.events.wait_until_idle().await;
        self.call(ApiEvent::of("GET /catalog/refreshes/{id}").id(&run.text("id"))).await.expect(200).body
    }

    /// One run of the sync, as its schedule starts it.
    pub async fn sync(&self) {
        self.sync_within(Duration::from_secs(55)).await;
    }

    /// One run of the sync with so much time left for the invocation.
    pub async fn sync_within(&self, time_left: Duration) {
        let event = serde_json::from_str(include_str!("../../events/sync-tickets-schedule.json")).unwrap();
        self.stack.invoke("sync-tickets", event, Instant::now() + time_left).await.unwrap();
    }

    /// Opens a ticket in the vendor's console, as the account with the demo keys, and gives the vendor's id.
    pub fn open_in_console(&self, vendor: &str, title: &str, text: &str, at_ms: i64) -> String {
        let (vendors, account) = (&self.stack.simulators.vendors, super::demo_keys(vendor).account);
        match vendor {
            "ALIBABA" => vendors.alibaba.open_in_console(account, title, text, at_ms),
            _ => vendors.huawei.open_in_console(account, text, at_ms),
        }
    }

    /// Now, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.stack.app.clock.now_ms()
    }

    /// The ticket as `GET /tickets/{id}` shows it.
    pub async fn ticket(&self, id: &str) -> Value {
        self.call(ApiEvent::of("GET /tickets/{id}").id(id)).await.expect(200).body
    }

    /// The texts of the ticket's messages, oldest first.
    pub async fn conversation(&self, id: &str) -> Vec<String> {
        self.clock.advance(CACHED);
        let messages = self.all(|| ApiEvent::of("GET /tickets/{id}/messages").id(id), "&refresh=true", 100).await;
        messages.iter().map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }

    /// The texts of the ticket's messages at the vendor, oldest first.
    pub fn vendor_conversation(&self, vendor: &str, cloud_id: &str) -> Vec<String> {
        let messages = self.simulated(vendor).ticket(cloud_id).messages.into_iter();
        messages.map(|message| message.content).collect()
    }

    /// The vendor's simulator.
    pub fn simulated(&self, vendor: &str) -> Arc<dyn Simulated> {
        simulated::simulated(&self.stack.simulators.vendors, vendor)
    }

    /// The vendor's catalog as the simulator has it.
    pub fn catalog(&self, vendor: &str) -> Catalog {
        self.simulated(vendor).catalog()
    }

    /// The body of `POST /tickets` for an account: the first product with a problem type that reports no fault.
    pub fn ticket_body(&self, vendor: &str, account: &str) -> Value {
        let catalog = self.catalog(vendor);
        let products = catalog.groups.iter().flat_map(|group| &group.products);
        let mut choices = products.flat_map(|product| product.problem_types.iter().map(move |one| (product, one)));
        let (product, problem_type) = choices.find(|(_, one)| !one.fault).unwrap();
        json!({
            "custom_id": account,
            "product_id": product.id,
            "product_business_id": problem_type.id,
            "name": "云服务器无法远程连接",
            "description": "重启之后 SSH 一直超时 🙏",
        })
    }

    /// A create under a key of that vendor's.
    pub fn create_event(&self, vendor: &str, account: &str, key: &str) -> ApiEvent {
        let body = self.ticket_body(vendor, account);
        ApiEvent::of("POST /tickets").key(&format!("{vendor}-{key}")).body(body)
    }

    /// Creates a ticket under a key of that vendor's and returns its id and `cloud_id`.
    pub async fn create(&self, vendor: &str, account: &str, key: &str) -> (String, String) {
        let event = self.create_event(vendor, account, key);
        let ticket = self.call(event).await.expect(201);
        (ticket.text("id"), ticket.text("cloud_id"))
    }

    /// Every item of a list, page by page of `limit`.
    pub async fn all(&self, event: impl Fn() -> ApiEvent, filters: &str, limit: usize) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.call(event().query(&format!("limit={limit}{filters}{cursor}"))).await.expect(200);
            assert!(page.items().len() <= limit);
            items.extend_from_slice(page.items());
            let Some(next) = page.body["next_cursor"].as_str() else {
                return items;
            };
            cursor = format!("&cursor={next}");
        }
    }

    /// How many calls each vendor has seen, by operation.
    pub fn vendor_calls(&self) -> BTreeMap<String, u64> {
        let vendors = &self.stack.simulators.vendors;
        let counts = [vendors.alibaba.counts(), vendors.huawei.counts(), vendors.tencent.counts()];
        counts.into_iter().flatten().collect()
    }
}

/// Leaves a few products in the vendor's catalog, most of them with problem types.
pub fn shrink(simulated: &dyn Simulated) {
    let catalog = simulated.catalog();
    let products = catalog.groups.iter().flat_map(|group| &group.products);
    let mut with_types: Vec<_> =
        products.map(|product| (product.problem_types.is_empty(), product.id.clone())).collect();
    // Products with problem types first, then one without.
    with_types.sort_by_key(|(empty, _)| *empty);
    let mut seen = HashSet::new();
    with_types.retain(|(_, id)| seen.insert(id.clone()));
    for (_, id) in with_types.into_iter().skip(PRODUCTS) {
        simulated.change(CatalogChange::RemoveProduct(id));
    }
}
