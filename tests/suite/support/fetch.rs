//! Links, as somebody follows them who has no access of his own.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, response::Parts};
use shared::{
    clock::SystemClock,
    vendors::http::{AnswerLimit, HttpSend, HttpSender},
};

/// Fetches a link without any authorisation of its own.
pub async fn fetch(link: &str) -> (Parts, Vec<u8>) {
    let sender = HttpSender::new(Arc::new(SystemClock));
    let limit = AnswerLimit { timeout: Duration::from_secs(10), max_bytes: 1 << 20 };
    let request = Request::get(link).body(Bytes::new()).unwrap();
    let (head, body) = sender.send(request, limit).await.unwrap().into_parts();
    (head, body.to_vec())
}
