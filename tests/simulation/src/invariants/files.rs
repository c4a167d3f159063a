//! Files at the vendors and in the bucket.

use std::collections::BTreeSet;

use serde_json::Value;
use shared::{
    digest::sha256_hex,
    domain::{ArchivedMessage, AttachmentId},
};
use simulators::{SimulatedFile, SimulatedMessage};

use super::Facts;
use crate::{files::is_whole, history::UploadedFile};

/// A file that its caller replaced is there in one of its versions.
pub fn files_are_sent(facts: &Facts) -> Vec<String> {
    let mut violations = Vec::new();
    for create in &facts.creates {
        for ticket in facts.of_key(&create.key).filter(|ticket| !are_sent(&create.files, &ticket.files)) {
            let (files, sent) = (names(&ticket.files), &create.files);
            violations.push(format!("{} of {} has the files {files:?} and not {sent:?}", ticket.id, create.key));
        }
    }
    let messages = facts.at_vendors.iter().flat_map(|(_, ticket)| &ticket.messages);
    for message in messages.filter(|message| message.copy_of.is_none()) {
        let reply = facts.replies.iter().find(|reply| reply.unique_text && reply.content == message.sent());
        if let Some(reply) = reply.filter(|reply| !are_sent(&reply.files, &message.files)) {
            let (files, sent) = (names(&message.files), &reply.files);
            violations.push(format!("the message of {} has the files {files:?} and not {sent:?}", reply.key));
        }
    }
    violations
}

fn are_sent(sent: &[UploadedFile], there: &[SimulatedFile]) -> bool {
    let is_it = |(sent, there): (&UploadedFile, &SimulatedFile)| {
        sent.name == there.name && is_whole(&there.name, &there.content.bytes())
    };
    sent.len() == there.len() && sent.iter().zip(there).all(is_it)
}

fn names(files: &[SimulatedFile]) -> Vec<String> {
    files.iter().map(|file| format!("{}: {}", file.name, String::from_utf8_lossy(&file.content.bytes()))).collect()
}

/// Limits: the files of a message or ticket that was deleted, and of one of which each call fails, may be missing.
pub fn files_are_archived(facts: &Facts) -> Vec<String> {
    let closed = facts.tickets.iter().filter(|(_, ticket)| ticket["state"] == "closed");
    let closed = closed.filter(|(_, ticket)| facts.failing.as_deref() != ticket["cloud_id"].as_str());
    closed.flat_map(|(id, ticket)| violations_of(facts, id, ticket)).collect()
}

fn violations_of(facts: &Facts, id: &str, ticket: &Value) -> Vec<String> {
    let deleted: BTreeSet<_> = facts.at_vendor(ticket).map_or_else(BTreeSet::new, |there| {
        let deleted = there.messages.iter().filter(|message| message.deleted || there.deleted);
        deleted.flat_map(|message: &SimulatedMessage| message.files.iter().map(|file| file.name.clone())).collect()
    });
    let (mut violations, mut missing) = (Vec::new(), 0);
    for archived in facts.archive(id) {
        let Ok(message) = serde_json::from_value::<ArchivedMessage>(archived.clone()) else { continue };
        for (place, file) in message.attachments.iter().enumerate() {
            let attachment = AttachmentId::of(&message.message_id, place, file);
            let key = (format!("TICKET#{id}"), format!("ATTACHMENT#{}#{attachment}", message.message_id));
            let item = facts.items.get(&key).unwrap_or(&Value::Null);
            if item["state"] != "stored" && deleted.contains(&file.name) {
                missing += 1;
            } else if let Some(wrong) = wrong(facts, &file.name, item) {
                violations.push(format!("{} of a message of {id}: {wrong}", file.name));
            }
        }
    }
    if ticket["attachments_missing"].as_u64().unwrap_or_default() != missing {
        violations.push(format!("{id} says {} and lacks {missing} files", ticket["attachments_missing"]));
    }
    violations
}

/// What is wrong with a file that must be in the bucket.
fn wrong(facts: &Facts, name: &str, item: &Value) -> Option<String> {
    if item["state"] != "stored" {
        return Some(format!("its copy is {item}"));
    }
    let key = item["object_key"].as_str().unwrap_or_default();
    let Some(bytes) = facts.objects.get(key) else { return Some(format!("there is no object {key}")) };
    if !is_whole(name, bytes) {
        return Some(format!("the bucket has {:?}", String::from_utf8_lossy(bytes)));
    }
    (item["sha256"] != sha256_hex(bytes) || item["size"] != bytes.len())
        .then(|| format!("size or SHA-256 of {item} are not those of the object"))
}
