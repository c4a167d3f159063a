//! Files of messages in the bucket: copied as they are, once, and each on its own.

mod archive;
mod reading;

use std::time::Duration;

use shared::{
    digest::sha256_hex,
    domain::{AttachmentCopy, COPY_TIME_MS, CopyState, TicketId, Vendor},
    problem_code::ProblemCode,
};
use simulators::{Fault, FaultRule, FileContent, SimulatedFile};

use crate::support::{ApiEvent, World};

/// Longer than the wait after the first attempt, and than the lease of an attempt.
const NEXT_TRY: Duration = Duration::from_mins(7);

/// The operation that gives a file.
fn download(vendor: &str) -> &'static str {
    if vendor == "ALIBABA" { "GetObject" } else { "DownloadAccessories" }
}

fn of_size(name: &str, bytes: u64) -> SimulatedFile {
    SimulatedFile { name: name.into(), content: FileContent::Bytes(bytes), link: None, id: None }
}

fn log(text: &str) -> SimulatedFile {
    SimulatedFile::text("日志 1.log", text)
}

/// A ticket to which support had answered with the files, and whose close waits for them. Gives our id.
async fn closing(world: &World, vendor: &str, account: &str, key: &str, files: Vec<SimulatedFile>) -> String {
    let (ticket, cloud_id) = world.create(vendor, account, key).await;
    world.simulated(vendor).support_answers(&cloud_id, "请看附件", world.now_ms(), files);
    let waiting = world.call(ApiEvent::close(&ticket)).await.expect(202).body;
    assert_eq!(waiting["state"], "closing");
    ticket
}

/// The copies of the ticket's files, by their place in the message.
async fn copies(world: &World, ticket: &str) -> Vec<AttachmentCopy> {
    world.copy_files().await;
    let mut copies = world.stack.app.store.attachments(&TicketId::parse(ticket).unwrap()).await.unwrap();
    copies.sort_by_key(|copy| copy.place);
    copies
}

/// Asserts that the copy is stored, and that the bucket has the file.
#[track_caller]
fn assert_stored(world: &World, copy: &AttachmentCopy, file: &SimulatedFile) {
    let bytes = file.content.bytes();
    assert_eq!((copy.state, copy.error), (CopyState::Stored, None), "{copy:?}");
    assert_eq!((copy.name.as_str(), copy.size), (file.name.as_str(), Some(bytes.len() as u64)));
    assert_eq!(copy.sha256.as_deref(), Some(sha256_hex(&bytes).as_str()));
    let path = world.stack.files.path().join("polydesk-files").join(copy.object_key.as_ref().unwrap());
    assert!(std::fs::read(&path).unwrap() == bytes, "{}", path.display());
}

