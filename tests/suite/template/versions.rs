//! What makes a new version of a function: everything that is changed in it, the values of parameters too.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{FUNCTIONS, TEMPLATE, camel_case};

/// The most characters of a version's description.
///
/// <https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html>
const MAX_DESCRIPTION: u64 = 256;

/// The properties that are no part of a version. Concurrency is the function's, so another value must not make one.
const NOT_OF_A_VERSION: [&str; 3] = ["DeploymentPreference", "ReservedConcurrentExecutions", "VersionDescription"];

fn own(package: &str) -> &'static Map<String, Value> {
    let resource = TEMPLATE.document.resource(&format!("{}Function", camel_case(package))).unwrap();
    resource["Properties"].as_object().unwrap()
}

fn description(package: &str) -> &'static str {
    own(package)["VersionDescription"]["Fn::Sub"].as_str().unwrap()
}

/// The parameters in a text with `${…}`, or in a value that is written as JSON.
fn parameters_in(text: &str) -> BTreeSet<&'static str> {
    let all = TEMPLATE.document.at("/Parameters").and_then(Value::as_object).unwrap();
    let is_used = |name: &str| text.contains(&format!("${{{name}}}")) || text.contains(&format!("\"Ref\":\"{name}\""));
    all.keys().map(String::as_str).filter(|name| is_used(name)).collect()
}

#[test]
fn every_setting_that_is_changed_makes_a_version_for_the_alias() {
    let shared = TEMPLATE.document.at("/Globals/Function").and_then(Value::as_object).unwrap();
    for package in FUNCTIONS {
        assert_eq!(TEMPLATE.function(package).unwrap().alias, "live", "{package}");
        let own = own(package);
        assert_eq!(own["AutoPublishAliasAllProperties"], true, "{package}");
        // SAM would make a version for others, and Lambda refuses one in which nothing else is new.
        assert!(!own.contains_key("Tags") && !shared.contains_key("Tags"), "{package}");
        // SAM's comparison does not see the value of a parameter; a version's description does. The environment has
        // the shared variables besides its own.
        let shared = shared.iter().filter(|(name, _)| *name == "Environment" || !own.contains_key(*name));
        let of_version = own.iter().chain(shared).filter(|(name, _)| !NOT_OF_A_VERSION.contains(&name.as_str()));
        let used: BTreeSet<&str> = of_version.flat_map(|(_, value)| parameters_in(&value.to_string())).collect();
        assert_eq!(parameters_in(description(package)), used, "{package}");
    }
}

#[test]
fn descriptions_of_versions_have_room_for_the_longest_values() {
    for package in FUNCTIONS {
        let mut text = description(package).to_owned();
        let mut longest = 0;
        for name in parameters_in(description(package)) {
            text = text.replace(&format!("${{{name}}}"), "");
            longest += longest_value(name, &TEMPLATE.document.at("/Parameters").unwrap()[name]);
        }
        let longest = longest + u64::try_from(text.len()).unwrap();
        assert!(longest <= MAX_DESCRIPTION, "{package}: {longest}");
    }
}

fn longest_value(name: &str, parameter: &Value) -> u64 {
    let length = |value: &Value| u64::try_from(value.to_string().trim_matches('"').len()).unwrap();
    let allowed = parameter["AllowedValues"].as_array().into_iter().flatten().map(length).max();
    let largest = parameter.get("MaxValue").map(length);
    let longest = allowed.or(parameter["MaxLength"].as_u64()).or(largest);
    longest.unwrap_or_else(|| panic!("{name} has no AllowedValues, MaxLength or MaxValue"))
}
