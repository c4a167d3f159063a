//! The queues for what went wrong.

use std::collections::BTreeMap;

use serde_json::json;

use super::TEMPLATE;

const HOUR: u64 = 60 * 60;

#[test]
fn queues_are_encrypted_and_retain_messages_as_long_as_they_are_of_use() {
    let retention: BTreeMap<&str, u64> = TEMPLATE
        .document
        .resources_of("AWS::SQS::Queue")
        .map(|(id, queue)| {
            assert_eq!(queue["Properties"]["SqsManagedSseEnabled"], true, "{id}");
            assert_eq!(queue["DeletionPolicy"], json!("Delete"), "{id}");
            (id, queue["Properties"]["MessageRetentionPeriod"].as_u64().unwrap())
        })
        .collect();
    let expected = [
        ("EventDeadLetterQueue", 14 * 24 * HOUR),
        ("StatisticsDeadLetterQueue", 14 * 24 * HOUR),
        ("StreamDeadLetterQueue", 14 * 24 * HOUR),
        // The next run does the work of one that failed, and the alarm should end.
        ("SyncDeadLetterQueue", HOUR),
    ];
    assert_eq!(retention, BTreeMap::from(expected));
}

#[test]
fn every_queue_has_an_alarm() {
    let mut with_alarm: Vec<_> = TEMPLATE
        .document
        .resources_of("AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| alarm["Properties"]["Namespace"] == "AWS/SQS")
        .map(|(_, alarm)| alarm["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0].as_str().unwrap())
        .collect();
    with_alarm.sort_unstable();
    let queues: Vec<_> = TEMPLATE.document.resources_of("AWS::SQS::Queue").map(|(id, _)| id).collect();
    assert_eq!(with_alarm, queues);
}
