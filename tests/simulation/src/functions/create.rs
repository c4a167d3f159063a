//! `create-ticket`.

use serde_json::Value;

use super::{Call, Job};

/// `POST /tickets` under a key.
pub fn create(key: &str, body: &Value) -> Job {
    let mut job = Job::http("create-ticket", "POST /tickets", "");
    job.title = format!("POST /tickets key {key}");
    if let Call::Http { key: wanted, body: sent, .. } = &mut job.call {
        *wanted = Some(key.to_owned());
        sent.clone_from(body);
    }
    job
}
