//! What a function answered.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

/// An answer of payload format 2.0.
pub struct Answer {
    /// HTTP status.
    pub status: u64,
    /// The body as JSON; null where it is empty. Of bytes, as the desk has them, it is their text.
    pub body: Value,
    /// The bytes of the whole answer as Lambda counts them: the body is an escaped JSON string.
    pub payload_bytes: usize,
    headers: Value,
}

impl Answer {
    /// Reads a function's answer. A text that is no JSON fails the test.
    pub fn read(answer: &Value) -> Self {
        let text = answer["body"].as_str().unwrap_or_default();
        let body = match (text.is_empty(), answer["isBase64Encoded"] == true) {
            (true, _) => Value::Null,
            (_, true) => String::from_utf8_lossy(&STANDARD.decode(text).expect(text)).into(),
            _ => serde_json::from_str(text).expect(text),
        };
        let (status, payload_bytes) = (answer["statusCode"].as_u64().unwrap(), answer.to_string().len());
        Self { status, body, payload_bytes, headers: answer["headers"].clone() }
    }

    /// A header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers[name].as_str()
    }

    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u64) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// Asserts a problem: status, code and media type.
    #[track_caller]
    pub fn expect_problem(self, status: u64, code: &str) -> Self {
        assert_eq!((self.status, &self.body["code"]), (status, &Value::from(code)), "{self}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.body["status"], status);
        assert!(!self.text("detail").is_empty() && !self.text("request_id").is_empty(), "{self}");
        self
    }

    /// Asserts that a problem names just this field.
    #[track_caller]
    pub fn expect_field(self, pointer: &str) -> Self {
        assert_eq!(self.pointers(), [pointer], "{self}");
        self
    }

    /// The fields that a problem names.
    pub fn pointers(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect()
    }

    /// A text field of the body.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_else(|| panic!("{name} is missing in {self}")).to_owned()
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap_or_else(|| panic!("no list: {self}"))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}
