//! Accounts: registered only with proved keys, rotated without a gap, removed without losing an archive.

mod adopting;
mod customers;
mod keys;
mod register;
mod remove;
mod rights;
mod rotation;
mod stopped;

use serde_json::{Value, json};
use simulators::Fault;

use crate::support::{ApiEvent, World, demo_keys};

const VENDORS: [&str; 3] = ["ALIBABA", "HUAWEI", "TENCENT"];

/// The vendor's code for a bad signature and for an unknown key.
fn refusals(vendor: &str) -> [&'static str; 2] {
    match vendor {
        "ALIBABA" => ["SignatureDoesNotMatch", "InvalidAccessKeyId.NotFound"],
        "HUAWEI" => ["APIGW.0301", "APIGW.0301"],
        _ => ["AuthFailure.SignatureFailure", "AuthFailure.SecretIdNotFound"],
    }
}

/// The vendor's operation that says whose keys they are.
fn identity(vendor: &str) -> &'static str {
    if vendor == "HUAWEI" { "KeystoneListAuthDomains" } else { "GetCallerIdentity" }
}

/// Failures of that operation, with the status that the API answers.
fn identity_failures(vendor: &str) -> Vec<(Fault, u64)> {
    let no_permission = match vendor {
        "ALIBABA" => "NoPermission",
        "HUAWEI" => "APIGW.0302",
        _ => "UnauthorizedOperation",
    };
    vec![
        (Fault::CutBefore, 502),
        (Fault::CutAfter, 502),
        (Fault::Status { code: 500 }, 502),
        (Fault::Status { code: 503 }, 502),
        (Fault::Throttle { retry_after_ms: None }, 502),
        (Fault::Html, 502),
        (Fault::EmptyBody, 502),
        (Fault::Rubbish, 502),
        (Fault::WrongShape, 502),
        (Fault::Refuse { code: no_permission.into(), message: "拒绝".into() }, 403),
    ]
}

/// The account's body with another field value.
fn with(mut body: Value, name: &str, value: &str) -> Value {
    body[name] = json!(value);
    body
}

/// The body of a rotation.
fn keys(id: &str, secret: &str) -> Value {
    json!({"secret_id": id, "secret_key_secret": secret})
}

/// A rotation of the account's keys.
fn rotation(account: &str, id: &str, secret: &str) -> ApiEvent {
    ApiEvent::of("PUT /accounts/{id}/keys").id(account).body(keys(id, secret))
}

/// Makes a second key pair of the demo account known.
fn add_keys(world: &World, vendor: &str, id: &str, secret: &str) {
    world.simulated(vendor).add_keys(demo_keys(vendor).account, id, secret);
}

/// Asserts that the table holds no key of the vendor.
async fn assert_no_key_in_table(world: &World, vendor: &str) {
    let keys = demo_keys(vendor);
    for item in world.whole_table().await {
        assert!(!item.contains(keys.id) && !item.contains(keys.secret), "{item}");
    }
}
