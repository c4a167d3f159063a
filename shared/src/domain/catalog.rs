//! The catalog: what a new ticket must choose from. Ids are the vendor's own, unique only within vendor and site.

use serde::{
    Deserialize, Serialize,
    de::{self, value::StrDeserializer},
};

use super::{EntryChange, ProblemTypeId, ProductId, RegionId, Site, SourceId, Vendor};

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
    /// Consulting or fault, where the vendor distinguishes them (Huawei).
    pub case_kind: CaseKind,
}

/// Whether a problem type asks a question or reports a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// The vendor does not distinguish them, or uses an unknown code.
    #[default]
    General,
    /// A question.
    Consulting,
    /// A fault: a ticket must name its region.
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

/// What an entry of the catalog is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A product.
    Product,
    /// A problem type of a product.
    ProblemType,
    /// A ticket source.
    Source,
    /// A region.
    Region,
}

impl EntryKind {
    /// The kind with that name, as it is shown.
    pub fn parse(text: &str) -> Option<Self> {
        Self::deserialize(StrDeserializer::<de::value::Error>::new(text)).ok()
    }
}

/// An entry of the catalog as stored and as shown (original tables `cloud_osm_product`, `cloud_osm_product_type`
/// and 工单来源).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CatalogEntry {
    /// The vendor's id.
    pub id: String,
    /// What it is.
    pub kind: EntryKind,
    /// The vendor.
    #[serde(rename = "type")]
    pub vendor: Vendor,
    /// The vendor's site.
    pub site: Site,
    /// The vendor's name, in the site's language.
    pub name: String,
    /// A product's name in the other language: English at the China site, Chinese at the international one. Absent
    /// where the vendor has not told it yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_name: Option<String>,
    /// A longer text of a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Huawei's short name of a product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acronym: Option<String>,
    /// The product of a problem type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// Whether a problem type asks or reports a fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_kind: Option<CaseKind>,
    /// When a refresh first saw it, Unix milliseconds.
    pub create_time: i64,
    /// When a complete refresh no longer found it at the vendor, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_time: Option<i64>,
    /// Its last change; absent where an earlier version wrote it and it has not changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_change: Option<EntryChange>,
}

impl CatalogEntry {
    /// The names of the fields whose content is another one in `other`, which is the same entry later. Its name in the
    /// other language does not count.
    pub fn changed_fields(&self, other: &CatalogEntry) -> Vec<String> {
        // Every field is named, so that a new one is decided on.
        let Self {
            name,
            description,
            acronym,
            case_kind,
            id: _,
            kind: _,
            vendor: _,
            site: _,
            other_name: _,
            product_id: _,
            create_time: _,
            removed_time: _,
            last_change: _,
        } = self;
        let fields = [
            ("name", *name != other.name),
            ("description", *description != other.description),
            ("acronym", *acronym != other.acronym),
            ("case_kind", *case_kind != other.case_kind),
        ];
        fields.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name.to_owned()).collect()
    }

    fn new(vendor: Vendor, site: Site, kind: EntryKind, id: &str, name: &str, seen_ms: i64) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            vendor,
            site,
            name: name.to_owned(),
            other_name: None,
            description: None,
            acronym: None,
            product_id: None,
            case_kind: None,
            create_time: seen_ms,
            removed_time: None,
            last_change: None,
        }
    }

    /// The entry of a product that was listed at `seen_ms`.
    pub fn of_product(vendor: Vendor, site: Site, product: &Product, seen_ms: i64) -> Self {
        Self {
            description: product.description.clone(),
            acronym: product.acronym.clone(),
            ..Self::new(vendor, site, EntryKind::Product, product.id.as_str(), &product.name, seen_ms)
        }
    }

    /// The entry of a problem type that was listed at `seen_ms`.
    pub fn of_problem_type(vendor: Vendor, site: Site, problem_type: &ProblemType, seen_ms: i64) -> Self {
        let (id, name) = (problem_type.id.as_str(), &problem_type.name);
        Self {
            product_id: Some(problem_type.product_id.clone()),
            case_kind: Some(problem_type.case_kind),
            ..Self::new(vendor, site, EntryKind::ProblemType, id, name, seen_ms)
        }
    }

    /// The entry of a source that was listed at `seen_ms`.
    pub fn of_source(vendor: Vendor, site: Site, source: &Source, seen_ms: i64) -> Self {
        Self::new(vendor, site, EntryKind::Source, source.id.as_str(), &source.name, seen_ms)
    }

    /// The entry of a region that was listed at `seen_ms`.
    pub fn of_region(vendor: Vendor, site: Site, region: &Region, seen_ms: i64) -> Self {
        Self::new(vendor, site, EntryKind::Region, region.id.as_str(), &region.name, seen_ms)
    }
}
