//! What a caller adds to a ticket by its vendor's form.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields of a ticket beside those that every vendor has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TicketDetails {
    /// The vendor's own severity.
    pub severity_id: Option<String>,
    /// The values of the form's own fields, by the vendor's keys.
    pub extra: Map<String, Value>,
    /// Who gets a copy of the vendor's e-mails.
    pub cc: Vec<String>,
    /// Whom the vendor contacts about it.
    pub contact: Option<Contact>,
}

/// Whom the vendor contacts about a ticket. It may refuse what is not registered or verified there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contact {
    /// The phone number, without the area code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The calling code of the country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// The address for the vendor's e-mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When the contact can be reached: `0` for any time, or a range such as `09:00-18:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}
