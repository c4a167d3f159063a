//! `/accounts`.

use http::StatusCode;
use shared::{
    domain::Account,
    http::page::{ListBody, Nothing},
    problem_code::ProblemCode,
};

use super::Route;
use crate::{
    bodies,
    operation::{Operation, link_by_id, link_to_next_page},
    parameters::common,
    problems::{CONDITION, KEYS, LIST, Problems, QUERY, VENDOR},
    schemas::Schemas,
};

const OF: &str = "The account's id.";
/// Routes that read the customer behind keys.
const CUSTOMER: Problems = &[(502, &[ProblemCode::CustomerUnreadable])];
const NOT_FOUND: Problems = &[(404, &[ProblemCode::AccountNotFound])];

pub(super) fn routes(schemas: &mut Schemas) -> Vec<Route> {
    vec![
        ("POST /accounts", register(schemas)),
        ("GET /accounts", list(schemas)),
        ("GET /accounts/{id}", show(schemas)),
        ("PATCH /accounts/{id}", change(schemas)),
        ("PUT /accounts/{id}/keys", rotate(schemas)),
        ("DELETE /accounts/{id}", remove()),
    ]
}

fn operation(id: &str, summary: &str, description: &str) -> Operation {
    Operation::new(id, "accounts", summary, description)
}

fn register(schemas: &mut Schemas) -> Operation {
    operation(
        "createAccount",
        "Register an account",
        "The customer behind the keys is read at the vendor, the keys are proved with a harmless call, then stored in \
         Secrets Manager. No answer shows them again. A second account of the same customer is refused unless \
         `allow_same_customer` is true. A caller that is bound to accounts registers none. The first account \
         of a vendor and site starts a refresh of its catalog, a run with the account's id.",
    )
    .key()
    .body(bodies::new_account(schemas))
    .answer(StatusCode::CREATED, "The account is registered.", schemas.answer::<Account>())
    .location(StatusCode::CREATED)
    .link(StatusCode::CREATED, "account", link_by_id("getAccount", "/id"))
    .link(StatusCode::CREATED, "change", link_by_id("changeAccount", "/id"))
    .link(StatusCode::CREATED, "removal", link_by_id("deleteAccount", "/id"))
    .problems(&[(409, &[ProblemCode::AccountExists, ProblemCode::AnotherAccountAdopts, ProblemCode::AccountNotFound])])
    .problems(&[(403, &[ProblemCode::AllAccountsNeeded])])
    .problems(CONDITION)
    .problems(CUSTOMER)
    .problems(VENDOR)
    .problems(KEYS)
}

fn list(schemas: &mut Schemas) -> Operation {
    operation(
        "listAccounts",
        "List accounts",
        "Oldest first, each with its health: when its keys were last checked, and why that failed.",
    )
    .query(vec![common("limit"), common("cursor")])
    .answer(StatusCode::OK, "A page of accounts.", schemas.answer::<ListBody<Account, Nothing>>())
    .link(StatusCode::OK, "nextPage", link_to_next_page("listAccounts"))
    .link(StatusCode::OK, "account", link_by_id("getAccount", "/items/0/id"))
    .problems(LIST)
}

fn show(schemas: &mut Schemas) -> Operation {
    operation("getAccount", "Show an account", "With its health, never with its keys.")
        .path_id(OF)
        .answer(StatusCode::OK, "The account.", schemas.answer::<Account>())
        .problems(QUERY)
        .problems(NOT_FOUND)
}

fn change(schemas: &mut Schemas) -> Operation {
    operation(
        "changeAccount",
        "Adopt tickets of the vendor's console, or stop it",
        "Those that are opened there from now on are taken in by the sync, with `adopted`: true. Only one account of a \
         customer adopts.",
    )
    .path_id(OF)
    .if_match()
    .body(bodies::account_change(schemas))
    .answer(StatusCode::OK, "The account as it is now.", schemas.answer::<Account>())
    .problems(NOT_FOUND)
    .problems(CONDITION)
    .problems(&[(409, &[ProblemCode::AnotherAccountAdopts, ProblemCode::CustomerUnknown])])
    .problems(&[(422, &[ProblemCode::CapabilityNotSupported])])
}

fn rotate(schemas: &mut Schemas) -> Operation {
    operation(
        "rotateKeys",
        "Rotate an account's keys",
        "The new keys are proved at the vendor first, and must be the same customer's; the old ones stay until then.",
    )
    .path_id(OF)
    .if_match()
    .body(bodies::new_keys(schemas))
    .answer(StatusCode::OK, "The account; the new keys are in use.", schemas.answer::<Account>())
    .problems(NOT_FOUND)
    .problems(&[(409, &[ProblemCode::AccountDeleting]), (422, &[ProblemCode::AccountKeysOfAnotherCustomer])])
    .problems(CONDITION)
    .problems(CUSTOMER)
    .problems(VENDOR)
    .problems(KEYS)
}

fn remove() -> Operation {
    operation(
        "deleteAccount",
        "Remove an account",
        "Refused while its tickets are open, or while work for closed ones is due. Closed tickets and archives stay. \
         An operator can bring the keys back for 7 days.",
    )
    .path_id(OF)
    .if_match()
    .empty_answer(StatusCode::NO_CONTENT, "The account and its keys are gone.")
    .problems(NOT_FOUND)
    .problems(&[(409, &[ProblemCode::AccountHasOpenTickets, ProblemCode::AccountHasDueWork])])
    .problems(CONDITION)
    .problems(KEYS)
}
