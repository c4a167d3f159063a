//! The keys of the catalogs.

use super::{Key, key};
use crate::domain::{EntryKind, ProductId, Site, Vendor};

/// Partition of a vendor's catalog at a site.
pub fn catalog_partition(vendor: Vendor, site: Site) -> String {
    format!("CATALOG#{vendor}#{site}")
}

/// Partition of GSI1 with a catalog's entries by their last change.
pub fn changes_of_catalog(vendor: Vendor, site: Site) -> String {
    format!("CHANGES#{vendor}#{site}")
}

/// The item with the time of a catalog's last complete refresh.
pub fn catalog_head(vendor: Vendor, site: Site) -> Key {
    key(catalog_partition(vendor, site), "HEAD")
}

/// An entry of a catalog. `product_id` is that of a problem type, and nothing for the other kinds.
pub fn catalog_entry(vendor: Vendor, site: Site, kind: EntryKind, product_id: Option<&ProductId>, id: &str) -> Key {
    key(catalog_partition(vendor, site), format!("{}{id}", entry_prefix(kind, product_id)))
}

/// Start of the sort keys of a kind of entry; of one product's problem types where it is given.
pub fn entry_prefix(kind: EntryKind, product_id: Option<&ProductId>) -> String {
    match (kind, product_id) {
        (EntryKind::Product, _) => "PRODUCT#".to_owned(),
        (EntryKind::ProblemType, Some(product_id)) => format!("TYPE#{product_id}#"),
        (EntryKind::ProblemType, None) => "TYPE#".to_owned(),
        (EntryKind::Source, _) => "SOURCE#".to_owned(),
        (EntryKind::Region, _) => "REGION#".to_owned(),
    }
}
