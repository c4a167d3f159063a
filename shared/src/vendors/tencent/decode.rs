//! From an answer to domain values. Pure. A success without its required fields is a bad answer.

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use super::{
    error::check,
    model::{CallerIdentity, Products, TencentEnvelope},
};
use crate::{
    domain::ProductId,
    error::Result,
    vendors::{call::VendorOperation, failure, lenient},
};

fn answer<T: DeserializeOwned>(operation: &VendorOperation, response: &Response<Bytes>) -> Result<T> {
    check(operation, response)?;
    let envelope: TencentEnvelope<T> =
        lenient::json(response).map_err(|reason| failure::bad_answer(operation, response, &reason))?;
    Ok(envelope.response)
}

/// GetCallerIdentity: whether the answer names the owner of the keys.
pub fn caller_identity(operation: &VendorOperation, response: &Response<Bytes>) -> Result<()> {
    let identity: CallerIdentity = answer(operation, response)?;
    match identity.account_id.or(identity.arn) {
        Some(_) => Ok(()),
        None => Err(failure::bad_answer(operation, response, "neither AccountId nor Arn")),
    }
}

/// DescribeProducts: the short names of one page, and the total.
pub fn products(operation: &VendorOperation, response: &Response<Bytes>) -> Result<(Vec<ProductId>, Option<i64>)> {
    let page: Products = answer(operation, response)?;
    let rows = match page.products {
        Some(rows) => rows,
        None if page.total_count == Some(0) => Vec::new(),
        None => return Err(failure::bad_answer(operation, response, "no Products")),
    };
    let names = rows.into_iter().map(|row| failure::row_id(operation, response, row.name, ProductId::parse));
    Ok((names.collect::<Result<_>>()?, page.total_count))
}
