//! The bucket for files: who sees it, and what keeps it.

use local::template::TemplateDocument;
use serde_json::{Value, json};

use super::TEMPLATE;

fn properties(logical_id: &str) -> &'static Value {
    &TEMPLATE.document.resource(logical_id).unwrap()["Properties"]
}

fn default(parameter: &str) -> &'static Value {
    TEMPLATE.document.at(&format!("/Parameters/{parameter}/Default")).unwrap()
}

#[test]
fn the_bucket_is_private_and_encrypted() {
    let bucket = properties("Files");
    let encryption = json!([{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]);
    assert_eq!(bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"], encryption);
    let blocked = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    for name in blocked {
        assert_eq!(bucket["PublicAccessBlockConfiguration"][name], true, "{name}");
    }
    assert_eq!(bucket["OwnershipControls"]["Rules"], json!([{"ObjectOwnership": "BucketOwnerEnforced"}]));
    let policy = properties("FilesPolicy");
    assert_eq!(policy["Bucket"], json!({"Ref": "Files"}));
    let [statement] = policy["PolicyDocument"]["Statement"].as_array().unwrap().as_slice() else {
        panic!("there must be one statement")
    };
    assert_eq!((&statement["Effect"], &statement["Principal"]), (&json!("Deny"), &json!("*")));
    assert_eq!(statement["Action"], "s3:*");
    assert_eq!(statement["Condition"], json!({"Bool": {"aws:SecureTransport": "false"}}));
    let resources = statement["Resource"].as_array().unwrap().iter().map(|one| TemplateDocument::text(one).unwrap());
    assert_eq!(resources.collect::<Vec<_>>(), ["${Files.Arn}", "${Files.Arn}/*"]);
}

#[test]
fn the_bucket_outlives_mistakes_as_the_table_does() {
    let table = TEMPLATE.document.resource(&TEMPLATE.table.logical_id).unwrap();
    for id in ["Files", "FilesPolicy"] {
        let resource = TEMPLATE.document.resource(id).unwrap();
        assert_eq!(resource["DeletionPolicy"], table["DeletionPolicy"], "{id}");
        assert_eq!(resource["UpdateReplacePolicy"], table["UpdateReplacePolicy"], "{id}");
    }
    let bucket = properties("Files");
    assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}));
    // Off without the parameter.
    let locked = json!({
        "ObjectLockEnabled": "Enabled",
        "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": {"Ref": "ObjectLockDays"}}},
    });
    let nothing = json!({"Ref": "AWS::NoValue"});
    assert_eq!(bucket["ObjectLockConfiguration"], json!({"Fn::If": ["LocksObjects", locked, nothing]}));
    assert_eq!(bucket["ObjectLockEnabled"], json!({"Fn::If": ["LocksObjects", true, nothing]}));
    let locks = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": "ObjectLockDays"}, "0"]}]});
    assert_eq!(TEMPLATE.document.at("/Conditions/LocksObjects"), Some(&locks));
    assert_eq!((default("ObjectLockDays"), default("MaxAttachmentMiB")), (&json!(0), &json!(100)));
    // Nothing is erased by itself.
    assert_eq!(default("RetentionDays"), &json!(0));
}

#[test]
fn what_was_never_finished_or_used_is_removed_after_a_day_and_nothing_else() {
    let rules = properties("Files")["LifecycleConfiguration"]["Rules"].as_array().unwrap();
    let [unfinished, unused] = rules.as_slice() else { panic!("there must be two rules") };
    assert_eq!(unfinished["AbortIncompleteMultipartUpload"], json!({"DaysAfterInitiation": 1}));
    assert!(unfinished.get("ExpirationInDays").is_none());
    assert_eq!((&unused["Prefix"], &unused["ExpirationInDays"]), (&json!("uploads/"), &json!(1)));
    assert!(rules.iter().all(|rule| rule["Status"] == "Enabled"));
}
