//! The bodies of `POST /tickets/{id}/messages` and `POST /tickets/{id}/reopen`.

use shared::{
    domain::{MAX_ATTACHMENTS, UploadId},
    error::{Error, Result},
    http::{
        Fields,
        fields::TextRule,
        warnings::{ALLOW_SECRETS, Warning, check_secrets},
    },
    problem_code::ProblemCode,
    vendors::Capability,
    workflow::outgoing_files,
};

/// The most characters of a message, whatever the vendor: what a body can hold.
pub const CONTENT_RULE: TextRule = TextRule { max_chars: 60_000, multi_line: true };

/// The message that the caller asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewMessage {
    /// Its text.
    pub content: String,
    /// The files that come with it.
    pub attachments: Vec<UploadId>,
    /// What should be known of the text.
    pub warnings: Vec<Warning>,
}

/// Reads the body of a message.
pub fn read(body: &[u8]) -> Result<NewMessage> {
    let mut fields = Fields::of_body(body)?;
    let attachments = fields.ids(outgoing_files::FIELD, MAX_ATTACHMENTS);
    read_content(fields, attachments)
}

/// Reads the body of a reopening, which has no files.
pub fn read_reopening(body: &[u8]) -> Result<NewMessage> {
    read_content(Fields::of_body(body)?, Vec::new())
}

fn read_content(mut fields: Fields, attachments: Vec<UploadId>) -> Result<NewMessage> {
    let content = fields.text("content", CONTENT_RULE);
    let allow_secrets = fields.optional_flag(ALLOW_SECRETS);
    let content = fields.finish(|| content)?;
    let warnings = check_secrets(allow_secrets, &[("content", &content)])?;
    Ok(NewMessage { content, attachments, warnings })
}

/// Checks the text against what the vendor takes.
pub fn check(content: &str, capability: &Capability) -> Result<()> {
    let Some(max) = capability.max_reply_chars else {
        return Ok(());
    };
    let chars = content.chars().count();
    if chars <= max {
        return Ok(());
    }
    let rule = format!(
        "is too long: this vendor takes {max} characters, and it has {chars}; shorten it by {} or send it in parts",
        chars - max
    );
    Err(Error::invalid_field("/content", rule).with_code(ProblemCode::ContentTooLong))
}
