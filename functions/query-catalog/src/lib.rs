//! The catalog: products, problem types, sources, regions; refresh runs; what each vendor can do.
//!
//! [`handle`] is thin; [`entries`] lists catalog entries.

pub mod entries;

use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use shared::{
    app::App,
    domain::{EntryKind, RunId},
    error::{Error, Result},
    http::{Fields, Invocation, answer, fields::path_id, json, no_route, segments},
    vendor::Capability,
};

/// Serves the function's routes.
pub async fn handle(
    app: &App,
    request: &Request<impl AsRef<[u8]>>,
    invocation: &Invocation,
) -> Response<String> {
    answer(invocation, async {
        if request.method() != Method::GET {
            return Err(no_route());
        }
        let query = request.uri().query();
        match segments(request.uri().path()).as_slice() {
            ["catalog", "products"] => entries::list(app, EntryKind::Product, query).await,
            ["catalog", "product-types"] => entries::list(app, EntryKind::ProblemType, query).await,
            ["catalog", "sources"] => entries::list(app, EntryKind::Source, query).await,
            ["catalog", "regions"] => entries::list(app, EntryKind::Region, query).await,
            ["catalog", "refreshes", id] => refresh(app, id, query).await,
            ["vendors"] => vendors(app, query),
            _ => Err(no_route()),
        }
    })
    .await
}

async fn refresh(app: &App, id: &str, query: Option<&str>) -> Result<Response<String>> {
    Fields::of_query(query).finish(|| Some(()))?;
    let id: RunId = path_id(id)?;
    let run = app.store.refresh(&id).await?;
    let run =
        run.ok_or_else(|| Error::not_found("There is no such refresh.").with_code("refresh_not_found"))?;
    json(StatusCode::OK, &run)
}

#[derive(Serialize)]
struct VendorList {
    items: Vec<&'static Capability>,
}

fn vendors(app: &App, query: Option<&str>) -> Result<Response<String>> {
    Fields::of_query(query).finish(|| Some(()))?;
    json(
        StatusCode::OK,
        &VendorList {
            items: app.vendors.capabilities().to_vec(),
        },
    )
}
