//! The stored secrets. Knows no protocol and no file.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// All secrets, by name.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct SecretStore {
    pub by_name: BTreeMap<String, StoredSecret>,
}

/// One secret with its current version.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub(super) struct StoredSecret {
    pub arn: String,
    pub version_id: String,
    pub value: SecretText,
    /// When a deleted secret is removed for good. Until then its name is taken and its value can't be read.
    pub remove_at_ms: Option<i64>,
}

/// The secret value.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(**)")
    }
}

impl SecretStore {
    /// Removes deleted secrets whose recovery window has ended.
    pub fn remove_expired(&mut self, now_ms: i64) {
        self.by_name.retain(|_, secret| secret.remove_at_ms.is_none_or(|remove_at| now_ms < remove_at));
    }
}
