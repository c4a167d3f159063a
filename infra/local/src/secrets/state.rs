//! The secrets and their versions. Knows no protocol and no file.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// The version that is read when none is asked for.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The version before it.
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// How many versions of one secret are kept; Secrets Manager drops old ones without a stage too.
const MAX_VERSIONS: usize = 20;

/// All secrets, by name.
#[derive(Clone, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Secrets {
    pub by_name: BTreeMap<String, Secret>,
}

/// One secret.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub(super) struct Secret {
    pub arn: String,
    pub description: Option<String>,
    pub created_ms: i64,
    pub changed_ms: i64,
    /// When it was marked for deletion, and when it goes for good.
    pub deletion: Option<Deletion>,
    /// The oldest first.
    pub versions: Vec<Version>,
}

/// A mark for deletion.
#[derive(Clone, Copy, PartialEq, Deserialize, Serialize)]
pub(super) struct Deletion {
    pub marked_ms: i64,
    pub gone_ms: i64,
}

/// One version of a secret.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub(super) struct Version {
    pub id: String,
    pub value: SecretValue,
    pub stages: Vec<String>,
    pub created_ms: i64,
}

/// What is secret: a text, or bytes as base64.
#[derive(Clone, PartialEq, Deserialize, Serialize)]
pub(super) enum SecretValue {
    /// `SecretString`
    Text(String),
    /// `SecretBinary`
    Binary(String),
}

impl fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretValue(**)")
    }
}

impl Secrets {
    /// The secret with this name or ARN, and its name.
    pub fn find(&self, id: &str) -> Option<(&str, &Secret)> {
        self.by_name
            .iter()
            .find(|(name, secret)| *name == id || secret.arn == id)
            .map(|(name, secret)| (name.as_str(), secret))
    }

    /// As [`Self::find`], to change it.
    pub fn find_mut(&mut self, id: &str) -> Option<(&str, &mut Secret)> {
        self.by_name
            .iter_mut()
            .find(|(name, secret)| *name == id || secret.arn == id)
            .map(|(name, secret)| (name.as_str(), secret))
    }

    /// Drops what was marked for deletion and is past its recovery window.
    pub fn forget_deleted(&mut self, now_ms: i64) {
        self.by_name.retain(|_, secret| secret.deletion.is_none_or(|deletion| now_ms < deletion.gone_ms));
    }
}

impl Secret {
    /// The version with this stage.
    pub fn staged(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.stages.iter().any(|s| s == stage))
    }

    /// The version with this id.
    pub fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    /// Adds a version under `stages`, each taken from the version that had it; what was current becomes previous.
    pub fn add(&mut self, id: String, value: SecretValue, stages: Vec<String>, now_ms: i64) {
        if stages.iter().any(|stage| stage == CURRENT) {
            self.unstage(PREVIOUS);
            for stage in self.versions.iter_mut().flat_map(|version| &mut version.stages) {
                if stage == CURRENT {
                    PREVIOUS.clone_into(stage);
                }
            }
        }
        for stage in &stages {
            self.unstage(stage);
        }
        self.versions.push(Version { id, value, stages, created_ms: now_ms });
        self.changed_ms = now_ms;
        if self.versions.len() > MAX_VERSIONS
            && let Some(oldest) = self.versions.iter().position(|version| version.stages.is_empty())
        {
            self.versions.remove(oldest);
        }
    }

    fn unstage(&mut self, stage: &str) {
        for version in &mut self.versions {
            version.stages.retain(|s| s != stage);
        }
    }
}
