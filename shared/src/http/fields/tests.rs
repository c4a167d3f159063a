//! What is refused, and how each bad field is named.

use super::*;

const LINE: TextRule = TextRule { max_chars: 5, multi_line: false };

fn pointers(error: &Error) -> Vec<&str> {
    error.fields().iter().map(|field| field.pointer.as_str()).collect()
}

#[test]
fn names_every_bad_field() {
    let body = br#"{"name": "", "title": "abcdef", "count": "x", "note": "a\u0007b", "extra/one": 1}"#;
    let mut fields = Fields::of_body(body).unwrap();
    fields.text("name", LINE);
    fields.text("title", LINE);
    fields.optional_integer("count", 1, 9);
    fields.text("note", LINE);
    fields.text("missing", LINE);
    let error = fields.finish(|| Some(())).unwrap_err();
    assert_eq!(pointers(&error), ["/name", "/title", "/count", "/note", "/missing", "/extra~1one"]);
    assert_eq!(error.code(), "invalid_fields");
}

#[test]
fn a_whole_number_may_have_a_fraction_of_zero() {
    for (json, wanted) in [("3", Some(3)), ("3.0", Some(3)), ("30e-1", Some(3)), ("3.5", None)] {
        let mut fields = Fields::of_body(format!(r#"{{"score": {json}}}"#).as_bytes()).unwrap();
        let score = fields.integer("score", 1, 5);
        assert_eq!(fields.finish(|| score).ok(), wanted, "{json}");
    }
}

#[test]
fn counts_characters_not_bytes() {
    let mut fields = Fields::of_body(r#"{"name": "工单工单👋"}"#.as_bytes()).unwrap();
    let name = fields.text("name", LINE);
    assert_eq!(fields.finish(|| name).unwrap(), "工单工单👋");
}

#[test]
fn a_null_counts_as_absent() {
    let mut fields = Fields::of_body(br#"{"name": null}"#).unwrap();
    assert_eq!(fields.optional_text("name", LINE), None);
    assert!(fields.finish(|| Some(())).is_ok());
}

#[test]
fn a_body_that_is_no_object_has_its_own_code() {
    let code = |body: &[u8]| Fields::of_body(body).map(drop).unwrap_err().code();
    assert_eq!(code(b""), "body_empty");
    assert_eq!(code(b"{"), "body_not_json");
    assert_eq!(code(b"\xff\xfe"), "body_not_json");
    assert_eq!(code(b"[]"), "body_not_an_object");
    assert_eq!(code(&vec![b' '; MAX_BODY_BYTES + 1]), "body_too_large");
    assert!(Fields::of_optional_body(b"").is_ok());
}

#[test]
fn query_parameters_occur_once_and_must_be_known() {
    let query = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let mut fields = Fields::of_query(&query(&[("q", "云 ECS"), ("limit", "7")]));
    let q = fields.optional_text("q", TextRule { max_chars: 50, multi_line: false });
    assert_eq!(q.as_deref(), Some("云 ECS"));
    assert_eq!(fields.optional_integer("limit", 1, 100), Some(7));
    assert!(fields.finish(|| Some(())).is_ok());

    let mut fields = Fields::of_query(&query(&[("limit", "1"), ("limit", "2"), ("nope", "1")]));
    fields.optional_integer("limit", 1, 100);
    assert_eq!(pointers(&fields.finish(|| Some(())).unwrap_err()), ["limit", "nope"]);
}
