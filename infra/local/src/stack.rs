//! The whole stack: an embedded DynamoDB and its stream, Secrets Manager, EventBridge, SQS, the vendors' simulators, the
//! functions, the API.

mod database;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::config::SharedHttpClient;
use publish_events::DeadLetterQueue;
use serde_json::Value;
use shared::{
    app::{App, Dependencies},
    clock::{Clock, SystemClock},
    config::Config,
    telemetry::{Discard, Sink},
};
use simulators::{Running, Simulators};

use self::database::DatabaseServer;
use crate::{
    Invoke, InvokeError, Server,
    events::EventBridge,
    functions::Functions,
    gateway::Gateway,
    queue::Queue,
    secrets::SecretsManager,
    state_file::Kept,
    stream::{Stream, StreamError, TableStream},
    template::{Mapping, Source, Template, TemplateError},
};

/// The stack's description; the functions' routes, rules and table are read from it.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The table of a local stack.
const TABLE_NAME: &str = "polydesk";
/// The bus of a local stack.
const BUS_NAME: &str = "polydesk";
/// The queue of a local stack for what could not be published.
const QUEUE_NAME: &str = "polydesk-stream-dead-letters";

/// How long work under way may take to end when the stack stops.
const GRACE: Duration = Duration::from_secs(5);

/// How to start a stack.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port of the API; 0 takes a free one.
    pub port: u16,
    /// Keeps the table in this SQLite file, and the rest in files beside it; `None`: all in memory.
    pub db: Option<PathBuf>,
    /// Settings that replace the local ones, by the names of environment variables.
    pub settings: HashMap<String, String>,
    /// The simulators to serve, where nothing was kept of earlier ones.
    pub vendors: simulators::Vendors,
    /// Sends the requests to AWS in place of the SDK's own client.
    pub aws_http: Option<SharedHttpClient>,
    /// Takes the functions' metrics; `None`: nobody does.
    pub metrics: Option<MetricsSink>,
    /// The time of the functions, the local AWS services and the simulators.
    pub clock: StackClock,
}

/// The clock of a stack. The default is the machine's.
#[derive(Clone)]
pub struct StackClock(pub Arc<dyn Clock>);

impl Default for StackClock {
    fn default() -> Self {
        Self(Arc::new(SystemClock))
    }
}

impl std::fmt::Debug for StackClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StackClock")
    }
}

/// A sink of metrics that a stack can be started with.
#[derive(Clone)]
pub struct MetricsSink(pub Arc<dyn Sink>);

impl std::fmt::Debug for MetricsSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsSink")
    }
}

/// A stack could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port, or a file beside the database.
    #[error("{what}: {source}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The database.
    #[error("the database could not be opened: {0}")]
    Database(String),
    /// The table.
    #[error(transparent)]
    Table(#[from] crate::template::CreateTableFailed),
    /// The template.
    #[error(transparent)]
    Template(#[from] crate::template::TemplateError),
    /// The table's stream.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The settings.
    #[error("{0}")]
    Config(shared::error::Error),
}

fn failed(what: &'static str) -> impl FnOnce(io::Error) -> StartError {
    move |source| StartError::Io { what, source }
}

/// A running stack. [`stop`](Self::stop) ends it in order.
pub struct Stack {
    /// The app that the functions share.
    pub app: Arc<App>,
    /// The vendors' simulators.
    pub simulators: Running,
    /// The bus.
    pub events: EventBridge,
    /// The table's stream, on its way to the bus.
    pub stream: Stream,
    /// The queue for what could not be published.
    pub dead_letters: Queue,
    /// The endpoints and settings that a function needs to run against this stack, as environment variables.
    pub environment: HashMap<String, String>,
    template: Arc<Template>,
    invoke: Arc<dyn Invoke>,
    api: Server,
    servers: Vec<Server>,
    database: DatabaseServer,
    kept: Option<Kept>,
}

impl Stack {
    /// Starts everything on 127.0.0.1.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let template = Arc::new(Template::parse(TEMPLATE)?);
        // Not to standard output, where people read what the stack says.
        let metrics = options.metrics.map_or_else(|| Arc::new(Discard) as Arc<dyn Sink>, |sink| sink.0);
        let clock = options.clock.0;
        let aws_http = options.aws_http.clone();
        let io = Dependencies { aws_http, clock: clock.clone(), metrics, ..Dependencies::system() };
        let random = Arc::clone(&io.random);

        let database = DatabaseServer::start(options.db.as_deref()).await?;
        let secrets = match &options.db {
            Some(db) => SecretsManager::in_file(clock.clone(), random.clone(), beside(db, "secrets.json"))
                .map_err(failed("the kept account keys could not be read"))?,
            None => SecretsManager::new(clock.clone(), random.clone()),
        };
        let secrets = secrets.start(0).await.map_err(failed("Secrets Manager could not be started"))?;
        let (simulators, kept) =
            start_simulators(options.db.as_deref(), options.vendors, clock.clone()).await?;

        let functions = Arc::new(LateFunctions::default());
        let invoke: Arc<dyn Invoke> = functions.clone();
        let events =
            EventBridge::new(BUS_NAME, template.clone(), invoke.clone(), clock.clone(), random.clone());
        let bus = events.start(0).await.map_err(failed("EventBridge could not be started"))?;

        let kept_in = |name| options.db.as_deref().map(|db| beside(db, name));
        let dead_letters = Queue::open(QUEUE_NAME, random.clone(), kept_in("queue.json"))
            .map_err(failed("the kept dead letters could not be read"))?;
        let queue = dead_letters.start(0).await.map_err(failed("SQS could not be started"))?;

        let endpoints = [
            ("AWS_ENDPOINT_URL_DYNAMODB", database.url.clone()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url()),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.url()),
            ("AWS_ENDPOINT_URL_SQS", queue.url()),
            ("DEAD_LETTER_QUEUE_URL", dead_letters.url(&queue)),
        ];
        let environment = environment(endpoints, options.settings);
        let config =
            Config::from_lookup(|name| environment.get(name).cloned()).map_err(StartError::Config)?;
        let letters = DeadLetterQueue::new(&config, options.aws_http).map_err(StartError::Config)?;
        let app = Arc::new(App::new(config, io));
        functions.set(Functions::new(app.clone(), letters));
        template.table.create(app.store.client(), TABLE_NAME).await?;
        let stream = TableStream::open(database.engine.clone(), TABLE_NAME, kept_in("stream.json"))?;
        let mapping = mapping(&template, |source| matches!(source, Source::Stream { .. }))?;
        let timeout = timeout(&template, mapping);
        let stream = Stream::start(stream, mapping.clone(), timeout, invoke.clone());

        let gateway = Gateway::new(template.routes.clone(), invoke.clone(), clock, random);
        let api = gateway.start(options.port).await.map_err(failed("the API could not be started"))?;
        Ok(Self {
            app,
            simulators,
            events,
            stream,
            dead_letters,
            environment,
            template,
            invoke,
            api,
            servers: vec![secrets, bus, queue],
            database,
            kept,
        })
    }

    /// Base URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        self.api.url()
    }

    /// Calls a function directly, as a Lambda invocation would.
    pub async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        self.invoke.invoke(function, event, deadline).await
    }

    /// Publishes the parked events again, each once, as its mapping does while it is enabled.
    pub async fn redrive(&self) -> Result<(), InvokeError> {
        let mapping = mapping(&self.template, |source| matches!(source, Source::Queue(_)));
        let mapping = mapping.map_err(|error| InvokeError::Failed(error.to_string()))?;
        self.dead_letters.hand_over(mapping, timeout(&self.template, mapping), &self.invoke).await
    }

    /// Takes no more requests, lets those in flight end, and keeps what is to be kept.
    pub async fn stop(self) -> io::Result<()> {
        self.api.shutdown().await;
        // A refresh under way may end; one that hangs is cut, and can be asked for again.
        let _ = tokio::time::timeout(GRACE, self.events.settled()).await;
        // The batch under way may end; one that is cut comes again after the next start.
        let _ = tokio::time::timeout(GRACE, self.stream.stop()).await;
        for server in self.servers {
            server.shutdown().await;
        }
        let vendors = self.simulators.vendors.clone();
        self.simulators.stop().await;
        self.database.stop().await;
        match self.kept {
            Some(kept) => kept.finish(&vendors).await,
            None => Ok(()),
        }
    }
}

