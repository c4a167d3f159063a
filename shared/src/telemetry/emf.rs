//! CloudWatch's embedded metric format ([specification]).
//!
//! A document is one JSON object in one line. `_aws` names the metrics and dimensions among its members; the rest are
//! properties, which only the log shows. A dimension has one value in a document, so another value needs another
//! document. The limits are 100 metrics in a directive and 30 dimensions in a set, which these metrics can't exceed,
//! and 100 values of a metric.
//!
//! A sparse metric that is 0 is a property. A document without any metric is not written.
//!
//! [specification]:
//! https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::recorder::{Dimensions, Groups, Measured, Values};

/// The most values of one metric in a document.
const MAX_VALUES: usize = 100;

/// As few documents as hold all of `groups`.
pub(super) fn documents(namespace: &str, now_ms: i64, properties: &Map<String, Value>, groups: Groups) -> Vec<Value> {
    let mut documents: Vec<Document> = Vec::new();
    for (dimensions, metrics) in groups.into_iter().flat_map(split) {
        let place = documents.iter().position(|document| document.has_room_for(&dimensions, &metrics));
        let place = place.unwrap_or_else(|| {
            documents.push(Document::default());
            documents.len() - 1
        });
        documents[place].add(namespace, &dimensions, metrics);
    }
    let with_metrics = documents.into_iter().filter(|document| !document.directives.is_empty());
    with_metrics.map(|document| document.finish(now_ms, properties)).collect()
}

