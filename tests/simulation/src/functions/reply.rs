//! `reply-ticket`.

use serde_json::json;

use super::{Call, Job};

/// `POST /tickets/{id}/messages` under a key.
pub fn reply(ticket: &str, key: &str, content: &str) -> Job {
    let mut job = Job::http("reply-ticket", "POST /tickets/{id}/messages", ticket);
    job.title = format!("POST /tickets/{ticket}/messages key {key}");
    if let Call::Http { key: wanted, body, .. } = &mut job.call {
        *wanted = Some(key.to_owned());
        *body = json!({"content": content});
    }
    job
}
