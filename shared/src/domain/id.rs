//! One type for each kind of id, so that the compiler finds a mixed-up id.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The longest id that is accepted anywhere, in characters.
pub const MAX_ID_CHARS: usize = 64;

/// The pattern of an id that [`is_valid_id`] accepts, without the longest length.
#[cfg(feature = "schema")]
pub const ID_PATTERN: &str = r"^(\.*[A-Za-z0-9_~-][A-Za-z0-9._~-]*|\.{3,})$";

/// Whether `text` may be an id: 1 to 64 characters out of `A-Z a-z 0-9 . _ ~ -`, and not a dot segment.
///
/// All official signers agree on paths made of just these characters (Huawei's differ on others), and none of
/// them can change the meaning of a store key or a URL path.
pub fn is_valid_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-');
    (1..=MAX_ID_CHARS).contains(&text.len()) && text.chars().all(allowed) && !matches!(text, "." | "..")
}

macro_rules! id_types {
    ($($doc:literal $name:ident)+) => { $(
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(
            feature = "schema",
            derive(schemars::JsonSchema),
            schemars(extend("minLength" = 1, "maxLength" = MAX_ID_CHARS, "pattern" = ID_PATTERN))
        )]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `text` as an id; [`ErrorKind::InvalidInput`](crate::error::ErrorKind) where a character or the
            /// length is not allowed.
            pub fn parse(text: impl Into<String>) -> Result<Self> {
                let text = text.into();
                if is_valid_id(&text) {
                    return Ok(Self(text));
                }
                Err(Error::invalid_input(concat!(
                    stringify!($name),
                    " must be 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -"
                )))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;
            fn try_from(text: String) -> Result<Self> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+ };
}

id_types! {
    "Our id of an account, a ULID." AccountId
    "Our id of a file of a message." AttachmentId
    "Our id of an audit record, a ULID." AuditRecordId
    "The vendor's id of the customer behind an account's keys." CustomerId
    "Our id of a ticket, a ULID." TicketId
    "Our id of a file that a caller uploads, a ULID." UploadId
    "Our id of a reply, a ULID." ReplyId
    "Our id of a catalog refresh, a ULID." RunId
    "The vendor's id of a ticket (`cloud_id`). Opaque text: leading zeros matter." CloudId
    "The vendor's id of a product." ProductId
    "The vendor's id of a problem type." ProblemTypeId
    "The vendor's id of a ticket source." SourceId
    "The vendor's id of a region." RegionId
}

impl AttachmentId {
    /// The id that these hex digits are.
    pub(super) fn of_hex(digits: String) -> Self {
        debug_assert!(is_valid_id(&digits), "{digits}");
        Self(digits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_ids_of_vendors_and_ulids() {
        for good in ["01JD2Y5T9V7Z3M6Q8R4S0X1W2K", "7160", "TT20240501000001", "cn-south-1", "a.b_c~d"] {
            assert_eq!(TicketId::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn refuses_characters_that_could_change_a_path_or_a_key() {
        let long = "x".repeat(MAX_ID_CHARS + 1);
        for bad in ["", ".", "..", "a/b", "../x", "a#b", "a b", "a%2Fb", "工单", "a\n", long.as_str()] {
            assert!(TicketId::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }
}
