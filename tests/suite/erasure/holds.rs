//! A hold keeps a ticket from being erased.

use serde_json::json;

use super::{closed, erase, found};
use crate::support::{ApiEvent, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_on_hold_is_not_erased() {
    let (world, accounts) = World::ready().await;
    for (vendor, account) in accounts.both() {
        let (id, _) = closed(&world, vendor, account, "k1").await;
        let hold = |reason: &str| ApiEvent::of("PUT /tickets/{id}/hold").id(&id).body(json!({"reason": reason}));
        let held = world.call(hold("Audit")).await.expect(200).body;
        let since = world.around_now(&held["hold"]["time"]);
        let by = "arn:aws:sts::123456789012:assumed-role/agent/agent";
        assert_eq!(held["hold"], json!({"time": since, "by": by, "reason": "Audit"}), "{vendor}");
        let texts = found(&world).await;
        let refused = world.call(ApiEvent::of("DELETE /tickets/{id}").id(&id)).await.expect(409);
        assert_eq!(refused.body["code"], "ticket_on_hold");
        assert_eq!(found(&world).await, texts);
        // The same hold again stays as it is, another reason takes its place.
        world.clock.advance(std::time::Duration::from_secs(1));
        assert_eq!(world.call(hold("Audit")).await.expect(200).body, held);
        let other = world.call(hold("Lawsuit")).await.expect(200).body;
        assert_eq!(other["hold"]["reason"], "Lawsuit");
        assert!(world.around_now(&other["hold"]["time"]) >= since + 1000);
        // Without the hold it is erased; ending none is no failure.
        for _ in 0..2 {
            let free = world.call(ApiEvent::of("DELETE /tickets/{id}/hold").id(&id)).await.expect(200).body;
            assert_eq!(free.get("hold"), None);
        }
        erase(&world, &id).await;
        for route in ["PUT /tickets/{id}/hold", "DELETE /tickets/{id}/hold"] {
            assert_eq!(world.call(ApiEvent::of(route).id(&id)).await.expect(410).body["code"], "ticket_erased");
        }
        world.copy_files().await;
        assert_eq!(found(&world).await, Vec::<String>::new());
    }
    for route in ["PUT /tickets/{id}/hold", "DELETE /tickets/{id}/hold"] {
        assert_eq!(world.call(ApiEvent::of(route).id("none")).await.expect(404).body["code"], "ticket_not_found");
    }
}
