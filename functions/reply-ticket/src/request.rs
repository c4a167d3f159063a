//! The body of `POST /tickets/{id}/messages`.

use shared::{
    error::{Error, Result},
    http::{Fields, fields::TextRule},
    problem_code::ProblemCode,
    vendors::Capability,
};

/// The most characters of a message, whatever the vendor: what a body can hold.
pub const CONTENT_RULE: TextRule = TextRule { max_chars: 60_000, multi_line: true };

/// Reads the body: the message's text.
pub fn read(body: &[u8]) -> Result<String> {
    let mut fields = Fields::of_body(body)?;
    let content = fields.text("content", CONTENT_RULE);
    fields.finish(|| content)
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
