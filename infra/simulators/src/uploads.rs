//! Files that customers have sent: named by an id, and shown once a ticket or a message names it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::files::{FileContent, SimulatedFile};
use crate::simulator::{Simulator, VendorRules};
use crate::vendor_state::VendorState;

/// A file that a customer sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimulatedUpload {
    /// The customer account that sends it.
    pub account: String,
    /// The vendor's id of it: an object key (Alibaba), or an id (Huawei).
    pub id: String,
    /// Its name.
    pub name: String,
    /// What the customer says it is for (Huawei: `incident` or `message`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The bytes that have come; absent until they have (Alibaba).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<FileContent>,
}

impl VendorState {
    /// The file with that id, if the account has sent it whole.
    pub(crate) fn uploaded(&self, account: &str, id: &str) -> Option<&SimulatedUpload> {
        self.upload(id).filter(|upload| upload.account == account && upload.content.is_some())
    }

    /// The upload with that id, whole or not.
    pub(crate) fn upload(&self, id: &str) -> Option<&SimulatedUpload> {
        self.persisted.uploads.iter().find(|upload| upload.id == id)
    }

    /// The files with these ids as a message shows them; `None` where one is not there, or not the account's.
    pub(crate) fn files_of<'a>(
        &self,
        account: &str,
        ids: impl IntoIterator<Item = &'a str>,
    ) -> Option<Vec<SimulatedFile>> {
        let file = |id| self.uploaded(account, id)?.file();
        ids.into_iter().map(file).collect()
    }

    /// Keeps the bytes of an upload; false where it is unknown.
    pub(crate) fn receive(&mut self, id: &str, bytes: &[u8]) -> bool {
        let Some(upload) = self.persisted.uploads.iter_mut().find(|upload| upload.id == id) else { return false };
        upload.content = Some(FileContent::Base64(STANDARD.encode(bytes)));
        true
    }
}

impl SimulatedUpload {
    /// The file, if its bytes have come.
    #[must_use]
    pub fn file(&self) -> Option<SimulatedFile> {
        let content = self.content.clone()?;
        Some(SimulatedFile { name: self.name.clone(), content, link: None, id: Some(self.id.clone()) })
    }
}

impl<R: VendorRules> Simulator<R> {
    /// All files that customers have sent or begun to send, oldest first.
    #[must_use]
    pub fn uploads(&self) -> Vec<SimulatedUpload> {
        self.lock().state.persisted.uploads.clone()
    }
}
