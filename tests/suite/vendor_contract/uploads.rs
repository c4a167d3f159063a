//! Files that go out with a ticket or a reply: the vendor has every byte, and shows them in the conversation.

use shared::domain::{AttachmentLimits, CloudId, FilePurpose, NewTicket, Vendor, VendorFile};
use simulators::{Fault, FaultRule};

use super::{ContractCase, of_vendor, sent_file::SentFile, vendors_with_tickets};
use crate::support::World;

/// Shows new tickets' texts, and so their files, as first messages at every vendor.
fn show_first_messages(world: &World) {
    let alibaba = &world.stack.simulators.vendors.alibaba;
    let mut settings = alibaba.settings();
    settings.description_as_note = true;
    alibaba.set_settings(settings);
}

async fn upload(case: &ContractCase<'_>, file: &SentFile, purpose: FilePurpose) -> VendorFile {
    let id = case.session().upload_file(file, purpose).await.unwrap();
    VendorFile { id, name: "ignored".into() }
}

/// The names and the bytes of the files of that message, read as any file of a message is.
async fn shown(case: &ContractCase<'_>, ticket: &CloudId, content: &str) -> Vec<(String, Vec<u8>)> {
    let messages = case.session().list_messages(ticket).await.unwrap();
    let message = messages.into_iter().find(|message| message.content.contains(content)).unwrap();
    let mut files = Vec::new();
    for file in message.attachments {
        let mut open = case.session().open_file(&file, 16 << 20).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = open.chunk().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        files.push((file.name, bytes));
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn every_byte_of_a_file_arrives() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let files =
            [0, 1, 2, 3, 9_999, 10_000, 10_001, 65_536, 147_456, 147_457, 5 << 20, 8 << 20].map(SentFile::of_size);
        for file in &files {
            let sent = upload(&case, file, FilePurpose::NewTicket).await;
            let uploads = case.sim.uploads();
            let arrived = uploads.last().unwrap();
            assert_eq!((arrived.id.as_str(), arrived.name.as_str()), (sent.id.as_str(), "core dump.bin"));
            let bytes = arrived.content.as_ref().unwrap().bytes();
            assert!(bytes == file.bytes(), "{}: {} of {} bytes", case.vendor, bytes.len(), file.bytes().len());
        }
        assert_eq!(case.sim.uploads().len(), files.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_sent_where_no_limit_is_known() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Alibaba);
    let file = SentFile::new("core dump.bin", vec![7; 90 << 20]);
    upload(&case, &file, FilePurpose::NewTicket).await;
    assert!(case.sim.uploads()[0].content.as_ref().unwrap().bytes() == file.bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_and_a_reply_show_their_files() {
    let world = World::start().await;
    show_first_messages(&world);
    for case in vendors_with_tickets(&world) {
        let (log, image) = (SentFile::text("日志 1+2%.txt", "第一行\n"), SentFile::of_size(3_000_000));
        let files = vec![
            upload(&case, &log, FilePurpose::NewTicket).await,
            upload(&case, &image, FilePurpose::NewTicket).await,
        ];
        let ticket = NewTicket { files, ..case.new_ticket(1) };
        let id = case.session().create_ticket(&ticket).await.unwrap();
        let of_ticket = shown(&case, &id, &ticket.marker()).await;
        let wanted =
            [("日志 1+2%.txt".to_owned(), log.bytes().to_vec()), ("core dump.bin".into(), image.bytes().to_vec())];
        assert!(of_ticket == wanted, "{}", case.vendor);
        assert_eq!(case.at_vendor(&id).files.len(), 2);

        let reply = SentFile::text("配置 \"a\"\\b.json", "{}");
        let files = [upload(&case, &reply, FilePurpose::Reply).await];
        case.session().reply_ticket(&id, "请看配置", &files).await.unwrap();
        // A backslash is no character of an object key.
        let name = if case.vendor == Vendor::Alibaba { "配置 \"a\"_b.json" } else { "配置 \"a\"\\b.json" };
        assert_eq!(shown(&case, &id, "请看配置").await, [(name.to_owned(), b"{}".to_vec())], "{}", case.vendor);
        // Without files nothing is named.
        case.session().reply_ticket(&id, "没有附件", &[]).await.unwrap();
        assert_eq!(case.at_vendor(&id).messages.last().unwrap().files, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_comma_does_not_split_the_list() {
    let world = World::start().await;
    show_first_messages(&world);
    for case in vendors_with_tickets(&world) {
        let (one, two) = (SentFile::text("a,b.log", "1"), SentFile::text("c/../d,.log", "2"));
        let files =
            vec![upload(&case, &one, FilePurpose::NewTicket).await, upload(&case, &two, FilePurpose::NewTicket).await];
        let ticket = NewTicket { files, ..case.new_ticket(1) };
        let id = case.session().create_ticket(&ticket).await.unwrap();
        let shown = shown(&case, &id, &ticket.marker()).await;
        let contents: Vec<_> = shown.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        assert_eq!(contents, [b"1", b"2"], "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_repeated_after_a_failure_and_a_throttled_one_waits() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let operations: &[&str] = match case.vendor {
            Vendor::Alibaba => &["GetAttachmentUploadUrl", "PutObject"],
            _ => &["UploadJsonAccessories"],
        };
        for operation in operations {
            for fault in [
                Fault::CutBefore,
                Fault::CutAfter,
                Fault::Status { code: 503 },
                Fault::Html,
                Fault::Throttle { retry_after_ms: None },
            ] {
                let is_storage = *operation == "PutObject";
                if is_storage && matches!(fault, Fault::Throttle { .. }) {
                    continue;
                }
                let (name, before) = (format!("{operation}: {fault:?}"), case.sim.count(operation));
                case.sim.fault(FaultRule::times(operation, 1, fault));
                let file = SentFile::of_size(70_000);
                let sent = upload(&case, &file, FilePurpose::NewTicket).await;
                let uploads = case.sim.uploads();
                let arrived = uploads.iter().find(|upload| upload.id == sent.id.as_str()).unwrap();
                assert!(arrived.content.as_ref().unwrap().bytes() == file.bytes(), "{name}");
                assert_eq!((case.sim.count(operation) - before, case.sim.faults_left()), (2, 0), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei_is_told_what_a_file_is_for() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    for (purpose, told) in [(FilePurpose::NewTicket, "incident"), (FilePurpose::Reply, "message")] {
        upload(&case, &SentFile::text("a.log", "1"), purpose).await;
        assert_eq!(case.sim.uploads().last().unwrap().purpose.as_deref(), Some(told));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_those_of_the_account_or_nothing() {
    let world = World::start().await;
    let alibaba = of_vendor(&world, Vendor::Alibaba);
    assert_eq!(alibaba.session().attachment_limits().await.unwrap(), AttachmentLimits::default());
    assert_eq!(alibaba.sim.calls(), []);

    let huawei = of_vendor(&world, Vendor::Huawei);
    let simulator = &world.stack.simulators.vendors.huawei;
    let mut settings = simulator.settings();
    settings.accessories.count = 4;
    settings.accessories.megabytes = 2;
    settings.accessories.types = "jpg,PNG,log".into();
    simulator.set_settings(settings);
    let limits = huawei.session().attachment_limits().await.unwrap();
    let types = ["jpg", "png", "log"].map(str::to_owned).to_vec();
    assert_eq!(limits, AttachmentLimits { max_files: Some(4), max_bytes: Some(2 << 20), types: Some(types) });
}
