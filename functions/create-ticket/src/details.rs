//! The fields of the body that a vendor's form adds: `severity_id`, `extra`, `cc` and `contact`.

use std::str::FromStr;

use email_address::EmailAddress;
use serde_json::{Map, Value};
use shared::{
    domain::{Contact, TicketDetails},
    http::{Fields, fields::TextRule},
};

/// The rule of a vendor's severity.
pub const SEVERITY_RULE: TextRule = TextRule { max_chars: 64, multi_line: false };
/// The most fields of `extra`.
pub const MAX_EXTRA: usize = 50;
/// The most addresses of `cc` at any vendor.
pub const MAX_CC: usize = 50;
/// The most characters of an address that the vendor writes to.
pub const MAX_ADDRESS_CHARS: usize = 128;
/// The pattern of a phone number without its area code.
pub const PHONE_PATTERN: &str = r"^[0-9][0-9 -]{2,31}$";
/// The pattern of a country's calling code.
pub const AREA_CODE_PATTERN: &str = r"^\+?[0-9]{1,8}$";
/// The pattern of a time: any, or from one hour and minute to another.
pub const TIME_PATTERN: &str = r"^(0|([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9])$";

/// Reads them; every bad field is named.
pub fn read(fields: &mut Fields) -> TicketDetails {
    let severity_id = fields.optional_text("severity_id", SEVERITY_RULE);
    let extra = read_extra(fields);
    let cc = fields.texts("cc", MAX_CC, |text| read_email(text, MAX_ADDRESS_CHARS));
    let contact = fields.nested("contact", |contact| Contact {
        phone: contact.optional_parsed("phone", read_phone),
        area_code: contact.optional_parsed("area_code", read_area_code),
        email: contact.optional_parsed("email", |text| read_email(text, MAX_ADDRESS_CHARS)),
        time: contact.optional_parsed("time", read_time),
    });
    TicketDetails { severity_id, extra, cc, contact: contact.filter(|contact| *contact != Contact::default()) }
}

/// A member that is null counts as absent.
fn read_extra(fields: &mut Fields) -> Map<String, Value> {
    let mut extra = fields.object("extra").unwrap_or_default();
    if extra.len() > MAX_EXTRA {
        fields.refuse("extra", format!("must have at most {MAX_EXTRA} fields; it has {}", extra.len()));
    }
    extra.retain(|_, value| !value.is_null());
    extra
}

/// An address without a name before it.
pub fn read_email(text: &str, max_chars: usize) -> Result<String, String> {
    if text.chars().count() > max_chars {
        return Err(format!("must be at most {max_chars} characters"));
    }
    match EmailAddress::from_str(text) {
        Ok(address) if address.display_part().is_empty() => Ok(text.to_owned()),
        _ => Err("must be an e-mail address, for example ops@example.com".to_owned()),
    }
}

fn read_phone(text: &str) -> Result<String, String> {
    let is_allowed = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    let begins = text.starts_with(|c: char| c.is_ascii_digit());
    if begins && (3..=32).contains(&text.len()) && text.chars().all(is_allowed) {
        return Ok(text.to_owned());
    }
    Err("must be a phone number of 3 to 32 digits, spaces and hyphens, without the area code".to_owned())
}

fn read_area_code(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("must be a country's calling code, for example 86".to_owned())
}

fn read_time(text: &str) -> Result<String, String> {
    let is_time = |text: &str| {
        let [h1, h2, b':', m1, m2] = text.as_bytes() else { return false };
        let all_digits = [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit());
        all_digits && (*h1 < b'2' || (*h1 == b'2' && *h2 < b'4')) && *m1 < b'6'
    };
    match text.split_once('-') {
        Some((from, to)) if is_time(from) && is_time(to) => Ok(text.to_owned()),
        None if text == "0" => Ok(text.to_owned()),
        _ => Err("must be 0 for any time, or a range such as 09:00-18:00".to_owned()),
    }
}

/// The fields as the API's document shows them.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct DetailsSchema {
    /// The vendor's own severity, where `GET /catalog/form` offers some.
    #[schemars(length(min = 1, max = SEVERITY_RULE.max_chars), regex(pattern = SEVERITY_RULE.pattern()))]
    severity_id: Option<String>,
    /// The values of the vendor's own fields, by the keys of `GET /catalog/form`.
    #[schemars(extend("maxProperties" = MAX_EXTRA))]
    extra: Option<std::collections::BTreeMap<String, Value>>,
    /// Who gets a copy of the vendor's e-mails. A vendor may take fewer.
    #[schemars(length(max = MAX_CC), inner(email, length(max = MAX_ADDRESS_CHARS), regex(pattern = "^.*[^>]$")))]
    cc: Option<Vec<String>>,
    /// Whom the vendor contacts about it.
    contact: Option<NewContact>,
}

/// Whom the vendor contacts about a ticket. It may refuse what is not registered or verified there.
#[cfg(feature = "schema")]
#[derive(schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct NewContact {
    /// The phone number, without the area code.
    #[schemars(regex(pattern = PHONE_PATTERN))]
    phone: Option<String>,
    /// The calling code of the country.
    #[schemars(regex(pattern = AREA_CODE_PATTERN))]
    area_code: Option<String>,
    /// The address for the vendor's e-mails.
    #[schemars(email, length(max = MAX_ADDRESS_CHARS), regex(pattern = "^.*[^>]$"))]
    email: Option<String>,
    /// When the contact can be reached: `0` for any time, or a range such as `09:00-18:00`.
    #[schemars(regex(pattern = TIME_PATTERN))]
    time: Option<String>,
}
