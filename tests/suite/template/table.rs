//! The table: its keys, and what keeps it.

use local::template::TableIndex;
use serde_json::json;

use super::TEMPLATE;

#[test]
fn the_table_is_as_the_store_takes_it() {
    let table = &TEMPLATE.table;
    assert_eq!((table.partition_key.as_str(), table.sort_key.as_str()), ("PK", "SK"));
    let index = |name: &str| TableIndex {
        name: name.into(),
        partition_key: format!("{name}PK"),
        sort_key: format!("{name}SK"),
    };
    assert_eq!(table.indexes, [index("GSI1"), index("GSI2"), index("GSI3")]);
    assert_eq!(table.ttl_attribute.as_deref(), Some("expires_at"));
    assert_eq!(table.stream_view.as_deref(), Some("NEW_AND_OLD_IMAGES"));
}

#[test]
fn the_table_outlives_mistakes() {
    let table = TEMPLATE.document.resource(&TEMPLATE.table.logical_id).unwrap();
    // Deleted only where the creation of the stack fails: then it is empty.
    assert_eq!(table["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(table["UpdateReplacePolicy"], "Retain");
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(properties["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(properties["DeletionProtectionEnabled"], json!({"Ref": "DeletionProtection"}));
    assert_eq!(TEMPLATE.document.at("/Parameters/DeletionProtection/Default"), Some(&json!("true")));
}
