//! Files that go out with a ticket or a reply: checked before anything is stored, and sent to the vendor between the
//! intent and the one write.
//!
//! Sending a file to a vendor is safe to repeat: a file that no ticket and no reply names is shown nowhere. What the
//! vendor calls it is kept for the request's idempotency key, so that the next attempt need not send it again.

use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::{
    app::App,
    bucket::Bucket,
    domain::{AttachmentLimits, FilePurpose, Upload, UploadId, VendorFile},
    error::{Error, ErrorKind, Result, Retry},
    problem_code::ProblemCode,
    seeded_bugs::{self, SeededBug},
    vendors::{Capability, FileBody, FileCapability, FileSource, Session, file_differs},
};

/// The time that must be left for the one write after files were sent. With less, its outcome would often be unknown.
const WRITE_TIME: Duration = Duration::from_secs(5);

/// The field of the request that names the files.
pub const FIELD: &str = "attachments";

/// A file that is in the bucket.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    upload: Upload,
    /// What the bucket named its content when it was checked.
    etag: Option<String>,
}

/// The uploads with these ids, if the account's vendor takes them. No vendor is called.
///
/// # Errors
/// `capability_not_supported`, `too_many_files`, `upload_not_found`, `upload_not_complete`, `file_too_large`,
/// `file_refused`, each with the fields; the failures of the store and of the bucket.
pub async fn check(
    app: &App,
    session: &Session<'_>,
    ids: &[UploadId],
    purpose: FilePurpose,
) -> Result<Vec<UploadedFile>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (account, capability) = (session.account(), session.capability());
    let Some(files) = &capability.files else {
        return Err(capability.not_supported(account.site, "send files").at_field(format!("/{FIELD}")));
    };
    let limits = app.store.attachment_limits(account.vendor, account.site).await?;
    let limits = Limits::of(files, purpose, limits);
    limits.check_count(ids.len(), capability)?;
    let checks = ids.iter().enumerate().map(|(place, id)| check_file(app, id, pointer(place), &limits));
    let (mut found, mut refusals) = (Vec::new(), Vec::new());
    for checked in join_all(checks).await {
        match checked {
            Ok(file) => found.push(file),
            Err(error) if error.kind() == ErrorKind::InvalidInput => refusals.push(error),
            Err(error) => return Err(error),
        }
    }
    match refusals.first() {
        None => Ok(found),
        Some(first) => {
            let fields = refusals.iter().flat_map(Error::fields).cloned().collect();
            Err(Error::invalid_fields(fields).with_code(first.problem_code()))
        }
    }
}

/// Sends the files to the account's vendor, those that it does not have yet for the request with that hash.
///
/// # Errors
/// Those of [`TicketVendor::upload_file`](crate::vendors::TicketVendor::upload_file), with the field where the file is
/// to blame, and those of the bucket and the store; `deadline_reached` where no time is left for the write. Never an
/// unknown outcome: the write itself has not begun.
pub async fn send(
    app: &App,
    session: &Session<'_>,
    hash: &str,
    purpose: FilePurpose,
    files: &[UploadedFile],
) -> Result<Vec<VendorFile>> {
    let account = &session.account().id;
    let mut sent = Vec::new();
    let mut was_sent = false;
    for (place, file) in files.iter().enumerate() {
        let upload = &file.upload;
        let kept = app.store.sent_upload(&upload.id, account, hash).await?;
        let id = match kept {
            Some(id) => id,
            None => {
                was_sent = true;
                let source = BucketFile { bucket: &app.bucket, file };
                let id = match session.upload_file(&source, purpose).await {
                    Ok(id) => id,
                    Err(_) if seeded_bugs::enabled(SeededBug::FailedFileLeftOut) => continue,
                    Err(error) => return Err(not_sent(error, place)),
                };
                if let Err(error) = app.store.keep_sent_upload(upload, account, hash, &id).await {
                    tracing::warn!(upload.id = %upload.id, error = ?error, "What a vendor calls a file was not kept.");
                }
                id
            }
        };
        sent.push(VendorFile { id, name: upload.name.clone() });
    }
    if was_sent && session.deadline().saturating_duration_since(Instant::now()) < WRITE_TIME {
        let message = "Sending the files took too long. The vendor has them: send the same request again.";
        return Err(Error::unavailable(message).with_code(ProblemCode::DeadlineReached));
    }
    Ok(sent)
}

fn not_sent(error: Error, place: usize) -> Error {
    // The ticket or the reply was not sent, whatever became of the file.
    let error = match error.retry() {
        Retry::OutcomeUnknown => error.with_retry(Retry::Yes { after: None }),
        _ => error,
    };
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::Conflict => error.at_field(pointer(place)),
        _ => error,
    }
}

fn pointer(place: usize) -> String {
    format!("/{FIELD}/{place}")
}

async fn check_file(app: &App, id: &UploadId, pointer: String, limits: &Limits) -> Result<UploadedFile> {
    let Some(upload) = app.store.upload(id, app.clock.now_ms()).await? else {
        let rule = "there is no such upload, or it has expired; POST /attachments makes one";
        return Err(Error::invalid_field(pointer, rule).with_code(ProblemCode::UploadNotFound));
    };
    limits.check_file(&upload, &pointer)?;
    let rule = match app.bucket.head(&upload.key()).await? {
        Some(head) if head.size == upload.size => return Ok(UploadedFile { upload, etag: head.etag }),
        Some(head) => format!("was announced with {} bytes and has {}; upload it anew", upload.size, head.size),
        None => "is not uploaded yet; PUT it to its upload_url first".to_owned(),
    };
    Err(Error::invalid_field(pointer, rule).with_code(ProblemCode::UploadNotComplete))
}

