//! Which actions end a ticket.

use super::{china, client, file};
use crate::{
    error::ErrorKind,
    vendors::{
        TicketVendor,
        testing::{ScriptedSender, Step, cloud_id, ok},
    },
};

#[tokio::test]
async fn closing_follows_the_status_and_tries_the_other_action_once() {
    let state = |code: u32| ok(format!(r#"{{"status":{code}}}"#));
    let refused = || file("error-OSM.01010013");
    let internal = || file("error-OSM.01010014");
    let unlisted = || ok(r#"{"error_code":"OSM.01010040","error_msg":"m"}"#);
    let done = || ok("{}");
    type Case = (&'static str, Vec<Step>, Vec<&'static str>, Option<ErrorKind>);
    let cases: Vec<Case> = vec![
        ("ended", vec![state(3)], vec!["status"], None),
        ("cancelled", vec![state(4)], vec!["status"], None),
        ("invalid", vec![state(12)], vec!["status"], None),
        ("deleted", vec![state(13)], vec!["status"], None),
        ("waiting", vec![state(0), done()], vec!["status", "cancel"], None),
        ("processing", vec![state(1), done()], vec!["status", "close"], None),
        ("to confirm", vec![state(2), done()], vec!["status", "close"], None),
        ("paused", vec![state(5), done()], vec!["status", "close"], None),
        ("feedback", vec![state(17), done()], vec!["status", "close"], None),
        ("unknown", vec![state(20), done()], vec!["status", "close"], None),
        ("ended meanwhile", vec![state(1), refused(), state(3)], vec!["status", "close", "status"], None),
        (
            "taken up meanwhile",
            vec![state(0), refused(), state(1), done()],
            vec!["status", "cancel", "status", "close"],
            None,
        ),
        (
            "failed, says the vendor",
            vec![state(0), internal(), state(1), done()],
            vec!["status", "cancel", "status", "close"],
            None,
        ),
        (
            "refused twice",
            vec![state(1), refused(), state(1), refused(), state(1)],
            vec!["status", "close", "status", "cancel", "status"],
            Some(ErrorKind::Conflict),
        ),
        (
            "refused twice with an unlisted code",
            vec![state(1), unlisted(), state(1), unlisted(), state(1)],
            vec!["status", "close", "status", "cancel", "status"],
            Some(ErrorKind::Conflict),
        ),
        (
            "ended after all",
            vec![state(1), refused(), state(1), refused(), state(4)],
            vec!["status", "close", "status", "cancel", "status"],
            None,
        ),
        ("no such ticket", vec![file("error-OSM.01010015")], vec!["status"], Some(ErrorKind::NotFound)),
        (
            "no right",
            vec![state(1), file("error-OSM.01010002")],
            vec!["status", "close"],
            Some(ErrorKind::PermissionDenied),
        ),
    ];
    for (name, steps, expected, kind) in cases {
        let script = ScriptedSender::new(steps);
        let result = client(&script).close_ticket(&china(), &cloud_id("TT1")).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{name}");
        let calls: Vec<String> =
            script.targets().iter().map(|target| target.rsplit(['/', '=']).next().unwrap().to_owned()).collect();
        assert_eq!(calls, expected, "{name}");
    }
}
