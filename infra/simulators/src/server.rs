//! The HTTP server: binds each vendor on loopback and carries out delays, disconnects and hangs.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::answer::WireOutcome;
use crate::simulator::RequestHandler;
use crate::{AlibabaSimulator, HuaweiSimulator, TencentSimulator};

/// The longest request body read; a longer one is answered with 413.
const BODY_LIMIT: usize = 16 << 20;

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
    /// Independent copies of the present state.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            alibaba: Arc::new(self.alibaba.copy()),
            huawei: Arc::new(self.huawei.copy()),
            tencent: Arc::new(self.tencent.copy()),
        }
    }

    /// The state of all vendors: tickets, messages, counters, settings; see [`crate::Simulator::snapshot`].
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

/// How to start the servers. The default: free ports, the wall clock, fresh simulators.
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
        let (alibaba, one) = serve(vendors.alibaba.clone(), options.alibaba_port, clock.clone()).await?;
        let (huawei, two) = serve(vendors.huawei.clone(), options.huawei_port, clock.clone()).await?;
        let (tencent, three) = serve(vendors.tencent.clone(), options.tencent_port, clock).await?;
        Ok(RunningSimulators { vendors, alibaba, huawei, tencent, tasks: [one, two, three] })
    }
}

/// Running servers. Dropping it stops them and closes every connection.
#[derive(Debug)]
pub struct RunningSimulators {
    /// The simulators being served, for control in process.
    pub vendors: SimulatedVendors,
    alibaba: SocketAddr,
    huawei: SocketAddr,
    tencent: SocketAddr,
    tasks: [JoinHandle<()>; 3],
}

impl RunningSimulators {
    /// Alibaba's base address, such as `http://127.0.0.1:40001`.
    #[must_use]
    pub fn alibaba_url(&self) -> String {
        format!("http://{}", self.alibaba)
    }

    /// Huawei's base address.
    #[must_use]
    pub fn huawei_url(&self) -> String {
        format!("http://{}", self.huawei)
    }

    /// Tencent's base address, the same for all its services.
    #[must_use]
    pub fn tencent_url(&self) -> String {
        format!("http://{}", self.tencent)
    }

    /// Stops the servers and waits until their ports are free again.
    pub async fn stop(mut self) {
        for task in &mut self.tasks {
            task.abort();
            // An aborted task ends with an error by design.
            let _ = task.await;
        }
    }
}

impl Drop for RunningSimulators {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Unix milliseconds by the machine's clock.
#[expect(clippy::disallowed_methods, reason = "the simulators' one reader of the wall clock")]
fn wall_clock() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

async fn serve(handle: Arc<dyn RequestHandler>, port: u16, clock: ClockFn) -> io::Result<(SocketAddr, JoinHandle<()>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move {
        // Dropped with this task, and all connections with it.
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => { connections.spawn(converse(stream, handle.clone(), clock.clone())); }
                    // Out of descriptors, most likely: let some connections end first.
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    });
    Ok((address, task))
}

/// One connection. An error from the service makes hyper close it without a byte of an answer.
async fn converse(stream: TcpStream, handle: Arc<dyn RequestHandler>, clock: ClockFn) {
    let service = service_fn(move |request| answer(request, handle.clone(), clock.clone()));
    // The peer sees an error as a closed connection; nothing else has to be done.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    handle: Arc<dyn RequestHandler>,
    clock: ClockFn,
) -> io::Result<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(response);
    };
    let answer = handle.handle(Request::from_parts(head, body.to_bytes()), clock());
    if answer.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
    }
    match answer.outcome {
        WireOutcome::Respond(response) => Ok(response.map(Full::new)),
        WireOutcome::CutBefore | WireOutcome::CutAfter => Err(io::Error::other("disconnected by a fault")),
        WireOutcome::Hang | WireOutcome::AcceptThenHang => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
