//! One attempt to copy a file.

use shared::{
    app::App,
    domain::{AttachmentCopy, CopyState, Ticket},
    error::{Error, Result},
    problem_code::ProblemCode,
    store::StoredFile,
    telemetry::{self, metrics},
    vendors::OpenFile,
    workflow::existing_account,
};
use tokio::time::Instant;

use crate::{links::Links, upload::upload};

/// How long another run leaves the file alone, milliseconds: longer than the time limit of the function, which
/// `infra/template.yaml` sets.
const LEASE_MS: i64 = 6 * 60 * 1000;

/// How long after a file of a closed ticket is stored its archive is committed again, milliseconds: several files that
/// are stored within it are committed at once.
const RECHECK_WAIT_MS: i64 = 60 * 1000;

/// Copies the file, unless another run does, until `deadline`. A failure is stored with the file.
///
/// # Errors
/// The store did not answer.
pub async fn attempt(app: &App, links: &mut Links, copy: &AttachmentCopy, deadline: Instant) -> Result<()> {
    let began_ms = app.clock.now_ms();
    let Some(copy) = app.store.begin_attachment(copy, began_ms + LEASE_MS).await? else { return Ok(()) };
    let started = Instant::now();
    let error = match fetch(app, links, &copy, deadline).await {
        Ok(file) => {
            app.store.finish_attachment(&copy, &file, app.clock.now_ms() + RECHECK_WAIT_MS).await?;
            metrics::ATTACHMENTS_STORED.add([], 1);
            let duration_ms = telemetry::ms_since(started);
            tracing::info!(ticket.id = %copy.ticket_id, size = file.size, duration_ms, "A file is stored.");
            return Ok(());
        }
        Err(error) => error,
    };
    telemetry::record_defect(&error);
    let now_ms = app.clock.now_ms();
    let state = copy.state_after(error.problem_code(), now_ms);
    app.store.fail_attachment(&copy, state, error.problem_code(), copy.next_try_ms(now_ms)).await?;
    if state == CopyState::Failed {
        metrics::ATTACHMENTS_FAILED.add([], 1);
    }
    let (attempts, state) = (copy.attempts, state.as_str());
    tracing::warn!(
        ticket.id = %copy.ticket_id, attachment.id = %copy.attachment_id, attempts, state, error = ?error,
        "A file could not be copied."
    );
    Ok(())
}

async fn fetch(app: &App, links: &mut Links, copy: &AttachmentCopy, deadline: Instant) -> Result<StoredFile> {
    let ticket = app.store.ticket(&copy.ticket_id).await?.ok_or_else(|| gone("The file's ticket is gone."))?;
    if ticket.erased.is_some() {
        return Err(gone("The file's ticket is erased."));
    }
    let file = open(app, links, copy, &ticket, deadline).await?;
    upload(&app.bucket, copy.key(), file).await
}

/// Opens the file by the link that is stored with its message, or where that has expired by the link of another
/// reading.
async fn open(
    app: &App,
    links: &mut Links,
    copy: &AttachmentCopy,
    ticket: &Ticket,
    deadline: Instant,
) -> Result<OpenFile> {
    let cloud_id = ticket.cloud_id.as_ref().ok_or_else(|| gone("The file's ticket is not known at the vendor."))?;
    let account = existing_account(app, &ticket.account_id).await?;
    let session = app.session(&account, deadline).yielding();
    let max_bytes = app.config.max_attachment_bytes;
    let stored = match links.known(copy) {
        Some(file) => Some(file),
        None => {
            let message = app.store.message(&copy.ticket_id, &copy.message).await?;
            message.and_then(|message| message.attachments.into_iter().nth(copy.place))
        }
    };
    let stored = stored.filter(|file| file.name == copy.name);
    let expired = match stored {
        Some(file) => match session.open_file(&file, max_bytes).await {
            Err(error) if error.is(ProblemCode::FileLinkExpired) => error,
            opened => return opened,
        },
        None => gone("The message no longer has the file."),
    };
    match links.fresh(&session, cloud_id, copy).await? {
        Some(file) => session.open_file(&file, max_bytes).await,
        None => Err(expired),
    }
}

fn gone(message: &str) -> Error {
    Error::new(ProblemCode::FileNotFound, message)
}
