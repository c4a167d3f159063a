//! Files of messages: read as the vendor has them, within limits, and from the vendor's own hosts only.

use std::time::Duration;

use shared::{
    domain::{Attachment, CloudId, Vendor},
    error::{Error, ErrorKind, Retry},
};
use simulators::{Fault, FaultRule, FileContent, SimulatedFile};

use super::{ContractCase, of_vendor, vendors_with_tickets};
use crate::support::World;

const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The operation that gives a file.
fn operation(vendor: Vendor) -> &'static str {
    if vendor == Vendor::Alibaba { "GetObject" } else { "DownloadAccessories" }
}

fn of_size(bytes: u64) -> SimulatedFile {
    SimulatedFile { name: "core dump.bin".into(), content: FileContent::Bytes(bytes), link: None, id: None }
}

/// A ticket to which support answers with the files.
async fn answered(case: &ContractCase<'_>, files: Vec<SimulatedFile>) -> CloudId {
    let id = case.create(1).await;
    case.sim.support_answers(id.as_str(), "请看附件", case.now_ms(), files);
    id
}

/// The files of support's message, as a reading shows them.
async fn shown(case: &ContractCase<'_>, id: &CloudId) -> Vec<Attachment> {
    let messages = case.session().list_messages(id).await.unwrap();
    messages.into_iter().find(|message| message.content == "请看附件").unwrap().attachments
}

