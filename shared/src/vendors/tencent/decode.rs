//! From an answer to domain values. Pure; a success without what matters is not a success.

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use super::{
    error::check,
    model::{CallerIdentity, Envelope, Products},
};
use crate::{
    domain::ProductId,
    error::Result,
    vendors::{call::Operation, failure, lenient},
};

fn answer<T: DeserializeOwned>(operation: &Operation, response: &Response<Bytes>) -> Result<T> {
    check(operation, response)?;
    let envelope: Envelope<T> =
        lenient::json(response).map_err(|reason| failure::bad_answer(operation, response, &reason))?;
    Ok(envelope.response)
}

/// GetCallerIdentity: that the keys are somebody's.
pub fn caller_identity(operation: &Operation, response: &Response<Bytes>) -> Result<()> {
    let identity: CallerIdentity = answer(operation, response)?;
    match identity.account_id.or(identity.arn) {
        Some(_) => Ok(()),
        None => Err(failure::bad_answer(operation, response, "neither AccountId nor Arn")),
    }
}

/// DescribeProducts: the short names of one page, and how many there are in all.
pub fn products(operation: &Operation, response: &Response<Bytes>) -> Result<(Vec<ProductId>, Option<i64>)> {
    let page: Products = answer(operation, response)?;
    let rows = match page.products {
        Some(rows) => rows,
        None if page.total_count == Some(0) => Vec::new(),
        None => return Err(failure::bad_answer(operation, response, "no Products")),
    };
    let names = rows.into_iter().map(|row| failure::row_id(operation, response, row.name, ProductId::parse));
    Ok((names.collect::<Result<_>>()?, page.total_count))
}
