use serde_json::json;

use super::*;

#[test]
fn an_event_of_ours_names_its_ticket() {
    for detail_type in ["TicketClosed", "TicketUpdated"] {
        let event = json!({"source": "polydesk", "detail-type": detail_type, "detail": {"ticket_id": "T1"}});
        assert_eq!(ticket_of(&event).unwrap().as_str(), "T1");
    }
    for event in [
        json!({}),
        json!({"source": "aws.events", "detail": {"ticket_id": "T1"}}),
        json!({"source": "polydesk", "detail": {"run_id": "R1"}}),
        json!({"source": "polydesk", "detail": {"ticket_id": "a/b"}}),
        json!({"source": "polydesk", "detail": {"ticket_id": 1}}),
    ] {
        assert!(ticket_of(&event).is_err(), "{event}");
    }
}
