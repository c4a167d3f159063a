//! The archive of a closed ticket.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::domain::{ArchiveDigest, ArchivedMessage};
use simulators::{MessageAuthor, RowDefect, SimulatedMessage, SimulatedTicket};

use super::Facts;
use crate::history::Reopening;

/// Limits: support may write to a closed ticket, and a person may reopen it at the vendor. Messages written after
/// that may be in the archive or not; those that are in it have the vendor's order and no duplicate. So may messages
/// that the vendor deleted or showed twice. A message that the vendor changed has any of its texts. The place of a
/// message whose row has no time, or can't be read, is not certain; nor is that of a deleted one among others of the
/// same second, which the vendor may never have shown beside it. A ticket that was deleted at its vendor may lack what
/// it did not show for long enough, see [`shown_is_kept`](super::deletions::shown_is_kept).
pub fn archive_is_complete(facts: &Facts) -> Vec<String> {
    let closed = facts.tickets.iter().filter(|(_, ticket)| ticket["state"] == "closed");
    closed.flat_map(|(id, ticket)| violations_of(facts, id, ticket)).collect()
}

fn violations_of(facts: &Facts, id: &str, ticket: &Value) -> Vec<String> {
    let archive = facts.archive(id);
    let mut violations = Vec::new();
    let Some((_, at_vendor)) =
        facts.at_vendors.iter().find(|(_, at_vendor)| ticket["cloud_id"] == at_vendor.id.as_str())
    else {
        return vec![format!("closed ticket {id} is not at its vendor")];
    };
    if !is_complete(facts, &archive, at_vendor, required_messages(facts, id, ticket, at_vendor)) {
        violations.push(format!(
            "the archive of {id} ({}) has {} messages, the vendor {}: {:?} and {:?}",
            at_vendor.id,
            archive.len(),
            at_vendor.messages.len(),
            archive.iter().map(|archived| archived["content"].as_str().unwrap_or_default()).collect::<Vec<_>>(),
            at_vendor.messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(),
        ));
    }
    let (count, digest) = digest(facts, id, &archive);
    if ticket["message_count"] != count || ticket["digest"] != digest.as_str() {
        violations.push(format!("count or digest of {id} are not those of its archive"));
    }
    violations
}

/// A message, and whether the archive may lack it.
type Expected<'a> = (&'a SimulatedMessage, bool);

/// Whether the archive has the first `required` messages of the vendor and all withdrawn ones, and of the others
/// nothing but what they are.
fn is_complete(facts: &Facts, archive: &[&Value], at_vendor: &SimulatedTicket, required: usize) -> bool {
    let expected = at_vendor.messages.iter().enumerate().map(|(place, message)| {
        let is_repeated = message.copy_of.is_some_and(|of| of == message.id);
        let may_be_missing = place >= required || message.deleted || is_repeated;
        (message, may_be_missing && !facts.is_withdrawn(&at_vendor.id, message))
    });
    let (mut unplaced, placed): (Vec<_>, Vec<_>) =
        expected.partition(|(message, _)| has_no_place(message, &at_vendor.messages));
    // Unreadable rows look the same, so the archived ones count first for those that must be there.
    unplaced.sort_by_key(|(_, is_optional)| *is_optional);
    is_all(archive, &unplaced, &placed)
}

/// Whether the archive is the placed messages in order, and the unplaced ones anywhere among them. Rows with equal
/// texts may be either, so each choice is tried, beginning with rows that are none of the placed ones.
fn is_all(archive: &[&Value], unplaced: &[Expected<'_>], placed: &[Expected<'_>]) -> bool {
    let Some(((message, is_optional), rest)) = unplaced.split_first() else { return is_sequence(archive, placed) };
    let is_it = |archived: &Value| {
        if has_time(message) { same(archived, message) } else { has_text_of(archived, message) }
    };
    let rows = (0..archive.len()).filter(|row| is_it(archive[*row]));
    let (shared, own): (Vec<_>, Vec<_>) =
        rows.partition(|row| placed.iter().any(|(other, _)| same(archive[*row], other)));
    let without = |row: &usize| {
        let others: Vec<_> =
            archive.iter().enumerate().filter(|(place, _)| place != row).map(|(_, one)| *one).collect();
        is_all(&others, rest, placed)
    };
    own.iter().any(without) || *is_optional && is_all(archive, rest, placed) || shared.iter().any(without)
}

