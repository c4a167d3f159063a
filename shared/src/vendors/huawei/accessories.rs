//! Files, which this vendor calls accessories. Their answers are not documented with examples: a success is a file, and
//! an error has HTTP 200, as everywhere at this vendor
//! (<https://support.huaweicloud.com/api-ticket/DownloadAccessories.html>).

use http::{Request, StatusCode};

use super::{
    HuaweiClient,
    error::{self, check, is_refusal},
    file_model::AccessoryUrl,
    requests,
    sign::sign,
};
use crate::{
    domain::{Attachment, Vendor},
    error::{ErrorKind, Result},
    problem_code::ProblemCode,
    vendors::{
        Access, OpenFile,
        answer::VendorAnswer,
        call::{self, VendorOperation},
        failure,
        files::{self, FileAnswer},
    },
};

const DOWNLOAD_ACCESSORIES: VendorOperation = VendorOperation::read(Vendor::Huawei, "DownloadAccessories");
const SHOW_ACCESSORY_URL: VendorOperation = VendorOperation::read(Vendor::Huawei, "ShowDownloadAccessoryUrl");
/// Not of the ticket service: the object storage that the link leads to.
const GET_OBJECT: VendorOperation = VendorOperation::read(Vendor::Huawei, "GetObject");

impl HuaweiClient {
    /// Opens a file by DownloadAccessories, and where that is refused by the link of ShowDownloadAccessoryUrl: the
    /// vendor does not say which files have which. A failed server refuses nothing, and is not asked for a link, too:
    /// each repetition would be two requests for one of the retry budget.
    pub(super) async fn open_accessory(&self, access: &Access, file: &Attachment, max_bytes: u64) -> Result<OpenFile> {
        let id =
            file.id.as_deref().filter(|id| !id.trim().is_empty()).ok_or_else(|| {
                failure::file(&DOWNLOAD_ACCESSORIES, ProblemCode::FileNotFound, "The file has no id.")
            })?;
        let answer = match self.download(access, id, max_bytes).await? {
            FileAnswer::File(file) => return Ok(file),
            FileAnswer::Other(answer) => answer,
        };
        let refusal = check(&answer).err().unwrap_or_else(|| answer.bad("neither a file nor an error"));
        let is_final = matches!(
            refusal.kind(),
            ErrorKind::CredentialInvalid | ErrorKind::PermissionDenied | ErrorKind::RateLimited
        );
        let status = answer.response.status();
        if is_final || status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT {
            return Err(refusal);
        }
        match self.accessory_url(access, id).await? {
            Some(link) => files::open_link(&*self.sender, access, &GET_OBJECT, Some(&link), max_bytes).await,
            None => Err(refusal),
        }
    }

    async fn download(&self, access: &Access, id: &str, max_bytes: u64) -> Result<FileAnswer> {
        let request = requests::download_accessory(access, id)?;
        let send = async || {
            let (mut parts, body) = request.clone().into_parts();
            sign(&mut parts, &body, &access.keys, self.clock.signing_ms())?;
            let request = Request::from_parts(parts, body);
            files::call(&*self.sender, access, &DOWNLOAD_ACCESSORIES, request, max_bytes, is_refusal).await
        };
        call::paced(access, &DOWNLOAD_ACCESSORIES, &self.clock, error::check, send).await
    }

    /// The file's link, if the vendor gives one.
    async fn accessory_url(&self, access: &Access, id: &str) -> Result<Option<String>> {
        let request = requests::show_accessory_url(access, id)?;
        let answer: VendorAnswer = self.call(access, &SHOW_ACCESSORY_URL, request).await?;
        check(&answer)?;
        Ok(answer.json::<AccessoryUrl>()?.accessory_url.non_blank())
    }
}
