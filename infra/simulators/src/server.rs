//! The HTTP servers: bind each vendor on loopback, ask for the access key of the control API, and carry out delays,
//! disconnects and hangs.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use loopback::{AccessKey, HttpService, Limits, ResponseBody, Server};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::WireOutcome;
use crate::control_api;
use crate::simulator::RequestHandler;
use crate::{AlibabaSimulator, HuaweiSimulator, TencentSimulator};

/// The longest body of a request. Files are sent to the object storage as one body.
const BODY_BYTES: usize = 128 << 20;

/// Gives the time in Unix milliseconds.
pub type ClockFn = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The three simulators, shared between a server and the tests that control them.
#[derive(Debug, Clone, Default)]
pub struct SimulatedVendors {
    /// Alibaba Cloud.
    pub alibaba: Arc<AlibabaSimulator>,
    /// Huawei Cloud.
    pub huawei: Arc<HuaweiSimulator>,
    /// Tencent Cloud.
    pub tencent: Arc<TencentSimulator>,
}

impl SimulatedVendors {
    /// Fresh simulators whose keys have new, random secrets: nobody else can sign a call.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn with_new_secrets() -> io::Result<Self> {
        let vendors = Self::default();
        vendors.alibaba.renew_secrets()?;
        vendors.huawei.renew_secrets()?;
        vendors.tencent.renew_secrets()?;
        Ok(vendors)
    }

    /// Independent copies of the present state.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            alibaba: Arc::new(self.alibaba.copy()),
            huawei: Arc::new(self.huawei.copy()),
            tencent: Arc::new(self.tencent.copy()),
        }
    }

    /// The state of all vendors: tickets, messages, counters, settings, keys; see [`crate::Simulator::snapshot`].
    #[must_use]
    pub fn snapshot(&self) -> Value {
        json!({
            "alibaba": self.alibaba.snapshot(),
            "huawei": self.huawei.snapshot(),
            "tencent": self.tencent.snapshot(),
        })
    }

    /// Grows with every use of any vendor; see [`crate::Simulator::uses`].
    #[must_use]
    pub fn uses(&self) -> u64 {
        self.alibaba.uses() + self.huawei.uses() + self.tencent.uses()
    }

    /// Puts a snapshot back in place of everything.
    ///
    /// # Errors
    /// When the value is no snapshot. Vendors before the unreadable one are restored already.
    pub fn restore(&self, snapshot: Value) -> Result<(), serde_json::Error> {
        let saved: VendorSnapshots = serde_json::from_value(snapshot)?;
        self.alibaba.restore(saved.alibaba)?;
        self.huawei.restore(saved.huawei)?;
        self.tencent.restore(saved.tencent)
    }
}

/// The format of [`SimulatedVendors::snapshot`].
#[derive(Deserialize)]
struct VendorSnapshots {
    alibaba: Value,
    huawei: Value,
    tencent: Value,
}

/// How to start the servers. The default: free ports, the wall clock, fresh simulators, no control API over HTTP.
#[derive(Clone, Default)]
pub struct SimulatorOptions {
    /// Port for Alibaba; 0 takes a free one.
    pub alibaba_port: u16,
    /// Port for Huawei; 0 takes a free one.
    pub huawei_port: u16,
    /// Port for Tencent; 0 takes a free one.
    pub tencent_port: u16,
    /// The time; the wall clock when absent.
    pub clock: Option<ClockFn>,
    /// The simulators to serve.
    pub vendors: SimulatedVendors,
    /// What a call of the control API must have as bearer token; without it there is no control API over HTTP.
    pub access_key: Option<AccessKey>,
}

impl fmt::Debug for SimulatorOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatorOptions").field("vendors", &self.vendors).finish_non_exhaustive()
    }
}

/// Starts servers.
#[derive(Debug)]
pub struct Simulators;

impl Simulators {
    /// Binds all three vendors on 127.0.0.1 and serves them. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// When a port cannot be bound.
    pub async fn start(options: SimulatorOptions) -> io::Result<RunningSimulators> {
        let clock = options.clock.unwrap_or_else(|| Arc::new(wall_clock));
        let vendors = options.vendors;
        let serve = |handle: Arc<dyn RequestHandler>, port| {
            let service = VendorService { handle, clock: clock.clone(), access_key: options.access_key.clone() };
            Server::start(port, service, Limits { body_bytes: BODY_BYTES, ..Limits::default() })
        };
        let alibaba = serve(vendors.alibaba.clone(), options.alibaba_port).await?;
        let huawei = serve(vendors.huawei.clone(), options.huawei_port).await?;
        let tencent = serve(vendors.tencent.clone(), options.tencent_port).await?;
        Ok(RunningSimulators { vendors, alibaba, huawei, tencent })
    }
}

/// Running servers. Dropping it stops them and closes every connection.
#[derive(Debug)]
pub struct RunningSimulators {
    /// The simulators being served, for control in process.
    pub vendors: SimulatedVendors,
    alibaba: Server,
    huawei: Server,
    tencent: Server,
}

impl RunningSimulators {
    /// Alibaba's base address, such as `http://127.0.0.1:40001`.
    #[must_use]
    pub fn alibaba_url(&self) -> String {
        self.alibaba.url()
    }

    /// Huawei's base address.
    #[must_use]
    pub fn huawei_url(&self) -> String {
        self.huawei.url()
    }

    /// Tencent's base address, the same for all its services.
    #[must_use]
    pub fn tencent_url(&self) -> String {
        self.tencent.url()
    }

    /// The port of each vendor: Alibaba, Huawei, Tencent.
    #[must_use]
    pub fn ports(&self) -> [u16; 3] {
        [&self.alibaba, &self.huawei, &self.tencent].map(|server| server.address().port())
    }

    /// Stops the servers and waits until their ports are free again.
    pub async fn stop(self) {
        for server in [self.alibaba, self.huawei, self.tencent] {
            server.abort().await;
        }
    }
}

/// Unix milliseconds by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "the simulators' one reader of the wall clock")]
fn wall_clock() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// One vendor on its port.
struct VendorService {
    handle: Arc<dyn RequestHandler>,
    clock: ClockFn,
    access_key: Option<AccessKey>,
}

impl HttpService for VendorService {
    type Body = ResponseBody;

    /// The control API needs the access key. A vendor's own calls are signed.
    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        let is_allowed = !head.uri.path().starts_with(control_api::PREFIX)
            || self.access_key.as_ref().is_some_and(|key| key.is_bearer(&head.headers));
        (!is_allowed).then(|| loopback::message(StatusCode::UNAUTHORIZED, "The control API needs the access key."))
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<ResponseBody>> {
        let answer = self.handle.handle(request, (self.clock)());
        if answer.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
        }
        match answer.outcome {
            WireOutcome::Respond(response) => Ok(response.map(Into::into)),
            WireOutcome::RespondEndlessly(response) => {
                Ok(response.map(|bytes| ResponseBody::of_unknown_length(bytes, true)))
            }
            WireOutcome::RespondShort(response) => {
                Ok(response.map(|bytes| ResponseBody::of_unknown_length(bytes, false)))
            }
            WireOutcome::CutBefore | WireOutcome::CutAfter => Err(io::Error::other("disconnected by a fault")),
            WireOutcome::Hang | WireOutcome::AcceptThenHang => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests;
