//! Reads one catalog, and knows the products whose problem types were read before.

use std::collections::HashSet;

use futures_util::{StreamExt, stream};
use shared::{
    app::App,
    domain::{Account, AttachmentLimits, CatalogEntry},
    error::Result,
    store::ProductRead,
    vendors::Session,
};
use tokio::time::Instant;

/// The reading of one catalog, also by several accounts in several runs of the function.
pub struct Reading<'a> {
    pub app: &'a App,
    /// When the reading must end.
    pub deadline: Instant,
    /// The products that were read, those of this run last.
    pub kept: Vec<ProductRead>,
    /// How many products this run has read.
    pub new: usize,
    /// The limits of files of the account that read the catalog, where the vendor tells them.
    pub limits: Option<AttachmentLimits>,
}

impl Reading<'_> {
    /// Everything that the vendor lists, or an error: an incomplete catalog would mark entries as removed. After an
    /// error the products that were read are kept.
    pub async fn read(&mut self, account: &Account) -> Result<Vec<CatalogEntry>> {
        let session = self.app.session(account, self.deadline);
        let capability = session.capability();
        let (vendor, site, now_ms) = (account.vendor, account.site, self.app.clock.now_ms());
        let mut entries = Vec::new();

        let products = session.list_products().await?;
        entries.extend(products.iter().map(|product| CatalogEntry::of_product(vendor, site, product, now_ms)));
        if capability.sources {
            let sources = session.list_sources().await?;
            entries.extend(sources.iter().map(|source| CatalogEntry::of_source(vendor, site, source, now_ms)));
        }
        if capability.regions {
            let regions = session.list_regions().await?;
            entries.extend(regions.iter().map(|region| CatalogEntry::of_region(vendor, site, region, now_ms)));
        }
        if capability.problem_types {
            let read: HashSet<_> = self.kept.iter().map(|read| read.product_id.clone()).collect();
            let left = products.iter().map(|product| &product.id).filter(|id| !read.contains(*id));
            let calls: Vec<_> = left.map(async |id| (id, session.list_problem_types(id).await)).collect();
            let mut lists = stream::iter(calls).buffered(capability.catalog_parallelism);
            while let Some((product_id, listed)) = lists.next().await {
                let of_product = |listed| CatalogEntry::of_problem_type(vendor, site, listed, now_ms);
                let problem_types = listed?.iter().map(of_product).collect();
                self.kept.push(ProductRead { product_id: product_id.clone(), problem_types });
                self.new += 1;
            }
            // A product that was read before may not be listed any more.
            let listed: HashSet<_> = products.iter().map(|product| &product.id).collect();
            let still_listed = self.kept.iter().filter(|read| listed.contains(&read.product_id));
            entries.extend(still_listed.flat_map(|read| read.problem_types.iter().cloned()));
        }
        if capability.files.as_ref().is_some_and(|files| files.account_limits) {
            self.limits = read_limits(&session).await;
        }
        Ok(entries)
    }
}

/// A catalog is complete without them: the limits of the vendor's API hold in any case.
async fn read_limits(session: &Session<'_>) -> Option<AttachmentLimits> {
    let limits = session.attachment_limits().await;
    let log = |error: &_| {
        tracing::warn!(account.id = %session.account().id, error = ?error, "Limits of files could not be read.");
    };
    limits.inspect_err(log).ok()
}