/// The mapping of the template that reads such a source.
fn mapping(template: &Template, is_meant: impl Fn(&Source) -> bool) -> Result<&Mapping, TemplateError> {
    template.mapping(is_meant).ok_or_else(|| TemplateError::of("Resources", "a mapping is missing"))
}

/// How long the function of a mapping may take.
fn timeout(template: &Template, mapping: &Mapping) -> Duration {
    template.function(&mapping.function).map(|function| function.timeout).unwrap_or_default()
}

fn environment(endpoints: [(&str, String); 5], settings: HashMap<String, String>) -> HashMap<String, String> {
    let local = [
        ("TABLE_NAME", TABLE_NAME),
        ("SECRETS_PREFIX", "polydesk/local/account/"),
        ("EVENT_BUS_NAME", BUS_NAME),
        ("CURSOR_KEY", "local"),
        ("ALLOW_LOOPBACK_ENDPOINTS", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    let local = local.into_iter().map(|(name, value)| (name, value.to_owned()));
    let mut environment: HashMap<_, _> =
        local.chain(endpoints).map(|(name, value)| (name.to_owned(), value)).collect();
    environment.extend(settings);
    environment
}

/// `polydesk.db` → `polydesk.db.<name>`.
fn beside(db: &Path, name: &str) -> PathBuf {
    let mut path = db.as_os_str().to_owned();
    path.push(".");
    path.push(name);
    path.into()
}

async fn start_simulators(
    db: Option<&Path>,
    vendors: simulators::Vendors,
    clock: Arc<dyn Clock>,
) -> Result<(Running, Option<Kept>), StartError> {
    let clock: Option<simulators::Clock> = Some(Arc::new(move || clock.now_ms()));
    let fresh = simulators::Options { vendors, clock: clock.clone(), ..simulators::Options::default() };
    let Some(db) = db else {
        let running = Simulators::start(fresh).await;
        return Ok((running.map_err(failed("the simulators could not be started"))?, None));
    };
    let file = beside(db, "simulators.json");
    let kept = Kept::read(&file).map_err(failed("the kept state of the simulators could not be read"))?;
    let options = kept.map_or(fresh, |kept| simulators::Options { clock, ..kept });
    let running = Simulators::start(options).await;
    let running = running.map_err(failed("the simulators could not be started"))?;
    let kept = Kept::start(file, &running);
    Ok((running, Some(kept)))
}

/// The functions need the bus's address and the bus needs the functions: they are set when both are there.
#[derive(Default)]
struct LateFunctions {
    functions: OnceLock<Functions>,
}

impl LateFunctions {
    fn set(&self, functions: Functions) {
        // Set once, by the start above.
        let _ = self.functions.set(functions);
    }
}

#[async_trait]
impl Invoke for LateFunctions {
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        match self.functions.get() {
            Some(functions) => functions.invoke(function, event, deadline).await,
            None => Err("the stack is still starting".to_owned()),
        }
    }
}
