//! The whole stack: an embedded DynamoDB and its stream, Secrets Manager, EventBridge, SQS, the vendors' simulators,
//! the functions and the API. One access key, made at each start, opens all of them.

mod error;
mod options;
mod vendors;

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use dynoxide::Database;
use loopback::{AccessKey, Server};
use publish_events::DeadLetterQueue;
use serde_json::Value;
use shared::{
    app::{App, Dependencies},
    clock::SystemClock,
    config::Config,
    https,
    telemetry::{Discard, Sink},
};
use simulators::RunningSimulators;

pub use self::{
    error::StartError,
    options::{MetricsSink, StackClock, StackOptions},
};
use self::{error::failed, vendors::start_simulators};
use crate::{
    Invoke, InvokeError,
    dynamodb::{self, DynamoDb},
    events::EventBridge,
    files::{self, ApiPort, FilesFolder},
    functions::{DeferredFunctions, Functions},
    gateway::{Gateway, TokenFile},
    queue::SqsQueue,
    secrets::SecretsManager,
    state_file::SimulatorsFile,
    stream::{StreamConsumer, TableStream},
    template::{EventSource, Mapping, Template},
};

/// The template with the functions' routes, rules and table.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The table of a local stack.
const TABLE_NAME: &str = "polydesk";
/// The bus of a local stack.
const BUS_NAME: &str = "polydesk";
/// The dead-letter queue of a local stack.
const QUEUE_NAME: &str = "polydesk-stream-dead-letters";

/// The bucket of a local stack.
const BUCKET_NAME: &str = "polydesk-files";
/// The secret of the access key. The access key itself is what nobody else knows.
const SECRET: &str = "local";

/// How long `stop` waits for work in flight.
const GRACE: Duration = Duration::from_secs(5);

/// A running stack. End it with [`stop`](Self::stop).
pub struct Stack {
    /// The app that the functions share.
    pub app: Arc<App>,
    /// The vendors' simulators.
    pub simulators: RunningSimulators,
    /// The bus.
    pub events: EventBridge,
    /// The consumer of the table's stream whose function publishes to the bus.
    pub stream: StreamConsumer,
    /// The consumer of the table's stream whose function counts tickets for the statistics.
    pub statistics: StreamConsumer,
    /// The folder of the bucket.
    pub files: FilesFolder,
    /// The queue for events that could not be published.
    pub dead_letters: SqsQueue,
    /// What every request needs: as bearer token at the API and the simulators' control API, as access key id at AWS.
    pub access_key: AccessKey,
    /// The environment variables of a function that runs against this stack.
    pub environment: HashMap<String, String>,
    template: Arc<Template>,
    invoke: Arc<dyn Invoke>,
    api: Server,
    servers: Vec<Server>,
    simulators_file: Option<SimulatorsFile>,
}

impl Stack {
    /// Starts everything on 127.0.0.1.
    ///
    /// # Errors
    ///
    /// A port is in use, or a file or the template can't be read.
    pub async fn start(options: StackOptions) -> Result<Self, StartError> {
        let template = Arc::new(Template::parse(TEMPLATE)?);
        // Not to standard output, which shows the messages of `serve` and `demo`.
        let metrics = options.metrics.map_or_else(|| Arc::new(Discard) as Arc<dyn Sink>, |sink| sink.0);
        let clock = options.clock.0;
        let aws_http = options.aws_http.unwrap_or_else(|| https::aws_client(Arc::new(SystemClock)));
        let io = Dependencies { aws_http: aws_http.clone(), clock: clock.clone(), metrics, ..Dependencies::system() };
        let random = Arc::clone(&io.random);

        let access_key = AccessKey::random().map_err(failed("the access key could not be made"))?;

        let engine = open_database(options.db.as_deref())?;
        let database = DynamoDb::new(engine.clone()).start(0, &access_key).await;
        let database = database.map_err(failed("DynamoDB could not be started"))?;
        let secrets = match &options.db {
            Some(db) => SecretsManager::in_file(clock.clone(), random.clone(), beside(db, "secrets.json"))
                .map_err(failed("the stored account keys could not be read"))?,
            None => SecretsManager::new(clock.clone(), random.clone()),
        };
        let secrets = secrets.start(0, &access_key).await.map_err(failed("Secrets Manager could not be started"))?;
        let (simulators, simulators_file) =
            start_simulators(options.db.as_deref(), options.vendors, clock.clone(), &access_key).await?;

        let functions = Arc::new(DeferredFunctions::default());
        let invoke: Arc<dyn Invoke> = functions.clone();
        let events = EventBridge::new(
            BUS_NAME,
            Arc::new(template.without_rules_for(options.only_by_call)),
            invoke.clone(),
            clock.clone(),
            random.clone(),
        );
        let bus = events.start(0, &access_key).await.map_err(failed("EventBridge could not be started"))?;

        let stored_in = |name: &str| options.db.as_deref().map(|db| beside(db, name));
        let dead_letters = SqsQueue::open(QUEUE_NAME, random.clone(), stored_in("queue.json"))
            .map_err(failed("the stored dead letters could not be read"))?;
        let queue = dead_letters.start(0, &access_key).await.map_err(failed("SQS could not be started"))?;

        let files = FilesFolder::open(stored_in("files")).map_err(failed("the folder for files could not be made"))?;
        let api_port = ApiPort::default();
        let bucket = files::start(&files, BUCKET_NAME, 0, &access_key, SECRET, api_port.clone()).await;
        let bucket = bucket.map_err(failed("S3 could not be started"))?;

        let endpoints = [
            ("AWS_ENDPOINT_URL_DYNAMODB", database.url()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url()),
            ("AWS_ENDPOINT_URL_EVENTBRIDGE", bus.url()),
            ("AWS_ENDPOINT_URL_SQS", queue.url()),
            ("AWS_ENDPOINT_URL_S3", bucket.url()),
            ("FILES_ORIGIN", bucket.url()),
            ("DEAD_LETTER_QUEUE_URL", dead_letters.url(&queue)),
        ];
        let environment = environment(&access_key, endpoints, options.settings);
        let config = Config::from_lookup(|name| environment.get(name).cloned()).map_err(StartError::Config)?;
        let dead_letter_queue = DeadLetterQueue::new(&config, aws_http).map_err(StartError::Config)?;
        let app = Arc::new(App::new(config, io));
        functions.set(Functions::new(app.clone(), dead_letter_queue));
        template.table.create(app.store.client(), TABLE_NAME).await?;
        let consumer = |function, position| -> Result<StreamConsumer, StartError> {
            let stream = TableStream::open(engine.clone(), TABLE_NAME, stored_in(position))?;
            let mapping = template.stream_of(function)?;
            Ok(StreamConsumer::start(stream, mapping.clone(), timeout(&template, mapping), invoke.clone()))
        };
        let stream = consumer("publish-events", "stream.json")?;
        let statistics = consumer("update-statistics", "statistics.json")?;

        let tokens = options.token_file.as_deref().map(TokenFile::open).transpose();
        let tokens = tokens.map_err(failed("the file of tokens could not be read"))?;
        let gateway = Gateway::new(template.routes.clone(), invoke.clone(), clock, random)?.with_tokens(tokens);
        let api = gateway.start(options.port, &access_key).await.map_err(failed("the API could not be started"))?;
        // It is set here alone.
        let _ = api_port.set(api.address().port());
        Ok(Self {
            app,
            simulators,
            events,
            stream,
            statistics,
            files,
            dead_letters,
            access_key,
            environment,
            template,
            invoke,
            api,
            servers: vec![secrets, bus, queue, bucket, database],
            simulators_file,
        })
    }

