//! What each route takes and answers, by area.

mod accounts;
mod actions;
mod attachments;
mod audit;
mod catalog;
mod erasure;
mod replies;
mod tickets;

use serde_json::{Value, json};
use shared::http::problem::Problem;

use crate::{operation::Operation, problems, schemas::Schemas};

/// A route's key, as `POST /tickets`, and its operation.
type Route = (&'static str, Operation);

/// Every path with its operations.
pub fn paths(schemas: &mut Schemas) -> Value {
    schemas.answer::<Problem<'_>>();
    schemas.add("ProblemCode", problems::codes());
    schemas.add(
        "GatewayMessage",
        json!({
            "type": "object",
            "description": "An error of API Gateway itself.",
            "properties": {"message": {"type": ["string", "null"]}},
            "required": ["message"],
        }),
    );
    let tickets =
        [tickets::routes(schemas), replies::routes(schemas), actions::routes(schemas), erasure::routes(schemas)];
    let tickets = tickets.into_iter().flatten().collect();
    let routes = [
        accounts::routes(schemas),
        attachments::routes(schemas),
        tickets,
        catalog::routes(schemas),
        audit::routes(schemas),
    ];
    let mut paths = json!({});
    for (key, operation) in routes.into_iter().flatten() {
        let (method, path) = key.split_once(' ').unwrap_or_default();
        let operation = if method == "GET" { operation.conditional() } else { operation };
        paths[path][method.to_lowercase()] = operation.build();
    }
    paths
}
