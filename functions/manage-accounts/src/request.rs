//! The bodies of `POST /accounts`, `PATCH /accounts/{id}` and `PUT /accounts/{id}/keys`.

use shared::{
    app::App,
    domain::{AccountKeys, Site, Vendor},
    error::{Error, Result},
    http::{Fields, fields::TextRule},
    problem_code::ProblemCode,
    vendors::endpoint,
};

/// The rule of a key's secret; keys and secrets of all vendors are far shorter.
pub const KEY_RULE: TextRule = TextRule { max_chars: 256, multi_line: false };

/// What a key's id is made of, as a pattern: visible ASCII without `,`, `=` and `/`.
pub const KEY_ID_PATTERN: &str = "^[!-+\\-.0-<>-~]+$";

/// Whether tickets opened in the vendor's console are adopted.
const ADOPT: &str = "adopt_console_tickets";

/// The account that the caller asks for.
#[derive(Debug)]
pub struct RegisterAccountRequest {
    pub vendor: Vendor,
    /// Decided by `region_id`.
    pub site: Site,
    pub region_id: String,
    /// Base URL of the vendor's API, if not the one that `region_id` decides.
    pub endpoint: Option<String>,
    /// Huawei's account id.
    pub domain_id: Option<String>,
    /// Whether tickets opened in the vendor's console are adopted from now on.
    pub adopt_console_tickets: bool,
    /// Whether the customer may have another account.
    pub allow_same_customer: bool,
    pub keys: AccountKeys,
}

/// Reads the body of `POST /accounts`; every bad field is named.
pub fn read_account(body: &[u8], allow_loopback: bool) -> Result<RegisterAccountRequest> {
    let mut fields = Fields::of_body(body)?;
    let vendor = fields.vendor("type");
    let keys = take_keys(&mut fields);
    let region = fields.parsed("region_id", |text| read_region(vendor, text));
    let endpoint = fields.optional_parsed("endpoint", |text| read_endpoint(vendor, text, allow_loopback));
    let domain_id = fields.optional_parsed("domain_id", |text| read_domain_id(vendor, text));
    let adopt_console_tickets = fields.optional_flag(ADOPT).unwrap_or_default();
    let allow_same_customer = fields.optional_flag("allow_same_customer").unwrap_or_default();
    fields.finish(|| {
        let (region_id, site) = region?;
        Some(RegisterAccountRequest {
            vendor: vendor?,
            site,
            region_id,
            endpoint,
            domain_id,
            adopt_console_tickets,
            allow_same_customer,
            keys: keys?,
        })
    })
}

/// Reads the body of `PATCH /accounts/{id}`: whether tickets opened in the vendor's console are adopted from now on.
pub fn read_change(body: &[u8]) -> Result<bool> {
    let mut fields = Fields::of_body(body)?;
    let adopt = fields.flag(ADOPT);
    fields.finish(|| adopt)
}

/// Refuses adoption where the vendor has no API for tickets.
pub fn can_adopt(app: &App, vendor: Vendor) -> Result<()> {
    if app.vendors.get(vendor).capability().tickets {
        return Ok(());
    }
    let message = format!("{vendor} has no API for tickets, so none can be adopted.");
    Err(Error::new(ProblemCode::CapabilityNotSupported, message))
}

/// Reads the body of `PUT /accounts/{id}/keys`.
pub fn read_keys(body: &[u8]) -> Result<AccountKeys> {
    let mut fields = Fields::of_body(body)?;
    let keys = take_keys(&mut fields);
    fields.finish(|| keys)
}

fn take_keys(fields: &mut Fields) -> Option<AccountKeys> {
    let secret_id = fields.parsed("secret_id", read_key_id);
    let secret_key_secret = fields.text("secret_key_secret", KEY_RULE).filter(|secret| {
        let is_trimmed = secret.trim() == secret;
        if !is_trimmed {
            fields.refuse("secret_key_secret", "must not begin or end with white space");
        }
        is_trimmed
    });
    Some(AccountKeys { secret_id: secret_id?, secret_key_secret: secret_key_secret? })
}

/// A key's id goes into a header: visible ASCII only.
fn read_key_id(text: &str) -> std::result::Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b',' | b'=' | b'/');
    if (1..=KEY_RULE.max_chars).contains(&text.len()) && text.bytes().all(allowed) {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 256 visible ASCII characters, without spaces, commas, = and /".to_owned())
}

/// Without a known vendor a region can't be checked; then the error about the vendor is enough.
fn read_region(vendor: Option<Vendor>, text: &str) -> std::result::Result<(String, Site), String> {
    let Some(vendor) = vendor else {
        return Ok((text.to_owned(), Site::China));
    };
    match endpoint::site_of(vendor, text) {
        Ok(site) => Ok((text.to_owned(), site)),
        Err(error) => Err(first_detail(&error)),
    }
}

fn read_endpoint(vendor: Option<Vendor>, text: &str, allow_loopback: bool) -> std::result::Result<String, String> {
    let Some(vendor) = vendor else {
        return Ok(text.to_owned());
    };
    endpoint::check_endpoint(vendor, text, allow_loopback).map_err(|error| first_detail(&error))
}

fn read_domain_id(vendor: Option<Vendor>, text: &str) -> std::result::Result<String, String> {
    if vendor.is_some_and(|vendor| vendor != Vendor::Huawei) {
        return Err("is for HUAWEI only".to_owned());
    }
    if shared::domain::id::is_valid_id(text) {
        return Ok(text.to_owned());
    }
    Err("must be Huawei's account id: 1 to 64 characters out of A-Z a-z 0-9 . _ ~ -".to_owned())
}

fn first_detail(error: &shared::error::Error) -> String {
    error.fields().first().map_or_else(|| error.message().to_owned(), |field| field.detail.clone())
}
