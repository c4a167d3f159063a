//! When an alarm goes off, where it goes, and that the runbook knows it. Whether its metric is written:
//! `watching/seen.rs`.

use std::{collections::BTreeSet, path::Path};

use local::template::TemplateDocument;
use serde_json::{Value, json};

use super::{FUNCTIONS, TEMPLATE, camel_case};

const OURS: &str = "Polydesk/${AWS::StackName}";

/// Logical id, metric, statistic, period (s), periods, threshold, what missing data means, the runbook's paragraph.
type Row = (&'static str, &'static str, &'static str, &'static str, [u64; 3], &'static str, &'static str);

const ALARMS: [Row; 19] = [
    ("BadKeys", OURS, "AccountsWithBadKeys", "Maximum", [300, 1, 0], "notBreaching", "Bad keys at an account"),
    ("KeysRefused", OURS, "KeysRefused", "Sum", [60, 1, 0], "notBreaching", "Keys refused"),
    ("OldestUnknown", OURS, "OldestUnknownAge", "Maximum", [300, 2, 960], "notBreaching", "Oldest unknown"),
    (
        "IndeterminateTickets",
        OURS,
        "TicketsIndeterminate",
        "Maximum",
        [300, 1, 0],
        "notBreaching",
        "Indeterminate tickets",
    ),
    ("DuplicateTickets", OURS, "DuplicateTickets", "Sum", [300, 1, 0], "notBreaching", "Duplicate tickets"),
    ("OldestClosing", OURS, "OldestClosingAge", "Maximum", [300, 1, 1500], "notBreaching", "Oldest closing"),
    // Without a sync no metric would show what waits.
    ("SyncStopped", OURS, "SyncLag", "Maximum", [300, 2, 300], "breaching", "Sync stopped"),
    // Days lie between two refreshes.
    ("RefreshFailedTwice", OURS, "RefreshFailuresInARow", "Maximum", [300, 1, 1], "ignore", "Refresh failed twice"),
    // Of each sync: a metric of the refresh would be missing until the first one.
    ("CatalogMissing", OURS, "CatalogsMissing", "Maximum", [300, 1, 0], "notBreaching", "Catalog missing"),
    ("RefreshStopped", OURS, "OldestCatalogAge", "Maximum", [300, 1, 172_800], "notBreaching", "Refresh stopped"),
    ("Defects", OURS, "Defects", "Sum", [300, 1, 0], "notBreaching", "Defects"),
    ("AttachmentsFailed", OURS, "AttachmentsFailed", "Sum", [300, 1, 0], "notBreaching", "Attachments failed"),
    ("ApiErrors", "AWS/ApiGateway", "5xx", "Sum", [300, 2, 0], "notBreaching", "API errors"),
    (
        "EventDeadLetter",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        [60, 1, 0],
        "notBreaching",
        "Event dead letters",
    ),
    (
        "SyncDeadLetter",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        [60, 1, 0],
        "notBreaching",
        "Sync dead letters",
    ),
    (
        "StreamDeadLetter",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        [60, 1, 0],
        "notBreaching",
        "Stream dead letters",
    ),
    ("StreamAge", "AWS/Lambda", "IteratorAge", "Maximum", [60, 1, 300_000], "notBreaching", "Stream age"),
    (
        "StatisticsDeadLetter",
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "Maximum",
        [60, 1, 0],
        "notBreaching",
        "Statistics dead letters",
    ),
    ("StatisticsAge", "AWS/Lambda", "IteratorAge", "Maximum", [60, 1, 3_600_000], "notBreaching", "Statistics age"),
];

fn text(value: &Value) -> String {
    TemplateDocument::text(value).unwrap_or_else(|| panic!("no text: {value}"))
}

#[test]
fn alarms_go_off_when_they_should() {
    let mut expected = BTreeSet::new();
    for (id, namespace, metric, statistic, numbers, missing, _) in ALARMS {
        expected.insert(json!([format!("{id}Alarm"), namespace, metric, statistic, numbers, missing]).to_string());
    }
    for (metric, numbers) in [("Errors", [300, 1, 0]), ("Throttles", [300, 1, 0])] {
        for function in FUNCTIONS {
            let id = format!("{}{metric}Alarm", camel_case(function));
            expected.insert(json!([id, "AWS/Lambda", metric, "Sum", numbers, "notBreaching"]).to_string());
        }
    }
    let found: BTreeSet<_> = TEMPLATE
        .document
        .resources_of("AWS::CloudWatch::Alarm")
        .map(|(id, alarm)| {
            let properties = &alarm["Properties"];
            assert_eq!(properties["ComparisonOperator"], "GreaterThanThreshold", "{id}");
            let numbers = ["Period", "EvaluationPeriods", "Threshold"].map(|name| properties[name].as_u64().unwrap());
            let (metric, statistic) = (&properties["MetricName"], &properties["Statistic"]);
            let missing = &properties["TreatMissingData"];
            json!([id, text(&properties["Namespace"]), metric, statistic, numbers, missing]).to_string()
        })
        .collect();
    assert_eq!(found, expected);
}

/// What is 0 in an idle stack is not written, so missing data must be good. Only the sync must run.
#[test]
fn only_the_lag_of_the_sync_must_have_data() {
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        let must_have_data = alarm["Properties"]["TreatMissingData"] == "breaching";
        assert_eq!(must_have_data, alarm["Properties"]["MetricName"] == "SyncLag", "{id}");
    }
}

