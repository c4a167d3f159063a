//! The EMF documents that functions wrote, read as CloudWatch reads them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use shared::telemetry::Sink;

/// Keeps documents.
#[derive(Clone, Default)]
pub struct Documents(Arc<Mutex<Vec<String>>>);

impl Sink for Documents {
    fn write(&self, document: &str) {
        self.0.lock().unwrap().push(document.to_owned());
    }
}

/// What CloudWatch makes of one metric of one document.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The metric's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// Its dimensions with their values.
    pub dimensions: BTreeMap<String, String>,
    /// Its values.
    pub values: Vec<u64>,
}

impl Documents {
    /// The documents since this was last asked for, as they were written.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The metrics since this or [`take`](Self::take) was last asked for. A document that breaks the
    /// specification fails the test.
    pub fn points(&self) -> Vec<Point> {
        self.take().iter().flat_map(|line| points(line)).collect()
    }

    /// The metrics as [`points`](Self::points) gives them, and the names of those that were 0 and only a property.
    pub fn points_and_zeros(&self) -> (Vec<Point>, BTreeSet<String>) {
        let lines = self.take();
        let found: Vec<Point> = lines.iter().flat_map(|line| points(line)).collect();
        (found, lines.iter().flat_map(|line| zeros(line)).collect())
    }
}

/// The members of a document that are 0 and no metric of it. No property but a sparse metric is a number.
fn zeros(line: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(line).expect(line);
    let defined: BTreeSet<String> = points(line).into_iter().map(|point| point.name).collect();
    let is_zero = |(name, value): &(&String, &Value)| **value == 0 && !defined.contains(*name);
    document.as_object().unwrap().iter().filter(is_zero).map(|(name, _)| name.clone()).collect()
}

fn points(line: &str) -> Vec<Point> {
    assert!(!line.contains('\n') && line.len() < 256 * 1024, "no document is a line: {line}");
    let document: Value = serde_json::from_str(line).expect(line);
    assert!(document["_aws"]["Timestamp"].is_i64(), "{line}");
    let directives = document["_aws"]["CloudWatchMetrics"].as_array().expect(line);
    assert!(!directives.is_empty(), "{line}");
    directives.iter().flat_map(|directive| points_of(&document, directive)).collect()
}

fn points_of(document: &Value, directive: &Value) -> Vec<Point> {
    let namespace = directive["Namespace"].as_str().unwrap();
    assert!((1..=255).contains(&namespace.len()));
    let [set] = directive["Dimensions"].as_array().unwrap().as_slice() else {
        panic!("one set of dimensions is expected: {directive}");
    };
    let names = set.as_array().unwrap();
    assert!(names.len() <= 30, "{directive}");
    let dimensions: BTreeMap<_, _> = names
        .iter()
        .map(|name| {
            let name = name.as_str().unwrap();
            let value = document[name].as_str().unwrap_or_else(|| panic!("no {name} in {document}"));
            assert!(!value.is_empty() && value.is_ascii() && value.len() <= 1024, "{value}");
            (name.to_owned(), value.to_owned())
        })
        .collect();
    let metrics = directive["Metrics"].as_array().unwrap();
    assert!((1..=100).contains(&metrics.len()), "{directive}");
    let point = |metric: &Value| {
        let name = metric["Name"].as_str().unwrap();
        let values = match &document[name] {
            Value::Array(values) => values.clone(),
            value => vec![value.clone()],
        };
        assert!((1..=100).contains(&values.len()), "{name} in {document}");
        Point {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            unit: metric["Unit"].as_str().unwrap().to_owned(),
            dimensions: dimensions.clone(),
            values: values.iter().map(|value| value.as_u64().expect(name)).collect(),
        }
    };
    metrics.iter().map(point).collect()
}
