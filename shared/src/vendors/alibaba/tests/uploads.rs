//! Files that go out.

use super::client::{china, client, sent};
use crate::{
    domain::{AttachmentLimits, FilePurpose, NewTicket, VendorFile, VendorFileRef},
    vendors::{
        TicketVendor,
        files::testing::TestFile,
        testing::{ScriptedSender, cloud_id, fixture, new_ticket, ok, status},
    },
};

fn json(name: &str) -> crate::vendors::testing::Step {
    ok(fixture(&format!("alibaba/{name}")))
}

fn files() -> Vec<VendorFile> {
    ["20221003/a/日志 1.txt", "20221003/b/c.png"]
        .map(|id| VendorFile { id: VendorFileRef::parse(id).unwrap(), name: "c".into() })
        .to_vec()
}

#[tokio::test]
async fn a_file_is_put_to_the_link_that_the_vendor_gives() {
    let script = ScriptedSender::new([json("get-attachment-upload-url"), status(200, "")]);
    let file = TestFile::text("日志, 1/2.txt", "第一行");
    let key = client(&script).upload_file(&china(), &file, FilePurpose::Reply).await.unwrap();
    assert_eq!(key.as_str(), "20221003/cbc00fb0-b612-4d89-a75b-8d535f750f9f/日志 1.txt");
    let (action, query, form) = sent(&script, 0);
    assert_eq!(
        (action.as_str(), query.len(), form["FileName"].as_str()),
        ("GetAttachmentUploadUrl", 0, "日志_ 1_2.txt")
    );
    let put = script.request(1);
    assert_eq!((put.method().as_str(), put.body().as_ref()), ("PUT", "第一行".as_bytes()));
    assert_eq!(put.uri().host(), Some("gts-workorder.oss-cn-beijing.aliyuncs.com"));
    assert_eq!(put.uri().query(), Some("Expires=1768469400&OSSAccessKeyId=storage&Signature=a%2Bb%3D"));
    assert_eq!(put.headers().keys().collect::<Vec<_>>(), ["content-length"]);
    let limits = client(&ScriptedSender::new([])).attachment_limits(&china()).await.unwrap();
    assert_eq!(limits, AttachmentLimits::default());
}

#[tokio::test]
async fn files_are_named_in_the_form_of_a_ticket_and_in_the_query_of_a_reply() {
    let script = ScriptedSender::new([json("create-ticket"), json("reply-ticket")]);
    let client = client(&script);
    client.create_ticket(&china(), &NewTicket { files: files(), ..new_ticket() }).await.unwrap();
    client.reply_ticket(&china(), &cloud_id("0005PYGCW"), "见附件", &files()).await.unwrap();
    let names = "20221003/a/日志 1.txt,20221003/b/c.png";
    let (_, query, form) = sent(&script, 0);
    assert_eq!((query.len(), form["FileNameList"].as_str()), (0, names));
    let (_, query, form) = sent(&script, 1);
    assert_eq!((query["FileNameList"].as_str(), form.contains_key("FileNameList")), (names, false));
}

#[tokio::test]
async fn an_answer_without_a_key_or_a_link_is_a_bad_one() {
    for data in [
        r#"{"PutSignedUrl":"https://a.aliyuncs.com/f"}"#,
        r#"{"ObjectKey":"a,b","PutSignedUrl":"https://a.aliyuncs.com/f"}"#,
        r#"{"ObjectKey":"a","PutSignedUrl":"null"}"#,
        "[]",
        "null",
    ] {
        let script = ScriptedSender::new([ok(format!(r#"{{"Success":true,"Data":{data}}}"#))]);
        let file = TestFile::text("a.log", "1");
        let error = client(&script).upload_file(&china(), &file, FilePurpose::NewTicket).await.unwrap_err();
        assert_eq!((error.code(), script.calls()), ("vendor_bad_answer", 1), "{data}");
    }
}
