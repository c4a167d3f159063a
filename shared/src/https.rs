//! The HTTP client of AWS and of the vendors. Both have the same TLS configuration, so that a process reads the root
//! certificates once. Connections are kept apart.

mod public_addresses;

use std::{
    fmt,
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_rustls::{HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{
    client::legacy::{Client, ResponseFuture, connect::HttpConnector as TcpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use tokio::{net::TcpStream, time::Instant};
use tower::{BoxError, Service, timeout::Timeout, util::BoxCloneSyncService};

use self::public_addresses::PublicAddresses;
use crate::clock::Clock;

pub use self::public_addresses::NotPublic;

/// How long opening a connection may take, with TLS.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection to AWS may be idle before it is not used any more. A call that meets a closed one is repeated.
const AWS_MAX_IDLE: Duration = Duration::from_secs(90);

/// The body of a request. There is one type for all requests, because each type adds a second HTTP client of 100 KB to
/// a function.
pub type RequestBody = UnsyncBoxBody<Bytes, BoxError>;

/// Opens connections with TLS, or without it for `http`.
type Connector = BoxCloneSyncService<Uri, MaybeHttpsStream<TokioIo<TcpStream>>, BoxError>;

/// A client with connections of its own. It follows no redirect and uses no proxy of the environment.
pub struct HttpsClient {
    clock: Arc<dyn Clock>,
    max_idle: Duration,
    connector: &'static LazyLock<Connector>,
    pool: Mutex<Pool>,
}

/// A client of hyper, and the time on both clocks when it was made.
struct Pool {
    client: Client<Connector, RequestBody>,
    wall_ms: i64,
    monotonic: Instant,
}

impl HttpsClient {
    /// A client without a connection. A connection that was idle for `max_idle` of wall clock time is not used again.
    pub fn new(clock: Arc<dyn Clock>, max_idle: Duration) -> Self {
        Self::with(&CONNECTOR, clock, max_idle)
    }

    /// The same for links that others have made: it connects only to a host all of whose addresses are public, and to
    /// one of the very addresses that were checked. An address in place of a name is not checked.
    pub fn for_links(clock: Arc<dyn Clock>, max_idle: Duration) -> Self {
        Self::with(&PUBLIC_CONNECTOR, clock, max_idle)
    }

    fn with(connector: &'static LazyLock<Connector>, clock: Arc<dyn Clock>, max_idle: Duration) -> Self {
        let pool = Mutex::new(Pool::new(connector, &*clock, max_idle / 2));
        Self { clock, max_idle, connector, pool }
    }

    /// Sends `request` unchanged, and gives the head of the response.
    pub fn request(&self, request: Request<RequestBody>) -> ResponseFuture {
        let half = self.max_idle / 2;
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        // Lambda freezes a process between invocations, and the monotonic clock may stand still then. hyper measures
        // with that clock. So half of the time may pass there, and half while the process is frozen.
        if pool.frozen(&*self.clock) >= half {
            *pool = Pool::new(self.connector, &*self.clock, half);
        }
        pool.client.request(request)
    }
}

impl Pool {
    fn new(connector: &Connector, clock: &dyn Clock, idle_timeout: Duration) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(idle_timeout)
            .build(connector.clone());
        Self { client, wall_ms: clock.now_ms(), monotonic: Instant::now() }
    }

    /// How much more time has passed on the wall clock than on the monotonic clock, or less where that was set back.
    fn frozen(&self, clock: &dyn Clock) -> Duration {
        let wall = Duration::from_millis(clock.now_ms().abs_diff(self.wall_ms));
        wall.abs_diff(self.monotonic.elapsed())
    }
}

static CONNECTOR: LazyLock<Connector> = LazyLock::new(|| connector(TcpConnector::new()));

static PUBLIC_CONNECTOR: LazyLock<Connector> =
    LazyLock::new(|| connector(TcpConnector::new_with_resolver(PublicAddresses::default())));

/// Cloned, it has the same root certificates.
static TLS: LazyLock<ClientConfig> = LazyLock::new(tls_config);

fn connector<R>(mut tcp: TcpConnector<R>) -> Connector
where
    TcpConnector<R>: Service<Uri, Response = TokioIo<TcpStream>, Error: Into<BoxError>, Future: Send>,
    R: Clone + Send + Sync + 'static,
{
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let tls = HttpsConnectorBuilder::new().with_tls_config(TLS.clone()).https_or_http().enable_http1();
    BoxCloneSyncService::new(Timeout::new(tls.wrap_connector(tcp), CONNECT_TIMEOUT))
}

/// Draws one random number as TLS does, so that the generator is seeded. Its state belongs to the calling thread.
pub fn seed_random() {
    // A failure is reported by the next handshake.
    let _ = aws_lc_rs::default_provider().secure_random.fill(&mut [0]);
}

fn tls_config() -> ClientConfig {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (read, _) = roots.add_parsable_certificates(found.certs);
    if read == 0 {
        // Calls without TLS still work; every other one fails.
        tracing::error!(errors = ?found.errors, "The machine has no root certificates.");
    }
    // Without this, rustls panics when a dependency brings a second provider. An error means that there is one already.
    let _ = aws_lc_rs::default_provider().install_default();
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

/// The body of a request that is in memory.
pub fn whole_body(bytes: Bytes) -> RequestBody {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// A client for requests to AWS that no SDK makes.
pub fn bucket_client(clock: Arc<dyn Clock>) -> HttpsClient {
    HttpsClient::new(clock, AWS_MAX_IDLE)
}

/// A client as the AWS SDK takes it.
pub fn aws_client(clock: Arc<dyn Clock>) -> SharedHttpClient {
    let connector = AwsConnector(Arc::new(HttpsClient::new(clock, AWS_MAX_IDLE)));
    SharedHttpClient::new(AwsHttpClient(SharedHttpConnector::new(connector)))
}

#[derive(Debug)]
struct AwsHttpClient(SharedHttpConnector);

impl HttpClient for AwsHttpClient {
    /// The SDK itself bounds the time of a call and of its attempts.
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        self.0.clone()
    }
}

struct AwsConnector(Arc<HttpsClient>);

impl fmt::Debug for AwsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsConnector")
    }
}

impl HttpConnector for AwsConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = client
                .request(request.map(SdkBody::boxed_unsync))
                .await
                .map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

#[cfg(test)]
mod tests;