/// Whether the archive is the messages in order, the optional ones left out or not. A message that was changed may be
/// there several times, next to another with the same text and time, so each division of the rows is tried.
fn is_sequence(archive: &[&Value], messages: &[Expected<'_>]) -> bool {
    let Some(((message, is_optional), rest)) = messages.split_first() else { return archive.is_empty() };
    let most = if message.earlier.is_empty() { 1 } else { archive.len() };
    let most = archive.iter().take(most).take_while(|archived| same(archived, message)).count();
    (usize::from(!is_optional)..=most).any(|rows| is_sequence(&archive[rows..], rest))
}

fn has_no_place(message: &SimulatedMessage, all: &[SimulatedMessage]) -> bool {
    let is_beside = |other: &SimulatedMessage| other.id != message.id && other.at_ms / 1000 == message.at_ms / 1000;
    !has_time(message) || message.deleted && all.iter().any(is_beside)
}

pub(super) fn has_time(message: &SimulatedMessage) -> bool {
    !matches!(message.defect, Some(RowDefect::NotAnObject | RowDefect::NoTime))
}

/// Whether the archived text is one of the message's, or its unreadable row.
pub(super) fn has_text_of(archived: &Value, message: &SimulatedMessage) -> bool {
    let Some(text) = archived["content"].as_str() else { return false };
    match message.defect {
        Some(RowDefect::NotAnObject) => text.contains("unavailable"),
        _ => text == message.content || message.earlier.iter().any(|earlier| earlier == text),
    }
}

/// How long before the commit the messages may have been read, milliseconds: with retries, up to the end of the lease.
const READ_BEFORE_MS: i64 = 30_000;

/// How many of the vendor's messages the archive must have: all up to the vendor's last close before the archive was
/// committed. Where somebody reopened the ticket shortly before the commit, the messages may have been read before
/// that, and an earlier close counts.
fn required_messages(facts: &Facts, id: &str, ticket: &Value, at_vendor: &SimulatedTicket) -> usize {
    if at_vendor.deleted {
        return 0;
    }
    let closed = closed_ms(facts, id, ticket, at_vendor);
    at_vendor.messages.iter().take_while(|message| closed.is_none_or(|at_ms| message.at_ms <= at_ms)).count()
}

/// The vendor's last close before the archive was read.
fn closed_ms(facts: &Facts, id: &str, ticket: &Value, at_vendor: &SimulatedTicket) -> Option<i64> {
    let committed_ms = facts.committed_ms(id, ticket).saturating_add(facts.vendor_clock_ms);
    let reopenings: Vec<_> = facts.reopenings.iter().filter(|reopening| reopening.cloud_id == at_vendor.id).collect();
    let was_read = |closed_ms: &i64| {
        let since = |opened: &&Reopening| opened.closed_ms < *closed_ms && opened.at_ms > committed_ms - READ_BEFORE_MS;
        *closed_ms <= committed_ms && !reopenings.iter().any(since)
    };
    let closings = reopenings.iter().map(|reopening| reopening.closed_ms).chain(at_vendor.closed_at_ms);
    closings.filter(was_read).max()
}

/// The post-close recheck may only add messages that the vendor did not show at the close. A ticket that was closed
/// because its vendor no longer had it had no last reading.
///
/// Limits: the last close of each ticket that is closed.
pub fn archive_is_complete_at_close(facts: &Facts) -> Vec<String> {
    let mut last = BTreeMap::<_, &Value>::new();
    for event in facts.events.iter().filter(|event| event["detail-type"] == "TicketClosed") {
        let detail = &event["detail"];
        let known = last.entry(detail["ticket_id"].as_str()).or_insert(detail);
        if known["sequence"].as_str() < detail["sequence"].as_str() {
            *known = detail;
        }
    }
    last.into_values().filter_map(|detail| at_the_close(facts, detail)).collect()
}

fn at_the_close(facts: &Facts, detail: &Value) -> Option<String> {
    let id = detail["ticket_id"].as_str()?;
    let ticket = facts.tickets.get(id).filter(|ticket| ticket["state"] == "closed")?;
    let (_, at_vendor) = facts.at_vendors.iter().find(|(_, there)| ticket["cloud_id"] == there.id.as_str())?;
    if ticket["vendor_status"] == "deleted" {
        return None;
    }
    let closed_ms = closed_ms(facts, id, ticket, at_vendor)?;
    let answered = |message: &SimulatedMessage| {
        facts.replies.iter().any(|reply| {
            reply.unique_text
                && reply.content == message.sent()
                && reply.answers.iter().any(|answer| answer.status == 201)
        })
    };
    let is_one = |message: &&SimulatedMessage| !message.deleted && message.copy_of != Some(message.id);
    let shown = at_vendor.messages.iter().filter(is_one).filter(|message| message.at_ms <= closed_ms);
    let shown = shown.filter(|message| message.visible_at_ms <= closed_ms || answered(message)).count();
    let counted = detail["message_count"].as_u64().and_then(|count| usize::try_from(count).ok())?;
    (counted < shown).then(|| {
        format!("`TicketClosed` of {id} counts {counted} messages, the vendor showed {shown} ({})", at_vendor.id)
    })
}

pub(super) fn same(archived: &Value, message: &SimulatedMessage) -> bool {
    let side = if message.from == MessageAuthor::Customer { 0 } else { 1 };
    // Huawei's times are whole seconds.
    let time = archived["create_time"].as_i64().unwrap_or_default();
    let same_time = time == message.at_ms || time == message.at_ms / 1000 * 1000;
    has_text_of(archived, message) && archived["type"] == side && same_time
}

fn digest(facts: &Facts, id: &str, archive: &[&Value]) -> (u64, String) {
    let mut digest = ArchiveDigest::default();
    for archived in archive {
        if let Ok(message) = serde_json::from_value::<ArchivedMessage>((*archived).clone()) {
            digest.add(&message);
        }
    }
    digest.add_files(&facts.copies(id));
    let contents = digest.finish();
    (contents.message_count, contents.digest)
}
