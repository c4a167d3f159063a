//! What is read out of what vendors write.

use super::*;

#[derive(Deserialize, Default, Debug, PartialEq)]
struct Sample {
    #[serde(default, deserialize_with = "text")]
    text: Option<String>,
    #[serde(default, deserialize_with = "integer")]
    number: Option<i64>,
    #[serde(default, deserialize_with = "list")]
    list: Vec<i64>,
    #[serde(default, deserialize_with = "object")]
    nested: Nested,
}

#[derive(Deserialize, Default, Debug, PartialEq)]
struct Nested {
    #[serde(default, deserialize_with = "text")]
    text: Option<String>,
}

fn sample(json: &str) -> Sample {
    serde_json::from_str(json).unwrap()
}

#[test]
fn scalars_are_read_in_any_form() {
    let full = sample(r#"{"text":7,"number":"42","list":[1],"nested":{"text":true},"more":{}}"#);
    assert_eq!(full.text.as_deref(), Some("7"));
    assert_eq!(full.number, Some(42));
    assert_eq!(full.nested.text.as_deref(), Some("true"));
    for empty in ["{}", r#"{"text":null,"number":null,"list":null,"nested":null}"#, r#"{"nested":"null"}"#] {
        assert_eq!(sample(empty), Sample::default());
    }
    assert!(serde_json::from_str::<Sample>(r#"{"text":{"a":1}}"#).is_err());
    assert!(serde_json::from_str::<Sample>(r#"{"list":"x"}"#).is_err());
}

#[test]
fn nothing_stands_for_a_text_in_four_ways() {
    for nothing in [None, Some(""), Some(" \t"), Some("null")] {
        assert_eq!(non_blank(nothing.map(str::to_owned)), None, "{nothing:?}");
    }
    assert_eq!(non_blank(Some("0".into())).as_deref(), Some("0"));
}

#[test]
fn a_marker_is_found_as_the_last_line_only() {
    let marker = "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K";
    for yes in [
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "text\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "text a < b\r\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\r\n \r\n",
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "<p>text</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>\n",
        "<p>a < b</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p>",
        "text ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K ",
    ] {
        assert!(has_last_line(yes, marker), "{yes:?}");
    }
    for no in [
        "see ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K please\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\nplease help",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "it said\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K\n<b\n\nref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X",
        "<p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K</p><p>ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2X</p>",
        "please help\nwith ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "ref 01JD2Y5T9V7Z3M6Q8R4S0X1W2",
        "xref 01JD2Y5T9V7Z3M6Q8R4S0X1W2K",
        "",
    ] {
        assert!(!has_last_line(no, marker), "{no:?}");
    }
}

#[test]
fn synthetic_ids_keep_parts_apart() {
    assert_ne!(synthetic_id(&["ab", "c"]), synthetic_id(&["a", "bc"]));
    assert_eq!(synthetic_id(&["ab"]), synthetic_id(&["ab"]));
    assert!(is_synthetic_id(&synthetic_id(&["ab"])));
    assert!(!is_synthetic_id("h-1") && !is_synthetic_id("1234567890123456789012345678901234"));
}

#[test]
fn a_whole_number_is_read_and_nothing_else_taken_for_one() {
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
        assert_eq!(sample(&format!(r#"{{"number":{json}}}"#)).number, number, "{json}");
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
        assert_eq!(sample(&format!(r#"{{"text":{json}}}"#)).text.as_deref(), text, "{json}");
    }
}

#[test]
fn broken_json_is_told_by_its_place_and_not_by_its_text() {
    let broken = |body: &'static str| json::<Sample>(&Response::new(Bytes::from(body))).unwrap_err();
    assert_eq!(broken("{\n \"canary"), "Eof error at line 2 column 8");
    assert!(broken("canary").starts_with("Syntax error at line 1"));
    assert!(broken(r#"{"list":"canary"}"#).starts_with("Data error at line 1"));
}

#[test]
fn the_last_word_is_looked_for_with_and_without_tags() {
    assert_eq!(last_words("<p>text</p><p>ref A</p>"), ["A</p>", "A"]);
    assert_eq!(last_words("text\nref A \n"), ["A", "A"]);
    assert_eq!(last_words(" \n"), Vec::<String>::new());
}

#[test]
fn tags_are_line_breaks_and_other_angles_stay() {
    for (text, plain) in [
        ("a<br/>b", "a\nb"),
        ("<p>a</p>", "\na\n"),
        ("a <!-- c --> b", "a \n b"),
        ("a < b > c", "a < b > c"),
        ("1<2>1", "1<2>1"),
        ("a <b", "a <b"),
        ("<<b>", "<\n"),
        ("", ""),
    ] {
        assert_eq!(without_tags(text), plain, "{text:?}");
    }
}

#[test]
fn the_same_text_is_known_in_every_form_that_a_vendor_may_give_it() {
    for (sent, seen) in [
        ("日志如下 📎", "日志如下 📎"),
        ("", ""),
        ("第一行\n第二行", "<p>第一行</p><p>第二行</p>"),
        ("第一行\r\n第二行\r\n", "第一行\n第二行"),
        ("a\tb", " a  b "),
        ("a b", "a\u{a0}b"),
        ("a b", "a&nbsp;b"),
        ("好的 👍🏽", "<p>好的&nbsp;👍🏽</p>\n"),
        ("a < b & c > \"d\" 'e'", "a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;"),
        ("it's", "it&apos;s"),
        ("use <b>this</b>", "<div>use &lt;b&gt;this&lt;/b&gt;</div>"),
        ("<p>a</p>", "a"),
        ("<p>a &amp; b</p>", "a & b"),
        ("&lt;", "&amp;lt;"),
        ("&lt;", "&lt;"),
        ("R&D", "R&D"),
        ("R&D &", "R&amp;D &amp;"),
        ("&copy;", "<p>&copy;</p>"),
    ] {
        assert!(same_text(sent, seen), "{sent:?} {seen:?}");
    }
}

#[test]
fn another_text_is_another() {
    for (sent, seen) in [
        ("好的", "好"),
        ("好的", "好的。"),
        ("好的👍", "好的"),
        ("a b", "ab"),
        ("ab", "a b"),
        ("a", "A"),
        ("a < b", "a > b"),
        ("a", ""),
        ("&lt;", "&amp;amp;lt;"),
        ("&", "&lt;"),
        ("重启 1 次", "重启 2 次"),
    ] {
        assert!(!same_text(sent, seen), "{sent:?} {seen:?}");
    }
}
