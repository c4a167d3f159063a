//! The catalog: what a new ticket must choose from. Ids are the vendor's own, unique only within vendor and site.

use serde::{Deserialize, Serialize};

use super::{ProblemTypeId, ProductId, RegionId, SourceId};

/// A product that tickets can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The vendor's id.
    pub id: ProductId,
    /// The vendor's name, in the site's language.
    pub name: String,
    /// A longer text, where the vendor has one (Huawei) or the name of its group (Alibaba).
    pub description: Option<String>,
    /// Huawei's short name.
    pub acronym: Option<String>,
    /// The vendor's group of the product, sent on create where the vendor wants it (Huawei).
    pub group_id: Option<String>,
}

/// What kind of problem with a product (`product_business_id` of a ticket).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The vendor's id.
    pub id: ProblemTypeId,
    /// The product that it belongs to.
    pub product_id: ProductId,
    /// The vendor's name, in the site's language.
    pub name: String,
    /// Consulting or fault, where the vendor tells them apart (Huawei).
    pub case_kind: CaseKind,
}

/// Whether a problem type asks a question or reports a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// The vendor does not tell them apart, or uses a code that we don't know.
    #[default]
    General,
    /// A question.
    Consulting,
    /// A fault: a ticket must name the region where it is seen.
    Fault,
}

/// Where a ticket comes from (工单来源, `osm_id` of a ticket).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The vendor's id.
    pub id: SourceId,
    /// Its name.
    pub name: String,
}

/// A region that a ticket can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The vendor's id.
    pub id: RegionId,
    /// The vendor's name, in the site's language.
    pub name: String,
}
