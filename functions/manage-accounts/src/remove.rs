//! `DELETE /accounts/{id}`: refused while tickets are open or work is due; else account and keys go. Closed tickets and
//! archives stay.

use shared::{
    app::App,
    error::{Error, Result},
    http::HttpCall,
    problem_code::ProblemCode,
    store::{DueWork, RemovalStart},
    workflow::precondition::Precondition,
};

use crate::show;

/// Removes an account. After a crash the same call continues.
pub async fn remove(app: &App, call: &HttpCall) -> Result<()> {
    let id = &call.account_id()?;
    show::existing(app, id).await?;
    let mut precondition = Precondition::of_account(app, id, call.if_match()?).await?;
    let start = loop {
        let start = precondition.store().start_removing(id, app.clock.now_ms()).await?;
        if start == RemovalStart::Removing || !precondition.renew().await? {
            break start;
        }
    };
    match start {
        RemovalStart::Removing => {
            // The keys go first: an account without keys can be removed again, but no call would find keys without an
            // account.
            app.secrets.delete(id).await?;
            // Read now: from its mark on, nobody writes whose keys it has.
            if let Some(account) = app.store.account(id).await? {
                app.store.release_customer(&account).await?;
            }
            app.store.delete_account(id).await
        }
        RemovalStart::HasOpenTickets => {
            let message = "The account has tickets that are not closed; close them first: \
                           GET /tickets?status=1&custom_id=…";
            Err(Error::new(ProblemCode::AccountHasOpenTickets, message))
        }
        RemovalStart::HasDueWork(due) => Err(Error::new(ProblemCode::AccountHasDueWork, has_due_work(&due))),
        RemovalStart::NotFound => Err(show::not_found()),
    }
}

fn has_due_work(due: &[DueWork]) -> String {
    let count = |is_kind: fn(&DueWork) -> bool| due.iter().filter(|work| is_kind(work)).count();
    let replies = count(|work| matches!(work, DueWork::ReconcileReply(..)));
    let abandoned = count(|work| matches!(work, DueWork::Abandoned(_)));
    let rechecks = due.len() - replies - abandoned;
    format!(
        "Work of the account's tickets is still due: {rechecks} closed to recheck, {replies} replies of unknown \
         outcome, {abandoned} abandoned tickets that the vendor may still show. Try again later."
    )
}
