//! What a vendor's API can do, as data.

use serde::Serialize;

use crate::domain::{Severity, Site, Vendor};

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
    /// How many tickets a call can have that asks which of them have new messages; absent where there is no such call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_new_messages_tickets: Option<usize>,
    /// The severities that a new ticket can have.
    pub severities: &'static [Severity],
    /// A ticket has a title of its own. Otherwise the title is the first line of its text.
    pub title: bool,
    /// The most characters of a new ticket's whole text, marker (and title, where it is part) included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_text_chars: Option<usize>,
    /// The most characters of one reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_reply_chars: Option<usize>,
    /// How many catalog calls may run at once for one account.
    pub catalog_parallelism: usize,
}

impl Capability {
    /// The console of `site`.
    pub fn console(&self, site: Site) -> &'static str {
        match site {
            Site::China => self.console,
            Site::International => self.console_international,
        }
    }
}
