//! Links to files, which stand in messages: the vendor has made them, but a message may hold any text.

use http::{StatusCode, Uri, uri::Scheme};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{OpenFile, get, open};
use crate::{
    domain::Vendor,
    error::{Error, Result},
    problem_code::ProblemCode,
    vendors::{Access, call::VendorOperation, failure, http::HttpSend},
};

/// Characters that a URI can't have as they are; names of files in links have some.
const NOT_OF_URIS: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');

/// The domains of the vendor's object storage.
///
/// - Alibaba: the hosts of OSS are `<bucket>.oss-<region>.aliyuncs.com`
///   (<https://help.aliyun.com/zh/oss/regions-and-endpoints>); different buckets stand in the documents of tickets.
/// - Huawei: those of OBS (<https://support.huaweicloud.com/endpoint-OBS/index.html>) and of the console.
fn domains(vendor: Vendor) -> &'static [&'static str] {
    match vendor {
        Vendor::Alibaba => &["aliyuncs.com"],
        Vendor::Huawei => &["myhuaweicloud.com", "myhuaweicloud.cn", "myhuaweicloud.eu", "huaweicloud.com"],
        Vendor::Tencent => &[],
    }
}

/// Opens a file of at most `max_bytes` by its link. The request is not signed: the link is.
///
/// # Errors
/// - `file_link_expired` without a link, or where it is refused: the vendor makes a new one in each reading.
/// - `file_link_not_allowed` unless it is `https` to a host below one of the vendor's domains whose addresses are
///   public; a link to the account's own loopback endpoint is allowed.
/// - `file_redirected`, `file_not_found`, `file_too_large`, `file_length_wrong`.
/// - no time left, or no answer.
pub async fn open_link(
    sender: &dyn HttpSend,
    access: &Access,
    operation: &VendorOperation,
    link: Option<&str>,
    max_bytes: u64,
) -> Result<OpenFile> {
    let uri = target(access, operation, link)?;
    let (head, file) = open(sender, access, operation, get(uri), max_bytes).await?.into_parts();
    match head.status {
        StatusCode::OK => file.checked(),
        status => Err(refused(operation, status)),
    }
}

/// The target of a link that may be followed, to read a file or to send one.
pub fn target(access: &Access, operation: &VendorOperation, link: Option<&str>) -> Result<Uri> {
    let link = link.ok_or_else(|| failure::file(operation, ProblemCode::FileLinkExpired, "The file has no link."))?;
    allowed(operation.vendor, access.endpoint.as_deref(), link).ok_or_else(|| {
        let text = "The link to the file leads to a host that is not the vendor's.";
        failure::file(operation, ProblemCode::FileLinkNotAllowed, text)
    })
}

/// The error for a status of an object storage: its body is XML, which is not read.
fn refused(operation: &VendorOperation, status: StatusCode) -> Error {
    let (code, text) = match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => (ProblemCode::FileNotFound, "The vendor does not have the file."),
        StatusCode::TOO_MANY_REQUESTS => (ProblemCode::VendorThrottled, "The vendor throttles the account."),
        status if status.is_client_error() => (ProblemCode::FileLinkExpired, "The vendor refuses the file's link."),
        _ => (ProblemCode::VendorUnavailable, "The vendor does not give the file."),
    };
    failure::file(operation, code, text).with_context("status", status.as_str())
}

/// The link as a target, if it may be fetched.
fn allowed(vendor: Vendor, endpoint: Option<&str>, link: &str) -> Option<Uri> {
    let link = link.split('#').next().unwrap_or_default().trim();
    let uri: Uri = utf8_percent_encode(link, NOT_OF_URIS).to_string().parse().ok()?;
    let authority = uri.authority()?;
    // An endpoint with plain HTTP was checked: it is on this machine, and accounts may have such a one here.
    let own = endpoint.filter(|endpoint| endpoint.starts_with("http://"));
    if own.is_some_and(|own| link.strip_prefix(own).is_some_and(|rest| rest.starts_with('/'))) {
        return Some(uri);
    }
    let host = authority.host().to_ascii_lowercase();
    let is_below = |domain: &&str| host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
    let is_plain = !authority.as_str().contains('@') && matches!(authority.port_u16(), None | Some(443));
    let is_allowed = uri.scheme() == Some(&Scheme::HTTPS) && is_plain && domains(vendor).iter().any(is_below);
    is_allowed.then_some(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENDPOINT: Option<&str> = Some("http://127.0.0.1:4001");

    #[test]
    fn only_https_links_below_the_vendors_domains_are_followed() {
        let alibaba = |link: &str| allowed(Vendor::Alibaba, None, link).map(|uri| uri.to_string());
        let link = "https://workorder.oss-cn-beijing.aliyuncs.com/20221003/图 1.png?Expires=1&Signature=a%2Bb";
        let sent = "https://workorder.oss-cn-beijing.aliyuncs.com/20221003/%E5%9B%BE%201.png?Expires=1&Signature=a%2Bb";
        assert_eq!(alibaba(link).as_deref(), Some(sent));
        for good in ["https://A.AliyunCS.com:443/f", "https://a.b.aliyuncs.com/", "https://a.aliyuncs.com/f#@b.cn"] {
            assert!(alibaba(good).is_some(), "{good}");
        }
        for bad in [
            "http://a.aliyuncs.com/f",
            "https://aliyuncs.com/f",
            "https://.aliyuncs.com/f",
            "https://aliyuncs.com.evil.cn/f",
            "https://evilaliyuncs.com/f",
            "https://a.aliyuncs.com:8443/f",
            "https://a.aliyuncs.com@10.0.0.1/f",
            "https://user@a.aliyuncs.com/f",
            "https://10.0.0.1/a.aliyuncs.com",
            "https://[::1]/f",
            "https://a.myhuaweicloud.com/f",
            "http://127.0.0.1:4001/f",
            "//a.aliyuncs.com/f",
            "ftp://a.aliyuncs.com/f",
            "a.aliyuncs.com",
            "/f",
            "",
        ] {
            assert_eq!(alibaba(bad), None, "{bad}");
        }
        let huawei = |link: &str| allowed(Vendor::Huawei, None, link).is_some();
        assert!(
            huawei("https://osm.obs.cn-north-4.myhuaweicloud.com/f?Expires=1") && !huawei("https://a.aliyuncs.com/")
        );
    }

    #[test]
    fn a_link_to_the_accounts_own_loopback_endpoint_is_followed() {
        let local = |link: &str| allowed(Vendor::Alibaba, ENDPOINT, link).is_some();
        assert!(local("http://127.0.0.1:4001/f?Expires=1"));
        for bad in [
            "http://127.0.0.1:40011/f",
            "http://127.0.0.1:4002/f",
            "http://127.0.0.1:4001@evil.cn/f",
            "http://127.0.0.1/",
        ] {
            assert!(!local(bad), "{bad}");
        }
        assert!(allowed(Vendor::Alibaba, Some("https://workorder.aliyuncs.com"), "http://127.0.0.1:4001/f").is_none());
    }
}
