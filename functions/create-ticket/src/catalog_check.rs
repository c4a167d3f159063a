//! Checks the catalog entries that a new ticket names, and explains to the caller what is wrong.

use shared::{
    app::App,
    domain::{Account, CaseKind, CatalogEntry, ProblemTypeId},
    error::{Error, Result},
    problem_code::ProblemCode,
    store::ResolvedRefs,
    vendors::Capability,
};

use crate::{broken::BrokenFields, request::CreateTicketRequest};

const PROBLEM_TYPE: &str = "/product_business_id";

/// What is wrong with the product and the problem type, if anything: without them there is no form to check.
pub async fn check_kind(
    app: &App,
    account: &Account,
    problem_type: &ProblemTypeId,
    refs: &ResolvedRefs,
) -> Result<Option<Error>> {
    if !refs.catalog_refreshed {
        return Ok(Some(never_refreshed(account)));
    }
    if let Some(error) = check_product(refs.product.as_ref()) {
        return Ok(Some(error));
    }
    match &refs.problem_type {
        None => unknown_problem_type(app, account, problem_type).await.map(Some),
        Some(entry) if entry.removed_time.is_some() => {
            let rule = "the vendor no longer lists this problem type";
            Ok(Some(field(PROBLEM_TYPE, ProblemCode::ProblemTypeRemoved, rule)))
        }
        Some(_) => Ok(None),
    }
}

/// Records what is wrong with region and source, where the vendor has them.
pub fn check_choices(
    request: &CreateTicketRequest,
    refs: &ResolvedRefs,
    capability: &Capability,
    broken: &mut BrokenFields,
) {
    let is_fault = refs.problem_type.as_ref().is_some_and(|entry| entry.case_kind == Some(CaseKind::Fault));
    if is_fault && request.region_id.is_none() {
        let rule = "is required: this problem type reports a fault; GET /catalog/regions lists the regions";
        broken.add("/region_id", ProblemCode::RegionRequired, rule);
    } else if capability.regions && request.region_id.is_some() && !is_listed(refs.region.as_ref()) {
        let rule = "is not in the catalog; GET /catalog/regions lists them";
        broken.add("/region_id", ProblemCode::RegionNotFound, rule);
    }
    if capability.sources && request.source_id.is_some() && !is_listed(refs.source.as_ref()) {
        let rule = "is not in the catalog; GET /catalog/sources lists them";
        broken.add("/osm_id", ProblemCode::SourceNotFound, rule);
    }
}

fn is_listed(entry: Option<&CatalogEntry>) -> bool {
    entry.is_some_and(|entry| entry.removed_time.is_none())
}

fn never_refreshed(account: &Account) -> Error {
    let (vendor, site) = (account.vendor, account.site);
    let message = format!(
        "The catalog of {vendor} ({site}) was never refreshed completely, so the ticket can't be checked; wait for its \
         first refresh, or POST /catalog/refresh."
    );
    Error::new(ProblemCode::CatalogNotRefreshed, message)
}

fn check_product(product: Option<&CatalogEntry>) -> Option<Error> {
    let (code, rule) = match product {
        None => (ProblemCode::ProductNotFound, "is not in the catalog; GET /catalog/products lists them"),
        Some(product) if product.removed_time.is_some() => {
            (ProblemCode::ProductRemoved, "the vendor no longer lists this product")
        }
        Some(_) => return None,
    };
    Some(field("/product_id", code, rule))
}

/// Searches the problem type under other products, for a clearer explanation.
async fn unknown_problem_type(app: &App, account: &Account, problem_type: &ProblemTypeId) -> Result<Error> {
    let id = problem_type.as_str();
    let products = app.store.products_with_problem_type(account.vendor, account.site, id).await?;
    Ok(match products.first() {
        Some(other) => {
            let rule = format!("belongs to another product ({other})");
            field(PROBLEM_TYPE, ProblemCode::ProblemTypeOfOtherProduct, &rule)
        }
        None => {
            let rule = "is not in the catalog; GET /catalog/product-types?product_id=… lists them";
            field(PROBLEM_TYPE, ProblemCode::ProblemTypeNotFound, rule)
        }
    })
}

fn field(pointer: &str, code: ProblemCode, rule: &str) -> Error {
    Error::invalid_field(pointer, rule).with_code(code)
}
