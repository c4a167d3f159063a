//! Which vendor, and which of its sites.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A cloud vendor: the `type` of accounts, tickets, products, problem types and sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Vendor {
    /// Alibaba Cloud (阿里云).
    Alibaba,
    /// Huawei Cloud (华为云).
    Huawei,
    /// Tencent Cloud (腾讯云).
    Tencent,
}

impl Vendor {
    /// Every vendor, in the order in which lists show them.
    pub const ALL: [Vendor; 3] = [Vendor::Alibaba, Vendor::Huawei, Vendor::Tencent];

    /// The name as it stands in JSON and in store keys, for example `ALIBABA`.
    pub fn as_str(self) -> &'static str {
        match self {
            Vendor::Alibaba => "ALIBABA",
            Vendor::Huawei => "HUAWEI",
            Vendor::Tencent => "TENCENT",
        }
    }

    /// The vendor of that name, upper case as in JSON.
    pub fn from_name(name: &str) -> Option<Vendor> {
        Vendor::ALL.into_iter().find(|vendor| vendor.as_str() == name)
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A vendor's site. Accounts, hosts and catalogs of the two are separate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Mainland China.
    China,
    /// Everywhere else.
    International,
}

impl Site {
    /// Both sites, in the order in which lists show them.
    pub const ALL: [Site; 2] = [Site::China, Site::International];

    /// The name as it stands in JSON and in store keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Site::China => "china",
            Site::International => "international",
        }
    }

    /// The site of that name.
    pub fn from_name(name: &str) -> Option<Site> {
        Site::ALL.into_iter().find(|site| site.as_str() == name)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
