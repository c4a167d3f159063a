//! `PATCH /accounts/{id}`: whether tickets opened in the vendor's console are adopted.

use http::{Response, StatusCode};
use shared::{
    app::App,
    domain::AccountId,
    error::{Error, Result},
    http::{HttpCall, json},
    problem_code::ProblemCode,
    store::AdoptionChange,
    workflow::precondition::Precondition,
};

use crate::{request, show};

/// Changes the account and answers with it. A repeated switch-on keeps the first time.
pub async fn change(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let id = call.account_id()?;
    let adopt = request::read_change(&call.body)?;
    let account = show::existing(app, &id).await?;
    if adopt {
        request::can_adopt(app, account.vendor)?;
    }
    let mut precondition = Precondition::of_account(app, &id, call.if_match()?).await?;
    let since_ms = adopt.then(|| app.clock.now_ms());
    loop {
        return match precondition.store().set_adoption(&account, since_ms).await? {
            AdoptionChange::Done(account) => json(StatusCode::OK, &account),
            AdoptionChange::AdoptedBy(other) => Err(another_adopts(&other)),
            AdoptionChange::CustomerUnknown => {
                let message = "The account's customer is not known yet. POST /catalog/refresh reads it.";
                Err(Error::new(ProblemCode::CustomerUnknown, message))
            }
            AdoptionChange::Gone if precondition.renew().await? => continue,
            AdoptionChange::Gone => Err(show::not_found()),
        };
    }
}

/// `409`: two accounts would adopt the same tickets.
pub fn another_adopts(other: &AccountId) -> Error {
    let message = format!("Account {other} of the same customer adopts the tickets of the console already.");
    Error::new(ProblemCode::AnotherAccountAdopts, message)
}
