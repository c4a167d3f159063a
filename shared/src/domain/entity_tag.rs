//! Entity tags: the names of what was answered, and what a caller says of them in `If-Match` (RFC 9110, sections 8.8.3
//! and 13.1.1).

use std::fmt;

use crate::digest::sha256_hex;

/// The characters of a tag between its quotes: 128 bits of the body's digest.
pub const TAG_CHARS: usize = 32;

/// The strong tag of an answer, with its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of an answer with this body.
    pub fn of(body: &str) -> Self {
        let digest = sha256_hex(body);
        Self(format!("\"{}\"", digest.get(..TAG_CHARS).unwrap_or(&digest)))
    }

    /// The tag as it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the caller of a write has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: anything, as long as it is there.
    Any,
    /// One of these strong tags. A weak one is left out, because it never matches.
    OneOf(Vec<String>),
}

impl IfMatch {
    /// The rule of the header's value, for a person to read.
    pub const RULE: &'static str =
        "must be *, or one or more entity tags with their quotes and commas between them, as ETag gives them";

    /// Reads the header's value. `None` where it breaks the rule.
    pub fn parse(value: &str) -> Option<Self> {
        if value.trim() == "*" {
            return Some(Self::Any);
        }
        let (mut rest, mut count, mut strong) = (value, 0_u32, Vec::new());
        loop {
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                return (count > 0).then_some(Self::OneOf(strong));
            }
            let weak = rest.strip_prefix("W/");
            let (tag, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
            if !tag.bytes().all(|byte| byte == 0x21 || byte > 0x22 && byte != 0x7f) {
                return None;
            }
            if weak.is_none() {
                strong.push(format!("\"{tag}\""));
            }
            count += 1;
            rest = after.trim_start_matches([' ', '\t']);
            if !(rest.is_empty() || rest.starts_with(',')) {
                return None;
            }
        }
    }

    /// Whether what is there has one of the tags.
    pub fn matches(&self, tag: &EntityTag) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.iter().any(|one| one == tag.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_is_read() {
        let tag = EntityTag::of("body");
        assert_eq!(tag.as_str().len(), TAG_CHARS + 2);
        for (value, wanted) in [
            ("*".to_owned(), true),
            (" * ".to_owned(), true),
            (format!("{tag}"), true),
            (format!("\"a,b\" ,, {tag}"), true),
            (format!(", {tag},"), true),
            (format!("W/{tag}"), false),
            (format!("W/{tag}, W/\"\", \"\""), false),
            ("\"other\"".to_owned(), false),
        ] {
            assert_eq!(IfMatch::parse(&value).map(|seen| seen.matches(&tag)), Some(wanted), "{value}");
        }
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        let tag = EntityTag::of("body");
        let bare = tag.as_str().trim_matches('"').to_owned();
        for value in
            ["".to_owned(), ",".into(), bare, "\"a".into(), "w/\"a\"".into(), "\"a b\"".into(), "*, \"a\"".into()]
        {
            assert_eq!(IfMatch::parse(&value), None, "{value}");
        }
        assert_eq!(IfMatch::parse(&format!("{tag} {tag}")), None);
    }
}
