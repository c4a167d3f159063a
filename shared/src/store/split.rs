//! Cutting a text that is too long for one item.

/// Cuts `text` into pieces of at most `max_bytes` bytes, between characters. An empty text is one empty piece.
pub(super) fn split(text: &str, max_bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > max_bytes {
        let (piece, tail) = rest.split_at(rest.floor_char_boundary(max_bytes));
        pieces.push(piece);
        rest = tail;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_cuts_between_characters_and_loses_nothing() {
        let text = "工单👋".repeat(100);
        let pieces = split(&text, 16);
        assert!(pieces.iter().all(|piece| piece.len() <= 16 && !piece.is_empty()));
        assert_eq!(pieces.concat(), text);
        assert_eq!(split("", 16), [""]);
        assert_eq!(split("abcd", 4), ["abcd"]);
    }
}
