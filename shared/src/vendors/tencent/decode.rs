//! From an answer to domain values. Pure. A success without its required fields is a bad answer.

use serde::de::DeserializeOwned;

use super::{
    error::check,
    model::{CallerIdentity, Products, TencentEnvelope},
};
use crate::{
    domain::{CustomerId, ProductId},
    error::Result,
    vendors::answer::VendorAnswer,
};

fn successful<T: DeserializeOwned>(answer: &VendorAnswer) -> Result<T> {
    check(answer)?;
    Ok(answer.json::<TencentEnvelope<T>>()?.response)
}

/// GetCallerIdentity: the customer, who is the main account.
pub fn customer(answer: &VendorAnswer) -> Result<CustomerId> {
    let identity: CallerIdentity = successful(answer)?;
    answer.customer_id(identity.account_id)
}

/// DescribeProducts: the short names of one page, and the total.
pub fn products(answer: &VendorAnswer) -> Result<(Vec<ProductId>, Option<i64>)> {
    let page: Products = successful(answer)?;
    let rows = answer.rows(page.products, page.total_count, "no Products")?;
    let names = rows.into_iter().map(|row| answer.row_id(row.name, ProductId::parse));
    Ok((names.collect::<Result<_>>()?, page.total_count.0))
}
