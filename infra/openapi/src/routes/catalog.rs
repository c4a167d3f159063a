//! `/catalog`, `/vendors` and `/version`.

use http::StatusCode;
use query_catalog::{VendorList, Version};
use serde_json::{Value, json};
use shared::{
    domain::{CatalogEntry, RefreshRun},
    http::page::{ListBody, Nothing},
    problem_code::ProblemCode,
};

use super::Route;
use crate::{
    bodies,
    operation::{Operation, link_by_id, link_to_next_page},
    parameters::{change_filters, common, entry_filters, form_filters},
    problems::{LIST, QUERY},
    schemas::Schemas,
};

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    let page = schemas.answer::<ListBody<CatalogEntry, Nothing>>();
    vec![
        ("POST /catalog/refresh", start(schemas)),
        ("GET /catalog/refreshes/{id}", show(schemas)),
        ("GET /catalog/products", entries("listProducts", "List products", false, page.clone())),
        ("GET /catalog/product-types", entries("listProductTypes", "List problem types", true, page.clone())),
        ("GET /catalog/sources", entries("listSources", "List ticket sources", false, page.clone())),
        ("GET /catalog/regions", entries("listRegions", "List regions", false, page.clone())),
        ("GET /catalog/changes", changes(page)),
        ("GET /catalog/form", form(schemas)),
        ("GET /vendors", vendors(schemas)),
        ("GET /version", version(schemas)),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "catalog", summary, description)
}

fn start(schemas: &mut Schemas) -> Operation {
    operation(
        "refreshCatalog",
        "Refresh one vendor's catalog or all",
        "The run goes on without the caller; a daily schedule starts the same.",
    )
    .key()
    .optional_body(bodies::refresh_request(schemas))
    .answer(StatusCode::ACCEPTED, "The run is asked for.", schemas.answer::<RefreshRun>())
    .location(StatusCode::ACCEPTED)
    .link(StatusCode::ACCEPTED, "refresh", link_by_id("getRefresh", "/id"))
    .problems(&[(503, &[ProblemCode::EventsUnavailable])])
}

fn show(schemas: &mut Schemas) -> Operation {
    operation(
        "getRefresh",
        "Show a refresh",
        "By vendor and site: how many entries were added, changed, removed and unchanged, and why it failed.",
    )
    .path_id("The refresh's id.")
    .answer(StatusCode::OK, "The run.", schemas.answer::<RefreshRun>())
    .problems(QUERY)
    .problems(&[(404, &[ProblemCode::RefreshNotFound])])
}

fn entries(id: &str, summary: &str, with_product: bool, page: Value) -> Operation {
    let mut parameters = entry_filters(with_product);
    parameters.extend([common("limit"), common("cursor")]);
    operation(
        id,
        summary,
        "By vendor, then site, then id. An entry that its vendor no longer lists has a `removed_time`, and no new \
         ticket can choose it.",
    )
    .query(parameters)
    .answer(StatusCode::OK, "A page of entries.", page)
    .link(StatusCode::OK, "nextPage", link_to_next_page(id))
    .problems(LIST)
}

fn changes(page: Value) -> Operation {
    let mut parameters = change_filters();
    parameters.extend([common("limit"), common("cursor")]);
    operation(
        "listCatalogChanges",
        "List changes of the catalog",
        "The entries that were added, changed or removed since a time, by vendor, then site, then the time of \
         `last_change`, oldest first. An entry stands once, with its last change: who asks seldom sees no change \
         before that. It is kept as long as the entry, which is never deleted.",
    )
    .query(parameters)
    .answer(StatusCode::OK, "A page of entries.", page)
    .link(StatusCode::OK, "nextPage", link_to_next_page("listCatalogChanges"))
    .problems(LIST)
}

fn form(schemas: &mut Schemas) -> Operation {
    let schema = json!({
        "type": "object",
        "additionalProperties": true,
        "description": "A JSON Schema (2020-12). Keywords that begin with `x-` refuse nothing.",
    });
    let schema = schemas.add("TicketForm", schema);
    operation(
        "getForm",
        "Show what a ticket needs and may have",
        "The fields of `POST /tickets` for one problem type as a JSON Schema, made of what the vendor can do, of the \
         catalog, and of what the vendor tells the account: fields of `extra`, severities, carbon copies, templates. \
         It is at most some minutes old. What the vendor did not tell is named in `x-unread`, and refuses nothing.",
    )
    .query(form_filters())
    .answer(StatusCode::OK, "The schema.", schema)
    .problems(QUERY)
    .problems(&[
        (
            400,
            &[
                ProblemCode::AccountNotFound,
                ProblemCode::ProblemTypeNotFound,
                ProblemCode::ProblemTypeOfOtherProduct,
                ProblemCode::ProblemTypeRemoved,
                ProblemCode::ProductNotFound,
                ProblemCode::ProductRemoved,
            ],
        ),
        (409, &[ProblemCode::CatalogNotRefreshed]),
        (422, &[ProblemCode::CapabilityNotSupported, ProblemCode::AccountKeysRefused]),
    ])
}

fn vendors(schemas: &mut Schemas) -> Operation {
    operation("listVendors", "List vendors", "What each can do through its API, as data.")
        .answer(StatusCode::OK, "Every vendor.", schemas.answer::<VendorList>())
        .problems(QUERY)
}

fn version(schemas: &mut Schemas) -> Operation {
    operation("getVersion", "Show the version", "That of the program that answers.")
        .answer(StatusCode::OK, "The version.", schemas.answer::<Version>())
        .problems(QUERY)
}
