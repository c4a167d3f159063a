//! The bodies: of a decision the vendor's id of what it has, or `"absent": true`; a rating; nothing.

use shared::{
    domain::{CloudId, Rating},
    error::{Error, Result},
    http::{
        Fields,
        fields::{MESSAGE_ID_RULE, TextRule},
    },
    problem_code::ProblemCode,
    vendors::RatingCapability,
};

/// The lowest and the highest score.
pub const SCORES: (u8, u8) = (1, 5);

/// The rule of a rating's comment, whatever the vendor.
pub const COMMENT_RULE: TextRule = TextRule { max_chars: 2_000, multi_line: true };

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision<T> {
    /// The vendor has it under this id.
    Present(T),
    /// The vendor does not have it.
    Absent,
}

/// Reads the decision about a ticket.
///
/// # Errors
/// `invalid_fields`, which names each bad field.
pub fn read_ticket(body: &[u8]) -> Result<Decision<CloudId>> {
    read(body, "cloud_id", |fields| fields.optional_id("cloud_id"))
}

/// Reads the decision about a reply.
///
/// # Errors
/// `invalid_fields`, which names each bad field.
pub fn read_reply(body: &[u8]) -> Result<Decision<String>> {
    read(body, "message_id", |fields| fields.optional_text("message_id", MESSAGE_ID_RULE))
}

/// Reads a rating.
///
/// # Errors
/// `invalid_fields`, which names each bad field.
pub fn read_rating(body: &[u8]) -> Result<Rating> {
    let mut fields = Fields::of_body(body)?;
    let solved = fields.flag("solved");
    let score = fields.integer("score", i64::from(SCORES.0), i64::from(SCORES.1));
    let comment = fields.optional_text("comment", COMMENT_RULE);
    fields.finish(|| Some(Rating { solved: solved?, score: u8::try_from(score?).ok()?, comment }))
}

/// Checks the comment against what the vendor takes.
///
/// # Errors
/// `content_too_long`.
pub fn check_comment(rating: &Rating, capability: &RatingCapability) -> Result<()> {
    let chars = rating.comment.as_deref().map_or(0, |comment| comment.chars().count());
    match capability.max_comment_chars {
        Some(most) if chars > most => {
            let rule = format!("has {chars} characters, and this vendor takes {most}; shorten it by {}", chars - most);
            Err(Error::invalid_field("/comment", rule).with_code(ProblemCode::ContentTooLong))
        }
        _ => Ok(()),
    }
}

/// Reads a body without fields, or none.
///
/// # Errors
/// `invalid_fields`, which names each field.
pub fn read_nothing(body: &[u8]) -> Result<()> {
    Fields::of_optional_body(body)?.finish(|| Some(()))
}

fn read<T>(body: &[u8], name: &'static str, take_id: impl FnOnce(&mut Fields) -> Option<T>) -> Result<Decision<T>> {
    let mut fields = Fields::of_body(body)?;
    let id = take_id(&mut fields);
    let absent = fields.optional_flag("absent");
    let decision = fields.finish(|| Some((id, absent)))?;
    match decision {
        (Some(id), None | Some(false)) => Ok(Decision::Present(id)),
        (None, Some(true)) => Ok(Decision::Absent),
        _ => {
            let rule = format!("give either {name}, or absent: true where the vendor does not have it");
            Err(Error::invalid_field(format!("/{name}"), rule).with_code(ProblemCode::InvalidFields))
        }
    }
}
