//! `close-ticket`.

use super::Job;

/// `POST /tickets/{id}/close`.
pub fn close(ticket: &str) -> Job {
    Job::http("close-ticket", "POST /tickets/{id}/close", ticket)
}
