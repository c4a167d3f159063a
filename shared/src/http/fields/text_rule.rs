//! What a text of a caller may hold.

use crate::domain::visible::is_visible;

/// What a text may hold.
#[derive(Clone, Copy, Debug)]
pub struct TextRule {
    /// The most characters.
    pub max_chars: usize,
    /// Whether line breaks and tabs are allowed.
    pub multi_line: bool,
}

/// The rule of a vendor's id of a message.
pub const MESSAGE_ID_RULE: TextRule = TextRule { max_chars: 200, multi_line: false };

impl TextRule {
    /// The text, or the rule that it breaks.
    pub(in crate::http) fn read(self, text: &str) -> Result<String, String> {
        if text.trim().is_empty() {
            return Err("must not be empty".to_owned());
        }
        if !text.chars().any(is_visible) {
            return Err("must have a visible character".to_owned());
        }
        let chars = text.chars().count();
        if chars > self.max_chars {
            return Err(format!("must be at most {} characters; it has {chars}", self.max_chars));
        }
        let allowed = |c: char| !c.is_control() || (self.multi_line && matches!(c, '\n' | '\r' | '\t'));
        if text.chars().all(allowed) {
            return Ok(text.to_owned());
        }
        let exception = if self.multi_line { " other than line breaks and tabs" } else { "" };
        Err(format!("must not hold control characters{exception}"))
    }
}
