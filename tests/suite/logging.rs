//! The crates whose debug lines may be logged are exactly the workspace members that log.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

/// The workspace members that depend on `tracing` outside their tests, as crate names.
fn members_that_log() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let logs = |package: &&Value| {
        let mut dependencies = package["dependencies"].as_array().unwrap().iter();
        dependencies.any(|dependency| dependency["name"] == "tracing" && dependency["kind"].is_null())
    };
    let packages = metadata["packages"].as_array().unwrap().iter().filter(logs);
    packages.map(|package| package["name"].as_str().unwrap().replace('-', "_")).collect()
}

#[test]
fn our_crates_are_the_workspace_members_that_log() {
    let listed: BTreeSet<String> = shared::logging::OURS.map(str::to_owned).into();
    assert_eq!(listed, members_that_log(), "OURS in shared/src/logging.rs must list the members that log");
}
