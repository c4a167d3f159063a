//! A transcript as a page for a browser: one file that loads nothing and runs nothing.

use crate::{
    escape::{self, one_line, printable},
    facts::{self, Fact},
    labels::{self, Label},
    rich_text::{is_rich, sanitised},
    time,
    transcript::{Transcript, TranscriptFile, TranscriptMessage},
};

const STYLE: &str = include_str!("page.css");

/// The page's own style is the only thing that a browser may use: SHA-256 of it, in Base64.
const STYLE_HASH: &str = "7Z5Rm5Ux2031gmcIau6rADb+Gf090H3870F3ljt1WHY=";

/// The page.
pub fn page(transcript: &Transcript) -> String {
    let ticket = &transcript.ticket;
    let title = escape::html(&one_line(&ticket.name));
    let mut page = String::with_capacity(8 * 1024);
    page.push_str("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str(&format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; \
         img-src 'none'; base-uri 'none'; form-action 'none'\">\n"
    ));
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.push_str("<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.push_str(&format!(
        "<title>{title} · {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        ticket.id
    ));
    page.push_str(&format!("<header>\n<h1 dir=\"auto\">{title}</h1>\n"));
    push_facts(&mut page, &facts::of_ticket(ticket));
    page.push_str("</header>\n");
    if !ticket.description.is_empty() {
        page.push_str(&format!("<section>\n<h2>{}</h2>\n", both(labels::PROBLEM)));
        push_content(&mut page, &ticket.description);
        page.push_str("</section>\n");
    }
    page.push_str(&format!("<section>\n<h2>{}</h2>\n", both(labels::CONVERSATION)));
    if transcript.messages.is_empty() {
        page.push_str(&format!("<p>{}</p>\n", both(labels::NO_MESSAGES)));
    } else {
        page.push_str("<ol class=\"messages\">\n");
        transcript.messages.iter().for_each(|message| push_message(&mut page, message));
        page.push_str("</ol>\n");
    }
    page.push_str("</section>\n<footer>\n");
    push_facts(&mut page, &facts::of_archive(transcript));
    page.push_str("</footer>\n</main>\n</body>\n</html>\n");
    page
}

/// A label, with the English words marked as such.
fn both(label: Label) -> String {
    format!("{} <span lang=\"en\">{}</span>", label.zh, label.en)
}

fn push_facts(page: &mut String, facts: &[Fact]) {
    page.push_str("<dl class=\"facts\">\n");
    for (label, value) in facts {
        let value = escape::html(value);
        page.push_str(&format!("<dt>{}</dt><dd><bdi>{value}</bdi></dd>\n", both(*label)));
    }
    page.push_str("</dl>\n");
}

/// A text of a person: rich text as such, any other text with its own line breaks.
fn push_content(page: &mut String, text: &str) {
    if is_rich(text) {
        page.push_str(&format!("<div class=\"content\" dir=\"auto\">{}</div>\n", printable(&sanitised(text))));
    } else {
        page.push_str(&format!("<div class=\"content plain\" dir=\"auto\">{}</div>\n", escape::html(text)));
    }
}

fn push_message(page: &mut String, message: &TranscriptMessage) {
    let writer = Label::of_writer(message.writer);
    page.push_str(&format!("<li class=\"message {}\">\n<header>", writer.en.to_ascii_lowercase()));
    page.push_str(&format!("<strong>{}</strong>", both(writer)));
    if let Some(name) = message.replier_name.as_deref().or(message.replier.as_deref()) {
        page.push_str(&format!("<bdi>{}</bdi>", escape::html(&one_line(name))));
    }
    let shown = time::readable(message.create_time);
    match &message.create_time_utc {
        Some(utc) => page.push_str(&format!("<time datetime=\"{utc}\">{shown}</time>")),
        None => page.push_str(&format!("<span>{shown}</span>")),
    }
    if message.unreadable_time {
        page.push_str(&format!("<span>{}</span>", both(labels::UNREADABLE_TIME)));
    }
    if message.from_console {
        page.push_str(&format!("<span>{}</span>", both(labels::FROM_CONSOLE)));
    }
    if let Some(time) = message.withdrawn_time {
        page.push_str(&format!("<span>{} {}</span>", both(labels::WITHDRAWN), time::readable(time)));
    }
    page.push_str("</header>\n");
    push_content(page, &message.content);
    for revision in &message.revisions {
        let replaced = time::readable(revision.replaced_time);
        page.push_str(&format!("<div class=\"older\">\n<p>{} {replaced}</p>\n", both(labels::OLDER_TEXT)));
        push_content(page, &revision.content);
        page.push_str("</div>\n");
    }
    push_files(page, message);
    page.push_str("</li>\n");
}

fn push_files(page: &mut String, message: &TranscriptMessage) {
    if message.attachments.is_empty() && message.unreadable_attachments == 0 {
        return;
    }
    page.push_str(&format!("<div class=\"files\">\n<p>{}</p>\n<ul>\n", both(labels::FILES)));
    message.attachments.iter().for_each(|file| push_file(page, file));
    if message.unreadable_attachments > 0 {
        let count = message.unreadable_attachments;
        page.push_str(&format!("<li>{}: {count}</li>\n", both(labels::UNREADABLE_FILES)));
    }
    page.push_str("</ul>\n</div>\n");
}

fn push_file(page: &mut String, file: &TranscriptFile) {
    page.push_str(&format!("<li><bdi>{}</bdi> · ", escape::html(&one_line(&file.name))));
    match Label::of_file(&file.state) {
        Some(state) => page.push_str(&both(state)),
        None => page.push_str(&escape::html(&one_line(&file.state))),
    }
    if let Some(size) = file.size {
        page.push_str(&format!(" · {size} B"));
    }
    let identity = [("", &file.attachment_id), ("SHA-256 ", &file.sha256)];
    for (name, value) in identity.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))) {
        page.push_str(&format!(" <span class=\"hash\">{name}{}</span>", escape::html(&one_line(value))));
    }
    page.push_str("</li>\n");
}

#[cfg(test)]
mod tests;
