//! `GET /catalog/form`: the form of a problem type as JSON Schema.

use std::collections::HashSet;

use shared::{
    app::App,
    domain::{Account, AccountId, EntryKind, ProblemTypeId, ProductId, Vendor},
    error::{Error, Result},
    http::{Fields, HttpCall, access::account_not_found},
    problem_code::ProblemCode,
    store::{CatalogRefs, EntryFilter, ResolvedRefs},
    workflow::vendor_write::COMMIT_RESERVE,
};

use super::{
    FormReader,
    schema::{self, FormParts},
};
use crate::catalog_check;

/// The most regions of a form.
const MAX_REGIONS: usize = 500;

/// What the query names.
struct FormQuery {
    vendor: Vendor,
    account: Option<AccountId>,
    product: ProductId,
    problem_type: ProblemTypeId,
}

fn read(query: &[(String, String)]) -> Result<FormQuery> {
    let mut fields = Fields::of_query(query);
    let vendor = fields.vendor("type");
    let (product, problem_type) = (fields.id("product_id"), fields.id("product_business_id"));
    let account = fields.optional_id("custom_id");
    fields.finish(|| Some(FormQuery { vendor: vendor?, account, product: product?, problem_type: problem_type? }))
}

/// Answers the form: of the account that the query names, or else of the first one of the vendor whose catalog has the
/// problem type.
///
/// # Errors
/// As a ticket of this kind would be refused, before its own fields are checked.
pub async fn show(app: &App, call: &HttpCall) -> Result<serde_json::Value> {
    let query = read(&call.query)?;
    let (account, refs) = find(app, call, &query).await?;
    let session = app.session(&account, call.invocation.deadline_minus(COMMIT_RESERVE));
    let capability = session.capability();
    let (Some(product), Some(problem_type)) = (&refs.product, &refs.problem_type) else {
        return Err(Error::unexpected("A form has no catalog entry."));
    };
    let mut regions = Vec::new();
    if capability.regions {
        let filter = EntryFilter { kind: EntryKind::Region, product_id: None, name_part: None };
        regions = app.store.entries(account.vendor, account.site, &filter, MAX_REGIONS, None).await?.items;
        regions.retain(|region| region.removed_time.is_none());
    }
    let reader =
        FormReader { app, session: &session, of: (&query.product, &query.problem_type), keeps: true, key_hash: None };
    // Whoever asks for the form gets the vendor's present one, within some minutes.
    let stored = refs.form.clone().filter(|form| form.may_refuse(app.clock.now_ms()));
    let form = reader.current(stored).await?.or(refs.form.clone());
    let parts =
        FormParts { account: &account, capability, product, problem_type, regions: &regions, form: form.as_ref() };
    Ok(schema::of(&parts))
}

/// The account, one that the caller may use, with its catalog's entries. Accounts of a site share a catalog, so one of
/// each is asked.
async fn find(app: &App, call: &HttpCall, query: &FormQuery) -> Result<(Account, ResolvedRefs)> {
    let is_usable = |account: &Account| {
        account.vendor == query.vendor && account.deleting.is_none() && call.access.allows(&account.id)
    };
    if let Some(id) = &query.account {
        let account = app.store.account(id).await?.filter(is_usable).ok_or_else(no_account)?;
        let refs = resolve(app, query, &account).await?;
        return Ok((account, refs));
    }
    let (mut sites, mut failure) = (HashSet::new(), None);
    let accounts = app.store.all_accounts(Some(query.vendor)).await?.into_iter().filter(is_usable);
    for account in accounts.filter(|account| sites.insert(account.site)) {
        match resolve(app, query, &account).await {
            Ok(refs) => return Ok((account, refs)),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(no_account))
}

fn no_account() -> Error {
    let rule = "there is no such account of this vendor; GET /accounts lists them";
    Error::invalid_field("custom_id", rule).with_code(ProblemCode::AccountNotFound)
}

async fn resolve(app: &App, query: &FormQuery, account: &Account) -> Result<ResolvedRefs> {
    let capability = app.vendors.get(account.vendor).capability();
    if !capability.tickets {
        return Err(capability.not_supported(account.site, "create a ticket"));
    }
    let (product, problem_type) = (&query.product, &query.problem_type);
    let ids = CatalogRefs { account: &account.id, product, problem_type, source: None, region: None };
    let Some((_, refs)) = app.store.resolve_refs(&ids).await? else { return Err(account_not_found()) };
    match catalog_check::check_kind(app, account, problem_type, &refs).await? {
        Some(refusal) => Err(as_parameters(&refusal)),
        None => Ok(refs),
    }
}

/// The same refusal about the query's parameters, which have the names of the body's fields.
fn as_parameters(refusal: &Error) -> Error {
    let fields = refusal.fields().iter().cloned().map(|mut field| {
        field.pointer = field.pointer.trim_start_matches('/').to_owned();
        field
    });
    let fields: Vec<_> = fields.collect();
    let code = refusal.problem_code();
    if fields.is_empty() {
        return Error::new(code, refusal.message());
    }
    Error::invalid_fields(fields).with_code(code)
}
