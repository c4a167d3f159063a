//! The template and the code agree: folders, environment, routes.

use std::{fs, path::Path};

use local::template::{TemplateDocument, reference};
use shared::config::Config;

use super::{FUNCTIONS, TEMPLATE};
use crate::support::{ApiEvent, World};

#[test]
fn every_folder_in_functions_is_a_function_of_the_template() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions");
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, FUNCTIONS);
}

#[test]
fn the_environment_has_all_that_the_code_needs() {
    // What Lambda itself sets.
    let lambda = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    for function in &TEMPLATE.functions {
        let lookup = |name: &str| {
            let own = function.environment.get(name).map(|value| with_default(value));
            own.or_else(|| lambda.contains(&name).then(|| "set".to_owned()))
        };
        let config = Config::from_lookup(lookup).unwrap();
        assert!(!config.allow_loopback_endpoints, "{} takes loopback endpoints", function.package);
    }
}

/// The default of a parameter that `value` refers to, if it is one; else `value` itself.
fn with_default(value: &str) -> String {
    let parameter = reference(value).and_then(|name| TEMPLATE.document.at(&format!("/Parameters/{name}/Default")));
    parameter.and_then(TemplateDocument::text).unwrap_or_else(|| value.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_served_by_its_function() {
    let world = World::start().await;
    for route in &TEMPLATE.routes {
        let key = route.key();
        let event = ApiEvent::of(&key);
        let event = if key.contains("{id}") { event.id("01JD2Y5T9V7Z3M6Q8R4S0X1W2K") } else { event };
        let (_, event) = event.build();
        let answer = world.invoke(&route.function, event).await;
        assert_ne!(answer.body["code"], "route_not_found", "{key} is not served by {}", route.function);
    }
}
