//! The catalog: products, problem types, sources, regions; refresh runs; what each vendor can do; the version.
//!
//! [`entries`] lists catalog entries, `changes` those that changed, both in the pages of `pages`.

mod changes;
pub mod entries;
mod pages;

use http::{Response, StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    domain::{EntryKind, RunId},
    error::Result,
    http::{HttpCall, answer, found, json, no_route},
    problem_code::ProblemCode,
    start::Connection,
    vendors::Capability,
};

/// The connections that its invocations use.
pub const CONNECTIONS: &[Connection] = &[Connection::Table];

/// Serves the function's routes.
pub async fn handle(app: &App, call: &HttpCall) -> Response<String> {
    answer(app, env!("CARGO_PKG_NAME"), call, async {
        let query = &call.query;
        match call.route.as_str() {
            "GET /catalog/products" => entries::list(app, EntryKind::Product, query).await,
            "GET /catalog/product-types" => entries::list(app, EntryKind::ProblemType, query).await,
            "GET /catalog/sources" => entries::list(app, EntryKind::Source, query).await,
            "GET /catalog/regions" => entries::list(app, EntryKind::Region, query).await,
            "GET /catalog/changes" => changes::list(app, query).await,
            "GET /catalog/refreshes/{id}" => refresh(app, call).await,
            "GET /vendors" => vendors(app, call),
            "GET /version" => version(call),
            _ => Err(no_route()),
        }
    })
    .await
}

async fn refresh(app: &App, call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    let id: RunId = call.path_id()?;
    json(StatusCode::OK, &found(app.store.refresh(&id).await?, ProblemCode::RefreshNotFound)?)
}

/// What `GET /vendors` answers.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VendorList {
    /// Every vendor, in a fixed order.
    items: Vec<&'static Capability>,
}

fn vendors(app: &App, call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    json(StatusCode::OK, &VendorList { items: app.vendors.capabilities().to_vec() })
}

/// What `GET /version` answers.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Version {
    /// The tag or commit that the program was built from; of a build outside a release, the version of its package.
    version: &'static str,
}

fn version(call: &HttpCall) -> Result<Response<String>> {
    call.no_query()?;
    json(StatusCode::OK, &Version { version: shared::version!() })
}
