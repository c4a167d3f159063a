//! The account and the catalog entries that a new ticket names, in one read.
//!
//! The catalog's partition follows from the account's vendor and site, which are not known before the account is read.
//! To save a second call the named entries are read from every possible catalog: a few dozen keys.

use super::{
    Store,
    forms::StoredForm,
    item,
    keys::{self, Key},
};
use crate::{
    domain::{
        Account, AccountId, CatalogEntry, EntryKind, ProblemTypeId, ProductId, RegionId, Site, SourceId, TicketForm,
        Vendor,
    },
    error::Result,
};

/// The vendors whose catalogs a ticket can choose from: the others have no API for tickets, and a ticket of theirs is
/// refused before anything of its catalog is needed.
const WITH_TICKETS: [Vendor; 2] = [Vendor::Alibaba, Vendor::Huawei];

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
    /// What the account's vendor told of tickets of that problem type, perhaps long ago.
    pub form: Option<TicketForm>,
}

impl Store {
    /// The account and the entries that a ticket names; `None` when there is no such account.
    ///
    /// # Errors
    /// When an item can't be read, or the store does not answer.
    pub async fn resolve_refs(&self, ids: &CatalogRefs<'_>) -> Result<Option<(Account, ResolvedRefs)>> {
        let form = keys::form(ids.account, ids.product, ids.problem_type);
        let mut wanted = vec![keys::account(ids.account), form.clone()];
        for (vendor, site) in WITH_TICKETS.into_iter().flat_map(|vendor| Site::ALL.map(|site| (vendor, site))) {
            wanted.push(keys::catalog_head(vendor, site));
            wanted.extend(named_keys(vendor, site, ids).into_iter().flatten());
        }
        let mut found = self.batch_get(wanted).await?;

        let Some(mut account) = found.remove(&keys::account(ids.account)) else { return Ok(None) };
        // No write needs them, and they are most of the item.
        account.remove("rights");
        let account: Account = item::from_attributes(account)?;
        let (vendor, site) = (account.vendor, account.site);
        // It can be read again, so one that an earlier version wrote in another form counts as absent.
        let form = found.remove(&form).and_then(|form| item::from_attributes::<StoredForm>(form).ok());
        let mut entry = |key: Option<Key>| -> Result<Option<CatalogEntry>> {
            key.and_then(|key| found.remove(&key)).map(item::from_attributes).transpose()
        };
        let [product, problem_type, source, region] = named_keys(vendor, site, ids);
        let resolved = ResolvedRefs {
            product: entry(product)?,
            problem_type: entry(problem_type)?,
            source: entry(source)?,
            region: entry(region)?,
            form: form.map(|stored| stored.form),
            catalog_refreshed: found.contains_key(&keys::catalog_head(vendor, site)),
        };
        Ok(Some((account, resolved)))
    }
}

/// The keys of product, problem type, source and region in one catalog.
fn named_keys(vendor: Vendor, site: Site, ids: &CatalogRefs<'_>) -> [Option<Key>; 4] {
    let entry = |kind, product, id: &str| keys::catalog_entry(vendor, site, kind, product, id);
    [
        Some(entry(EntryKind::Product, None, ids.product.as_str())),
        Some(entry(EntryKind::ProblemType, Some(ids.product), ids.problem_type.as_str())),
        ids.source.map(|id| entry(EntryKind::Source, None, id.as_str())),
        ids.region.map(|id| entry(EntryKind::Region, None, id.as_str())),
    ]
}
