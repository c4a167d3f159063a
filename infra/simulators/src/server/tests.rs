//! What only shows on a real connection.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::fault::{Fault, FaultRule};
use crate::testing;

/// 2025-12-31T23:59:59Z
const NOW_S: i64 = 1_767_225_599;

async fn start(access_key: Option<AccessKey>) -> RunningSimulators {
    let clock: Option<ClockFn> = Some(Arc::new(|| NOW_S * 1000));
    Simulators::start(SimulatorOptions { clock, access_key, ..SimulatorOptions::default() }).await.unwrap()
}

/// A signed call of the running Tencent Cloud, as text.
fn identity_call(running: &RunningSimulators) -> String {
    let call = ["sts", "2018-08-13", "GetCallerIdentity"];
    let host = running.tencent.address().to_string();
    as_text(&testing::signed_for_tencent(&host, call, "{}", "2025-12-31", NOW_S))
}

fn as_text(request: &Request<Bytes>) -> String {
    let headers: String =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
    let body = std::str::from_utf8(request.body()).unwrap();
    let (method, target) = (request.method(), request.uri());
    format!("{method} {target} HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Sends the request and reads until the connection ends or nothing has come for that long.
async fn send(running: &RunningSimulators, text: &str, patience: Duration) -> (String, bool) {
    let mut stream = TcpStream::connect(running.tencent.address()).await.unwrap();
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
    let running = start(None).await;
    let text = identity_call(&running);
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
    let running = start(None).await;
    let address = running.tencent.address();
    let mut idle = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    running.stop().await;
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap_or_default(), 0);
    assert!(TcpStream::connect(address).await.is_err());
    tokio::net::TcpListener::bind(address).await.unwrap();
}

/// The status line and the body of a control call with these headers.
async fn control(running: &RunningSimulators, headers: &str) -> (String, String) {
    let host = running.tencent.address();
    let text = format!("GET /_simulator/tickets HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
    let (answer, _) = send(running, &text, Duration::from_secs(600)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[tokio::test]
async fn the_control_api_needs_the_access_key() {
    let key = AccessKey::random().unwrap();
    let (with_key, without) = (start(Some(key.clone())).await, start(None).await);
    let header = format!("Authorization: Bearer {}\r\n", key.as_str());
    let allowed = ("HTTP/1.1 200 OK".to_owned(), r#"{"tickets":[]}"#.to_owned());
    assert_eq!(control(&with_key, &header).await, allowed);
    for (running, headers) in [
        (&with_key, ""),
        (&with_key, "Authorization: Bearer 0\r\n"),
        (&with_key, &format!("{header}Origin: https://page.example\r\n")),
        (&without, ""),
        (&without, &header),
        (&without, "Authorization: Bearer \r\n"),
    ] {
        let (status, body) = control(running, headers).await;
        assert!(["HTTP/1.1 401 Unauthorized", "HTTP/1.1 403 Forbidden"].contains(&status.as_str()), "{status}");
        assert!(!body.contains("tickets"), "{body}");
    }
}

#[test]
fn renewed_secrets_differ_and_are_part_of_the_state() {
    let vendors = SimulatedVendors::with_new_secrets().unwrap();
    let (one, two) = (vendors.alibaba.current_keys(), SimulatedVendors::with_new_secrets().unwrap());
    let built_in = [crate::alibaba::DEMO_KEYS, crate::alibaba::SECOND_KEYS];
    for (other, (pair, before)) in two.alibaba.current_keys().iter().zip(one.iter().zip(built_in)) {
        assert_eq!((pair.id, pair.account), (before.id, before.account));
        assert!(pair.secret != before.secret && pair.secret != other.secret && pair.secret.len() == 32);
    }
    two.restore(vendors.snapshot()).unwrap();
    assert_eq!(two.alibaba.current_keys(), one);
    assert_eq!(two.huawei.current_keys(), vendors.huawei.current_keys());
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
