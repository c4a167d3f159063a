//! What is sent of a file, and what an answer to it means.

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;

use super::{OutgoingFile, put_link, testing::TestFile};
use crate::{
    clock::SystemClock,
    domain::{Site, Vendor},
    error::{Error, Retry},
    vendors::{
        Access,
        call::VendorOperation,
        http::{HttpSend, HttpSender},
        testing::{ScriptedSender, Step, access, status},
    },
};

const PUT: VendorOperation = VendorOperation::read(Vendor::Alibaba, "PutObject");
const LINK: &str = "https://a.oss-cn-beijing.aliyuncs.com/f?Expires=1&Signature=a%2Bb";

fn china() -> Access {
    access(Site::China, "cn-hangzhou")
}

async fn put(sender: &dyn HttpSend, access: &Access, link: &str, file: &TestFile) -> Result<(), Error> {
    put_link(sender, access, &PUT, Some(link), file).await
}

#[tokio::test]
async fn the_last_chunk_is_given_once_the_source_has_ended() {
    let chunks = |sizes: &[usize]| sizes.iter().map(|size| Bytes::from(vec![b'x'; *size])).collect::<Vec<_>>();
    for (size, sizes, given, is_whole) in [
        (5, &[2, 3][..], &[2, 3][..], true),
        (5, &[0, 5, 0], &[5], true),
        (0, &[], &[], true),
        (5, &[2, 2], &[2], false),
        (5, &[2, 3, 1], &[2], false),
        (5, &[6], &[], false),
        (2, &[], &[], false),
    ] {
        let file = TestFile { name: "f", size, chunks: chunks(sizes) };
        let OutgoingFile { mut body, failure, bytes } = OutgoingFile::open(&file).await.unwrap();
        assert_eq!((bytes, body.size_hint().exact()), (size, Some(size)));
        let (mut came, mut has_failed) = (Vec::new(), false);
        while let Some(frame) = body.frame().await {
            match frame {
                Ok(frame) => came.push(frame.into_data().unwrap().len()),
                Err(_) => has_failed = true,
            }
        }
        assert_eq!((came.as_slice(), has_failed), (given, !is_whole), "{size} {sizes:?}");
        assert_eq!(failure.take().map(|error| error.code()), (!is_whole).then_some("file_differs"));
    }
    let file = TestFile { name: "f", size: 0, chunks: chunks(&[1]) };
    assert_eq!(OutgoingFile::open(&file).await.err().unwrap().code(), "file_differs");
}

#[tokio::test]
async fn a_link_gets_the_bytes_and_nothing_of_ours() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let storage = thread::spawn(move || {
        let mut seen = Vec::new();
        for wanted in ["\r\n\r\nabcdef", "\r\n\r\n"] {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut text, mut part) = (String::new(), [0; 1024]);
            while !text.ends_with(wanted) {
                let read = stream.read(&mut part).unwrap();
                text.push_str(std::str::from_utf8(&part[..read]).unwrap());
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            seen.push(text);
        }
        seen
    });
    let mut access = china();
    access.endpoint = Some(endpoint.clone());
    let host = endpoint.strip_prefix("http://").unwrap().to_owned();
    let sender = HttpSender::new(Arc::new(SystemClock));
    let file = TestFile { name: "f", size: 6, chunks: vec![Bytes::from("abc"), Bytes::from("def")] };
    put(&sender, &access, &format!("{endpoint}/f?Signature=a%2Bb"), &file).await.unwrap();
    put(&sender, &access, &format!("{endpoint}/g"), &TestFile::text("g", "")).await.unwrap();
    let head = |target: &str, length: u8| {
        format!("PUT {target} HTTP/1.1\r\ncontent-length: {length}\r\naccept: */*\r\nhost: {host}\r\n\r\n")
    };
    assert_eq!(storage.join().unwrap(), [head("/f?Signature=a%2Bb", 6) + "abcdef", head("/g", 0)]);
}

#[tokio::test]
async fn a_file_is_not_sent_to_a_host_with_a_private_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let uri = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let OutgoingFile { body, .. } = OutgoingFile::open(&TestFile::text("f", "x")).await.unwrap();
    let limit = crate::vendors::http::AnswerLimit { timeout: std::time::Duration::from_secs(10), max_bytes: 1024 };
    let request = http::Request::put(uri).body(body).unwrap();
    let answer = HttpSender::new(Arc::new(SystemClock)).upload(request, limit).await;
    assert!(matches!(answer, Err(crate::vendors::http::SendError::NotPublic)), "{answer:?}");
    assert!(listener.accept().is_err(), "a connection was opened");
}

#[tokio::test]
async fn each_answer_of_the_storage_has_its_code() {
    let again = Retry::Yes { after: None };
    for (step, code, retry) in [
        (status(301, ""), "file_redirected", Retry::No),
        (status(400, "<Error/>"), "file_refused", Retry::No),
        (status(413, ""), "file_refused", Retry::No),
        (status(403, "<Error/>"), "file_link_expired", again),
        (status(404, ""), "file_link_expired", again),
        (status(429, ""), "vendor_throttled", again),
        (status(500, ""), "vendor_unavailable", again),
        (status(503, ""), "vendor_unavailable", again),
        (Step::NoAnswer, "vendor_unavailable", again),
        (Step::NotSent, "vendor_unreachable", again),
    ] {
        let script = ScriptedSender::new([step]);
        let error = put(&*script, &china(), LINK, &TestFile::text("f", "x")).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), (code, retry));
        assert!(!format!("{error:?}").contains("Signature"), "{error:?}");
    }
    for good in [200, 201, 204] {
        let script = ScriptedSender::new([status(good, "")]);
        put(&*script, &china(), LINK, &TestFile::text("f", "x")).await.unwrap();
        let request = script.request(0);
        assert_eq!((request.uri().to_string().as_str(), request.body().as_ref()), (LINK, &b"x"[..]));
        assert_eq!(request.headers().keys().collect::<Vec<_>>(), ["content-length"]);
    }
}

#[tokio::test]
async fn the_time_for_an_upload_grows_with_the_file_up_to_the_callers() {
    for (size, seconds) in [(1, 20), (1 << 20, 24), (8 << 20, 52), (16 << 20, 60)] {
        let file = TestFile { name: "f", size, chunks: vec![Bytes::from(vec![0; size as usize])] };
        let script = ScriptedSender::new([status(200, "")]);
        put(&*script, &china(), LINK, &file).await.unwrap();
        assert_eq!(script.limit(0).timeout.as_secs_f64().round() as u64, seconds, "{size}");
    }
}
