//! A transcript as plain text for a terminal or a mail. What others wrote is indented, so that none of it looks like a
//! heading of the page.

use crate::{
    escape::{one_line, printable},
    facts::{self, Fact},
    labels::{self, Label},
    rich_text::{is_rich, plain},
    time,
    transcript::{Transcript, TranscriptFile, TranscriptMessage},
};

const LINE: &str = "------------------------------------------------------------------------\n";

/// The page.
pub fn page(transcript: &Transcript) -> String {
    let ticket = &transcript.ticket;
    let mut page = String::with_capacity(8 * 1024);
    page.push_str(&format!("{}\n{LINE}", one_line(&ticket.name)));
    push_facts(&mut page, &facts::of_ticket(ticket));
    if !ticket.description.is_empty() {
        page.push_str(&format!("\n{}\n{LINE}", labels::PROBLEM.both()));
        push_content(&mut page, "  ", &ticket.description);
    }
    page.push_str(&format!("\n{}\n{LINE}", labels::CONVERSATION.both()));
    if transcript.messages.is_empty() {
        page.push_str(&format!("{}\n", labels::NO_MESSAGES.both()));
    }
    for (index, message) in transcript.messages.iter().enumerate() {
        push_message(&mut page, index + 1, message);
    }
    page.push_str(LINE);
    push_facts(&mut page, &facts::of_archive(transcript));
    page
}

fn push_facts(page: &mut String, facts: &[Fact]) {
    for (label, value) in facts {
        page.push_str(&format!("{}: {value}\n", label.both()));
    }
}

/// A text of a person, each line after `indent`.
fn push_content(page: &mut String, indent: &str, text: &str) {
    let text = if is_rich(text) { plain(text) } else { text.to_owned() };
    let text = printable(&text);
    for line in text.split(['\n', '\u{2028}', '\u{2029}']) {
        page.push_str(format!("{indent}{line}").trim_end());
        page.push('\n');
    }
}

fn push_message(page: &mut String, number: usize, message: &TranscriptMessage) {
    let writer = Label::of_writer(message.writer).both();
    let mut head = vec![writer];
    head.extend(message.replier_name.as_deref().or(message.replier.as_deref()).map(one_line));
    head.push(time::readable(message.create_time));
    if message.unreadable_time {
        head.push(labels::UNREADABLE_TIME.both());
    }
    if message.from_console {
        head.push(labels::FROM_CONSOLE.both());
    }
    if let Some(time) = message.withdrawn_time {
        head.push(format!("{} {}", labels::WITHDRAWN.both(), time::readable(time)));
    }
    page.push_str(&format!("[{number}] {}\n", head.join(" · ")));
    push_content(page, "  ", &message.content);
    for revision in &message.revisions {
        page.push_str(&format!("  {} {}:\n", labels::OLDER_TEXT.both(), time::readable(revision.replaced_time)));
        push_content(page, "    ", &revision.content);
    }
    if !message.attachments.is_empty() {
        page.push_str(&format!("  {}:\n", labels::FILES.both()));
        message.attachments.iter().for_each(|file| push_file(page, file));
    }
    if message.unreadable_attachments > 0 {
        page.push_str(&format!("  {}: {}\n", labels::UNREADABLE_FILES.both(), message.unreadable_attachments));
    }
    page.push('\n');
}

fn push_file(page: &mut String, file: &TranscriptFile) {
    let state = Label::of_file(&file.state).map_or_else(|| one_line(&file.state), Label::both);
    let mut parts = vec![one_line(&file.name), state];
    parts.extend(file.size.map(|size| format!("{size} B")));
    parts.extend(file.attachment_id.as_deref().map(one_line));
    parts.extend(file.sha256.as_deref().map(|hash| format!("SHA-256 {}", one_line(hash))));
    page.push_str(&format!("  - {}\n", parts.join(" · ")));
}

#[cfg(test)]
mod tests;
