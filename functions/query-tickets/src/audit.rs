//! The list of audit records.

use http::Response;
use shared::{
    app::App,
    error::Result,
    http::{
        Fields, HttpCall,
        fields::{MAX_TIME_MS, TextRule},
        page::Cursors,
    },
    store::AuditFilter,
};

/// The rule of an actor's id. An ARN has at most 2,048 characters.
pub const ACTOR_RULE: TextRule = TextRule { max_chars: 2048, multi_line: false };

/// Answers the page that the query string asks for, newest first.
///
/// # Errors
/// `invalid_fields`, `invalid_cursor`, and the store's failures.
pub async fn list(app: &App, call: &HttpCall) -> Result<Response<String>> {
    let mut fields = Fields::of_query(&call.query);
    let filter = AuditFilter {
        actor: fields.optional_text("actor", ACTOR_RULE),
        ticket: fields.optional_id("ticket_id"),
        account: fields.optional_id("custom_id"),
        from_ms: fields.optional_integer("from", 0, MAX_TIME_MS),
        to_ms: fields.optional_integer("to", 0, MAX_TIME_MS),
    };
    let (limit, cursor) = fields.page();
    fields.finish(|| Some(()))?;
    let cursors = Cursors::new(&app.config.cursor_key, format!("/audit {filter:?}"));
    let after: Option<String> = cursors.position(cursor.as_deref())?;
    cursors.answer(app.store.audit_records(&filter, limit, after.as_deref()).await?)
}
