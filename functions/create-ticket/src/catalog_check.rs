//! Checks the catalog entries that a new ticket names, and explains to the caller what is wrong.

use shared::{
    app::App,
    domain::{Account, CaseKind, CatalogEntry},
    error::{Error, Result},
    problem_code::ProblemCode,
    store::ResolvedRefs,
};

use crate::request::CreateTicketRequest;

const PROBLEM_TYPE: &str = "/product_business_id";

/// What is wrong with the entries, if anything.
pub async fn check(
    app: &App,
    account: &Account,
    request: &CreateTicketRequest,
    refs: &ResolvedRefs,
) -> Result<Option<Error>> {
    if !refs.catalog_refreshed {
        return Ok(Some(never_refreshed(account)));
    }
    if let Some(error) = check_product(refs.product.as_ref()) {
        return Ok(Some(error));
    }
    let Some(problem_type) = refs.problem_type.as_ref() else {
        return unknown_problem_type(app, account, request).await.map(Some);
    };
    let (pointer, code, rule) = if problem_type.removed_time.is_some() {
        (PROBLEM_TYPE, ProblemCode::ProblemTypeRemoved, "the vendor no longer lists this problem type")
    } else if problem_type.case_kind == Some(CaseKind::Fault) && request.region_id.is_none() {
        let rule = "is required: this problem type reports a fault; GET /catalog/regions lists the regions";
        ("/region_id", ProblemCode::RegionRequired, rule)
    } else if request.region_id.is_some() && !is_listed(refs.region.as_ref()) {
        ("/region_id", ProblemCode::RegionNotFound, "is not in the catalog; GET /catalog/regions lists them")
    } else if request.source_id.is_some() && !is_listed(refs.source.as_ref()) {
        ("/osm_id", ProblemCode::SourceNotFound, "is not in the catalog; GET /catalog/sources lists them")
    } else {
        return Ok(None);
    };
    Ok(Some(field(pointer, code, rule)))
}

/// `400`: the account is unknown, or being removed.
pub fn account_not_found() -> Error {
    field("/custom_id", ProblemCode::AccountNotFound, "there is no such account; GET /accounts lists them")
}

fn is_listed(entry: Option<&CatalogEntry>) -> bool {
    entry.is_some_and(|entry| entry.removed_time.is_none())
}

fn never_refreshed(account: &Account) -> Error {
    let (vendor, site) = (account.vendor, account.site);
    let message = format!(
        "The catalog of {vendor} ({site}) was never refreshed, so the ticket can't be checked; \
         POST /catalog/refresh first."
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
async fn unknown_problem_type(app: &App, account: &Account, request: &CreateTicketRequest) -> Result<Error> {
    let id = request.problem_type_id.as_str();
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