fn summary(copy: &AttachmentCopy) -> (CopyState, Option<&'static str>, u32) {
    (copy.state, copy.error.map(ProblemCode::as_str), copy.attempts)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_archive_are_in_the_bucket_as_the_vendor_has_them() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        // One call, exactly one part, several parts, and nothing at all.
        let files = vec![log("第一行\n"), of_size("a.bin", 5 << 20), of_size("b.bin", 12_000_000), of_size("c", 0)];
        let ticket = closing(&world, vendor, account, "k1", files.clone()).await;
        let copies = copies(&world, &ticket).await;
        assert_eq!(copies.len(), 4, "{vendor}");
        for (copy, file) in copies.iter().zip(&files) {
            assert_stored(&world, copy, file);
            assert_eq!(copy.attempts, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_read_again_has_its_files_copied_once() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let ticket = closing(&world, vendor, account, "k1", vec![log("一"), log("二")]).await;
        let first = copies(&world, &ticket).await;
        let downloads = world.simulated(vendor).count(download(vendor));
        world.sync().await;
        assert_eq!(copies(&world, &ticket).await, first, "{vendor}");
        assert_eq!(world.simulated(vendor).count(download(vendor)), downloads, "{vendor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_fails_holds_up_no_other_and_is_tried_again() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let sim = world.simulated(vendor);
        sim.fault(FaultRule::times(download(vendor), 1, Fault::WrongLength { announced: 2_000 }));
        let ticket = closing(&world, vendor, account, "k1", vec![log("一"), log("二")]).await;
        let files = [log("一"), log("二")];
        // Which one is tried first is not said.
        let is_pending = |copy: &AttachmentCopy| copy.state == CopyState::Pending;
        let (failed, stored): (Vec<_>, Vec<_>) = copies(&world, &ticket).await.into_iter().partition(is_pending);
        let [failed] = failed.try_into().unwrap();
        assert_eq!(summary(&failed), (CopyState::Pending, Some("file_length_wrong"), 1), "{vendor}");
        assert_stored(&world, &stored[0], &files[stored[0].place]);
        // WHEN the schedule runs before it is due THEN nothing happens, and THEN it is copied
        world.copy_files().await;
        assert_eq!(copies(&world, &ticket).await[failed.place], failed, "{vendor}");
        world.clock.advance(NEXT_TRY);
        world.copy_files().await;
        let copies = copies(&world, &ticket).await;
        assert_stored(&world, &copies[failed.place], &files[failed.place]);
        assert_eq!(copies[failed.place].attempts, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_tried_for_a_day_with_growing_waits() {
    let (world, accounts) = World::ready().await;
    let sim = world.simulated("ALIBABA");
    sim.fault(FaultRule::always("GetObject", Fault::Redirect { location: "https://a.aliyuncs.com/".into() }));
    let ticket = closing(&world, "ALIBABA", &accounts.alibaba, "k1", vec![log("一")]).await;
    let begin_ms = copies(&world, &ticket).await[0].create_time;
    let mut tried = Vec::new();
    for _ in 0..24 * 12 + 2 {
        world.clock.advance(Duration::from_mins(5));
        let before = sim.count("GetObject");
        world.copy_files().await;
        if sim.count("GetObject") > before {
            tried.push((world.now_ms() - begin_ms) / 60_000);
        }
    }
    let copy = copies(&world, &ticket).await.remove(0);
    assert_eq!((copy.state, copy.error), (CopyState::Failed, Some(ProblemCode::FileRedirected)));
    let day = COPY_TIME_MS / 60_000;
    assert_eq!(*tried.last().unwrap(), day, "{tried:?}");
    let waits: Vec<_> = tried.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(waits[..6], [10, 20, 40, 80, 160, 160], "{waits:?}");
    // It is not tried any more.
    sim.no_faults();
    world.clock.advance(Duration::from_hours(24));
    world.copy_files().await;
    assert_eq!(copies(&world, &ticket).await[0], copy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_over_the_limit_is_not_stored() {
    let (world, accounts) = World::ready_with(&[("MAX_ATTACHMENT_MIB", "1")]).await;
    for (vendor, account) in accounts.both() {
        let files = vec![of_size("a.bin", 1 << 20), of_size("b.bin", (1 << 20) + 1)];
        let ticket = closing(&world, vendor, account, "k1", files.clone()).await;
        let [whole, large] = copies(&world, &ticket).await.try_into().unwrap();
        assert_stored(&world, &whole, &files[0]);
        assert_eq!(summary(&large), (CopyState::TooLarge, Some("file_too_large"), 1), "{vendor}");
        assert_eq!((large.size, large.object_key), (None, None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endless_file_ends_at_the_limit_and_leaves_no_part_in_the_bucket() {
    let (world, accounts) = World::ready_with(&[("MAX_ATTACHMENT_MIB", "12")]).await;
    for (vendor, account) in accounts.both() {
        world.simulated(vendor).fault(FaultRule::always(download(vendor), Fault::Endless));
        let ticket = closing(&world, vendor, account, "k1", vec![log("一")]).await;
        let copy = copies(&world, &ticket).await.remove(0);
        assert_eq!(summary(&copy), (CopyState::TooLarge, Some("file_too_large"), 1), "{vendor}");
    }
    let left = std::fs::read_dir(world.stack.files.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("part")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_has_expired_is_read_again() {
    let (world, accounts) = World::ready().await;
    let ticket = closing(&world, "ALIBABA", &accounts.alibaba, "k1", vec![log("一"), log("二")]).await;
    world.clock.advance(Duration::from_hours(2));
    let sim = world.simulated("ALIBABA");
    let (notes, downloads) = (sim.count("ListTicketNotes"), sim.count("GetObject"));
    let copies = copies(&world, &ticket).await;
    assert_stored(&world, &copies[0], &log("一"));
    assert_stored(&world, &copies[1], &log("二"));
    // One reading for both files; only the first one was tried with its old link.
    assert_eq!((sim.count("ListTicketNotes") - notes, sim.count("GetObject") - downloads), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_message_that_no_item_holds_are_copied_too() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (ticket, cloud_id) = world.create(vendor, account, "k1").await;
        let text = "您好".repeat(60_000);
        world.simulated(vendor).support_answers(&cloud_id, &text, world.now_ms(), vec![log("一")]);
        world.call(ApiEvent::close(&ticket)).await.expect(202);
        let copies = copies(&world, &ticket).await;
        assert_stored(&world, &copies[0], &log("一"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_never_ended_is_made_again() {
    let (world, accounts) = World::ready().await;
    let ticket = closing(&world, "HUAWEI", &accounts.huawei, "k1", vec![log("一")]).await;
    let store = &world.stack.app.store;
    let message = store.messages(&TicketId::parse(&*ticket).unwrap(), 100, None).await.unwrap().items.pop().unwrap();
    assert_eq!(message.attachments.len(), 1);
    // GIVEN a run that was stopped in its attempt
    let position = shared::domain::MessagePosition {
        create_time: message.create_time,
        order: 0,
        message_id: message.message_id.clone(),
    };
    let id = TicketId::parse(&*ticket).unwrap();
    let copy =
        AttachmentCopy::of_message(Vendor::Alibaba, &id, &position, &message.attachments, world.now_ms()).remove(0);
    store.register_attachment(&copy).await.unwrap();
    let lease_ms = world.now_ms() + 360_000;
    assert!(store.begin_attachment(&copy, lease_ms).await.unwrap().is_some());
    assert_eq!(store.begin_attachment(&copy, lease_ms).await.unwrap(), None, "two runs copy at once");
    // WHEN it is registered again, and the schedule runs, THEN the file is left alone
    world.copy_files().await;
    assert_eq!(summary(&copies(&world, &ticket).await[0]), (CopyState::Pending, None, 1));
    // AND copied once the lease has ended
    world.clock.advance(NEXT_TRY);
    world.copy_files().await;
    assert_stored(&world, &copies(&world, &ticket).await[0], &log("一"));
}
