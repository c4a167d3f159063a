//! Secrets Manager in process, with the operations in use: `GetSecretValue` and `PutSecretValue`.

use std::collections::HashMap;

use serde_json::{Value, json};

/// Start of the names of account secrets.
pub const PREFIX: &str = "polydesk/simulation/account/";

/// Account keys by the secret's name.
#[derive(Debug, Default)]
pub struct SimulatedSecrets {
    by_name: HashMap<String, String>,
}

impl SimulatedSecrets {
    /// Stores an account's key pair.
    pub fn put(&mut self, account: &str, id: &str, secret: &str) {
        let text = json!({"secret_id": id, "secret_key_secret": secret}).to_string();
        self.by_name.insert(format!("{PREFIX}{account}"), text);
    }

    /// Carries out one operation: HTTP status and JSON.
    pub fn call(&mut self, operation: &str, body: &[u8]) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let name = request["SecretId"].as_str().unwrap_or_default();
        let (status, body) = match self.by_name.get_mut(name) {
            Some(text) if operation == "PutSecretValue" => {
                *text = request["SecretString"].as_str().unwrap_or_default().to_owned();
                (200, json!({"Name": name}))
            }
            _ if operation != "GetSecretValue" => (400, json!({"__type": "UnknownOperationException"})),
            Some(text) => (200, json!({"Name": name, "SecretString": text, "VersionStages": ["AWSCURRENT"]})),
            None => (400, json!({"__type": "ResourceNotFoundException", "Message": "no such secret"})),
        };
        (status, body.to_string())
    }
}
