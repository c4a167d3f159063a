//! The parameters, and the document that lists them.

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;

use super::TEMPLATE;

/// The document with a table of all parameters, and the heading above it.
const TABLE: (&str, &str) = ("docs/operations.md", "## Parameters");

fn parameters() -> BTreeSet<String> {
    TEMPLATE.document.at("/Parameters").and_then(Value::as_object).unwrap().keys().cloned().collect()
}

#[test]
fn every_parameter_is_explained() {
    for (name, parameter) in TEMPLATE.document.at("/Parameters").and_then(Value::as_object).unwrap() {
        assert!(parameter["Description"].is_string(), "{name}");
    }
}

#[test]
fn every_parameter_has_a_place_in_the_console() {
    let groups = TEMPLATE.document.at("/Metadata/AWS::CloudFormation::Interface/ParameterGroups").unwrap();
    let mut shown = BTreeSet::new();
    for name in groups.as_array().unwrap().iter().flat_map(|group| group["Parameters"].as_array().unwrap()) {
        assert!(shown.insert(name.as_str().unwrap().to_owned()), "{name} is shown twice");
    }
    assert_eq!(shown, parameters());
}

#[test]
fn every_parameter_is_in_the_table_of_the_document() {
    let (file, heading) = TABLE;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("{file}: {heading}"));
    let section = section.split("\n## ").next().unwrap();
    // The section's first table.
    let is_row = |line: &&str| line.starts_with("| `");
    let rows = section.lines().skip_while(|line| !is_row(line)).take_while(is_row);
    let cells = rows.filter_map(|line| line.split('|').nth(1));
    // Between back quotes: a row may have two parameters.
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned));
    assert_eq!(named.collect::<BTreeSet<_>>(), parameters(), "{file} / template");
}
