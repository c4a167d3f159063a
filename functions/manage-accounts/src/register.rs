//! `POST /accounts`: verifies the keys with reads at the vendor, then stores keys and account.

use std::{sync::Arc, time::Duration};

use http::{Response, header::LOCATION};
use shared::{
    app::App,
    domain::{Account, AccountHealth, AccountId},
    error::{Error, ErrorKind, Result},
    http::{
        HttpCall, REPLAYED_HEADER,
        idempotency::{self, KeyedOutcome},
    },
    ids,
    invocation::Invocation,
    problem_code::ProblemCode,
    store::{RegistrationStart, StoredAnswer},
    telemetry,
    vendors::{SessionKeys, pace::FASTEST},
};
use tokio::time::Instant;

use crate::{
    change::another_adopts,
    customer, first_refresh,
    request::{self, RegisterAccountRequest},
    rights,
};

/// The time before the deadline that is reserved for storing the account.
const STORE_RESERVE: Duration = Duration::from_secs(5);

/// Start of an account's path.
const ACCOUNTS: &str = "/accounts/";

/// From when the sync ends a registration that has not ended, milliseconds after its start: no invocation lasts so
/// long.
const LOST_AFTER_MS: i64 = 15 * 60 * 1000;

pub async fn register(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let body = request::read_account(&call.body, app.config.allow_loopback_endpoints)?;
    if body.adopt_console_tickets {
        request::can_adopt(app, body.vendor)?;
    }
    let id: AccountId = ids::new_id(app.clock.as_ref(), app.random.as_ref())?;
    let work = |id| verify_and_store(app, &call.invocation, id, body);
    let answer = idempotency::run(app, call, id.to_string(), work).await?;
    check_replayed(app, &answer).await?;
    Ok(answer)
}

/// An answer that is replayed must not name an account that was removed since.
async fn check_replayed(app: &App, answer: &Response<String>) -> Result<()> {
    if !answer.headers().contains_key(REPLAYED_HEADER) {
        return Ok(());
    }
    let location = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let id = location.and_then(|location| location.strip_prefix(ACCOUNTS)).unwrap_or_default();
    if app.store.account(&AccountId::parse(id)?).await?.is_some() {
        return Ok(());
    }
    Err(removed("send a new key to register one"))
}

fn removed(way_out: &str) -> Error {
    let message = format!("The account that this Idempotency-Key registered was removed; {way_out}.");
    Error::new(ProblemCode::AccountNotFound, message).with_kind(ErrorKind::Conflict)
}

async fn verify_and_store(
    app: &App,
    invocation: &Invocation,
    id: String,
    body: RegisterAccountRequest,
) -> Result<KeyedOutcome> {
    let now_ms = app.clock.now_ms();
    // Plain HTTP is allowed on loopback only: a simulator has no limit that the pace would have to find.
    let is_simulator = body.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut account = Account {
        id: AccountId::parse(id)?,
        vendor: body.vendor,
        site: body.site,
        region_id: body.region_id,
        endpoint: body.endpoint,
        domain_id: body.domain_id,
        customer_id: None,
        create_time: now_ms,
        created_by: telemetry::actor(),
        changed_by: None,
        health: AccountHealth { last_check: Some(now_ms), last_error: None },
        adopt_since: body.adopt_console_tickets.then_some(now_ms),
        adoption_read_until: None,
        wait_until: None,
        calls_per_minute: is_simulator.then_some(FASTEST),
        new_messages_mark: None,
        blocked_close: None,
        last_ended: None,
        reopening_check: None,
        rights: None,
        deleting: None,
    };
    let keys = Arc::new(body.keys);
    let deadline = invocation.deadline_minus(STORE_RESERVE);
    let session = app.session_with(&account, SessionKeys::Given(Arc::clone(&keys)), deadline);
    let verified = async {
        let customer_id = customer::identify(&session).await?;
        session.check_keys().await.map(|()| customer_id)
    };
    let customer_id = verified.await.map_err(|error| error.with_context("consequence", "the keys were not stored"))?;
    let rights = rights::read(app, &session.until(Instant::now() + rights::READ_TIME)).await;
    account.customer_id = Some(customer_id);
    account.rights = Some(rights);
    match app.store.begin_registration(&account, body.allow_same_customer, now_ms + LOST_AFTER_MS).await? {
        RegistrationStart::Begun => {}
        RegistrationStart::CustomerTaken(first) => {
            let is_registered = app.store.account(&first).await?.is_some();
            return Err(if is_registered { account_exists(&first) } else { registration_under_way(&first) });
        }
        RegistrationStart::AdoptedBy(other) => return Err(another_adopts(&other)),
    }
    telemetry::set_account(&account.id);
    // The keys go before the account, which fails every call without keys.
    if !app.secrets.create(&account.id, &keys).await? {
        app.store.cancel_registration(&account).await?;
        return Err(removed("send the request again to register one"));
    }
    let Some(account) = app.store.finish_registration(&account).await? else {
        app.secrets.delete(&account.id).await?;
        let late = Error::unavailable("The registration took too long; send it again.");
        return Err(late.with_code(ProblemCode::DeadlineReached));
    };
    Box::pin(first_refresh::start(app, invocation, &account)).await;
    let location = Some(format!("{ACCOUNTS}{}", account.id));
    Ok(KeyedOutcome::Final(StoredAnswer::new(201, location, &account)?))
}

/// The other registration has not ended, or failed on its way.
fn registration_under_way(first: &AccountId) -> Error {
    let message = format!(
        "A registration of keys of the same customer, as account {first}, has not ended. Send this request again: if \
         that registration failed, it is cancelled within 16 minutes."
    );
    Error::new(ProblemCode::AccountExists, message)
}

fn account_exists(first: &AccountId) -> Error {
    let message = format!(
        "Account {first} has keys of the same customer. Rotate its keys with PUT /accounts/{first}/keys, or send \
         \"allow_same_customer\": true for a second account."
    );
    Error::new(ProblemCode::AccountExists, message)
}
