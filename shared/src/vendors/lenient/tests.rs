//! JSON as the vendors write it, and the values that are read.

use super::*;
use crate::domain::known_messages::is_synthetic_id;

#[derive(Deserialize, Default, Debug, PartialEq)]
struct Sample {
    text: Text,
    number: Integer,
    #[serde(default, deserialize_with = "list")]
    list: Vec<i64>,
    #[serde(default, deserialize_with = "object")]
    nested: Nested,
}

#[derive(Deserialize, Default, Debug, PartialEq)]
struct Nested {
    text: Text,
}

fn sample(json: &str) -> Sample {
    serde_json::from_str(json).unwrap()
}

#[test]
fn scalars_are_read_in_any_form() {
    let full = sample(r#"{"text":7,"number":"42","list":[1],"nested":{"text":true},"more":{}}"#);
    assert_eq!(full.text.0.as_deref(), Some("7"));
    assert_eq!(full.number.0, Some(42));
    assert_eq!(full.nested.text.0.as_deref(), Some("true"));
    for empty in ["{}", r#"{"text":null,"number":null,"list":null,"nested":null}"#, r#"{"nested":"null"}"#] {
        assert_eq!(sample(empty), Sample::default());
    }
    assert!(serde_json::from_str::<Sample>(r#"{"text":{"a":1}}"#).is_err());
    assert!(serde_json::from_str::<Sample>(r#"{"list":"x"}"#).is_err());
}

#[test]
fn a_text_is_absent_in_four_ways() {
    for nothing in [None, Some(""), Some(" \t"), Some("null")] {
        assert_eq!(Text(nothing.map(str::to_owned)).non_blank(), None, "{nothing:?}");
    }
    assert_eq!(Text(Some("0".into())).non_blank().as_deref(), Some("0"));
}

#[test]
fn synthetic_ids_keep_parts_apart() {
    assert_ne!(synthetic_id(&["ab", "c"]), synthetic_id(&["a", "bc"]));
    assert_eq!(synthetic_id(&["ab"]), synthetic_id(&["ab"]));
    assert!(is_synthetic_id(&synthetic_id(&["ab"])));
    assert!(!is_synthetic_id("h-1") && !is_synthetic_id("1234567890123456789012345678901234"));
}

#[test]
fn only_a_whole_number_is_read_as_one() {
    for (json, number) in [
        ("7", Some(7)),
        ("-7", Some(-7)),
        (r#"" 42 ""#, Some(42)),
        ("true", Some(1)),
        ("false", Some(0)),
        (r#""seven""#, None),
        ("1.5", None),
        ("18446744073709551615", None),
        ("null", None),
    ] {
        assert_eq!(sample(&format!(r#"{{"number":{json}}}"#)).number.0, number, "{json}");
    }
}

#[test]
fn every_scalar_is_a_text() {
    for (json, text) in [
        (r#""a""#, Some("a")),
        ("-7", Some("-7")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("1.5", Some("1.5")),
        ("false", Some("false")),
        ("null", None),
    ] {
        assert_eq!(sample(&format!(r#"{{"text":{json}}}"#)).text.0.as_deref(), text, "{json}");
    }
}

#[test]
fn broken_json_is_described_by_its_position_and_not_by_its_text() {
    let broken = |body: &'static str| json::<Sample>(&Response::new(Bytes::from(body))).unwrap_err();
    assert_eq!(broken("{\n \"canary"), "Eof error at line 2 column 8");
    assert!(broken("canary").starts_with("Syntax error at line 1"));
    assert!(broken(r#"{"list":"canary"}"#).starts_with("Data error at line 1"));
}
