//! Texts that must stay secret, and texts that hold a secret by mistake.

use std::fmt;

/// A text that goes to the vendor and nowhere else: `Debug` never shows it, and it can't be serialized.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transparent))]
pub struct SecretText(String);

impl SecretText {
    /// Keeps `text` secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the request that it is part of.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(hidden)")
    }
}

/// What a text seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// The id of an access key, in the form of Alibaba, Tencent or AWS. Huawei's has no form of its own.
    AccessKey,
    /// A private key in PEM.
    PrivateKey,
    /// A name such as `password`, followed by a value.
    Assignment,
}

impl SecretKind {
    /// Says it, after "holds".
    pub const fn as_str(self) -> &'static str {
        match self {
            SecretKind::AccessKey => "what looks like an access key",
            SecretKind::PrivateKey => "what looks like a private key",
            SecretKind::Assignment => "what looks like a password or another secret with its name",
        }
    }
}

/// The begin of an id of an access key, and how many letters or digits follow it.
const ACCESS_KEYS: [(&str, usize, usize); 4] = [("LTAI", 12, 26), ("AKID", 13, 40), ("AKIA", 16, 16), ("ASIA", 16, 16)];
/// Names of secrets, without `_` and `-`. Also the end of a longer name counts, such as `db_password`.
const NAMES: [&str; 20] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secretkey",
    "secretaccesskey",
    "accesskey",
    "accesskeyid",
    "accesskeysecret",
    "apikey",
    "privatekey",
    "token",
    "credential",
    "credentials",
    "密码",
    "口令",
    "密钥",
    "私钥",
    "令牌",
];
/// How many characters around a sign are looked at.
const NEAR_CHARS: usize = 100;
/// The fewest characters of a value that counts as a secret.
const LEAST_CHARS: usize = 6;

/// What secret the text seems to hold: the first kind that is found. It may err both ways.
pub fn find_secret(text: &str) -> Option<SecretKind> {
    if has_private_key(text) {
        return Some(SecretKind::PrivateKey);
    }
    if words(text).any(is_access_key) {
        return Some(SecretKind::AccessKey);
    }
    text.lines().any(has_assignment).then_some(SecretKind::Assignment)
}

/// `-----BEGIN PRIVATE KEY-----`, also of a kind such as `RSA`.
fn has_private_key(text: &str) -> bool {
    text.split("-----BEGIN ")
        .skip(1)
        .any(|rest| rest.split("-----").next().is_some_and(|label| label.len() < 40 && label.ends_with("PRIVATE KEY")))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

fn is_access_key(word: &str) -> bool {
    ACCESS_KEYS
        .iter()
        .any(|(begin, least, most)| word.strip_prefix(begin).is_some_and(|rest| (*least..=*most).contains(&rest.len())))
}

/// `name = value`, `"name": "value"`, `name：value` or `密码是value`.
fn has_assignment(line: &str) -> bool {
    let signs = line.char_indices().filter(|(_, c)| matches!(c, '=' | ':' | '：' | '是' | '为'));
    signs.into_iter().any(|(at, sign)| {
        let (before, after) = (&line[..at], &line[at + sign.len_utf8()..]);
        ends_with_name(before) && is_secret_value(after, sign == '=')
    })
}

/// Looks at [`NEAR_CHARS`] before the sign only: a text may have a sign in each place.
fn ends_with_name(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '*'));
    let before = &before[before.char_indices().rev().nth(NEAR_CHARS).map_or(0, |(at, _)| at)..];
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let start =
        before.rfind(|c| !is_part(c)).map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
    let name: String = before[start..].chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    NAMES.iter().any(|known| name.ends_with(known))
}

/// Whether a value follows, within [`NEAR_CHARS`], that is no placeholder and no word of a sentence. After `=` any word
/// is a value.
fn is_secret_value(after: &str, is_equals: bool) -> bool {
    let after = &after[..after.char_indices().nth(NEAR_CHARS).map_or(after.len(), |(at, _)| at)];
    let value = after.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | ':'));
    let is_end = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '，' | '；' | '。');
    let value = value.split(is_end).next().unwrap_or_default();
    let is_placeholder = value.starts_with(['<', '$', '{', '[', '(', '%', '*'])
        || value.chars().all(|c| value.starts_with(c) || c == '.');
    let is_word = value.trim_end_matches(['.', '!', '?']).chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\''));
    let has_chars = value.chars().count() >= LEAST_CHARS;
    has_chars && value.is_ascii() && !is_placeholder && (is_equals || !is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_a_secret_text() {
        assert_eq!(format!("{:?}", Some(SecretText::new("canary".to_owned()))), "Some(SecretText(hidden))");
    }

    #[test]
    fn secrets_are_found_in_their_usual_forms() {
        for (text, kind) in [
            ("AK: LTAI5tExampleExampleExa1 不可用", SecretKind::AccessKey),
            ("SecretId=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", SecretKind::AccessKey),
            ("aws AKIAIOSFODNN7EXAMPLE failed", SecretKind::AccessKey),
            ("see\n-----BEGIN RSA PRIVATE KEY-----\nMIIE…", SecretKind::PrivateKey),
            ("-----BEGIN PRIVATE KEY-----", SecretKind::PrivateKey),
            ("password=hunter22", SecretKind::Assignment),
            ("mysql -u root --password=correct-horse", SecretKind::Assignment),
            (r#"{"db_password": "s3cr3t!"}"#, SecretKind::Assignment),
            ("Password: Tr0ub4dor&3", SecretKind::Assignment),
            ("root 密码：Abc@12345，请查看", SecretKind::Assignment),
            ("密码是 Abc12345", SecretKind::Assignment),
            ("export SECRET_KEY='wJalrXUtnFEMI/K7MDENG'", SecretKind::Assignment),
            ("Api-Key: 9f8e7d6c", SecretKind::Assignment),
        ] {
            assert_eq!(find_secret(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn ordinary_texts_hold_none() {
        for text in [
            "",
            "重启之后 SSH 一直超时 🙏",
            "I forgot my password: please reset it",
            "password: ******",
            "password=<your password>",
            "password=${DB_PASSWORD}",
            "token = xxxxxxxx",
            "The secret is out",
            "Password: expired!",
            "LTAI is the prefix of our keys",
            "status=running, region: cn-north-1",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----",
            "密码是什么？我们忘记了密码：请重置",
            "tokenizer: v2.13.3-beta",
        ] {
            assert_eq!(find_secret(text), None, "{text}");
        }
    }
}
