//! An erasure that was stopped after its mark, and what is written late.

use shared::{
    domain::{Attachment, AttachmentCopy, Erasure, ErasureState, MessagePosition, TicketId, Vendor},
    store::{DueWork, Lease, StoredFile},
};

use super::{CANARY, SETTLE, closed, erase, found, items};
use crate::support::{ApiEvent, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_erasure_is_finished_by_the_schedule_or_a_repeat() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        for by_schedule in [true, false] {
            // GIVEN a run that ended after the mark
            let (id, _) = closed(&world, vendor, account, &format!("k{by_schedule}")).await;
            let ticket = TicketId::parse(&*id).unwrap();
            let erasure = Erasure { time: world.now_ms(), by: None, reason: None, state: ErasureState::Pending };
            world.stack.app.store.mark_erased(&ticket, &erasure).await.unwrap();
            assert!(found(&world).await.len() > 4, "{vendor}");
            // THEN readers see nothing of it
            world.call(ApiEvent::of("GET /tickets/{id}/messages").id(&id)).await.expect(410);
            // WHEN the schedule runs, or the caller repeats the request
            if by_schedule {
                world.copy_files().await;
            } else {
                erase(&world, &id).await;
                assert_eq!(items(&world, &id).await, ["ANSWER", "REPLY", "TICKET"], "{vendor}");
                world.copy_files().await;
            }
            assert_eq!(found(&world).await, Vec::<String>::new(), "{vendor} {by_schedule}");
            world.clock.advance(SETTLE);
            world.copy_files().await;
            assert_eq!(world.ticket(&id).await["erased"]["state"], "done");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_late_is_refused_or_erased_too() {
    let (world, accounts) = World::ready().await;
    // In boxes: the whole must fit the stack of a thread in debug builds.
    for (vendor, account) in accounts.both() {
        let (id, _) = Box::pin(closed(&world, vendor, account, "k1")).await;
        let (store, ticket) = (&world.stack.app.store, TicketId::parse(&*id).unwrap());
        // GIVEN a recheck that had begun, with messages and files that it is about to write
        world.clock.advance(SETTLE);
        let lease = Lease { token: "recheck".into(), until_ms: world.now_ms() + 60_000 };
        let rechecked = Box::pin(store.start_recheck(&ticket, world.now_ms(), &lease)).await.unwrap().unwrap();
        let message = store.messages(&ticket, 1, None).await.unwrap().items.remove(0);
        let position =
            MessagePosition { create_time: message.create_time, order: 90, message_id: format!("late-{vendor}") };
        let file = Attachment { name: format!("{CANARY}.log"), id: None, url: None };
        let copy = AttachmentCopy::of_message(Vendor::Alibaba, &ticket, &position, &[file], world.now_ms()).remove(0);
        let replies = store.replies(&ticket).await.unwrap();
        Box::pin(erase(&world, &id)).await;
        // WHEN it goes on, and a run of the sync that had listed it gives it another due time
        store.postpone(&DueWork::Recheck(ticket.clone()), world.now_ms() + 90_000, 0).await.unwrap();
        let late = Box::pin(store.archive_messages(&rechecked, &lease, vec![(position, message)])).await;
        assert_eq!(late.unwrap_err().code(), "close_lease_lost", "{vendor}");
        Box::pin(store.end_recheck(&ticket, &lease, None)).await.unwrap();
        assert!(!store.remove_reply(&replies[0]).await.unwrap());
        Box::pin(store.register_attachment(&copy)).await.unwrap();
        let stored = StoredFile { object_key: CANARY.into(), size: 1, sha256: String::new(), etag: None };
        Box::pin(store.finish_attachment(&copy, &stored, world.now_ms())).await.unwrap();
        store.save_page(&ticket, "r", 0, CANARY, world.now_ms()).await.unwrap();
        let folder = world.stack.files.path().join("polydesk-files");
        let object = folder.join(format!("attachments/{id}/late/{vendor}.log"));
        std::fs::create_dir_all(object.parent().unwrap()).unwrap();
        std::fs::write(&object, CANARY).unwrap();
        let transcript = folder.join(format!("{}html", world.stored(&id).await.transcript_prefix()));
        std::fs::create_dir_all(transcript.parent().unwrap()).unwrap();
        std::fs::write(&transcript, CANARY).unwrap();
        Box::pin(world.sync()).await;
        // THEN the schedule erases what came before the end
        Box::pin(world.copy_files()).await;
        world.clock.advance(SETTLE);
        Box::pin(world.copy_files()).await;
        assert_eq!(found(&world).await, Vec::<String>::new(), "{vendor}");
        assert!(!object.exists() && !transcript.exists(), "{vendor}");
        assert_eq!(world.ticket(&id).await["erased"]["state"], "done");
    }
}

impl World {
    async fn stored(&self, id: &str) -> shared::domain::Ticket {
        self.stack.app.store.ticket(&TicketId::parse(id).unwrap()).await.unwrap().unwrap()
    }
}
