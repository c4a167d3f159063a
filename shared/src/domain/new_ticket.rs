//! What a new ticket must hold, and how its vendor gets it.

use std::collections::BTreeSet;

use super::{ProblemTypeId, ProductId, RegionId, SecretText, Severity, SourceId, TicketDetails, TicketId, VendorFile};

/// What the vendor gets of a new ticket. Validated before it is built.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTicket {
    /// Our id; the marker is made of it.
    pub id: TicketId,
    /// The title.
    pub name: String,
    /// The problem text.
    pub description: String,
    /// Contact address.
    pub email: Option<String>,
    /// The product.
    pub product_id: ProductId,
    /// The problem type.
    pub problem_type_id: ProblemTypeId,
    /// The ticket source, where the vendor has one.
    pub source_id: Option<SourceId>,
    /// The region of the problem.
    pub region_id: Option<RegionId>,
    /// How urgent it is.
    pub severity: Severity,
    /// What only support may see, where the vendor takes it. It is sent and not kept: a create that is reconciled never
    /// needs it, because nothing is sent a second time without a new request.
    pub secret_info: Option<SecretText>,
    /// What its vendor's form adds.
    pub details: TicketDetails,
    /// The keys of `extra` whose values are not stored.
    pub sensitive: BTreeSet<String>,
    /// The files that come with it, which the vendor has already.
    pub files: Vec<VendorFile>,
}

impl NewTicket {
    /// The marker by which the ticket is found at the vendor.
    pub fn marker(&self) -> String {
        marker(&self.id)
    }

    /// The text for a vendor with a title field: the description, an empty line, the marker as the last line.
    pub fn description_with_marker(&self) -> String {
        format!("{}\n\n{}", self.description, self.marker())
    }

    /// The text for a vendor without a title field: the title as the first line before
    /// [`description_with_marker`](Self::description_with_marker).
    pub fn text_with_name(&self) -> String {
        format!("{}\n{}", self.name, self.description_with_marker())
    }
}

/// The marker of a ticket: `ref <ticket id>`, the last line of the text that the vendor gets.
pub fn marker(id: &TicketId) -> String {
    format!("ref {id}")
}