type Group = (Dimensions, BTreeMap<&'static str, Measured>);

/// The group in pieces with at most [`MAX_VALUES`] values of each metric.
fn split((dimensions, mut metrics): Group) -> Vec<Group> {
    let mut pieces = Vec::new();
    loop {
        let mut rest = BTreeMap::new();
        for (name, measured) in &mut metrics {
            let Values::Many(values) = &mut measured.values else { continue };
            if values.len() > MAX_VALUES {
                let values = Values::Many(values.split_off(MAX_VALUES));
                rest.insert(*name, Measured { unit: measured.unit, is_sparse: measured.is_sparse, values });
            }
        }
        pieces.push((dimensions.clone(), metrics));
        if rest.is_empty() {
            return pieces;
        }
        metrics = rest;
    }
}

impl Measured {
    /// Whether only the log shows it.
    fn is_property(&self) -> bool {
        self.is_sparse && self.values == Values::One(0)
    }
}

#[derive(Default)]
struct Document {
    /// Dimensions and metrics by name.
    members: Map<String, Value>,
    directives: Vec<Value>,
}

impl Document {
    fn has_room_for(&self, dimensions: &Dimensions, metrics: &BTreeMap<&'static str, Measured>) -> bool {
        let same = |(name, value): &(&str, &str)| self.members.get(*name).is_none_or(|there| there == value);
        dimensions.iter().all(same) && metrics.keys().all(|name| !self.members.contains_key(*name))
    }

    fn add(&mut self, namespace: &str, dimensions: &Dimensions, metrics: BTreeMap<&'static str, Measured>) {
        let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
        let values = metrics.iter().filter(|(_, measured)| !measured.is_property());
        let definitions: Vec<Value> =
            values.map(|(name, measured)| json!({"Name": name, "Unit": measured.unit})).collect();
        if !definitions.is_empty() {
            self.directives.push(json!({"Namespace": namespace, "Dimensions": [names], "Metrics": definitions}));
        }
        for (name, value) in dimensions {
            self.members.insert((*name).to_owned(), (*value).into());
        }
        for (name, measured) in metrics {
            let value = match measured.values {
                Values::One(value) => value.into(),
                Values::Many(values) => values.into(),
            };
            self.members.insert(name.to_owned(), value);
        }
    }

    fn finish(self, now_ms: i64, properties: &Map<String, Value>) -> Value {
        let mut document = properties.clone();
        document.extend(self.members);
        let metadata = json!({"Timestamp": now_ms, "CloudWatchMetrics": self.directives});
        document.insert("_aws".to_owned(), metadata);
        document.into()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Unit, *};

    fn one(value: u64) -> Measured {
        Measured { unit: Unit::Count, is_sparse: false, values: Values::One(value) }
    }

    fn sparse(value: u64) -> Measured {
        Measured { is_sparse: true, ..one(value) }
    }

    fn milliseconds(values: impl IntoIterator<Item = u64>) -> Measured {
        let values = Values::Many(values.into_iter().collect());
        Measured { unit: Unit::Milliseconds, is_sparse: false, values }
    }

    fn group(dimensions: &[(&'static str, &'static str)], metrics: &[(&'static str, Measured)]) -> Group {
        (dimensions.to_vec(), metrics.iter().cloned().collect())
    }

    fn written(groups: &[Group]) -> Vec<Value> {
        let mut properties = Map::new();
        properties.insert("request_id".to_owned(), "r1".into());
        documents("Ns", 7, &properties, groups.iter().cloned().collect())
    }

    #[test]
    fn a_document_follows_the_specification() {
        let of = [("Vendor", "HUAWEI"), ("Operation", "create_ticket")];
        let calls = [("Calls", one(1)), ("Latency", milliseconds([3, 5]))];
        let groups = [group(&of, &calls), group(&[], &[("Lag", one(0))])];
        let expected = json!({
            "_aws": {
                "Timestamp": 7,
                "CloudWatchMetrics": [
                    {"Namespace": "Ns", "Dimensions": [[]], "Metrics": [{"Name": "Lag", "Unit": "Count"}]},
                    {
                        "Namespace": "Ns",
                        "Dimensions": [["Vendor", "Operation"]],
                        "Metrics": [
                            {"Name": "Calls", "Unit": "Count"},
                            {"Name": "Latency", "Unit": "Milliseconds"},
                        ],
                    },
                ],
            },
            "request_id": "r1",
            "Vendor": "HUAWEI",
            "Operation": "create_ticket",
            "Calls": 1,
            "Latency": [3, 5],
            "Lag": 0,
        });
        assert_eq!(written(&groups), [expected]);
        assert_eq!(written(&[]), [] as [Value; 0]);
    }

    #[test]
    fn a_value_of_a_dimension_that_differs_needs_another_document() {
        let calls = |vendor| group(&[("Vendor", vendor)], &[("Calls", one(1))]);
        let errors = group(&[("Vendor", "HUAWEI"), ("Class", "x")], &[("Errors", one(2))]);
        let documents = written(&[calls("ALIBABA"), calls("HUAWEI"), errors]);
        let vendors: Vec<_> = documents.iter().map(|document| &document["Vendor"]).collect();
        assert_eq!(vendors, ["ALIBABA", "HUAWEI"]);
        assert_eq!((&documents[1]["Errors"], &documents[1]["Class"]), (&json!(2), &json!("x")));
        assert!(documents[0].get("Errors").is_none());
    }

    #[test]
    fn a_sparse_metric_that_is_0_is_a_property() {
        let metrics = [("Defects", sparse(0)), ("Lag", one(0)), ("Open", sparse(2))];
        let documents = written(&[group(&[], &metrics)]);
        let [document] = documents.as_slice() else { panic!("{documents:?}") };
        let defined = json!([{"Name": "Lag", "Unit": "Count"}, {"Name": "Open", "Unit": "Count"}]);
        assert_eq!(document["_aws"]["CloudWatchMetrics"][0]["Metrics"], defined);
        assert_eq!((&document["Defects"], &document["Open"]), (&json!(0), &json!(2)));
        // Without another metric there is nothing to write.
        assert_eq!(written(&[group(&[], &[("Defects", sparse(0))])]), [] as [Value; 0]);
    }

    #[test]
    fn the_hundred_and_first_value_needs_another_document() {
        for (count, sizes) in [(100, vec![100]), (101, vec![100, 1]), (250, vec![100, 100, 50])] {
            let documents = written(&[group(&[], &[("Latency", milliseconds(0..count)), ("Calls", one(count))])]);
            let found: Vec<_> =
                documents.iter().map(|document| document["Latency"].as_array().unwrap().len()).collect();
            assert_eq!(found, sizes);
            // A metric with one number is written once.
            let sums: Vec<_> = documents.iter().filter_map(|document| document["Calls"].as_u64()).collect();
            assert_eq!(sums, [count]);
        }
    }
}
