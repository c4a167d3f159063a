//! The desk as a browser gets it from `serve`: without an access key, its files alone; and the bucket's files by links.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use shared::{
    clock::SystemClock,
    vendors::http::{AnswerLimit, HttpSend, HttpSender},
};

use crate::support::{ApiEvent, World};

struct Received {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: &'static str) -> Received {
    let request =
        headers.iter().fold(Request::builder().method(method), |request, (name, value)| request.header(*name, *value));
    let limit = AnswerLimit { timeout: Duration::from_secs(30), max_bytes: 1 << 20 };
    let sender = HttpSender::new(Arc::new(SystemClock));
    let request = request.uri(url).body(Bytes::from_static(body.as_bytes())).unwrap();
    let (head, body) = sender.send(request, limit).await.unwrap().into_parts();
    Received { status: head.status, headers: head.headers, body }
}

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> Received {
    send(Method::GET, &format!("{}{path}", world.stack.url()), headers, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_its_files_need_no_access_key() {
    let world = World::start().await;
    world.aws_calls.take();
    let home = get(&world, "/", &[]).await;
    assert_eq!((home.status, home.header("location")), (StatusCode::FOUND, Some("/desk")));
    // GIVEN the page, which names its files
    let page = get(&world, "/desk/", &[]).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, Some("no-cache")));
    let files: Vec<&str> = page.text().split('"').filter(|part| part.starts_with("/desk/assets/")).collect();
    assert!(!files.is_empty(), "{}", page.text());
    for file in files {
        // THEN each is there, compressed for a browser, and known again by its tag
        let plain = get(&world, file, &[]).await;
        assert_eq!(plain.status, StatusCode::OK, "{file}");
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"), "{file}");
        let zipped = get(&world, file, &[("accept-encoding", "gzip")]).await;
        if file.ends_with(".js") || file.ends_with(".css") {
            assert_eq!(zipped.header("content-encoding"), Some("gzip"), "{file}");
            assert_eq!(zipped.body[..2], [0x1f, 0x8b], "{file}");
        }
        let tag = plain.header("etag").unwrap();
        let kept = get(&world, file, &[("if-none-match", tag)]).await;
        assert_eq!((kept.status, kept.body.len()), (StatusCode::NOT_MODIFIED, 0), "{file}");
    }
    assert_eq!(get(&world, "/desk", &[]).await.text(), page.text());
    let config = get(&world, "/desk/config.json", &[]).await;
    assert_eq!(serde_json::from_str::<Value>(config.text()).unwrap()["mode"], "local");
    // AND a path can't leave the folder, and nothing else is open
    for path in ["/desk/assets/..%2f..%2fCargo.toml", "/desk/..%2f..%2fCargo.toml", "/desk/%2e%2e/%2e%2e/x.toml"] {
        let refused = get(&world, path, &[]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{path}");
    }
    for path in ["/des", "/tickets", "/version", "/desk-a", "/none"] {
        assert_eq!(get(&world, path, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(world.aws_calls.take().is_empty(), "it reads nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_page_names_the_bucket() {
    let world = World::start().await;
    let bucket = world.stack.environment["AWS_ENDPOINT_URL_S3"].clone();
    let page = get(&world, "/desk/tickets/01JD2Y5T9V7Z3M6Q8R4S0X1W2K", &[]).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "), "{policy}");
    assert!(policy.ends_with(&format!("; connect-src 'self' {bucket}")), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_pages_get_not_even_the_desk() {
    let world = World::start().await;
    let port = world.stack.url().rsplit_once(':').unwrap().1.to_owned();
    let foreign_host = format!("page.example:{port}");
    for headers in [[("origin", "https://page.example")], [("origin", "null")], [("host", &*foreign_host)]] {
        for path in ["/", "/desk/", "/desk/config.json"] {
            assert_eq!(get(&world, path, &headers).await.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    // A link in another page leads to it, as to any page.
    let navigation = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    assert_eq!(get(&world, "/desk/", &navigation).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_puts_and_gets_files_by_links_and_no_other_page_does() {
    let world = World::start().await;
    let file = json!({"name": "a.txt", "size": 5, "type": "text/plain"});
    let target = world.call(ApiEvent::of("POST /attachments").body(file)).await.expect(201);
    let link = target.text("upload_url");
    let (own, other) = (world.stack.url(), "https://page.example");
    let asks = |origin| [("origin", origin), ("access-control-request-method", "PUT")];
    let put = |origin| [("origin", origin), ("content-type", "text/plain")];
    // WHEN a browser asks for the page, and sends the file
    let asked = send(Method::OPTIONS, &link, &asks(&own), "").await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (StatusCode::NO_CONTENT, Some(&*own)));
    assert!(asked.header("access-control-allow-methods").unwrap().split(", ").any(|method| method == "PUT"));
    assert!(asked.header("access-control-allow-headers").unwrap().split(", ").any(|name| name == "content-type"));
    let sent = send(Method::PUT, &link, &put(&own), "12345").await;
    assert_eq!((sent.status, sent.header("access-control-allow-origin")), (StatusCode::OK, Some(&*own)));
    assert!(sent.headers.get_all("vary").iter().any(|value| value == "origin"));
    // AND reads one
    let key = link.split('?').next().unwrap().rsplit_once("/polydesk-files/").unwrap().1;
    let view = world.stack.app.bucket.view_link(key).unwrap();
    let read = send(Method::GET, &view, &[("origin", &own)], "").await;
    assert_eq!((read.status, read.text()), (StatusCode::OK, "12345"));
    assert_eq!(read.header("access-control-allow-origin"), Some(&*own));
    // THEN another page can't, and this one can do nothing else
    let no_link = link.split('?').next().unwrap();
    let stolen = format!("{no_link}?X-Amz-Credential=00000000000000000000000000000000%2F20260101");
    for (method, link, headers) in [
        (Method::OPTIONS, &*link, &asks(other)[..]),
        (Method::PUT, &link, &put(other)),
        (Method::GET, &view, &[("origin", other)]),
        (Method::GET, &view, &[("origin", "null")]),
        (Method::OPTIONS, no_link, &asks(&own)),
        (Method::OPTIONS, &stolen, &asks(&own)),
        (Method::GET, no_link, &[("origin", &own)]),
        (Method::DELETE, &view, &[("origin", &own)]),
    ] {
        let refused = send(method.clone(), link, headers, "").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{method} {headers:?}");
        assert_eq!(refused.header("access-control-allow-origin"), None, "{method} {headers:?}");
    }
}
