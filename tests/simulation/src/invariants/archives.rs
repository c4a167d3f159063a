//! I4: the archive is the product.

use serde_json::Value;
use shared::domain::{ArchiveDigest, ArchivedMessage};
use simulators::{Message, Side, Ticket as AtVendor};

use super::Facts;
use crate::history::Reopening;

/// I4: a closed ticket's archive equals the vendor's message list: the same messages in the same order, no gap, no double; its
/// count and digest are those of its messages.
///
/// Limits: support may write to a ticket that was closed, and a person may open it again at the vendor. What is written from then on
/// may be in the archive or not; what is in it stands in the vendor's order, once.
pub fn archives_are_whole(facts: &Facts) -> Vec<String> {
    let closed = facts.tickets.iter().filter(|(_, ticket)| ticket["state"] == "closed");
    closed.flat_map(|(id, ticket)| one(facts, id, ticket)).collect()
}

fn one(facts: &Facts, id: &str, ticket: &Value) -> Vec<String> {
    let archive = facts.archive(id);
    let mut broken = Vec::new();
    let Some((_, at_vendor)) =
        facts.at_vendors.iter().find(|(_, at_vendor)| ticket["cloud_id"] == at_vendor.id.as_str())
    else {
        return vec![format!("closed ticket {id} is not at its vendor")];
    };
    let (needed, rest) = at_vendor.messages.split_at(must_hold(facts, ticket, at_vendor));
    let mut rest = rest.iter();
    let whole = archive.len() >= needed.len()
        && archive.iter().zip(needed).all(|(kept, message)| same(kept, message))
        && archive[needed.len()..].iter().all(|kept| rest.any(|message| same(kept, message)));
    if !whole {
        broken.push(format!(
            "the archive of {id} ({}) holds {} messages, the vendor has {}: {:?} and {:?}",
            at_vendor.id,
            archive.len(),
            at_vendor.messages.len(),
            archive.iter().map(|kept| kept["content"].as_str().unwrap_or_default()).collect::<Vec<_>>(),
            at_vendor.messages.iter().map(|message| message.content.as_str()).collect::<Vec<_>>(),
        ));
    }
    let (count, digest) = digest(&archive);
    if ticket["message_count"] != count || ticket["digest"] != digest.as_str() {
        broken.push(format!("count or digest of {id} are not those of its archive"));
    }
    broken
}

/// How long before the commit its messages may have been read, milliseconds: with what is tried again, up to a turn's end.
const READ_BEFORE_MS: i64 = 30_000;

/// How many of the vendor's messages the archive must hold: all up to the moment at which the vendor closed the ticket for the
/// last time before the archive was committed. Where somebody opened it again that shortly before the commit, it may have been read
/// between, and an earlier close counts.
fn must_hold(facts: &Facts, ticket: &Value, at_vendor: &AtVendor) -> usize {
    let closed = closed_ms(facts, ticket, at_vendor);
    at_vendor.messages.iter().take_while(|message| closed.is_none_or(|at_ms| message.at_ms <= at_ms)).count()
}

/// When the vendor closed the ticket for the last time before its archive was read.
fn closed_ms(facts: &Facts, ticket: &Value, at_vendor: &AtVendor) -> Option<i64> {
    let committed_ms = ticket["close_time"].as_i64().unwrap_or(i64::MAX);
    let reopenings: Vec<_> =
        facts.reopenings.iter().filter(|reopening| reopening.cloud_id == at_vendor.id).collect();
    let was_read = |closed_ms: &i64| {
        let since = |opened: &&Reopening| {
            opened.closed_ms < *closed_ms && opened.at_ms > committed_ms - READ_BEFORE_MS
        };
        *closed_ms <= committed_ms && !reopenings.iter().any(since)
    };
    let closings = reopenings.iter().map(|reopening| reopening.closed_ms).chain(at_vendor.closed_at_ms);
    closings.filter(was_read).max()
}

/// I4: the second look at a closed ticket is for what its vendor showed late alone: `TicketClosed` counts all that the vendor showed when it
/// closed the ticket, and every reply that was answered.
pub fn archives_are_whole_at_the_close(facts: &Facts) -> Vec<String> {
    let closed = facts.events.iter().filter(|event| event["detail-type"] == "TicketClosed");
    closed.filter_map(|event| at_the_close(facts, &event["detail"])).collect()
}

fn at_the_close(facts: &Facts, detail: &Value) -> Option<String> {
    let id = detail["ticket_id"].as_str()?;
    let ticket = facts.tickets.get(id)?;
    let (_, at_vendor) =
        facts.at_vendors.iter().find(|(_, there)| ticket["cloud_id"] == there.id.as_str())?;
    let closed_ms = closed_ms(facts, ticket, at_vendor)?;
    let answered = |message: &Message| {
        facts.replies.iter().any(|reply| {
            reply.alone
                && reply.content == message.content
                && reply.answers.iter().any(|answer| answer.status == 201)
        })
    };
    let shown = at_vendor.messages.iter().filter(|message| message.at_ms <= closed_ms);
    let shown = shown.filter(|message| message.visible_at_ms <= closed_ms || answered(message)).count();
    let counted = detail["message_count"].as_u64().and_then(|count| usize::try_from(count).ok())?;
    (counted < shown).then(|| {
        format!(
            "{id} was told as closed with {counted} messages, the vendor showed {shown} ({})",
            at_vendor.id
        )
    })
}

fn same(kept: &Value, message: &Message) -> bool {
    let side = if message.from == Side::Customer { 0 } else { 1 };
    // Huawei tells times in whole seconds.
    let time = kept["create_time"].as_i64().unwrap_or_default();
    let same_time = time == message.at_ms || time == message.at_ms / 1000 * 1000;
    kept["content"] == message.content.as_str() && kept["type"] == side && same_time
}

fn digest(archive: &[&Value]) -> (u64, String) {
    let mut digest = ArchiveDigest::default();
    for kept in archive {
        if let Ok(message) = serde_json::from_value::<ArchivedMessage>((*kept).clone()) {
            digest.add(&message);
        }
    }
    digest.finish()
}
