//! The hosts of the vendors, and the endpoints that an account may name. Pure text; no name resolution.

use super::Access;
use crate::{
    domain::{Site, Vendor},
    error::{Error, Result},
};

/// Alibaba's central host, for every mainland account; its SDK uses it outside the two regions below too.
const ALIBABA_CENTRAL: &str = "workorder.aliyuncs.com";
/// The host in the documentation of Alibaba's international site.
const ALIBABA_SINGAPORE: &str = "workorder.ap-southeast-1.aliyuncs.com";
/// Alibaba's host for Tokyo.
const ALIBABA_TOKYO: &str = "workorder.ap-northeast-1.aliyuncs.com";
/// Huawei's host for the China site, as documented.
const HUAWEI_CHINA: &str = "osm.cn-south-1.myhuaweicloud.com";
/// The China host in Huawei's SDKs instead of the documented one; used only by an account's `endpoint`.
const HUAWEI_CHINA_SDK: &str = "osm.cn-south-1.myhuaweicloud.cn";
/// Huawei's host for the international site.
const HUAWEI_INTERNATIONAL: &str = "osm.ap-southeast-3.myhuaweicloud.com";
/// Huawei's host for identities (IAM), as in the official SDK.
const HUAWEI_IDENTITY: &str = "iam.myhuaweicloud.com";
/// The same of its European cloud, which has customers of its own.
const HUAWEI_IDENTITY_EUROPE: &str = "iam.eu-west-101.myhuaweicloud.eu";
/// The region of that cloud.
const HUAWEI_EUROPE: &str = "eu-west-101";
/// The domain of Tencent's hosts at the China site, after the name of the service.
const TENCENT_CHINA: &str = "tencentcloudapi.com";
/// The domain at the international site.
const TENCENT_INTERNATIONAL: &str = "intl.tencentcloudapi.com";

/// The Tencent services that are called, by the name that is also the first label of their host.
const TENCENT_SERVICES: [&str; 2] = ["sts", "region"];

/// The cities of Tencent's mainland regions: `ap-<city>`, or `ap-<city>-<zone kind>` such as `ap-shanghai-fsi`.
const TENCENT_MAINLAND: [&str; 25] = [
    "beijing",
    "changsha",
    "chengdu",
    "chongqing",
    "fuzhou",
    "guangzhou",
    "guiyang",
    "hangzhou",
    "haerbin",
    "hefei",
    "jinan",
    "nanjing",
    "qingyuan",
    "shanghai",
    "shenyang",
    "shenzhen",
    "shijiazhuang",
    "suzhou",
    "taiyuan",
    "tianjin",
    "wuhan",
    "xian",
    "xibei",
    "zhengzhou",
    "zhongwei",
];

/// The longest valid region id.
pub const MAX_REGION_CHARS: usize = 64;

/// The site of `region_id` at `vendor`.
///
/// Alibaba and Huawei: `cn-*` is the China site (Alibaba's `cn-hongkong` too: it is served by the central host),
/// any other region the international one. Tencent's region names don't name the site, so the mainland cities are
/// listed here; everything else is international, `ap-hongkong` with it, as the China site means mainland China.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::error::ErrorKind::InvalidInput) when the text is no region id: lower-case letters
/// and digits in two or more parts, joined by `-`.
pub fn site_of(vendor: Vendor, region_id: &str) -> Result<Site> {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let starts_with_letter = region_id.starts_with(|c: char| c.is_ascii_lowercase());
    let well_formed = starts_with_letter
        && region_id.len() <= MAX_REGION_CHARS
        && region_id.contains('-')
        && region_id.split('-').all(part);
    if !well_formed {
        return Err(Error::invalid_field(
            "/region_id",
            format!("must be one of the vendor's region ids, for example {}", example_region(vendor)),
        ));
    }
    let china = match vendor {
        Vendor::Alibaba | Vendor::Huawei => region_id.starts_with("cn-"),
        Vendor::Tencent => region_id
            .strip_prefix("ap-")
            .and_then(|rest| rest.split('-').next())
            .is_some_and(|city| TENCENT_MAINLAND.contains(&city)),
    };
    Ok(if china { Site::China } else { Site::International })
}

fn example_region(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Alibaba => "cn-hangzhou",
        Vendor::Huawei => "cn-south-1",
        Vendor::Tencent => "ap-guangzhou",
    }
}

