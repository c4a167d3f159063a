//! The archive: repeatable writes, the vendor's order, long texts, many files, pages.

use shared::{
    domain::{ArchivedMessage, Attachment, KnownMessages, Message, MessagePosition, MessageType, Placement, TicketId},
    problem_code::ProblemCode,
    store::{ArchiveCommit, CloseReason, CloseStart, Store},
};

use super::{NOW_MS, OWN_LEASE, UNTIL_MS, archive, cloud_id, lease, open, seed, store, ticket, ticket_id};
use crate::support::World;

/// A ticket that is `closing` under [`OWN_LEASE`].
async fn closing(world: &World, id: &str) -> TicketId {
    let store = store(world);
    seed(store).await;
    let ticket = open(store, &ticket(id, NOW_MS), id).await;
    let start = store.start_close(&ticket.id, Some(CloseReason::Asked), NOW_MS, &OWN_LEASE).await.unwrap();
    assert!(matches!(start, CloseStart::Closing(..)), "{start:?}");
    ticket.id
}

fn message(id: impl Into<String>, create_time: i64, content: impl Into<String>) -> Message {
    Message {
        message_id: id.into(),
        message_type: MessageType::Support,
        replier: Some("osm-engineer".into()),
        replier_name: Some("工程师".into()),
        content: content.into(),
        create_time,
        origin_known: true,
        time_known: true,
        attachments: Vec::new(),
        unreadable_attachments: 0,
    }
}

/// The messages as the archive keeps them, in the vendor's order.
fn placed(ticket: &TicketId, messages: Vec<Message>) -> Vec<(MessagePosition, ArchivedMessage)> {
    let case_id = cloud_id("C1");
    let placements = KnownMessages::default().place(&messages).into_iter().map(|placement| match placement {
        Placement::New(position) => position,
        known => panic!("{known:?}"),
    });
    let messages = messages.iter().map(|message| ArchivedMessage::new(ticket, &case_id, message.clone()));
    placements.zip(messages).collect()
}

/// The message as the vendor shows it.
fn shown(archived: &ArchivedMessage) -> Message {
    message(archived.message_id.clone(), archived.create_time, archived.content.clone())
}

/// The sizes of the pages, and all messages in order.
async fn read_pages(store: &Store, ticket: &TicketId, limit: usize) -> (Vec<usize>, Vec<ArchivedMessage>) {
    let (mut sizes, mut all) = (Vec::new(), Vec::new());
    let mut after: Option<MessagePosition> = None;
    loop {
        let page = store.messages(ticket, limit, after.as_ref()).await.unwrap();
        assert!(page.items.len() <= limit);
        sizes.push(page.items.len());
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return (sizes, all);
        }
    }
}

