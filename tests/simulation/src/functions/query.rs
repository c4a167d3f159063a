//! `query-tickets`.

use super::Job;

/// `GET /tickets/{id}`.
pub fn get(ticket: &str) -> Job {
    Job::http("query-tickets", "GET /tickets/{id}", ticket)
}
