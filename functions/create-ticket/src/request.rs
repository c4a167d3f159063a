//! The body of `POST /tickets`, and the rules that need no read of the store.

use std::collections::BTreeSet;

use shared::{
    domain::{
        AccountId, MAX_ATTACHMENTS, NewTicket, ProblemTypeId, ProductId, RegionId, SecretText, Severity, SourceId,
        TicketDetails, TicketId, UploadId,
    },
    error::Result,
    http::{
        Fields,
        fields::TextRule,
        idempotency::SECRET,
        warnings::{ALLOW_SECRETS, Warning, check_secrets},
    },
    problem_code::ProblemCode,
    store::CatalogRefs,
    vendors::Capability,
    workflow::outgoing_files,
};

use crate::{
    broken::BrokenFields,
    details::{self, read_email},
};

/// The rule of a ticket's name.
pub const NAME_RULE: TextRule = TextRule { max_chars: 500, multi_line: false };
/// The most characters of an e-mail address.
pub const MAX_EMAIL_CHARS: usize = 50;
/// The rule of a description at any vendor: what a body can hold.
pub const DESCRIPTION_RULE: TextRule = TextRule { max_chars: 60_000, multi_line: true };

/// The rule of what only support may see, at any vendor.
const SECRET_RULE: TextRule = TextRule { max_chars: 1000, multi_line: true };

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
    /// Files that come with it: ids of `POST /attachments`, each once. A vendor may take fewer.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<Vec<UploadId>>", length(max = MAX_ATTACHMENTS), extend("uniqueItems" = true))
    )]
    pub attachments: Vec<UploadId>,
    /// What only the vendor's support may see, for example a password. It goes to the vendor and is kept nowhere else;
    /// `max_secret_chars` in `GET /vendors` says which vendor takes it. It is no part of the request that the
    /// `Idempotency-Key` stands for.
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", length(min = 1, max = SECRET_RULE.max_chars), extend("writeOnly" = true)),
        schemars(regex(pattern = SECRET_RULE.pattern()))
    )]
    pub secret_info: Option<SecretText>,
    /// What the form of its problem type adds.
    #[cfg_attr(feature = "schema", schemars(flatten, with = "details::DetailsSchema"))]
    pub details: TicketDetails,
    /// `false`: a `name` or `description` that seems to hold an access key, a private key or a password is refused.
    /// Otherwise it is sent, and `warnings` of the answer name it.
    #[cfg_attr(feature = "schema", schemars(rename = "allow_secrets", with = "Option<bool>"))]
    pub warnings: Vec<Warning>,
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
            secret_info: self.secret_info.clone(),
            details: self.details.clone(),
            sensitive: BTreeSet::new(),
            files: Vec::new(),
        }
    }
}

/// Reads the body; every bad field is named.
pub fn read(body: &[u8]) -> Result<CreateTicketRequest> {
    let mut fields = Fields::of_body(body)?;
    let account_id = fields.id("custom_id");
    let name = fields.text("name", NAME_RULE);
    let description = fields.text("description", DESCRIPTION_RULE);
    let email = fields.optional_parsed("email", |text| read_email(text, MAX_EMAIL_CHARS));
    let product_id = fields.id("product_id");
    let problem_type_id = fields.id("product_business_id");
    let source_id = fields.optional_id("osm_id");
    let region_id = fields.optional_id("region_id");
    let attachments = fields.ids(outgoing_files::FIELD, MAX_ATTACHMENTS);
    let severity = fields.optional_parsed("severity", read_severity).unwrap_or_default();
    let secret_info = fields.optional_text(SECRET, SECRET_RULE).map(SecretText::new);
    let details = details::read(&mut fields);
    let allow_secrets = fields.optional_flag(ALLOW_SECRETS);
    let request = fields.finish(|| {
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
            attachments,
            secret_info,
            details,
            warnings: Vec::new(),
        })
    })?;
    let texts = [("name", request.name.as_str()), ("description", request.description.as_str())];
    Ok(CreateTicketRequest { warnings: check_secrets(allow_secrets, &texts)?, ..request })
}

fn read_severity(text: &str) -> std::result::Result<Severity, String> {
    match text {
        "normal" => Ok(Severity::Normal),
        "urgent" => Ok(Severity::Urgent),
        _ => Err("must be normal or urgent".to_owned()),
    }
}

/// Records what the vendor can't take of the ticket, whatever its problem type.
pub fn check(ticket: &NewTicket, capability: &Capability, broken: &mut BrokenFields) {
    if !capability.severities.contains(&ticket.severity) {
        let rule = "this vendor's tickets can only be normal";
        broken.add("/severity", ProblemCode::SeverityNotSupported, rule);
    }
    if ticket.source_id.is_some() && !capability.sources {
        let rule = "this vendor has no ticket sources; leave it out";
        broken.add("/osm_id", ProblemCode::SourceNotFound, rule);
    }
    if ticket.region_id.is_some() && !capability.regions {
        let rule = "this vendor's tickets name no region; leave it out";
        broken.add("/region_id", ProblemCode::RegionNotFound, rule);
    }
    if ticket.secret_info.is_some() && capability.max_secret_chars.is_none() {
        let rule = "this vendor has no place that only its support can read; leave it out";
        broken.add("/secret_info", ProblemCode::SecretInfoNotSupported, rule);
    }
    let Some(max) = capability.max_text_chars else { return };
    let (text, parts) = if capability.title {
        (ticket.description_with_marker(), "description and marker")
    } else {
        (ticket.text_with_name(), "name, description and marker")
    };
    let chars = text.chars().count();
    if chars > max {
        let rule = format!(
            "is too long: this vendor takes {max} characters for {parts} together, and they have {chars}; shorten it \
             by {}",
            chars - max
        );
        broken.add("/description", ProblemCode::DescriptionTooLong, rule);
    }
}
