//! Shared by the tests: the template, a clock that a test sets, a scripted function.

use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use local::{Invoke, template::Template};
use loopback::AccessKey;
use reqwest::{
    Client,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use shared::clock::Clock;

/// 2026-03-04T05:06:07.089Z
pub const NOW_MS: i64 = 1_772_600_767_089;

pub fn template() -> Arc<Template> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    Arc::new(Template::read(&path).unwrap())
}

/// A new access key, and the credentials with it.
pub fn access() -> (AccessKey, Credentials) {
    let key = AccessKey::random().unwrap();
    let credentials = Credentials::from_keys(key.as_str(), "none", None);
    (key, credentials)
}

/// Credentials with another access key.
pub fn other_credentials() -> Credentials {
    access().1
}

/// A client that has the access key and sends JSON.
pub fn api_client(key: &AccessKey) -> Client {
    let authorization = (AUTHORIZATION, format!("Bearer {}", key.as_str()).parse().unwrap());
    let json = (CONTENT_TYPE, "application/json".parse().unwrap());
    Client::builder().default_headers(HeaderMap::from_iter([authorization, json])).build().unwrap()
}

pub struct SetClock(AtomicI64);

impl SetClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW_MS)))
    }

    pub fn forward_days(&self, days: i64) {
        self.0.fetch_add(days * 24 * 60 * 60 * 1000, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

type AnswerFn = dyn Fn(u32) -> Result<Value, String> + Send + Sync;

/// Stands for all functions: records each call and answers by its number, from 1.
pub struct Scripted {
    calls: Mutex<Vec<(String, Value, Duration)>>,
    duration: Duration,
    answer: Box<AnswerFn>,
}

impl Scripted {
    pub fn new(answer: impl Fn(u32) -> Result<Value, String> + Send + Sync + 'static) -> Arc<Self> {
        Self::slow(Duration::ZERO, answer)
    }

    pub fn slow(
        duration: Duration,
        answer: impl Fn(u32) -> Result<Value, String> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { calls: Mutex::default(), duration, answer: Box::new(answer) })
    }

    /// Function and event of each call so far.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().iter().map(|(function, event, _)| (function.clone(), event.clone())).collect()
    }

    /// The time limit of each call.
    pub fn time_limits(&self) -> Vec<Duration> {
        self.calls.lock().unwrap().iter().map(|(_, _, limit)| *limit).collect()
    }
}

#[async_trait]
impl Invoke for Scripted {
    async fn invoke(&self, function: &str, event: Value, deadline: Instant) -> Result<Value, String> {
        tokio::time::sleep(self.duration).await;
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push((function.to_owned(), event, deadline.saturating_duration_since(Instant::now())));
            u32::try_from(calls.len()).unwrap()
        };
        (self.answer)(number)
    }
}
