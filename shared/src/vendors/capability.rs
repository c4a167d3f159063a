//! What a vendor's API can do, as data.

use serde::Serialize;

use crate::{
    domain::{RightName, Severity, Site, Vendor},
    error::Error,
    problem_code::ProblemCode,
};

/// What a vendor's API can do.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Capability {
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// Name and version of the API.
    pub api: &'static str,
    /// Where the vendor documents it.
    pub documentation: &'static str,
    /// The console of the China site, for what the API can't do.
    pub console: &'static str,
    /// The console of the international site.
    pub console_international: &'static str,
    /// Products can be listed.
    pub products: bool,
    /// Problem types can be listed.
    pub problem_types: bool,
    /// Ticket sources exist.
    pub sources: bool,
    /// The source of a ticket that names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_source: Option<&'static str>,
    /// Regions can be listed.
    pub regions: bool,
    /// A ticket can be created, read, listed and closed, and its messages read.
    pub tickets: bool,
    /// A customer message can be added.
    pub replies: bool,
    /// A closed ticket can be opened again.
    pub reopening: bool,
    /// Support can be urged to go on with a ticket.
    pub urging: bool,
    /// The rating of the support for a ticket; absent where the API takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rating: Option<RatingCapability>,
    /// A customer's message can be withdrawn.
    pub withdrawing: bool,
    /// How many tickets a call can have that asks which of them have new messages; absent where there is no such call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_new_messages_tickets: Option<usize>,
    /// The severities that a new ticket can have.
    pub severities: &'static [Severity],
    /// The most characters of `secret_info`, which the vendor shows to support alone; absent where it takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_secret_chars: Option<usize>,
    /// The vendor tells a form for each problem type: its tickets may have `extra`, `cc`, `contact` and `severity_id`.
    pub forms: bool,
    /// A ticket has a title of its own. Otherwise the title is the first line of its text.
    pub title: bool,
    /// The most characters of a new ticket's whole text, marker (and title, where it is part) included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_text_chars: Option<usize>,
    /// The most characters of one reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reply_chars: Option<usize>,
    /// The files that a new ticket or a reply may have; absent where the API takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<FileCapability>,
    /// What can be read of the rights of an account's keys, in a fixed order.
    pub rights: &'static [RightCapability],
    /// How many catalog calls may run at once for one account.
    pub catalog_parallelism: usize,
}

/// A right that can be read at a vendor.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RightCapability {
    /// Which.
    pub name: RightName,
    /// What a person does where it is missing.
    pub grant: &'static str,
    /// The page where a person does it, or that says how, of the China site.
    pub page: &'static str,
    /// The same of the international site.
    pub page_international: &'static str,
}

/// The ratings that a vendor's API takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RatingCapability {
    /// The vendor is told whether the problem is solved.
    pub solved: bool,
    /// The most characters of the comment; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_comment_chars: Option<usize>,
    /// The vendor may show a rating that it has; not in answers.
    #[serde(skip)]
    pub shown: bool,
}

/// The files that a vendor's API takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileCapability {
    /// The most files of a new ticket.
    pub max_per_ticket: usize,
    /// The most files of a reply.
    pub max_per_reply: usize,
    /// The most bytes of a file; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// The endings of the names that are taken, in lower case, without the dot; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<&'static [&'static str]>,
    /// Whether the vendor tells an account's own limits, which may be lower.
    pub account_limits: bool,
}

impl RightCapability {
    /// The page of `site`.
    pub fn page(&self, site: Site) -> &'static str {
        match site {
            Site::China => self.page,
            Site::International => self.page_international,
        }
    }
}

impl Capability {
    /// The error for what the vendor's API can't do. It names the console of `site`.
    pub fn not_supported(&self, site: Site, what: &str) -> Error {
        let (vendor, console) = (self.vendor, self.console(site));
        let message = format!("{vendor} has no published API to {what}; use its console: {console}");
        Error::new(ProblemCode::CapabilityNotSupported, message)
    }

    /// The console of `site`.
    pub fn console(&self, site: Site) -> &'static str {
        match site {
            Site::China => self.console,
            Site::International => self.console_international,
        }
    }
}
