//! What an account's keys may do at the vendor, by reads that change nothing.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use shared::{
    app::App,
    domain::{Account, AccountRights, CloudId, Right, RightName, RightState},
    error::{Error, ErrorKind, Result},
    problem_code::ProblemCode,
    vendors::{RightCapability, RightReading, Session},
};
use tokio::time::Instant;

/// How long all reads of one account may take: whoever registers it waits.
pub const READ_TIME: Duration = Duration::from_secs(10);

/// The same for the daily check, which waits for an account's pace.
const DAILY_READ_TIME: Duration = Duration::from_secs(60);

/// How many accounts are checked at once.
const ACCOUNTS_AT_ONCE: usize = 8;

/// From how long ago a ticket is looked for, by which the right to read messages is tried, milliseconds: 90 days.
const TICKETS_SINCE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

/// The rights of the session's keys. What can't be read is unknown, with the reason.
pub async fn read(app: &App, session: &Session<'_>) -> AccountRights {
    let check_time = app.clock.now_ms();
    let mut items = Vec::new();
    let mut newest = None;
    let mut refused = None;
    for capability in session.capability().rights {
        let right = |state| Right { name: capability.name, state, count: None, code: None, detail: None, page: None };
        let unknown = right(RightState::Unknown);
        // Huawei locks a key after five bad signatures.
        let reading = match refused.take() {
            Some(error) => Err(error),
            None => {
                let reading = read_one(session, capability.name, check_time - TICKETS_SINCE_MS, &mut newest).await;
                reading.inspect_err(|error| log_unread(session.account(), capability.name, error))
            }
        };
        items.push(match reading {
            Ok(RightReading { granted: Some(true), count }) => Right { count, ..right(RightState::Granted) },
            Ok(RightReading { granted: Some(false), count }) => {
                Right { count, ..missing(session, capability, unknown) }
            }
            Ok(RightReading { granted: None, .. }) => Right { detail: Some(not_told(capability.name)), ..unknown },
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                Right { code: Some(error.problem_code()), ..missing(session, capability, unknown) }
            }
            Err(error) => {
                let (code, detail) = (Some(error.problem_code()), Some(error.message().to_owned()));
                refused = Some(error).filter(|error| error.kind() == ErrorKind::CredentialInvalid);
                Right { code, detail, ..unknown }
            }
        });
    }
    AccountRights { check_time, items }
}

fn log_unread(account: &Account, name: RightName, error: &Error) {
    tracing::warn!(
        account.id = %account.id, vendor = %account.vendor, right = ?name, error = ?error,
        "A right of an account's keys could not be read."
    );
}

fn missing(session: &Session<'_>, capability: &RightCapability, right: Right) -> Right {
    let page = capability.page(session.account().site);
    let (detail, page) = (Some(capability.grant.to_owned()), Some(page.to_owned()));
    Right { state: RightState::Missing, detail, page, ..right }
}

fn not_told(name: RightName) -> String {
    let detail = match name {
        RightName::Messages => "The vendor lists no ticket of the last 90 days whose messages could be read.",
        RightName::Quota => "The vendor tells of no quota.",
        _ => "The vendor does not say it.",
    };
    detail.to_owned()
}

/// `newest`: a ticket that the vendor lists, once tickets were read.
async fn read_one(
    session: &Session<'_>,
    name: RightName,
    since_ms: i64,
    newest: &mut Option<CloudId>,
) -> Result<RightReading> {
    match name {
        RightName::Products => session.list_products().await.map(|_| RightReading::GRANTED),
        RightName::Tickets => {
            let page = session.list_tickets(since_ms, 0).await?;
            *newest = page.tickets.into_iter().map(|ticket| ticket.cloud_id).next();
            Ok(RightReading::GRANTED)
        }
        RightName::Messages => match newest {
            Some(ticket) => session.message_page(ticket, 0).await.map(|_| RightReading::GRANTED),
            None => Ok(RightReading { granted: None, count: None }),
        },
        RightName::Creation | RightName::Agreement | RightName::Contacts | RightName::Quota => {
            session.read_right(name).await
        }
    }
}

/// Reads and stores the rights of every account. A failure of one does not affect the others.
pub async fn check_all(app: &App, deadline: Instant) -> Result<()> {
    let accounts = app.store.all_accounts(None).await?;
    let accounts = accounts.into_iter().filter(|account| account.deleting.is_none());
    stream::iter(accounts)
        .for_each_concurrent(ACCOUNTS_AT_ONCE, async |account| {
            if let Err(error) = check(app, &account, deadline).await {
                let Account { id, vendor, .. } = &account;
                tracing::warn!(account.id = %id, %vendor, ?error, "An account's rights could not be read and stored.");
            }
        })
        .await;
    Ok(())
}

async fn check(app: &App, account: &Account, deadline: Instant) -> Result<(), Error> {
    let now = Instant::now();
    // Unread rights would replace those of the day before.
    if deadline.saturating_duration_since(now) < READ_TIME {
        return Err(Error::unavailable("There was no time left.").with_code(ProblemCode::DeadlineReached));
    }
    let session = app.session(account, deadline).until(now + DAILY_READ_TIME).yielding();
    let rights = read(app, &session).await;
    app.store.record_account_rights(account, &rights).await
}
