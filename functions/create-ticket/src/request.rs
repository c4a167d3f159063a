//! The body of `POST /tickets`, and the rules that need no read of the store.

use std::str::FromStr;

use email_address::EmailAddress;
use shared::{
    domain::{AccountId, NewTicket, ProblemTypeId, ProductId, RegionId, Severity, SourceId, TicketId},
    error::{Error, Result},
    http::{Fields, fields::TextRule},
    problem_code::ProblemCode,
    store::CatalogRefs,
    vendors::Capability,
};

/// The rule of a ticket's name.
const NAME_RULE: TextRule = TextRule { max_chars: 500, multi_line: false };
/// The most characters of an e-mail address.
const MAX_EMAIL_CHARS: usize = 50;
/// The rule of a description at any vendor: what a body can hold.
const DESCRIPTION_RULE: TextRule = TextRule { max_chars: 60_000, multi_line: true };

/// The ticket that the caller asks for.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "NewTicket", deny_unknown_fields))]
pub struct CreateTicketRequest {
    /// The account.
    #[cfg_attr(feature = "schema", schemars(rename = "custom_id"))]
    pub account_id: AccountId,
    /// The title.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = NAME_RULE.max_chars), regex(pattern = NAME_RULE.pattern()))
    )]
    pub name: String,
    /// The problem text.
    #[cfg_attr(
        feature = "schema",
        schemars(length(min = 1, max = DESCRIPTION_RULE.max_chars), regex(pattern = DESCRIPTION_RULE.pattern()))
    )]
    pub description: String,
    /// Contact address, without a name before it.
    #[cfg_attr(
        feature = "schema",
        schemars(email, length(max = MAX_EMAIL_CHARS), regex(pattern = "^.*[^>]$"))
    )]
    pub email: Option<String>,
    /// The product.
    pub product_id: ProductId,
    /// The problem type.
    #[cfg_attr(feature = "schema", schemars(rename = "product_business_id"))]
    pub problem_type_id: ProblemTypeId,
    /// The ticket source.
    #[cfg_attr(feature = "schema", schemars(rename = "osm_id"))]
    pub source_id: Option<SourceId>,
    /// The region of the problem.
    pub region_id: Option<RegionId>,
    /// How urgent it is.
    #[cfg_attr(feature = "schema", schemars(with = "Option<Severity>"))]
    pub severity: Severity,
}

impl CreateTicketRequest {
    /// The ids that it names.
    pub fn catalog_refs(&self) -> CatalogRefs<'_> {
        CatalogRefs {
            account: &self.account_id,
            product: &self.product_id,
            problem_type: &self.problem_type_id,
            source: self.source_id.as_ref(),
            region: self.region_id.as_ref(),
        }
    }

    /// The ticket as the vendor gets it, under our id.
    pub fn for_vendor(&self, id: TicketId) -> NewTicket {
        NewTicket {
            id,
            name: self.name.clone(),
            description: self.description.clone(),
            email: self.email.clone(),
            product_id: self.product_id.clone(),
            problem_type_id: self.problem_type_id.clone(),
            source_id: self.source_id.clone(),
            region_id: self.region_id.clone(),
            severity: self.severity,
        }
    }
}

/// Reads the body; every bad field is named.
pub fn read(body: &[u8]) -> Result<CreateTicketRequest> {
    let mut fields = Fields::of_body(body)?;
    let account_id = fields.id("custom_id");
    let name = fields.text("name", NAME_RULE);
    let description = fields.text("description", DESCRIPTION_RULE);
    let email = fields.optional_parsed("email", read_email);
    let product_id = fields.id("product_id");
    let problem_type_id = fields.id("product_business_id");
    let source_id = fields.optional_id("osm_id");
    let region_id = fields.optional_id("region_id");
    let severity = fields.optional_parsed("severity", read_severity).unwrap_or_default();
    fields.finish(|| {
        Some(CreateTicketRequest {
            account_id: account_id?,
            name: name?,
            description: description?,
            email,
            product_id: product_id?,
            problem_type_id: problem_type_id?,
            source_id,
            region_id,
            severity,
        })
    })
}

fn read_email(text: &str) -> std::result::Result<String, String> {
    if text.chars().count() > MAX_EMAIL_CHARS {
        return Err(format!("must be at most {MAX_EMAIL_CHARS} characters"));
    }
    match EmailAddress::from_str(text) {
        Ok(address) if address.display_part().is_empty() => Ok(text.to_owned()),
        _ => Err("must be an e-mail address, for example ops@example.com".to_owned()),
    }
}

fn read_severity(text: &str) -> std::result::Result<Severity, String> {
    match text {
        "normal" => Ok(Severity::Normal),
        "urgent" => Ok(Severity::Urgent),
        _ => Err("must be normal or urgent".to_owned()),
    }
}

/// Checks the ticket against what its vendor can take.
pub fn check(ticket: &NewTicket, capability: &Capability) -> Result<()> {
    if !capability.severities.contains(&ticket.severity) {
        return Err(Error::invalid_field("/severity", "this vendor's tickets can only be normal")
            .with_code(ProblemCode::SeverityNotSupported));
    }
    if ticket.source_id.is_some() && !capability.sources {
        let rule = "this vendor has no ticket sources; leave it out";
        return Err(Error::invalid_field("/osm_id", rule).with_code(ProblemCode::SourceNotFound));
    }
    if ticket.region_id.is_some() && !capability.regions {
        let rule = "this vendor's tickets name no region; leave it out";
        return Err(Error::invalid_field("/region_id", rule).with_code(ProblemCode::RegionNotFound));
    }
    let Some(max) = capability.max_text_chars else {
        return Ok(());
    };
    let (text, parts) = if capability.title {
        (ticket.description_with_marker(), "description and marker")
    } else {
        (ticket.text_with_name(), "name, description and marker")
    };
    let chars = text.chars().count();
    if chars <= max {
        return Ok(());
    }
    let rule = format!(
        "is too long: this vendor takes {max} characters for {parts} together, and they have {chars}; shorten it by {}",
        chars - max
    );
    Err(Error::invalid_field("/description", rule).with_code(ProblemCode::DescriptionTooLong))
}
