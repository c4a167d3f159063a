//! Files that go out: the ticket service gives a link to the object storage, to which the file is put
//! (<https://help.aliyun.com/zh/support/developer-reference/api-workorder-2021-06-10-getattachmentuploadurl>).

use super::{AlibabaClient, decode, params::AlibabaParams};
use crate::{
    domain::{Vendor, VendorFileRef},
    error::Result,
    vendors::{Access, FileSource, call::VendorOperation, failure, files},
};

/// A read: the key that it gives is shown nowhere until a ticket or a reply names it.
const GET_ATTACHMENT_UPLOAD_URL: VendorOperation = VendorOperation::read(Vendor::Alibaba, "GetAttachmentUploadUrl");
/// Not of the ticket service: the object storage that the link leads to.
const PUT_OBJECT: VendorOperation = VendorOperation::read(Vendor::Alibaba, "PutObject");

impl AlibabaClient {
    /// Gets a link, puts the file to it, and gives the object key for `FileNameList`.
    pub(super) async fn put_attachment(&self, access: &Access, file: &dyn FileSource) -> Result<VendorFileRef> {
        let params = AlibabaParams::default().form("FileName", object_name(file.name()));
        let answer = self.call(access, &GET_ATTACHMENT_UPLOAD_URL, params).await?;
        let (key, link) = decode::attachment_upload(&answer).map_err(failure::file_refused)?;
        files::put_link(&*self.sender, access, &PUT_OBJECT, Some(&link), file).await?;
        Ok(key)
    }
}

/// The name for the vendor, which makes an object key of it. Keys are sent as one text with commas, and a slash would
/// be a folder.
fn object_name(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || matches!(c, ',' | '/' | '\\') { '_' } else { c }).collect()
}