/// The smaller of what the vendor's API takes and what the vendor said of the account.
#[derive(Debug, PartialEq)]
struct Limits {
    max_files: u64,
    max_bytes: Option<u64>,
    types: Option<Vec<String>>,
}

impl Limits {
    fn of(files: &FileCapability, purpose: FilePurpose, account: AttachmentLimits) -> Self {
        let max_files = match purpose {
            FilePurpose::NewTicket => files.max_per_ticket,
            FilePurpose::Reply => files.max_per_reply,
        } as u64;
        let of_api = files.types.map(|types| types.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let types = match (of_api, account.types) {
            (Some(of_api), Some(own)) => Some(of_api.into_iter().filter(|name| own.contains(name)).collect()),
            (of_api, own) => of_api.or(own),
        };
        Self {
            max_files: account.max_files.map_or(max_files, |own| own.min(max_files)),
            max_bytes: [files.max_bytes, account.max_bytes].into_iter().flatten().min(),
            types,
        }
    }

    fn check_count(&self, count: usize, capability: &Capability) -> Result<()> {
        let most = self.max_files;
        if count as u64 <= most {
            return Ok(());
        }
        let rule =
            format!("has {count} files; {} takes {most} at once, so send the others in replies", capability.vendor);
        Err(Error::invalid_field(format!("/{FIELD}"), rule).with_code(ProblemCode::TooManyFiles))
    }

    fn check_file(&self, upload: &Upload, pointer: &str) -> Result<()> {
        let size = upload.size;
        if let Some(most) = self.max_bytes.filter(|most| size > *most) {
            let rule = format!("has {size} bytes; this vendor takes {most}: send it in parts, or compressed");
            return Err(Error::invalid_field(pointer, rule).with_code(ProblemCode::FileTooLarge));
        }
        let ending = upload.name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        match &self.types {
            Some(types) if !types.contains(&ending) => {
                let rule = format!("is of a type that this vendor does not take; it takes: {}", types.join(", "));
                Err(Error::invalid_field(pointer, rule).with_code(ProblemCode::FileRefused))
            }
            _ => Ok(()),
        }
    }
}

/// A file of the bucket, with the content that it had when it was checked.
struct BucketFile<'a> {
    bucket: &'a Bucket,
    file: &'a UploadedFile,
}

#[async_trait]
impl FileSource for BucketFile<'_> {
    fn name(&self) -> &str {
        &self.file.upload.name
    }

    fn size(&self) -> u64 {
        self.file.upload.size
    }

    async fn open(&self) -> Result<FileBody> {
        let body = self.bucket.open(&self.file.upload.key(), self.file.etag.as_deref()).await?;
        body.ok_or_else(file_differs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: FileCapability = FileCapability {
        max_per_ticket: 3,
        max_per_reply: 5,
        max_bytes: Some(100),
        types: Some(&["log", "png"]),
        account_limits: true,
    };

    fn upload(name: &str, size: u64) -> Upload {
        Upload {
            id: UploadId::parse("U1").unwrap(),
            name: name.into(),
            size,
            content_type: "text/plain".into(),
            created_by: None,
            create_time: 0,
            expires_at: 0,
        }
    }

    #[test]
    fn the_smaller_of_two_limits_holds() {
        let nothing = AttachmentLimits::default();
        let of_api = Limits::of(&FILES, FilePurpose::Reply, nothing.clone());
        let types = Some(vec!["log".to_owned(), "png".to_owned()]);
        assert_eq!(of_api, Limits { max_files: 5, max_bytes: Some(100), types: types.clone() });
        let own = AttachmentLimits { max_files: Some(2), max_bytes: Some(50), types: Some(vec!["png".into()]) };
        let lower = Limits { max_files: 2, max_bytes: Some(50), types: Some(vec!["png".into()]) };
        assert_eq!(Limits::of(&FILES, FilePurpose::NewTicket, own.clone()), lower);
        let higher = AttachmentLimits { max_files: Some(9), max_bytes: Some(500), types: None };
        let of_api = Limits { max_files: 3, max_bytes: Some(100), types };
        assert_eq!(Limits::of(&FILES, FilePurpose::NewTicket, higher), of_api);
        let unknown = FileCapability { max_bytes: None, types: None, ..FILES };
        assert_eq!(Limits::of(&unknown, FilePurpose::NewTicket, own), lower);
        let none = Limits { max_files: 3, max_bytes: None, types: None };
        assert_eq!(Limits::of(&unknown, FilePurpose::NewTicket, nothing), none);
    }

    #[test]
    fn size_and_type_are_checked_by_the_name() {
        let limits = Limits { max_files: 2, max_bytes: Some(50), types: Some(vec!["png".into()]) };
        for (name, size, code) in [
            ("a.png", 50, None),
            ("a.b.PNG", 1, None),
            ("a.png", 51, Some("file_too_large")),
            ("a.log", 1, Some("file_refused")),
            ("png", 1, Some("file_refused")),
        ] {
            let checked = limits.check_file(&upload(name, size), "/attachments/1");
            assert_eq!(checked.as_ref().err().map(Error::code), code, "{name}");
            let pointers = checked.as_ref().err().map_or(Vec::new(), |error| error.fields().to_vec());
            assert!(pointers.iter().all(|field| field.pointer == "/attachments/1"), "{pointers:?}");
        }
    }
}
