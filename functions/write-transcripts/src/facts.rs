//! What stands above a conversation, row by row, the same on every page.

use shared::domain::TicketState;

use crate::{
    escape::one_line,
    labels::{self, Label},
    time,
    transcript::{Transcript, TranscriptTicket},
};

/// A label with its value, a text in one line that is not escaped.
pub type Fact = (Label, String);

/// The rows of the ticket. What is not known has no row.
pub fn of_ticket(ticket: &TranscriptTicket) -> Vec<Fact> {
    let id = |id: Option<&str>| id.map(str::to_owned);
    let product = named(ticket.product_name.as_deref(), ticket.product_id.as_ref().map(|id| id.as_str()));
    let problem_type =
        named(ticket.problem_type_name.as_deref(), ticket.problem_type_id.as_ref().map(|id| id.as_str()));
    let state = match ticket.state {
        TicketState::Closed => labels::CLOSED.both(),
        other => other.as_str().to_owned(),
    };
    let facts = [
        (labels::TICKET, id(Some(ticket.id.as_str()))),
        (labels::VENDOR, Some(Label::of_vendor(ticket.vendor).both())),
        (labels::VENDOR_ID, id(ticket.cloud_id.as_ref().map(|id| id.as_str()))),
        (labels::ACCOUNT, id(Some(ticket.account_id.as_str()))),
        (labels::PRODUCT, product),
        (labels::PROBLEM_TYPE, problem_type),
        (labels::REGION, id(ticket.region_id.as_ref().map(|id| id.as_str()))),
        (labels::SEVERITY, Some(Label::of_severity(ticket.severity).both())),
        (labels::STATE, Some(state)),
        (labels::CREATED, Some(time::readable(ticket.create_time))),
        (labels::FIRST_RESPONSE, ticket.first_response_time.map(time::readable)),
        (labels::CLOSED_AT, ticket.close_time.map(time::readable)),
        (labels::RESOLUTION, ticket.resolution_ms.map(time::duration)),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, one_line(&value?)))).collect()
}

/// The rows of the archive.
pub fn of_archive(transcript: &Transcript) -> [Fact; 2] {
    let archive = &transcript.archive;
    [(labels::MESSAGES, archive.message_count.to_string()), (labels::DIGEST, format!("SHA-256 {}", archive.digest))]
}

fn named(name: Option<&str>, id: Option<&str>) -> Option<String> {
    match (name, id) {
        (Some(name), Some(id)) => Some(format!("{name} ({id})")),
        (name, id) => name.or(id).map(str::to_owned),
    }
}
