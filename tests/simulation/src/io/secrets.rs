//! Secrets Manager in process, with the operations in use.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

/// Start of the names of account secrets.
pub const PREFIX: &str = "polydesk/simulation/account/";

/// Account keys by the secret's name.
#[derive(Debug, Default)]
pub struct SimulatedSecrets {
    by_name: HashMap<String, String>,
    /// The names of secrets that are scheduled for deletion. No schedule lasts as long as the recovery window.
    deleted: HashSet<String>,
}

impl SimulatedSecrets {
    /// Stores an account's key pair.
    pub fn put(&mut self, account: &str, id: &str, secret: &str) {
        let text = json!({"secret_id": id, "secret_key_secret": secret}).to_string();
        self.by_name.insert(format!("{PREFIX}{account}"), text);
    }

    /// The accounts whose keys are stored.
    pub fn accounts(&self) -> BTreeSet<String> {
        self.by_name.keys().filter_map(|name| name.strip_prefix(PREFIX)).map(str::to_owned).collect()
    }

    /// Carries out one operation: HTTP status and JSON.
    pub fn call(&mut self, operation: &str, body: &[u8]) -> (u16, String) {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let name = request["SecretId"].as_str().or(request["Name"].as_str()).unwrap_or_default();
        let (status, body) = match self.by_name.get_mut(name) {
            _ if self.deleted.contains(name) => {
                (400, json!({"__type": "InvalidRequestException", "Message": "marked for deletion"}))
            }
            Some(_) if operation == "CreateSecret" => (400, json!({"__type": "ResourceExistsException"})),
            None if operation == "CreateSecret" => {
                let text = request["SecretString"].as_str().unwrap_or_default();
                self.by_name.insert(name.to_owned(), text.to_owned());
                (200, json!({"Name": name}))
            }
            Some(_) if operation == "DeleteSecret" => {
                self.by_name.remove(name);
                self.deleted.insert(name.to_owned());
                (200, json!({"Name": name}))
            }
            None if matches!(operation, "DeleteSecret" | "PutSecretValue") => {
                (400, json!({"__type": "ResourceNotFoundException", "Message": "no such secret"}))
            }
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