/// The bytes of a file.
async fn fetch(case: &ContractCase<'_>, file: &Attachment, max_bytes: u64) -> Result<Vec<u8>, Error> {
    let mut open = case.session().open_file(file, max_bytes).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = open.chunk().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

async fn fetched(case: &ContractCase<'_>, files: Vec<SimulatedFile>) -> Result<Vec<u8>, Error> {
    let id = answered(case, files).await;
    fetch(case, &shown(case, &id).await[0], MAX_BYTES).await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_byte_for_byte() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let files = vec![
            SimulatedFile::text("日志 1+2%.txt", "第一行\n"),
            of_size(3_000_000),
            of_size(0),
            // Errors of vendors are JSON, too.
            SimulatedFile::text("answer.json", r#"{"error_code":"OSM.0004","error_msg":"Internal error.","log":1}"#),
        ];
        let id = answered(&case, files.clone()).await;
        let shown = shown(&case, &id).await;
        let names: Vec<_> = shown.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["日志 1+2%.txt", "core dump.bin", "core dump.bin", "answer.json"], "{}", case.vendor);
        for (file, wanted) in shown.iter().zip(files) {
            let bytes = fetch(&case, file, MAX_BYTES).await.unwrap();
            assert!(bytes == wanted.content.bytes(), "{}: {}", case.vendor, file.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_have_exactly_the_most_bytes() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let id = answered(&case, vec![of_size(70_000)]).await;
        let file = &shown(&case, &id).await[0];
        assert_eq!(fetch(&case, file, 70_000).await.unwrap().len(), 70_000);
        let error = fetch(&case, file, 69_999).await.unwrap_err();
        assert_eq!((error.code(), error.retry()), ("file_too_large", Retry::No), "{}", case.vendor);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_an_endless_body_and_a_wrong_length_are_refused() {
    let world = World::start().await;
    for case in vendors_with_tickets(&world) {
        let location = || "https://workorder.oss-cn-beijing.aliyuncs.com/f".to_owned();
        for (fault, code) in [
            (Fault::Redirect { location: location() }, "file_redirected"),
            (Fault::Endless, "file_too_large"),
            (Fault::WrongLength { announced: 2_000 }, "file_length_wrong"),
            (Fault::WrongLength { announced: MAX_BYTES + 1 }, "file_too_large"),
            (Fault::Status { code: 503 }, "vendor_unavailable"),
            (Fault::CutBefore, "vendor_unavailable"),
        ] {
            let name = format!("{}: {fault:?}", case.vendor);
            case.sim.fault(FaultRule::always(operation(case.vendor), fault));
            case.sim.fault(FaultRule::always("ShowDownloadAccessoryUrl", Fault::CutBefore));
            let error = fetched(&case, vec![of_size(10)]).await.unwrap_err();
            assert_eq!(error.code(), code, "{name}");
            case.sim.no_faults();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_leads_elsewhere_is_not_followed() {
    let world = World::start().await;
    let mut huawei = world.stack.simulators.vendors.huawei.settings();
    huawei.links_only = true;
    world.stack.simulators.vendors.huawei.set_settings(huawei);
    for case in vendors_with_tickets(&world) {
        for link in [
            "https://10.0.0.1/f",
            "https://169.254.169.254/latest/meta-data",
            "https://evil.example.com/f",
            "http://workorder.oss-cn-beijing.aliyuncs.com/f",
            "http://127.0.0.1:1/f",
            "http://localhost:1/f",
        ] {
            let file = SimulatedFile { link: Some(link.into()), ..of_size(10) };
            let error = fetched(&case, vec![file]).await.unwrap_err();
            assert_eq!((error.code(), error.retry()), ("file_link_not_allowed", Retry::No), "{}: {link}", case.vendor);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_link_is_told_and_another_reading_has_a_new_one() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Alibaba);
    let id = answered(&case, vec![SimulatedFile::text("a.log", "日志")]).await;
    let old = shown(&case, &id).await.remove(0);
    world.clock.advance(Duration::from_secs(3601));
    assert_eq!(fetch(&case, &old, MAX_BYTES).await.unwrap_err().code(), "file_link_expired");
    let new = shown(&case, &id).await.remove(0);
    assert_eq!(fetch(&case, &new, MAX_BYTES).await.unwrap(), "日志".as_bytes());
    let kept = new.clone();
    let forged = Attachment { url: new.url.map(|url| url.replace("a.log", "b.log")), ..old.clone() };
    assert_eq!(fetch(&case, &forged, MAX_BYTES).await.unwrap_err().code(), "file_link_expired");
    let without = Attachment { url: None, ..old };
    assert_eq!(fetch(&case, &without, MAX_BYTES).await.unwrap_err().code(), "file_link_expired");
    case.sim.delete_ticket(id.as_str());
    let gone = fetch(&case, &kept, MAX_BYTES).await.unwrap_err();
    assert_eq!((gone.code(), gone.kind()), ("file_not_found", ErrorKind::NotFound));
}

#[tokio::test(flavor = "multi_thread")]
async fn huawei_gives_a_file_by_its_link_where_there_is_no_download() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    let mut settings = world.stack.simulators.vendors.huawei.settings();
    settings.links_only = true;
    world.stack.simulators.vendors.huawei.set_settings(settings);
    let file = SimulatedFile::text("a.log", "日志");
    assert_eq!(fetched(&case, vec![file]).await.unwrap(), "日志".as_bytes());
    for (fault, code) in [
        (Fault::Redirect { location: "https://a.myhuaweicloud.com/".into() }, "file_redirected"),
        (Fault::Endless, "file_too_large"),
        (Fault::WrongLength { announced: 2_000 }, "file_length_wrong"),
    ] {
        case.sim.fault(FaultRule::always("GetObject", fault));
        assert_eq!(fetched(&case, vec![of_size(10)]).await.unwrap_err().code(), code);
        case.sim.no_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn huaweis_refusals_of_a_download_are_errors_and_no_files() {
    let world = World::start().await;
    let case = of_vendor(&world, Vendor::Huawei);
    let id = answered(&case, vec![of_size(10)]).await;
    let file = shown(&case, &id).await.remove(0);
    // Another customer's keys, and an id that nobody has: OSM.01010001 with HTTP 200.
    let stranger = case.other_customer().open_file(&file, MAX_BYTES).await.unwrap_err();
    assert_eq!(stranger.code(), "vendor_rejected");
    for id in [None, Some(" ".to_owned())] {
        let error = fetch(&case, &Attachment { id, ..file.clone() }, MAX_BYTES).await.unwrap_err();
        assert_eq!((error.code(), error.kind()), ("file_not_found", ErrorKind::NotFound));
    }
    for (code, kind) in [("OSM.0003", ErrorKind::PermissionDenied), ("APIGW.0308", ErrorKind::RateLimited)] {
        let refusal = Fault::Refuse { code: code.into(), message: "no".into() };
        case.sim.fault(FaultRule::always("DownloadAccessories", refusal));
        let short = case.session_for(Duration::from_millis(1500));
        assert_eq!(short.open_file(&file, MAX_BYTES).await.unwrap_err().kind(), kind, "{code}");
        case.sim.no_faults();
    }
}
