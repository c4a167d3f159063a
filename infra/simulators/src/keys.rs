//! Access keys a simulator knows, and the customer account each belongs to.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// A fixed key pair, for demos and tests. No real vendor knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    /// The access key id.
    pub id: &'static str,
    /// The secret.
    pub secret: &'static str,
    /// The customer account the pair belongs to.
    pub account: &'static str,
}

/// A key pair of [`Keys`] with the secret that it has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CurrentKeys {
    /// The access key id.
    pub id: &'static str,
    /// The secret.
    pub secret: String,
    /// The customer account the pair belongs to.
    pub account: &'static str,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct KeyPair {
    pub(crate) account: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    /// Failed checks in a row (Huawei).
    pub(crate) failures: u32,
    /// Locked until then (Huawei).
    pub(crate) locked_until_ms: i64,
}

/// The key pairs of one vendor.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Keyring {
    pairs: HashMap<String, KeyPair>,
}

impl Keyring {
    pub(crate) fn with(keys: &[Keys]) -> Self {
        let mut ring = Self::default();
        for pair in keys {
            ring.add(pair.account, pair.id, pair.secret, None);
        }
        ring
    }

    pub(crate) fn add(&mut self, account: &str, id: &str, secret: &str, token: Option<&str>) {
        let pair = KeyPair {
            account: account.to_owned(),
            secret: secret.to_owned(),
            token: token.map(str::to_owned),
            failures: 0,
            locked_until_ms: i64::MIN,
        };
        self.pairs.insert(id.to_owned(), pair);
    }

    pub(crate) fn remove(&mut self, id: &str) -> bool {
        self.pairs.remove(id).is_some()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&KeyPair> {
        self.pairs.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut KeyPair> {
        self.pairs.get_mut(id)
    }
}
