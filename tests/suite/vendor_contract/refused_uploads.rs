//! Files that are not sent, or not taken: a clear code, and nothing that a ticket could name.

use std::time::Duration;

use shared::{
    domain::{FilePurpose, NewTicket, Vendor, VendorFile, VendorFileRef},
    error::{Error, ErrorKind, Retry},
};
use simulators::{Fault, FaultRule};

use super::{ContractCase, of_vendor, sent_file::SentFile, vendors_with_tickets};
use crate::support::World;

async fn refusal(case: &ContractCase<'_>, file: &SentFile) -> Error {
    case.session().upload_file(file, FilePurpose::NewTicket).await.unwrap_err()
}

/// The operation to which the bytes go.
fn operation(vendor: Vendor) -> &'static str {
    if vendor == Vendor::Alibaba { "PutObject" } else { "UploadJsonAccessories" }
}

/// Whether no file has arrived whole.
fn has_none(case: &ContractCase<'_>) -> bool {
    case.sim.uploads().iter().all(|upload| upload.content.is_none())
}

fn file(id: &str) -> VendorFile {
    VendorFile { id: VendorFileRef::parse(id).unwrap(), name: "a.log".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_size_than_it_says_is_not_sent_whole() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        for (bytes, said) in
            [(10, 9), (10, 11), (100_000, 99_999), (100_000, 100_001), (20_000, 10_000), (1, 0), (0, 1)]
        {
            let error = refusal(&case, &SentFile::of_size(bytes).that_says(said)).await;
            assert_eq!((error.code(), error.retry()), ("file_differs", Retry::No), "{}: {bytes} {said}", case.vendor);
            assert!(has_none(&case), "{}: {bytes} {said}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_between_its_readings_is_not_sent_whole() {
    let world = World::start().await;
    // It is hashed first. The vendor would find a wrong signature, and lock the key after some of these.
    let case = of_vendor(&world, Vendor::Huawei);
    let file = SentFile::of_size(100_000).that_changes_at(2);
    assert_eq!((refusal(&case, &file).await.code(), file.opened()), ("file_differs", 2));
    assert!(has_none(&case) && case.sim.count("UploadJsonAccessories") == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_breaks_off_gives_its_own_error() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let file = SentFile::of_size(100_000).that_breaks_after(5);
        let error = refusal(&case, &file).await;
        assert_eq!((error.code(), error.kind()), ("unavailable", ErrorKind::Unavailable), "{}", case.vendor);
        assert!(has_none(&case), "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leads_elsewhere_gets_no_file() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Alibaba);
    let alibaba = &world.stack.simulators.vendors.alibaba;
    for link in [
        "https://10.0.0.1/f",
        "https://169.254.169.254/latest/meta-data",
        "https://evil.example.com/f",
        "https://aliyuncs.com.evil.cn/f",
        "http://workorder.oss-cn-beijing.aliyuncs.com/f",
        "http://127.0.0.1:1/f",
        "file:///etc/passwd",
    ] {
        let mut settings = alibaba.settings();
        settings.upload_link = Some(link.into());
        alibaba.set_settings(settings);
        let file = SentFile::text("a.log", "1");
        let error = refusal(&case, &file).await;
        assert_eq!((error.code(), error.retry()), ("file_link_not_allowed", Retry::No), "{link}");
        assert_eq!(file.opened(), 0, "{link}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_and_an_expired_link_get_no_file() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Alibaba);
    let location = "https://workorder.oss-cn-beijing.aliyuncs.com/f".to_owned();
    case.sim.fault(FaultRule::always("PutObject", Fault::Redirect { location }));
    let redirected = refusal(&case, &SentFile::text("a.log", "1")).await;
    assert_eq!((redirected.code(), redirected.retry()), ("file_redirected", Retry::No));
    case.sim.no_faults();

    let alibaba = &world.stack.simulators.vendors.alibaba;
    let mut settings = alibaba.settings();
    settings.link_seconds = Some(0);
    alibaba.set_settings(settings);
    let links = case.sim.count("GetAttachmentUploadUrl");
    let expired = refusal(&case, &SentFile::text("a.log", "1")).await;
    // Each attempt gets a link of its own.
    assert_eq!((expired.code(), case.sim.count("GetAttachmentUploadUrl") - links), ("file_link_expired", 3));
    assert!(has_none(&case));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_file_has_its_own_code() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let refusals: &[(&str, Fault, &str)] = match case.vendor {
            Vendor::Alibaba => &[
                ("PutObject", Fault::Status { code: 400 }, "file_refused"),
                ("PutObject", Fault::Status { code: 413 }, "file_refused"),
                (
                    "GetAttachmentUploadUrl",
                    Fault::Refuse { code: "param.illegal".into(), message: "no exe".into() },
                    "file_refused",
                ),
            ],
            _ => &[
                (
                    "UploadJsonAccessories",
                    Fault::Refuse { code: "OSM.01010005".into(), message: "full".into() },
                    "file_quota_exceeded",
                ),
                (
                    "UploadJsonAccessories",
                    Fault::Refuse { code: "OSM.01010001".into(), message: "no exe".into() },
                    "file_refused",
                ),
            ],
        };
        for (operation, fault, code) in refusals {
            case.sim.fault(FaultRule::times(operation, 1, fault.clone()));
            let error = refusal(&case, &SentFile::text("a.exe", "1")).await;
            assert_eq!((error.code(), error.retry()), (*code, Retry::No), "{operation}: {fault:?}");
            assert!(has_none(&case) && case.sim.faults_left() == 0, "{operation}: {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huaweis_limits_hold() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    // More than a signed call can have: no call is made.
    let file = SentFile::text("a.log", "").that_says((8 << 20) + 1);
    let error = refusal(&case, &file).await;
    assert_eq!((error.code(), file.opened(), case.sim.calls()), ("file_too_large", 0, Vec::new()));

    let huawei = &world.stack.simulators.vendors.huawei;
    let mut settings = huawei.settings();
    settings.accessories.megabytes = 1;
    settings.accessories.types = "log,txt".into();
    settings.accessories.count = 1;
    huawei.set_settings(settings);
    assert_eq!(refusal(&case, &SentFile::text("a.exe", "1")).await.code(), "file_refused");
    let large = SentFile::new("a.log", vec![7; (1 << 20) + 1]);
    assert_eq!(refusal(&case, &large).await.code(), "file_refused");
    let mut files = Vec::new();
    for _ in 0..2 {
        let id = case.session().upload_file(&SentFile::text("a.LOG", "1"), FilePurpose::NewTicket).await.unwrap();
        files.push(VendorFile { id, name: "a.LOG".into() });
    }
    let ticket = NewTicket { files, ..case.new_ticket(1) };
    assert_eq!(case.session().create_ticket(&ticket).await.unwrap_err().code(), "vendor_rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_vendor_does_not_have_is_refused_with_its_ticket() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let strangers = SentFile::text("a.log", "1");
        let strangers = case.other_customer().upload_file(&strangers, FilePurpose::NewTicket).await.unwrap();
        let open = case.create(1).await;
        for id in ["20221003/u99999999/a.log", "0f1e2d3c4b5a69788796a5b4c3d2e1f0", strangers.as_str()] {
            let ticket = NewTicket { files: vec![file(id)], ..case.new_ticket(2) };
            let error = case.session().create_ticket(&ticket).await.unwrap_err();
            assert_eq!((error.code(), error.retry()), ("vendor_rejected", Retry::No), "{}: {id}", case.vendor);
            let error = case.session().reply_ticket(&open, "见附件", &ticket.files).await.unwrap_err();
            assert_eq!((error.code(), error.retry()), ("vendor_rejected", Retry::No), "{}: {id}", case.vendor);
        }
        assert_eq!(case.sim.tickets().len(), 1, "{}", case.vendor);
        assert!(case.at_vendor(&open).messages.iter().all(|message| message.content != "见附件"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_ends_with_the_callers_time() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        case.sim.fault(FaultRule::always(operation(case.vendor), Fault::AcceptThenHang));
        let session = case.session_for(Duration::from_millis(500));
        let error = session.upload_file(&SentFile::of_size(10), FilePurpose::Reply).await.unwrap_err();
        assert_eq!(
            (error.code(), error.retry()),
            ("vendor_unavailable", Retry::Yes { after: None }),
            "{}",
            case.vendor
        );
        case.sim.no_faults();
    }
}
