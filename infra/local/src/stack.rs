//! The whole stack: an embedded DynamoDB, Secrets Manager, EventBridge, the vendors' simulators, the functions, the API.

use std::{
    collections::HashMap,
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use aws_sdk_dynamodb::config::SharedHttpClient;
use dynoxide::Database;
use serde_json::Value;
use shared::{
    app::{App, Io},
    config::Config,
};
use simulators::{Running, Simulators};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::{
    Invoke, Server, events::EventBridge, functions::Functions, gateway::Gateway, kept::Kept,
    secrets::SecretsManager, template::Template,
};

/// The stack's description; the functions' routes, rules and table are read from it.
const TEMPLATE: &str = include_str!("../../template.yaml");

/// The table of a local stack.
const TABLE_NAME: &str = "polydesk";
/// The bus of a local stack.
const BUS_NAME: &str = "polydesk";

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
    /// The endpoints and settings that a function needs to run against this stack, as environment variables.
    pub environment: HashMap<String, String>,
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
        let io = Io { aws_http: options.aws_http, ..Io::system() };
        let (clock, random) = (Arc::clone(&io.clock), Arc::clone(&io.random));

        let database = DatabaseServer::start(options.db.as_deref()).await?;
        let secrets = match &options.db {
            Some(db) => SecretsManager::in_file(clock.clone(), random.clone(), beside(db, "secrets.json"))
                .map_err(failed("the kept account keys could not be read"))?,
            None => SecretsManager::new(clock.clone(), random.clone()),
        };
        let secrets = secrets.start(0).await.map_err(failed("Secrets Manager could not be started"))?;
        let (simulators, kept) = start_simulators(options.db.as_deref(), options.vendors).await?;

        let functions = Arc::new(LateFunctions::default());
        let invoke: Arc<dyn Invoke> = functions.clone();
        let events =
            EventBridge::new(BUS_NAME, template.clone(), invoke.clone(), clock.clone(), random.clone());
        let bus = events.start(0).await.map_err(failed("EventBridge could not be started"))?;

        let environment = environment(&database.url, &secrets.url(), &bus.url(), options.settings);
        let config =
            Config::from_lookup(|name| environment.get(name).cloned()).map_err(StartError::Config)?;
        let app = Arc::new(App::new(config, io));
        functions.set(Functions::new(app.clone()));
        template.table.create(app.store.client(), TABLE_NAME).await?;

        let gateway = Gateway::new(template.routes.clone(), invoke.clone(), clock, random);
        let api = gateway.start(options.port).await.map_err(failed("the API could not be started"))?;
        let servers = vec![secrets, bus];
        Ok(Self { app, simulators, events, environment, invoke, api, servers, database, kept })
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

    /// Takes no more requests, lets those in flight end, and keeps what is to be kept.
    pub async fn stop(self) -> io::Result<()> {
        self.api.shutdown().await;
        // A refresh under way may end; one that hangs is cut, and can be asked for again.
        let _ = tokio::time::timeout(GRACE, self.events.settled()).await;
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

fn environment(
    dynamodb: &str,
    secrets: &str,
    events: &str,
    settings: HashMap<String, String>,
) -> HashMap<String, String> {
    let local = [
        ("TABLE_NAME", TABLE_NAME),
        ("SECRETS_PREFIX", "polydesk/local/account/"),
        ("EVENT_BUS_NAME", BUS_NAME),
        ("CURSOR_KEY", "local"),
        ("ALLOW_LOOPBACK_ENDPOINTS", "true"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ("AWS_ENDPOINT_URL_EVENTBRIDGE", events),
    ];
    let mut environment: HashMap<_, _> =
        local.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
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
) -> Result<(Running, Option<Kept>), StartError> {
    let fresh = simulators::Options { vendors, ..simulators::Options::default() };
    let Some(db) = db else {
        let running = Simulators::start(fresh).await;
        return Ok((running.map_err(failed("the simulators could not be started"))?, None));
    };
    let file = beside(db, "simulators.json");
    let kept = Kept::read(&file).map_err(failed("the kept state of the simulators could not be read"))?;
    let running = Simulators::start(kept.unwrap_or(fresh)).await;
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

/// The embedded DynamoDB behind its HTTP API, so that the real AWS SDK client talks to it.
struct DatabaseServer {
    url: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl DatabaseServer {
    async fn start(file: Option<&Path>) -> Result<Self, StartError> {
        let database = match file {
            Some(file) => Database::new(&file.to_string_lossy()),
            None => Database::memory(),
        };
        let database = database.map_err(|error| StartError::Database(error.to_string()))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(failed("DynamoDB could not be started"))?;
        let address = listener.local_addr().map_err(failed("DynamoDB could not be started"))?;
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let shutdown = async {
                let _ = stopped.await;
            };
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, shutdown).await {
                tracing::error!(error, "DynamoDB stopped.");
            }
        });
        Ok(Self { url: format!("http://{address}"), stop, task })
    }

    async fn stop(self) {
        let _ = self.stop.send(());
        let _ = tokio::time::timeout(GRACE, self.task).await;
    }
}
