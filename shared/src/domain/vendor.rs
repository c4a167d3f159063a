//! Which vendor, and which of its sites.

use serde::{Deserialize, Serialize};

/// A cloud vendor: the `type` of accounts, tickets, products, problem types and sources.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE")]
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
        self.into()
    }
}

/// A vendor's site. Accounts, hosts and catalogs of the two are separate.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
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
        self.into()
    }
}
