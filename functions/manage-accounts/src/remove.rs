//! `DELETE /accounts/{id}`: refused while tickets are open; else account and keys go. Closed tickets and archives stay.

use shared::{
    app::App,
    domain::{AccountId, TicketStatus},
    error::{Error, Result},
    store::TicketFilter,
};

/// Removes an account.
///
/// It is marked first, so that no ticket can be created between the look for open tickets and the removal.
pub async fn remove(app: &App, id: &AccountId) -> Result<()> {
    if !app.store.mark_account_deleting(id, app.clock.now_ms()).await? {
        return Err(Error::not_found("There is no such account.").with_code("account_not_found"));
    }
    match has_open_tickets(app, id).await {
        Ok(false) => {
            app.secrets.delete(id).await?;
            app.store.delete_account(id).await
        }
        Ok(true) => {
            app.store.unmark_account_deleting(id).await?;
            let message = "The account has tickets that are not closed; close them first: GET /tickets?status=1&custom_id=…";
            Err(Error::conflict(message).with_code("account_has_open_tickets"))
        }
        Err(error) => {
            app.store.unmark_account_deleting(id).await?;
            Err(error)
        }
    }
}

async fn has_open_tickets(app: &App, id: &AccountId) -> Result<bool> {
    let filter = TicketFilter {
        account: Some(id.clone()),
        status: Some(TicketStatus::NotComplete),
        ..TicketFilter::default()
    };
    let mut after = None;
    loop {
        let page = app.store.tickets(&filter, 1, after.as_ref()).await?;
        if !page.items.is_empty() {
            return Ok(true);
        }
        after = page.next;
        if after.is_none() {
            return Ok(false);
        }
    }
}
