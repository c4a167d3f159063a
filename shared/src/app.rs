//! Everything a function needs, built once for the life of a process and shared by reference.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::config::SharedHttpClient;
use tokio::time::Instant;

use crate::{
    bucket::{Bucket, BucketSend},
    clock::{Clock, SystemClock},
    config::Config,
    domain::{Account, AccountId, AccountKeys},
    error::Result,
    events::Events,
    https,
    ids::{Random, SystemRandom},
    secrets::Secrets,
    store::Store,
    telemetry::{Sink, Stdout, Telemetry},
    vendors::{
        KeySource, Session, SessionKeys, Vendors,
        http::{HttpSend, HttpSender},
        pace::PaceStore,
    },
};

/// All clients of a function.
pub struct App {
    /// Settings.
    pub config: Config,
    /// The table.
    pub store: Store,
    /// Account keys.
    pub secrets: Secrets,
    /// The event bus.
    pub events: Events,
    /// The bucket for files.
    pub bucket: Bucket,
    /// The vendors.
    pub vendors: Vendors,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Where metrics go.
    pub telemetry: Telemetry,
}

/// The app's senders, clock, random source and metrics sink, so that a test can replace them.
pub struct Dependencies {
    /// Sends requests to vendors.
    pub sender: Arc<dyn HttpSend>,
    /// Sends requests to AWS.
    pub aws_http: SharedHttpClient,
    /// Sends requests to the bucket for files.
    pub bucket_http: Arc<dyn BucketSend>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Takes the invocations' metrics.
    pub metrics: Arc<dyn Sink>,
}

impl Dependencies {
    /// The real senders, the machine's clock and random source, and standard output.
    pub fn system() -> Self {
        Self {
            sender: Arc::new(HttpSender::new(Arc::new(SystemClock))),
            aws_http: https::aws_client(Arc::new(SystemClock)),
            bucket_http: Arc::new(https::bucket_client(Arc::new(SystemClock))),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            metrics: Arc::new(Stdout),
        }
    }
}

#[async_trait]
impl KeySource for Secrets {
    async fn keys(&self, account: &AccountId, fresh: bool) -> Result<Arc<AccountKeys>> {
        Secrets::keys(self, account, fresh).await
    }
}

#[async_trait]
impl PaceStore for Store {
    async fn store_pace(&self, account: &AccountId, calls_per_minute: u32, wait_until_ms: Option<i64>) {
        let mut kept = self.set_account_pace(account, calls_per_minute).await;
        if let (Ok(()), Some(wait_until_ms)) = (&kept, wait_until_ms) {
            kept = self.set_account_wait(account, wait_until_ms).await;
        }
        if let Err(error) = kept {
            tracing::warn!(account.id = %account, error = ?error, "The pace of an account could not be stored.");
        }
    }
}

impl App {
    /// Builds all clients; makes no call.
    pub fn new(config: Config, dependencies: Dependencies) -> Self {
        let Dependencies { sender, aws_http, bucket_http, clock, random, metrics } = dependencies;
        let store = Store::new(&config, aws_http.clone(), Arc::clone(&clock));
        let pace_store = Arc::new(store.clone());
        Self {
            store,
            secrets: Secrets::new(&config, aws_http.clone()),
            events: Events::new(&config, aws_http),
            // AWS compares a signature with its own time, as it does for its SDK.
            bucket: Bucket::new(&config, Arc::new(SystemClock), bucket_http),
            vendors: Vendors::new(sender, Arc::clone(&clock), Arc::clone(&random), pace_store),
            telemetry: Telemetry {
                sink: metrics,
                clock: Arc::clone(&clock),
                namespace: config.metrics_namespace.clone(),
            },
            clock,
            random,
            config,
        }
    }

    /// A session with the account's vendor until `deadline`, with the stored keys. Makes no call.
    pub fn session<'a>(&'a self, account: &'a Account, deadline: Instant) -> Session<'a> {
        self.session_with(account, SessionKeys::Stored(&self.secrets), deadline)
    }

    /// A session with the account's vendor until `deadline`, with those keys. Makes no call.
    pub fn session_with<'a>(&'a self, account: &'a Account, keys: SessionKeys<'a>, deadline: Instant) -> Session<'a> {
        self.vendors.session(account, keys, self.config.allow_loopback_endpoints, deadline)
    }

    /// Stores the account's pace where it differs notably from the stored one. No caller waits for that.
    pub async fn store_changed_pace(&self, account: &Account) {
        if let Some(calls_per_minute) = self.vendors.paces.changed(account) {
            self.vendors.paces.kept(&account.id, calls_per_minute);
            self.store.store_pace(&account.id, calls_per_minute, None).await;
        }
    }

    /// An app with the process's environment as its settings.
    ///
    /// # Errors
    /// [`ErrorKind::ConfigInvalid`](crate::error::ErrorKind::ConfigInvalid): a variable is missing or wrong.
    pub fn from_env() -> Result<Self> {
        Ok(Self::new(Config::from_env()?, Dependencies::system()))
    }
}