    /// Base URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        self.api.url()
    }

    /// Calls a function directly, as a Lambda invocation does.
    ///
    /// # Errors
    ///
    /// The function failed or does not exist.
    pub async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        self.invoke.invoke(function, event, deadline).await
    }

    /// Publishes the dead letters again, each once, as the queue's mapping does while it is enabled.
    ///
    /// # Errors
    ///
    /// The function failed for a whole batch.
    pub async fn redrive(&self) -> Result<(), InvokeError> {
        let mapping = self.template.mapping(|source| matches!(source, EventSource::Queue(_)));
        let mapping = mapping.map_err(|error| InvokeError::Failed(error.to_string()))?;
        self.dead_letters.deliver_all(mapping, timeout(&self.template, mapping), &self.invoke).await
    }

    /// Accepts no more requests, waits for work in flight, and writes the simulators' state.
    ///
    /// # Errors
    ///
    /// The state can't be written.
    pub async fn stop(self) -> io::Result<()> {
        self.api.shutdown().await;
        // A refresh that does not end in time is cut; it can be requested again.
        let _ = tokio::time::timeout(GRACE, self.events.wait_until_idle()).await;
        // A batch that does not end in time is cut; it is delivered again after the next start.
        let consumers = async { tokio::join!(self.stream.stop(), self.statistics.stop()) };
        let _ = tokio::time::timeout(GRACE, consumers).await;
        for server in self.servers {
            server.shutdown().await;
        }
        let vendors = self.simulators.vendors.clone();
        self.simulators.stop().await;
        match self.simulators_file {
            Some(file) => file.finish(&vendors).await,
            None => Ok(()),
        }
    }
}

/// The time limit of the function of a mapping.
fn timeout(template: &Template, mapping: &Mapping) -> Duration {
    template.function(&mapping.function).map(|function| function.timeout).unwrap_or_default()
}

fn environment(
    access_key: &AccessKey,
    endpoints: [(&str, String); 7],
    settings: HashMap<String, String>,
) -> HashMap<String, String> {
    let local = [
        ("TABLE_NAME", TABLE_NAME),
        ("SECRETS_PREFIX", "polydesk/local/account/"),
        ("EVENT_BUS_NAME", BUS_NAME),
        ("CURSOR_KEY", "local"),
        ("ALLOW_LOOPBACK_ENDPOINTS", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", access_key.as_str()),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("FILES_BUCKET", BUCKET_NAME),
    ];
    let local = local.into_iter().map(|(name, value)| (name, value.to_owned()));
    let mut environment: HashMap<_, _> = local.chain(endpoints).map(|(name, value)| (name.to_owned(), value)).collect();
    environment.extend(settings);
    environment
}

/// `polydesk.db` becomes `polydesk.db.<name>`.
fn beside(db: &Path, name: &str) -> PathBuf {
    let mut path = db.as_os_str().to_owned();
    path.push(".");
    path.push(name);
    path.into()
}

/// Opens the database in `file`, or an empty one in memory.
fn open_database(file: Option<&Path>) -> Result<Database, StartError> {
    let database = match file {
        Some(file) => {
            dynamodb::make_private(file).map_err(failed("the database could not be made private"))?;
            Database::new(&file.to_string_lossy())
        }
        None => Database::memory(),
    };
    database.map_err(|error| StartError::Database(error.to_string()))
}