fn only(placed: Vec<(MessagePosition, ArchivedMessage)>) -> Vec<ArchivedMessage> {
    placed.into_iter().map(|(_, message)| message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_again_writes_the_same_items() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let messages = placed(
        &id,
        vec![
            message("m1", NOW_MS, "您好 👋"),
            message("m2", NOW_MS, "x".repeat(700_000)),
            Message {
                message_type: MessageType::Customer,
                replier: None,
                replier_name: None,
                attachments: vec![Attachment { name: "日志.txt".into(), id: Some("f1".into()), url: None }],
                ..message("m3", NOW_MS + 1, "")
            },
        ],
    );
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    let before = world.table().await;
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    assert_eq!(world.table().await, before);
    assert_eq!(read_pages(store, &id, 10).await.1, only(messages));
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_one_millisecond_keep_the_vendors_order() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    // Ids that sort against the order, and more than nine of them.
    let texts = (0..25).rev().map(|number| message(format!("m{number}"), NOW_MS, "x"));
    let messages = placed(&id, texts.collect());
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    for limit in [1, 2, 7, 24, 25, 26] {
        assert_eq!(read_pages(store, &id, limit).await.1, only(messages.clone()), "{limit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_is_split_between_characters_and_joined_again() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    // Lengths of one to four bytes, so that cuts fall inside of characters somewhere.
    let long = |start: &str| format!("{start}{}", "工单👋é".repeat(100_000));
    let messages = placed(
        &id,
        vec![
            message("before", NOW_MS, "short"),
            message("m1", NOW_MS, long("")),
            message("m2", NOW_MS, long("a")),
            message("after", NOW_MS + 1, "short"),
        ],
    );
    assert!(messages[1].1.content.len() > 1_000_000);
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    for limit in [1, 10] {
        assert_eq!(read_pages(store, &id, limit).await.1, only(messages.clone()));
    }
    let shown: Vec<_> = messages.iter().map(|(_, message)| shown(message)).collect();
    let placed = store.known_messages(&id).await.unwrap().place(&shown);
    let known = messages.into_iter().map(|(position, _)| Placement::Known { position, changed: false });
    assert_eq!(placed, known.collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_before_it_outgrows_an_answer() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let texts = (0..7).map(|number| message(format!("m{number}"), NOW_MS + number, "é".repeat(400_000)));
    let messages = placed(&id, texts.collect());
    // One by one: the embedded engine takes its time for megabytes at once.
    for message in &messages {
        store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, vec![message.clone()]).await.unwrap();
    }
    let (sizes, all) = read_pages(store, &id, 100).await;
    assert!(all == only(messages), "an archive of {} messages differs", all.len());
    // 800 KB each, 5 MiB a page.
    assert_eq!(sizes, [6, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_archive_of_2500_messages_is_complete() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let texts =
        (0..2_500).map(|number| message(format!("m{number}"), NOW_MS + number / 3 * 1_000, format!("#{number} 工单")));
    let messages = placed(&id, texts.collect());
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    let shown: Vec<_> = messages.iter().map(|(_, message)| shown(message)).collect();
    let placed = store.known_messages(&id).await.unwrap().place(&shown);
    assert!(placed.iter().all(|placement| matches!(placement, Placement::Known { changed: false, .. })));
    let (sizes, all) = read_pages(store, &id, 100).await;
    assert!(all == only(messages), "an archive of {} messages differs", all.len());
    assert_eq!(sizes.iter().filter(|size| **size == 100).count(), 25, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_one_moment_may_be_longer_than_a_transaction() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let texts = (0..16).map(|number| message(format!("m{number:02}"), NOW_MS, "x".repeat(290_000)));
    let messages = placed(&id, texts.collect());
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    let all = read_pages(store, &id, 100).await.1;
    assert!(all == only(messages), "an archive of {} messages differs", all.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_takes_effect_after_its_lease_changes_nothing() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let messages = placed(&id, vec![message("m1", NOW_MS, "first")]);
    let (position, first) = messages[0].clone();
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap();
    // GIVEN another run, which has seen a newer text
    let next = lease(UNTIL_MS + 60_000);
    store.start_close(&id, Some(CloseReason::Asked), UNTIL_MS + 1, &next).await.unwrap();
    let edited = first.clone().revised(ArchivedMessage { content: "second".into(), ..first }, NOW_MS + 9).unwrap();
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &next, vec![(position, edited)]).await.unwrap();
    // WHEN the write of the first run takes effect, before the commit and after it, THEN nothing changes
    let late = async || {
        let before = world.table().await;
        let error =
            store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages.clone()).await.unwrap_err();
        assert!(error.is(ProblemCode::CloseLeaseLost), "{error:?}");
        assert_eq!(world.table().await, before);
    };
    late().await;
    let ticket = store.ticket(&id).await.unwrap().unwrap();
    let commit = ArchiveCommit { lease: &next, ..archive(&ticket, UNTIL_MS + 2, 1, "d") };
    store.commit_closed(&commit).await.unwrap();
    late().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_do_not_mix() {
    let world = World::start().await;
    let store = store(&world);
    // One id begins with the other.
    for id in ["T1", "T11"] {
        let id = closing(&world, id).await;
        let messages = placed(&id, vec![message("m1", NOW_MS, id.as_str())]);
        store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, messages).await.unwrap();
    }
    for id in ["T1", "T11"] {
        let all = read_pages(store, &ticket_id(id), 10).await.1;
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].content, id);
    }
    assert!(read_pages(store, &ticket_id("T2"), 10).await.1.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_more_links_than_an_item_holds_and_its_older_texts_are_kept() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let link = |number: u32| format!("https://example.aliyuncs.com/{number}?Signature={}", "x".repeat(1_000));
    let attachments: Vec<_> = (0..500)
        .map(|number| Attachment { name: format!("{number}.png"), id: None, url: Some(link(number)) })
        .collect();
    let long = Message { attachments, ..message("m1", NOW_MS, "长".repeat(100_000)) };
    let [(position, first)] = <[_; 1]>::try_from(placed(&id, vec![long])).unwrap();
    store
        .archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, vec![(position.clone(), first.clone())])
        .await
        .unwrap();
    assert_eq!(only_message(store, &id).await, first);
    // The parts of an edited message are written before the message: what is read in between is the older one.
    let edited = first.clone().revised(ArchivedMessage { content: "短".into(), ..first.clone() }, NOW_MS + 9).unwrap();
    store
        .archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, vec![(position.clone(), edited.clone())])
        .await
        .unwrap();
    assert_eq!(only_message(store, &id).await, edited);
    assert_eq!(edited.revisions[0].content, first.content);
    assert_eq!(store.message(&id, &position).await.unwrap(), Some(edited));
}

async fn only_message(store: &Store, id: &TicketId) -> ArchivedMessage {
    let [message] = <[_; 1]>::try_from(read_pages(store, id, 10).await.1).unwrap();
    message
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_one_text_with_other_links_do_not_replace_each_other() {
    let world = World::start().await;
    let store = store(&world);
    let id = closing(&world, "T1").await;
    let text = "长".repeat(200_000);
    let signed = |signature: &str| {
        let link = format!("https://example.aliyuncs.com/1.png?Signature={signature}");
        let attachment = Attachment { name: "1.png".into(), id: None, url: Some(link) };
        placed(&id, vec![Message { attachments: vec![attachment], ..message("m1", NOW_MS, text.clone()) }])
    };
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, signed("a")).await.unwrap();
    // GIVEN another run, which was shown another signature
    let (next, later) = (lease(UNTIL_MS + 60_000), signed("another"));
    store.start_close(&id, Some(CloseReason::Asked), UNTIL_MS + 1, &next).await.unwrap();
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &next, later.clone()).await.unwrap();
    // WHEN the parts of the first run take effect after that, THEN they harm nothing
    store.archive_messages(&ticket(id.as_str(), NOW_MS), &OWN_LEASE, signed("a")).await.unwrap_err();
    assert_eq!(only_message(store, &id).await, later[0].1);
}