#[test]
fn alarms_cover_no_longer_time_than_cloudwatch_allows() {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    const DAY: u64 = 24 * 60 * 60;
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        let number = |name: &str| alarm["Properties"][name].as_u64().unwrap();
        let most = if number("Period") < 3600 { DAY } else { 7 * DAY };
        assert!(number("Period") * number("EvaluationPeriods") <= most, "{id}");
    }
}

#[test]
fn alarms_on_what_each_sync_measures_have_a_period_of_five_minutes() {
    // So seldom the sync may run. Over a shorter period the alarm would see every other one without data, and
    // go back to OK.
    const OF_EACH_SYNC: [&str; 6] = [
        "AccountsWithBadKeys",
        "CatalogsMissing",
        "OldestCatalogAge",
        "OldestClosingAge",
        "OldestUnknownAge",
        "SyncLag",
    ];
    let with_period = TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm").filter_map(|(id, alarm)| {
        let metric = alarm["Properties"]["MetricName"].as_str().unwrap();
        OF_EACH_SYNC.contains(&metric).then_some((id, &alarm["Properties"]["Period"]))
    });
    let with_period: Vec<_> = with_period.collect();
    assert_eq!(with_period.len(), OF_EACH_SYNC.len());
    assert!(with_period.iter().all(|(_, period)| **period == 300), "{with_period:?}");
}

#[test]
fn alarms_of_aws_metrics_are_about_resources_of_the_stack() {
    let mut found = BTreeSet::new();
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        let properties = &alarm["Properties"];
        let Some(dimensions) = properties["Dimensions"].as_array() else { continue };
        let [dimension] = dimensions.as_slice() else { panic!("{id} has one dimension") };
        found.insert((id.to_owned(), dimension["Name"].as_str().unwrap(), text(&dimension["Value"])));
    }
    let mut expected = BTreeSet::from([
        ("EventDeadLetterAlarm".to_owned(), "QueueName", "${EventDeadLetterQueue.QueueName}".to_owned()),
        ("SyncDeadLetterAlarm".to_owned(), "QueueName", "${SyncDeadLetterQueue.QueueName}".to_owned()),
        ("ApiErrorsAlarm".to_owned(), "ApiId", "${HttpApi}".to_owned()),
        ("StreamDeadLetterAlarm".to_owned(), "QueueName", "${StreamDeadLetterQueue.QueueName}".to_owned()),
        ("StreamAgeAlarm".to_owned(), "FunctionName", "${PublishEventsFunction}".to_owned()),
        ("StatisticsDeadLetterAlarm".to_owned(), "QueueName", "${StatisticsDeadLetterQueue.QueueName}".to_owned()),
        ("StatisticsAgeAlarm".to_owned(), "FunctionName", "${UpdateStatisticsFunction}".to_owned()),
    ]);
    for function in FUNCTIONS {
        let name = camel_case(function);
        for metric in ["Errors", "Throttles"] {
            expected.insert((format!("{name}{metric}Alarm"), "FunctionName", format!("${{{name}Function}}")));
        }
    }
    assert_eq!(found, expected);
}

#[test]
fn alarms_and_their_ends_go_to_the_topic_if_there_is_one() {
    let topic = json!({"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]});
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["Properties"]["AlarmActions"], topic, "{id}");
        assert_eq!(alarm["Properties"]["OKActions"], topic, "{id}");
    }
    assert_eq!(TEMPLATE.document.at("/Parameters/AlarmTopicArn/Default"), Some(&json!("")));
}

#[test]
fn every_alarm_has_a_paragraph_in_the_runbook() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/RUNBOOK.md");
    let runbook = std::fs::read_to_string(path).unwrap();
    let paragraphs: Vec<(&str, &str)> = runbook
        .split("\n## ")
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .filter(|(_, text)| text.contains("**Means.**"))
        .collect();
    let mut named = BTreeSet::new();
    for (id, alarm) in TEMPLATE.document.resources_of("AWS::CloudWatch::Alarm") {
        let description = alarm["Properties"]["AlarmDescription"].as_str().unwrap();
        let (_, heading) = description.split_once("Runbook - ").unwrap_or_else(|| panic!("{id}: {description}"));
        let heading = heading.strip_suffix('.').unwrap();
        let (_, text) = paragraphs.iter().find(|(name, _)| *name == heading).unwrap_or_else(|| panic!("{heading}"));
        for part in ["**Means.**", "**Look.**", "**Do.**"] {
            assert!(text.contains(part), "{heading}: {part}");
        }
        let metric = alarm["Properties"]["MetricName"].as_str().unwrap();
        assert!(text.contains(&format!("`{metric}`")), "{heading} does not name {metric}");
        named.insert(heading);
    }
    let written: BTreeSet<_> = paragraphs.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(written, named, "paragraphs / alarms");
    for (id, .., heading) in ALARMS {
        let alarm = TEMPLATE.document.resource(&format!("{id}Alarm")).unwrap();
        let description = alarm["Properties"]["AlarmDescription"].as_str().unwrap();
        assert!(description.ends_with(&format!("Runbook - {heading}.")), "{id}");
    }
}
