//! Reading a closed ticket, and putting its transcript into the bucket.

use std::pin::pin;

use async_trait::async_trait;
use futures_util::TryStreamExt;
use shared::{
    app::App,
    bucket::Bucket,
    domain::{ArchiveDigest, ArchivedMessage, AttachmentCopy, Ticket, TicketId, TicketState, TranscriptFormat},
    error::{Error, Result},
    store::CatalogRefs,
};

use crate::{
    html, text,
    transcript::{CatalogNames, Transcript},
};

/// How often it is written in one run while it changes; then Lambda delivers the event again.
const MAX_WRITES: usize = 5;

/// The bucket.
#[async_trait]
pub trait PutObject: Send + Sync {
    /// Puts an object in the place of one that is there under the same key.
    ///
    /// # Errors
    /// When it may not be there.
    async fn put(&self, key: &str, content_type: &'static str, bytes: Vec<u8>) -> Result<()>;
}

#[async_trait]
impl PutObject for Bucket {
    async fn put(&self, key: &str, content_type: &'static str, bytes: Vec<u8>) -> Result<()> {
        Bucket::put(self, key, content_type, "inline", bytes.into()).await.map(|_| ())
    }
}

/// What a transcript is made of. While a run writes one, it may change: then the run of the newer event may be done
/// before, and this one would leave the older state in the bucket. So each run reads it again after writing.
#[derive(PartialEq)]
struct Source {
    ticket: Ticket,
    names: CatalogNames,
    copies: Vec<AttachmentCopy>,
}

/// Writes the ticket's transcript. Answers the key of its JSON file; `None` where the ticket is gone or erased, or its
/// archive is not committed.
///
/// # Errors
/// The failures of the store and the bucket; when the stored messages are not those of the committed archive, which is
/// so for a moment while the recheck adds some; when it changes in each attempt.
pub async fn write(app: &App, bucket: &dyn PutObject, id: &TicketId) -> Result<Option<String>> {
    let Some(mut source) = read(app, id).await? else { return Ok(None) };
    for _ in 0..MAX_WRITES {
        let key = write_once(app, bucket, &source).await?;
        match read(app, id).await? {
            Some(now) if now != source => source = now,
            _ => return Ok(key),
        }
    }
    Err(Error::unavailable("The ticket changes while its transcript is written."))
}

async fn read(app: &App, id: &TicketId) -> Result<Option<Source>> {
    let Some(ticket) = app.store.ticket(id).await? else { return Ok(None) };
    if ticket.state != TicketState::Closed || ticket.digest.is_none() || ticket.erased.is_some() {
        return Ok(None);
    }
    let names = catalog_names(app, &ticket).await?;
    let copies = app.store.attachments(id).await?;
    Ok(Some(Source { ticket, names, copies }))
}

async fn write_once(app: &App, bucket: &dyn PutObject, source: &Source) -> Result<Option<String>> {
    let Source { ticket, names, copies } = source;
    let messages = archive(app, ticket, copies).await?;
    let Some(transcript) = Transcript::new(ticket.clone(), names.clone(), messages, copies)? else { return Ok(None) };
    // One after the other, so that only one of the files is in memory.
    for format in [TranscriptFormat::Html, TranscriptFormat::Text] {
        let page = if format == TranscriptFormat::Html { html::page(&transcript) } else { text::page(&transcript) };
        bucket.put(&format.key(ticket), format.content_type(), page.into_bytes()).await?;
    }
    // The last one: where the document is, its pages are too.
    let (format, json) = (TranscriptFormat::Json, transcript.json_line()?);
    let key = format.key(ticket);
    bucket.put(&key, format.content_type(), json.into_bytes()).await?;
    tracing::info!(messages = transcript.messages.len(), key, "The transcript is written.");
    Ok(Some(key))
}

/// The messages of the committed archive, and no others.
async fn archive(app: &App, ticket: &Ticket, files: &[AttachmentCopy]) -> Result<Vec<ArchivedMessage>> {
    let mut stored = pin!(app.store.all_messages(&ticket.id));
    let (mut digest, mut messages) = (ArchiveDigest::default(), Vec::new());
    while let Some(message) = stored.try_next().await? {
        digest.add(&message);
        messages.push(message);
    }
    digest.add_files(files);
    let contents = digest.finish();
    if ticket.digest.as_ref() != Some(&contents.digest) {
        return Err(Error::unavailable("The stored messages and files are not those of the committed archive.")
            .with_context("ticket.id", ticket.id.as_str())
            .with_context("stored_message_count", contents.message_count.to_string()));
    }
    Ok(messages)
}

/// The names of product and problem type in the catalog as it is now, which may have lost them.
async fn catalog_names(app: &App, ticket: &Ticket) -> Result<CatalogNames> {
    let (Some(product), Some(problem_type)) = (&ticket.product_id, &ticket.problem_type_id) else {
        return Ok(CatalogNames::default());
    };
    let account = &ticket.account_id;
    let ids = CatalogRefs { account, product, problem_type, source: None, region: None };
    let (_, entries) = app.store.resolve_refs(&ids).await?.unzip();
    let entries = entries.unwrap_or_default();
    Ok(CatalogNames {
        product: entries.product.map(|entry| entry.name),
        problem_type: entries.problem_type.map(|entry| entry.name),
    })
}
