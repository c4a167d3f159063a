//! The bodies: the vendor's id of what it has, or `"absent": true`.

use shared::{
    domain::CloudId,
    error::{Error, Result},
    http::{Fields, fields::TextRule},
    problem_code::ProblemCode,
};

/// The rule of a vendor's id of a message.
pub const MESSAGE_ID_RULE: TextRule = TextRule { max_chars: 200, multi_line: false };

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
