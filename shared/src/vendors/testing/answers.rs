//! Answers that a client cannot use.

use super::{Step, ok, status};

/// Refusals in the format of a gateway on the way: the outcome of a write is unknown.
pub fn foreign_refusals() -> [Step; 3] {
    [
        status(403, r#"{"code":403,"message":"blocked"}"#),
        status(429, r#"{"code":"429","message":"slow down"}"#),
        status(400, r#"{"error":{"code":400,"message":"bad"}}"#),
    ]
}

/// Answers that leave the outcome of a write unknown, each with its name.
pub fn unusable_answers() -> Vec<(&'static str, Step)> {
    vec![
        ("no answer", Step::NoAnswer),
        ("too large", Step::TooLarge),
        ("500", status(500, "{}")),
        ("502 page", status(502, "<html>bad gateway</html>")),
        ("HTML with 200", ok("<html>hello</html>")),
        ("HTML with 403", status(403, "<html>go away</html>")),
        ("cut JSON", ok(r#"{"Success":true,"Da"#)),
        ("a list", ok("[1,2]")),
        ("another shape", ok(r#"{"hello":"world"}"#)),
    ]
}
