//! `/audit`.

use http::StatusCode;
use shared::{
    domain::AuditRecord,
    http::page::{ListBody, Nothing},
};

use super::Route;
use crate::{
    operation::{Operation, link_to_next_page},
    parameters::{audit_filters, common},
    problems::LIST,
    schemas::Schemas,
};

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![("GET /audit", list(schemas))]
}

fn list(schemas: &mut Schemas) -> Operation {
    Operation::new(
        "listAuditRecords",
        "audit",
        "List who wrote what",
        "Every call that may write, done or refused, newest first: who, when, which route, about what, and its \
         outcome. Calls that API Gateway refuses are in its access log only. Filters may be combined; with one, the \
         records of the last moment may still be missing. A page may hold fewer records than `limit` and have a next \
         page.",
    )
    .query(audit_filters())
    .query(vec![common("limit"), common("cursor")])
    .answer(StatusCode::OK, "A page of the records.", schemas.answer::<ListBody<AuditRecord, Nothing>>())
    .link(StatusCode::OK, "nextPage", link_to_next_page("listAuditRecords"))
    .problems(LIST)
}
