//! Who made the change of a ticket.

use super::*;

#[test]
fn the_event_of_a_ticket_names_who_made_the_change() {
    let actor = |id: &str| json!({"M": {"id": {"S": id}, "name": {"S": "canary"}}});
    let all = json!({
        "created_by": actor("creator"), "closed_by": actor("closer"), "urged_by": actor("urger"),
        "closings": {"L": [{"M": {"close_time": {"N": "1"}, "reopened_by": actor("reopener")}}]},
    });
    let image = |state: &str, more: Value| Some(with(with(ticket_image(state), &all), &more));
    let made_by = |old: Option<Value>, new: Option<Value>| event(old, new).unwrap().1["actor"].clone();
    let no = || json!({});
    for (from, to, id) in [
        ("creating", "open", "creator"),
        ("creating", "unknown", "creator"),
        ("open", "closing", "closer"),
        ("closing", "closed", "closer"),
        ("closed", "open", "reopener"),
    ] {
        assert_eq!(made_by(image(from, no()), image(to, no())), id, "{from} to {to}");
    }
    let resolved = json!({"resolved_by": actor("resolver")});
    assert_eq!(made_by(image("indeterminate", no()), image("open", resolved)), "resolver");
    let urged = json!({"urge_time": {"N": "5"}});
    assert_eq!(made_by(image("open", no()), image("open", urged)), "urger");
    let rating = json!({"rating": {"M": {
        "solved": {"BOOL": true}, "score": {"N": "5"}, "time": {"N": "5"}, "comment": {"S": "canary"},
        "by": actor("rater"),
    }}});
    assert_eq!(made_by(image("closed", no()), image("closed", rating)), "rater");
    let erased = json!({"erased": {"M": {"time": {"N": "5"}, "by": {"S": "eraser"}, "state": {"S": "pending"}}}});
    assert_eq!(made_by(image("closed", no()), image("closed", erased)), "eraser");
    let withdrawn = json!({"withdrawals": {"L": [{"M": {
        "message_id": {"S": "m1"}, "time": {"N": "5"}, "by": actor("withdrawer"),
    }}]}});
    assert_eq!(made_by(image("open", no()), image("open", withdrawn)), "withdrawer");
    assert_eq!(made_by(image("creating", no()), None), "creator");
    // What the sync finds is nobody's.
    let at_vendor = json!({"vendor_status": {"N": "3"}});
    assert_eq!(made_by(image("open", no()), image("open", at_vendor)), Value::Null);
    assert_eq!(made_by(image("unknown", no()), None), Value::Null);
    assert_eq!(made_by(image("closing", no()), image("open", no())), Value::Null);
}
