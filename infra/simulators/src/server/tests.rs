//! What only shows on a real connection.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::fault::{Fault, FaultRule};
use crate::testing;

/// A golden request of Tencent's, and the time at which it is good.
fn request() -> (String, i64) {
    let file = testing::vectors("tencent");
    let vector = &file["vectors"][0];
    let headers: String =
        testing::pairs_of(&vector["headers"]).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let body = vector["body"].as_str().unwrap();
    let text = format!("POST / HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    (text, vector["timestamp"].as_i64().unwrap() * 1000)
}

async fn start() -> (RunningSimulators, String) {
    let (text, at_ms) = request();
    let options = SimulatorOptions { clock: Some(Arc::new(move || at_ms)), ..SimulatorOptions::default() };
    let running = Simulators::start(options).await.unwrap();
    running.vendors.tencent.add_keys_for("100000000001", "testSecretId", "testSecretKey");
    (running, text)
}

/// Sends the request and reads until the connection ends or nothing has come for that long.
async fn send(running: &RunningSimulators, text: &str, patience: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(running.tencent).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    loop {
        match tokio::time::timeout(patience, stream.read_buf(&mut received)).await {
            Ok(Ok(0)) => return (String::from_utf8(received).unwrap(), true),
            Ok(read) => read.map(drop).unwrap(),
            Err(_) => return (String::from_utf8(received).unwrap(), false),
        }
    }
}

const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn answers_cuts_delays_and_hangs() {
    let (running, text) = start().await;
    let (answer, closed) = send(&running, &text, SHORT).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"), "{answer}");
    assert!(answer.contains(r#""AccountId":"100000000001""#) && !closed, "{answer}");

    let rule = |fault| running.vendors.tencent.add_faults([FaultRule::times("*", 1, fault)]);
    for fault in [Fault::CutBefore, Fault::CutAfter] {
        rule(fault);
        assert_eq!(send(&running, &text, SHORT).await, (String::new(), true));
    }
    for fault in [Fault::Hang, Fault::AcceptThenHang] {
        rule(fault);
        assert_eq!(send(&running, &text, SHORT).await, (String::new(), false));
    }
    rule(Fault::Delay { ms: 300 });
    let before = Instant::now();
    let (answer, _) = send(&running, &text, Duration::from_secs(2)).await;
    assert!(answer.contains("AccountId") && before.elapsed() >= Duration::from_millis(300));

    let done: Vec<_> = running.vendors.tencent.calls().iter().map(|call| call.done).collect();
    assert_eq!(done, [true, false, true, false, true, true]);
}

#[tokio::test]
async fn stopping_frees_the_port_and_closes_connections() {
    let (running, _) = start().await;
    let address = running.tencent;
    let mut idle = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    running.stop().await;
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap_or_default(), 0);
    assert!(TcpStream::connect(address).await.is_err());
    TcpListener::bind(address).await.unwrap();
}

#[test]
fn the_state_of_all_vendors_is_one_value() {
    let vendors = SimulatedVendors::default();
    vendors.tencent.clear_calls();
    let snapshot = vendors.snapshot();
    assert_eq!(snapshot.as_object().unwrap().keys().collect::<Vec<_>>(), ["alibaba", "huawei", "tencent"]);
    vendors.restore(snapshot).unwrap();
    assert!(vendors.restore(json!({})).is_err());
}
