//! What only shows on a real connection.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Answers with the length of the body, refuses `/refused`, and counts what it answers.
#[derive(Clone, Default)]
struct BodyLengths(Arc<AtomicUsize>);

impl HttpService for BodyLengths {
    type Body = Bytes;

    fn refuse(&self, head: &Parts) -> Option<Response<Bytes>> {
        (head.uri.path() == "/refused").then(|| message(StatusCode::UNAUTHORIZED, "no"))
    }

    async fn answer(&self, request: Request<Bytes>) -> io::Result<Response<Bytes>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(message(StatusCode::OK, &request.body().len().to_string()))
    }
}

/// A server, and what counts its answers. The tests of uploads wait for the short limit, the others never reach it.
async fn start(upload: Duration) -> (Server, BodyLengths) {
    let service = BodyLengths::default();
    let server = Server::start(0, service.clone(), Limits { body_bytes: 10, upload }).await.unwrap();
    (server, service)
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

/// Sends `text` and reads until the server closes the connection. `{host}` becomes its address.
async fn send(server: &Server, text: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let text = text.replace("{host}", &server.address().to_string()).replace('\n', "\r\n");
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // A reset is a close, too.
    let _ = stream.read_to_end(&mut received).await;
    String::from_utf8(received).unwrap()
}

#[tokio::test]
async fn a_request_is_answered_only_under_the_servers_own_address() {
    let (server, service) = start(LONG).await;
    let post = |lines: &str| format!("POST / HTTP/1.1\n{lines}\nConnection: close\nContent-Length: 3\n\nabc");
    for own in ["Host: {host}", "Host: {host}\nOrigin: http://{host}"] {
        let answer = send(&server, &post(own)).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(r#"{"message":"3"}"#), "{own}: {answer}");
    }
    for foreign in ["Host: page.example", "Host: {host}\nOrigin: https://page.example", "Host: {host}\nOrigin: null"] {
        let answer = send(&server, &post(foreign)).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{foreign}: {answer}");
        assert!(!answer.to_lowercase().contains("access-control"), "{answer}");
    }
    assert_eq!(service.0.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_service_refuses_by_the_head_alone() {
    let (server, service) = start(LONG).await;
    // The body never comes.
    let text = "POST /refused HTTP/1.1\nHost: {host}\nContent-Length: 9\n\n";
    assert!(send(&server, text).await.starts_with("HTTP/1.1 401"));
    assert_eq!(service.0.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_with_and_without_its_length() {
    let (server, service) = start(LONG).await;
    for length in ["Content-Length: 11\n\n12345678901", "Transfer-Encoding: chunked\n\nb\n12345678901\n0\n\n"] {
        let answer = send(&server, &format!("POST / HTTP/1.1\nHost: {{host}}\n{length}")).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    }
    assert_eq!(service.0.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_half_open_upload_ends() {
    let (server, service) = start(SHORT).await;
    for (half, status) in [
        ("", ""),
        ("POST / HTTP/1.1\nHost: {ho", ""),
        ("POST / HTTP/1.1\nHost: {host}\nContent-Length: 3\n\nab", "HTTP/1.1 408"),
        ("POST / HTTP/1.1\nHost: {host}\nTransfer-Encoding: chunked\n\n2\nab\n", "HTTP/1.1 408"),
    ] {
        let answer = send(&server, half).await;
        assert!(answer.starts_with(status), "{half}: {answer}");
        assert!(status.is_empty() || answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(service.0.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_abort_frees_the_port_and_closes_connections() {
    let (server, _) = start(LONG).await;
    let address = server.address();
    let mut idle = TcpStream::connect(address).await.unwrap();
    server.abort().await;
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap_or_default(), 0);
    assert!(TcpStream::connect(address).await.is_err());
    TcpListener::bind(address).await.unwrap();
}
