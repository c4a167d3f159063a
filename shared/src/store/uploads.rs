//! Files that callers upload, and which of them a vendor has for a request.

use serde::{Deserialize, Serialize};

use super::{Store, condition::Condition, item::Item, keys};
use crate::{
    domain::{AccountId, Upload, UploadId, VendorFileRef},
    error::Result,
};

/// What a vendor calls an upload.
#[derive(Serialize, Deserialize)]
struct SentUpload {
    vendor_file: VendorFileRef,
    expires_at: i64,
}

impl Store {
    /// Stores a new upload.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn put_upload(&self, upload: &Upload) -> Result<()> {
        let item = Item::new(keys::upload(&upload.id), "upload", upload)?;
        self.put(item, Condition::ITEM_MISSING).await.map(|_| ())
    }

    /// The upload, unless it has expired at `now_ms`.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn upload(&self, id: &UploadId, now_ms: i64) -> Result<Option<Upload>> {
        let found: Option<Upload> = self.get(keys::upload(id)).await?;
        Ok(found.filter(|upload| upload.expires_at >= now_ms / 1000))
    }

    /// Keeps what the account's vendor calls the upload, for the request whose idempotency record has that hash: its
    /// next attempt need not send the file again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn keep_sent_upload(
        &self,
        upload: &Upload,
        account: &AccountId,
        hash: &str,
        vendor_file: &VendorFileRef,
    ) -> Result<()> {
        let sent = SentUpload { vendor_file: vendor_file.clone(), expires_at: upload.expires_at };
        self.overwrite(Item::new(keys::sent_upload(&upload.id, account, hash), "sent_upload", &sent)?).await
    }

    /// What was kept.
    ///
    /// # Errors
    /// When the item can't be read, or the store does not answer.
    pub async fn sent_upload(&self, id: &UploadId, account: &AccountId, hash: &str) -> Result<Option<VendorFileRef>> {
        let found: Option<SentUpload> = self.get(keys::sent_upload(id, account, hash)).await?;
        Ok(found.map(|sent| sent.vendor_file))
    }
}
