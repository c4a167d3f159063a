//! The account and the catalog entries that a new ticket names, in one read.
//!
//! The catalog's partition follows from the account's vendor and site, which are not known before the account is read.
//! To save a second call the named entries are read from every possible catalog: a few dozen keys.

use super::{
    Store,
    item::{self, Item, StoredEntry},
    keys::{self, Key},
};
use crate::{
    domain::{Account, AccountId, CatalogEntry, EntryKind, ProblemTypeId, ProductId, RegionId, Site, SourceId, Vendor},
    error::Result,
};

/// The ids that a new ticket names.
#[derive(Clone, Debug)]
pub struct CatalogRefs<'a> {
    /// The account.
    pub account: &'a AccountId,
    /// The product.
    pub product: &'a ProductId,
    /// The problem type.
    pub problem_type: &'a ProblemTypeId,
    /// The source, if it names one.
    pub source: Option<&'a SourceId>,
    /// The region, if it names one.
    pub region: Option<&'a RegionId>,
}

/// What is stored under those ids, in the catalog of the account's vendor and site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResolvedRefs {
    /// Whether that catalog was ever refreshed.
    pub catalog_refreshed: bool,
    /// The product, perhaps removed.
    pub product: Option<CatalogEntry>,
    /// The problem type under that product, perhaps removed.
    pub problem_type: Option<CatalogEntry>,
    /// The source, perhaps removed.
    pub source: Option<CatalogEntry>,
    /// The region, perhaps removed.
    pub region: Option<CatalogEntry>,
}

impl Store {
    /// The account and the entries that a ticket names; `None` when there is no such account.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn resolve_refs(&self, ids: &CatalogRefs<'_>) -> Result<Option<(Account, ResolvedRefs)>> {
        let catalogs = Vendor::ALL.into_iter().flat_map(|vendor| Site::ALL.map(|site| (vendor, site)));
        let mut wanted = vec![keys::account(ids.account)];
        wanted.extend(catalogs.flat_map(|(vendor, site)| named_keys(vendor, site, ids)));
        let mut found = self.batch_get(wanted).await?;

        let Some(account) = found.remove(&keys::account(ids.account)) else {
            return Ok(None);
        };
        let account = item::from_attributes::<Item<Account>>(account)?.value;
        let (vendor, site) = (account.vendor, account.site);
        let mut entry = |kind, product, id: Option<&str>| -> Result<Option<CatalogEntry>> {
            let Some(id) = id else { return Ok(None) };
            let found = found.remove(&keys::catalog_entry(vendor, site, kind, product, id));
            found.map(|one| Ok(item::from_attributes::<Item<StoredEntry>>(one)?.value.entry)).transpose()
        };
        let resolved = ResolvedRefs {
            product: entry(EntryKind::Product, None, Some(ids.product.as_str()))?,
            problem_type: entry(EntryKind::ProblemType, Some(ids.product), Some(ids.problem_type.as_str()))?,
            source: entry(EntryKind::Source, None, ids.source.map(SourceId::as_str))?,
            region: entry(EntryKind::Region, None, ids.region.map(RegionId::as_str))?,
            catalog_refreshed: found.contains_key(&keys::catalog_head(vendor, site)),
        };
        Ok(Some((account, resolved)))
    }
}

fn named_keys(vendor: Vendor, site: Site, ids: &CatalogRefs<'_>) -> Vec<Key> {
    let entry = |kind, product, id: &str| keys::catalog_entry(vendor, site, kind, product, id);
    let mut wanted = vec![
        keys::catalog_head(vendor, site),
        entry(EntryKind::Product, None, ids.product.as_str()),
        entry(EntryKind::ProblemType, Some(ids.product), ids.problem_type.as_str()),
    ];
    wanted.extend(ids.source.map(|id| entry(EntryKind::Source, None, id.as_str())));
    wanted.extend(ids.region.map(|id| entry(EntryKind::Region, None, id.as_str())));
    wanted
}
