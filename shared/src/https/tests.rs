use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        atomic::{AtomicI64, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use aws_sdk_dynamodb::config::{Credentials, Region};
use bytes::Bytes;
use http_body_util::BodyExt;

use super::*;

const MAX_IDLE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A server on loopback that keeps connections open, and counts them.
struct Server {
    uri: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}/", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::Relaxed);
                thread::spawn(|| answer_all(stream.unwrap()));
            }
        });
        Self { uri, connections }
    }

    async fn call(&self, client: &HttpsClient) {
        let request = Request::get(&self.uri).body(whole_body(Bytes::new())).unwrap();
        let response = client.request(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "{}");
        // hyper puts the connection back into the pool in a task of its own.
        tokio::task::yield_now().await;
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn answer_all(mut stream: TcpStream) {
    while stream.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    }
}

#[tokio::test]
async fn a_connection_is_not_used_after_a_freeze_whatever_was_called_since() {
    let (alibaba, huawei) = (Server::start(), Server::start());
    let clock = Arc::new(SetClock::default());
    let client = HttpsClient::new(clock.clone(), MAX_IDLE);
    // GIVEN two calls of a host in a short time, which have one connection
    alibaba.call(&client).await;
    clock.0.store(5_000, Ordering::Relaxed);
    alibaba.call(&client).await;
    assert_eq!(alibaba.connections(), 1);
    // WHEN the process is frozen several times, and calls another host in between
    for now_ms in [15_000, 27_000] {
        clock.0.store(now_ms, Ordering::Relaxed);
        huawei.call(&client).await;
    }
    alibaba.call(&client).await;
    // THEN the first host gets a new one
    assert_eq!(alibaba.connections(), 2);
}

#[tokio::test]
async fn a_connection_is_not_used_after_a_clock_was_set_back() {
    let server = Server::start();
    let clock = Arc::new(SetClock(AtomicI64::new(60_000)));
    let client = HttpsClient::new(clock.clone(), MAX_IDLE);
    server.call(&client).await;
    clock.0.store(0, Ordering::Relaxed);
    server.call(&client).await;
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn an_aws_call_that_meets_a_closed_connection_is_repeated() {
    // GIVEN a server that closes a connection when the second request comes, as a load balancer does
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (reached, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 8192]).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            reached.send(()).unwrap();
            let _ = stream.read(&mut [0; 8192]).unwrap();
        }
    });
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version_latest()
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::from_keys("AKID", "secret", None))
        .endpoint_url(endpoint)
        .http_client(aws_client(Arc::new(SetClock::default())))
        .build();
    let table = aws_sdk_dynamodb::Client::from_conf(config);
    // WHEN two calls are made THEN both have an answer
    for _ in 0..2 {
        table.list_tables().send().await.unwrap();
    }
    assert_eq!(requests.iter().take(2).count(), 2);
}
