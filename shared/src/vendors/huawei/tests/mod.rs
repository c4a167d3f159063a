//! Tests of this vendor, one file per subject.

mod cases;
mod closing;
mod errors;
mod finding;
mod forms;
mod identity;
mod listing;
mod messages;
mod outcomes;
mod requests;
mod rights;
mod signing;
mod uploads;
mod wire;

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    domain::Site,
    vendors::{
        Access,
        huawei::HuaweiClient,
        testing::{ConstantClock, ScriptedSender, Step, access, fixture, ok},
    },
};

fn client(script: &Arc<ScriptedSender>) -> HuaweiClient {
    HuaweiClient::new(script.clone(), Arc::new(ConstantClock))
}

fn china() -> Access {
    let mut access = access(Site::China, "cn-south-1");
    access.domain_id = Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0".into());
    access
}

fn file(name: &str) -> Step {
    ok(fixture(&format!("huawei/{name}")))
}

/// The answer of ShowCaseDetail with those messages and no text.
fn detail(messages: Vec<Value>) -> Step {
    ok(json!({"incident_detail_info": {"message_list": messages}}).to_string())
}