/// The base URL (`https://host`) of the tickets of an account without an endpoint of its own.
///
/// `service` matters to Tencent only, which has no tickets: every service has its own host. At Alibaba's international
/// site Tokyo has a host of its own and every other region gets the one of the site's documentation (Singapore).
fn default_base_url(vendor: Vendor, site: Site, region_id: &str, service: &str) -> String {
    let host: &str = match (vendor, site) {
        (Vendor::Alibaba, Site::China) => ALIBABA_CENTRAL,
        (Vendor::Alibaba, Site::International) if region_id == "ap-northeast-1" => ALIBABA_TOKYO,
        (Vendor::Alibaba, Site::International) => ALIBABA_SINGAPORE,
        (Vendor::Huawei, Site::China) => HUAWEI_CHINA,
        (Vendor::Huawei, Site::International) => HUAWEI_INTERNATIONAL,
        (Vendor::Tencent, Site::China) => &format!("{service}.{TENCENT_CHINA}"),
        (Vendor::Tencent, Site::International) => &format!("{service}.{TENCENT_INTERNATIONAL}"),
    };
    format!("https://{host}")
}

/// The base URL for one call of `service`. A loopback endpoint gets the calls of every service.
///
/// - Alibaba: the account's endpoint if it has one, else the default for its site and region, with the service's name
///   in place of the ticket service's: `sts.aliyuncs.com`, `sts.ap-southeast-1.aliyuncs.com`.
/// - Huawei: the same for tickets; the identity service has one host.
/// - Tencent: an endpoint means its site, and each service is called at its own host of that site.
pub(super) fn base_url(vendor: Vendor, access: &Access, service: &str) -> String {
    if let Some(endpoint) = access.endpoint.as_ref().filter(|endpoint| !endpoint.starts_with("https://")) {
        return endpoint.clone();
    }
    let default = |site| default_base_url(vendor, site, &access.region_id, service);
    match (vendor, &access.endpoint) {
        (Vendor::Huawei, _) if service == "iam" => {
            let is_europe = access.region_id == HUAWEI_EUROPE;
            format!("https://{}", if is_europe { HUAWEI_IDENTITY_EUROPE } else { HUAWEI_IDENTITY })
        }
        (Vendor::Alibaba, endpoint) => {
            let of_tickets = endpoint.clone().unwrap_or_else(|| default(access.site));
            of_tickets.replacen("workorder", service, 1)
        }
        (Vendor::Huawei, Some(endpoint)) => endpoint.clone(),
        (Vendor::Tencent, Some(endpoint)) if endpoint.ends_with(TENCENT_INTERNATIONAL) => default(Site::International),
        (Vendor::Tencent, Some(_)) => default(Site::China),
        (_, None) => default(access.site),
    }
}

/// The known hosts of the vendor.
pub fn known_hosts(vendor: Vendor) -> Vec<String> {
    match vendor {
        Vendor::Alibaba => [ALIBABA_CENTRAL, ALIBABA_SINGAPORE, ALIBABA_TOKYO].map(str::to_owned).to_vec(),
        Vendor::Huawei => [HUAWEI_CHINA, HUAWEI_CHINA_SDK, HUAWEI_INTERNATIONAL].map(str::to_owned).to_vec(),
        Vendor::Tencent => [TENCENT_CHINA, TENCENT_INTERNATIONAL]
            .iter()
            .flat_map(|domain| TENCENT_SERVICES.map(|service| format!("{service}.{domain}")))
            .collect(),
    }
}

/// Checks `text` as the endpoint of an account and returns it in the form for the store.
///
/// Allowed are `https://` with one of [`known_hosts`] and, with `allow_loopback`, `http://` with `127.0.0.1`,
/// `localhost` or `[::1]` and a port. There must be no path, query, user or other port: signed requests go to this
/// host, and no other host may receive them.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::error::ErrorKind::InvalidInput), with the allowed endpoints in its text.
pub fn check_endpoint(vendor: Vendor, text: &str, allow_loopback: bool) -> Result<String> {
    let hosts = known_hosts(vendor);
    if let Some(host) = text.strip_prefix("https://") {
        let host = host.to_ascii_lowercase();
        if hosts.contains(&host) {
            return Ok(format!("https://{host}"));
        }
    }
    if allow_loopback && text.strip_prefix("http://").is_some_and(is_loopback) {
        return Ok(text.to_owned());
    }
    let allowed: Vec<String> = hosts.iter().map(|host| format!("https://{host}")).collect();
    let loopback = if allow_loopback { " or http:// with 127.0.0.1, localhost or [::1] and a port" } else { "" };
    Err(Error::invalid_field(
        "/endpoint",
        format!("must be one of {}{loopback}, with nothing after it", allowed.join(", ")),
    ))
}

fn is_loopback(authority: &str) -> bool {
    let Some((host, port)) = authority.rsplit_once(':') else {
        return false;
    };
    let port_is_good = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]") && port_is_good
}

#[cfg(test)]
mod tests;
