//! Adopts tickets that were opened in the vendor's console, for accounts with adoption switched on.

use std::iter::once;

use futures_util::{Stream, stream};
use shared::{
    domain::{AccountId, CloudId},
    error::Result,
    vendors::{VendorTicket, pager::Pager},
    workflow::{
        adopt,
        ticket_candidates::{self, SEARCHED_BEFORE_MS},
    },
};

use crate::{
    context::{AccountSync, StepOutcome},
    status_changes,
};

/// How long before the last complete reading of the list the next one begins, milliseconds: a vendor may list a ticket
/// late, and clocks and time zones differ.
const READ_AGAIN_MS: i64 = 24 * 60 * 60 * 1000;
/// How often the time of a complete reading is stored, milliseconds.
const STORED_EVERY_MS: i64 = 60 * 60 * 1000;

/// Adopts every ticket that was created since `adopt_since_ms`, that the vendor lists, and that the store does not
/// have, page by page. A later run archives an ended one. The list is read from a watermark on: the last complete
/// reading less 24 hours.
pub async fn adopt_new(sync: &AccountSync<'_>, adopt_since_ms: i64) -> Vec<StepOutcome> {
    let begun_ms = sync.app.clock.now_ms();
    let read_until_ms = sync.account.adoption_read_until;
    let since_ms = read_until_ms.map_or(adopt_since_ms, |until_ms| adopt_since_ms.max(until_ms - READ_AGAIN_MS));
    let steps = adopt_listed(sync, since_ms, adopt_since_ms).await;
    let is_complete = steps.iter().all(|step| *step == StepOutcome::Adopted) && sync.may_go_on();
    if is_complete && read_until_ms.is_none_or(|until_ms| until_ms + STORED_EVERY_MS <= begun_ms) {
        let account = &sync.account.id;
        if let Err(error) = sync.app.store.set_adoption_read(account, adopt_since_ms, begun_ms).await {
            tracing::warn!(account.id = %account, error = ?error, "The watermark of an adoption could not be stored.");
        }
    }
    steps
}

async fn adopt_listed(sync: &AccountSync<'_>, list_since_ms: i64, since_ms: i64) -> Vec<StepOutcome> {
    let names = ("list of new tickets", "adoption");
    sync.run_steps(names, unclaimed(sync, list_since_ms), CloudId::to_string, |id| adopt_ticket(sync, id, since_ms))
        .await
}

fn unclaimed<'a>(sync: &'a AccountSync<'_>, since_ms: i64) -> impl Stream<Item = Result<Vec<CloudId>>> + 'a {
    stream::try_unfold(Pager::of_tickets(sync.account.vendor), move |mut pager| async move {
        let Some(listed) = status_changes::next_page(sync, &mut pager, since_ms).await? else {
            return Ok(None);
        };
        let ids: Vec<_> = listed.into_iter().map(|ticket| ticket.cloud_id).collect();
        let unclaimed = sync.app.store.unclaimed_by_any(sync.account, sync.others, &ids).await?;
        Ok(Some((unclaimed, pager)))
    })
}

async fn adopt_ticket(sync: &AccountSync<'_>, cloud_id: CloudId, since_ms: i64) -> Result<Option<StepOutcome>> {
    let found = sync.reconcile_session().show_ticket(&cloud_id).await?;
    sync.breaker.record_success();
    if found.latest_create_time.is_some_and(|time| time < since_ms) {
        return Ok(None);
    }
    if is_ours(sync, &found).await? {
        // Whose it is may be decided later, so the watermark must not pass it.
        return Ok(Some(StepOutcome::Left));
    }
    let Some(ticket) = adopt::adopt(sync.app, sync.account, found).await? else { return Ok(None) };
    tracing::info!(
        ticket.id = %ticket.id, vendor = %ticket.vendor, account.id = %ticket.account_id,
        "A ticket of the vendor's console was adopted."
    );
    Ok(Some(StepOutcome::Adopted))
}

/// Whether the vendor's ticket is, or may be, a ticket of ours without the vendor's id, of any account of the customer:
/// it is left to the reconcile of that one.
async fn is_ours(sync: &AccountSync<'_>, found: &VendorTicket) -> Result<bool> {
    let is_of_customer = |account: &AccountId| *account == sync.account.id || sync.others.contains(account);
    if ticket_candidates::owner(sync.app, found).await?.is_some_and(|owner| is_of_customer(&owner.account_id)) {
        return Ok(true);
    }
    let since_ms = found.create_time.map_or(0, |time_ms| time_ms - SEARCHED_BEFORE_MS);
    for account in once(&sync.account.id).chain(sync.others) {
        let uncertain = sync.app.store.uncertain_tickets(account, since_ms).await?;
        if uncertain.iter().any(|stored| ticket_candidates::may_be(stored, found)) {
            return Ok(true);
        }
    }
    Ok(false)
}
