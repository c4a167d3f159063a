//! Reading: tickets, their messages, the catalog, the vendors.

mod catalog;
mod changes;
mod messages;
mod payload;
mod removed_products;
mod tickets;
mod vendors;

use crate::support::{Answer, ApiEvent, World};

/// Asserts what every list refuses: bad limits, unknown and doubled parameters, cursors that were not made for it.
async fn assert_refuses_bad_pages(world: &World, event: impl Fn() -> ApiEvent) {
    for limit in ["0", "101", "-1", "abc", "1.5", ""] {
        let refused = world.call(event().query(&format!("limit={limit}"))).await;
        refused.expect_problem(400, "invalid_fields").expect_field("limit");
    }
    let unknown = world.call(event().query("page=2")).await;
    unknown.expect_problem(400, "invalid_fields").expect_field("page");
    for cursor in ["x", "AAAA", "%E5%B7%A5%E5%8D%95", "e30", ""] {
        let refused = world.call(event().query(&format!("cursor={cursor}"))).await;
        assert_cursor_refused(refused);
    }
}

fn assert_cursor_refused(answer: Answer) {
    answer.expect_problem(400, "invalid_cursor").expect_field("cursor");
}

/// Asserts that a cursor is refused once any character of it is another.
async fn assert_sealed(world: &World, event: impl Fn() -> ApiEvent, filters: &str, cursor: &str) {
    for position in [0, cursor.len() / 2, cursor.len() - 2] {
        let mut forged: Vec<char> = cursor.chars().collect();
        forged[position] = if forged[position] == 'A' { 'B' } else { 'A' };
        let forged: String = forged.into_iter().collect();
        let refused = world.call(event().query(&format!("{filters}&cursor={forged}"))).await;
        assert_cursor_refused(refused);
    }
}

/// `text` as it stands in a query.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
